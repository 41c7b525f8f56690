"""The transport on loopback: what it sends, and what it makes of every way in which an answer can fail to come."""

from __future__ import annotations

import asyncio
import io
import logging
import math
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from telegram import InputFile
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.delivery.errors import (
    NeverLeftError,
    NoAnswerError,
    RateLimitedError,
    TokenRejectedError,
    WrongServerError,
)
from bot.delivery.telegram import BotApi, open_bot
from bot.delivery.transport import AiohttpRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

TOKEN = "424242:AAcanary-token-that-must-not-be-seen"
ME = {"ok": True, "result": {"id": 424242, "is_bot": True, "first_name": "Canary", "username": "canary_bot"}}
CANARY = "what a person wrote"
DONE = {"ok": True, "result": {"message_id": 7}}


@asynccontextmanager
async def serving(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Serve ``answer`` for every method but getMe; give the root."""

    async def serve(request: web.Request) -> web.StreamResponse:
        return web.json_response(ME) if request.path.endswith("/getMe") else await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def talking(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]], **options: float
) -> AsyncIterator[BotApi]:
    async with serving(answer) as root, open_bot(TOKEN, root, **options) as bot:  # type: ignore[arg-type]
        yield bot


async def send(bot: BotApi, *, read_timeout_s: float | None = None, **parameters: Any) -> Any:
    told = {"chat_id": 1, "text": "Aye", **parameters}
    return await bot.call("sendMessage", told, read_timeout_s=read_timeout_s)


def saying(status: int, body: object) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        if isinstance(body, str):
            return web.Response(status=status, text=body)
        return web.json_response(body, status=status)

    return answer


async def cut(request: web.Request) -> web.StreamResponse:
    await request.read()
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def cut_in_the_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"ok": true, "resul')
    assert request.transport is not None
    request.transport.abort()
    return response


async def sleep(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.json_response(DONE)


def refusal(code: int, description: str, **parameters: float) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": description, "parameters": parameters}


# What was sent


async def test_parameters_arrive_as_one_json_object_and_the_caller_hears_when_they_left() -> None:
    seen: dict[str, Any] = {}
    heard: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        heard.append("arrived")
        assert request.content_type == "application/json"
        seen.update(await request.json())
        seen["path"] = request.path
        return web.json_response(DONE)

    keyboard = {"inline_keyboard": [[{"text": "Ні & так", "callback_data": "1:x"}]]}
    async with talking(answer) as bot:
        parameters = {"chat_id": 1, "text": "<b>Ціни + 5 %</b>\n=&?", "reply_markup": keyboard, "silent": True}
        said = await bot.call("sendMessage", {**parameters, "nothing": None}, on_left=lambda: heard.append("left"))
    assert said == {"message_id": 7}
    assert seen == {"path": f"/bot{TOKEN}/sendMessage", **parameters}
    assert heard == ["left", "arrived"]


async def test_lone_surrogates_which_telegram_refuses_are_left_out() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True, "result": (await request.json())["text"]})

    async with talking(answer) as bot:
        assert await send(bot, text="a\ud800b\0\U0001f4ef") == "ab\0\U0001f4ef"


async def test_nobody_hears_that_a_request_left_which_found_no_connection() -> None:
    left: list[str] = []
    bot = BotApi(TOKEN, base_url="http://127.0.0.1:1/bot", request=AiohttpRequest())
    await bot.request.initialize()
    with pytest.raises(NeverLeftError):
        await bot.call("sendMessage", {"chat_id": 1}, on_left=lambda: left.append("left"))
    await bot.request.shutdown()
    assert not left


async def test_a_file_arrives_under_its_cyrillic_name() -> None:
    seen: dict[str, Any] = {}

    async def answer(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        upload = form["document"]
        assert isinstance(upload, web.FileField)
        seen.update(name=upload.filename, kind=upload.content_type, data=upload.file.read(), chat=form["chat_id"])
        return web.json_response(DONE)

    async with talking(answer) as bot:
        document = InputFile(io.BytesIO("дані".encode()), filename="мої дані.json")
        await bot.call("sendDocument", {"chat_id": 5, "document": document})
    assert seen == {"name": "мої дані.json", "kind": "application/json", "data": "дані".encode(), "chat": "5"}


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(min_size=1), min_size=1))
def test_any_text_survives_the_form_but_for_lone_surrogates(parameters: dict[str, str]) -> None:
    data = RequestData([RequestParameter.from_input(name, value) for name, value in parameters.items()])
    body = _encoded(data).decode("ascii")
    assert parse_qs(body, keep_blank_values=True, strict_parsing=True) == {
        name: [value.encode("utf-8", "ignore").decode()] for name, value in parameters.items()
    }


def _encoded(data: RequestData) -> bytes:
    from bot.delivery.transport import _encode  # noqa: PLC0415 - the one private thing that a property needs

    body, _ = _encode(data)
    assert isinstance(body, bytes)
    return body


async def test_the_vendors_own_methods_work_over_the_transport() -> None:
    message = {"message_id": 9, "date": 0, "chat": {"id": 1, "type": "private"}, "text": "Aye"}
    async with talking(saying(200, {"ok": True, "result": message})) as bot:
        assert bot.username == "canary_bot"
        sent = await bot.send_message(1, "Aye")
        assert (sent.message_id, sent.text) == (9, "Aye")


async def test_files_are_downloaded_whole() -> None:
    data = bytes(range(256)) * 2000

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == f"/file/bot{TOKEN}/documents/1.opml":
            return web.Response(body=data)
        return web.json_response(
            {"ok": True, "result": {"file_id": "1", "file_unique_id": "u", "file_path": "documents/1.opml"}}
        )

    async with talking(answer) as bot:
        file = await bot.get_file("1")
        assert await file.download_as_bytearray() == data


# What came of it

UNCERTAIN = {
    "500": saying(500, refusal(500, "Internal Server Error")),
    "502 as a page": saying(502, "<html>Bad Gateway</html>"),
    "504": saying(504, ""),
    "302": saying(302, ""),
    "200 without JSON": saying(200, "<html>It works</html>"),
    "200 without a result": saying(200, {"ok": True}),
    "200 as a list": saying(200, "[1, 2]"),
    "400 from something that is not Telegram": saying(400, "<html>Bad Request</html>"),
    "cut before the answer": cut,
    "cut in the answer": cut_in_the_body,
    "no answer in time": sleep,
}


@pytest.mark.parametrize("answer", UNCERTAIN.values(), ids=UNCERTAIN.keys())
async def test_a_request_that_left_without_a_sound_answer_is_uncertain(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> None:
    async with talking(answer) as bot:
        with pytest.raises(NoAnswerError) as caught:
            await send(bot, read_timeout_s=0.3)
    assert isinstance(caught.value, NetworkError)


REFUSALS: dict[str, tuple[int, dict[str, Any], type[TelegramError]]] = {
    "400": (400, refusal(400, "Bad Request: chat not found"), BadRequest),
    "413": (413, refusal(413, "Request Entity Too Large"), BadRequest),
    "403": (403, refusal(403, "Forbidden: bot was blocked by the user"), Forbidden),
    "409": (409, refusal(409, "Conflict: terminated by other getUpdates request"), Conflict),
    "401": (401, refusal(401, "Unauthorized"), TokenRejectedError),
    "404": (404, refusal(404, "Not Found"), WrongServerError),
}


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_a_refusal_keeps_its_kind(status: int, body: dict[str, Any], kind: type[TelegramError]) -> None:
    async with talking(saying(status, body)) as bot:
        with pytest.raises(kind):
            await send(bot)


@pytest.mark.parametrize(
    ("body", "wait_s"),
    [
        pytest.param(refusal(429, "Too Many Requests: retry after 17", retry_after=17), 17.0, id="as Telegram says it"),
        pytest.param({"ok": False, "description": "Too Many Requests"}, 5.0, id="without a time"),
        pytest.param("slow down", 5.0, id="from a proxy"),
        *(
            pytest.param(refusal(429, "Too Many Requests", retry_after=seconds), wait_s, id=f"{seconds:g} s")
            for seconds, wait_s in (
                (1e300, 86_400.0),
                (math.inf, 86_400.0),
                (10**200, 86_400.0),
                (math.nan, 5.0),
                (-1, 5.0),
            )
        ),
    ],
)
async def test_a_429_tells_how_long_to_wait(body: object, wait_s: float) -> None:
    async with talking(saying(429, body)) as bot:
        with pytest.raises(RateLimitedError) as caught:
            await send(bot)
    assert caught.value.retry_after_s == wait_s
    assert isinstance(caught.value, RetryAfter)


async def test_a_migrated_chat_tells_its_new_id() -> None:
    body = refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1007)
    async with talking(saying(400, body)) as bot:
        with pytest.raises(ChatMigrated) as caught:
            await send(bot)
    assert caught.value.new_chat_id == -1007


async def test_a_closed_door_means_that_nothing_left() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NeverLeftError):
            async with open_bot(TOKEN, root):
                pytest.fail("nobody listens there")


async def test_an_unknown_host_means_that_nothing_left() -> None:
    with pytest.raises(NeverLeftError):
        async with open_bot(TOKEN, "http://no-such-host.invalid"):
            pytest.fail("there is no such host")


async def test_a_connection_that_does_not_come_about_means_that_nothing_left() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        root = f"http://127.0.0.1:{listener.getsockname()[1]}"
        # A backlog of 0 takes one connection; the kernel lets the next one wait for ever.
        filler = [socket.socket() for _ in range(3)]
        try:
            for each in filler:
                each.setblocking(False)
                each.connect_ex(listener.getsockname())
            with pytest.raises(NeverLeftError):
                async with open_bot(TOKEN, root, connect_timeout_s=0.3):
                    pytest.fail("the backlog is full")
        finally:
            for each in filler:
                each.close()


async def test_a_full_pool_means_that_nothing_left() -> None:
    taken = asyncio.Event()

    async def take(request: web.Request) -> web.StreamResponse:
        taken.set()
        return await sleep(request)

    async with serving(take) as root, open_bot(TOKEN, root, connections=1, connect_timeout_s=1.0) as bot:
        first = asyncio.create_task(send(bot))
        await taken.wait()
        with pytest.raises(NeverLeftError):
            await send(bot)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_a_closed_client_sends_nothing() -> None:
    async with talking(saying(200, DONE)) as bot:
        pass
    with pytest.raises(NeverLeftError):
        await send(bot)


async def test_an_endless_answer_is_cut_off() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(2**20))

    async with talking(answer) as bot:
        with pytest.raises(NoAnswerError):
            await send(bot)


async def test_a_long_poll_waits_longer_than_other_calls() -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(1.5)
        return web.json_response({"ok": True, "result": []})

    async with talking(answer, read_timeout_s=1.0) as bot:
        assert await bot.call("getUpdates", {"timeout": 1}, read_timeout_s=30.0) == []
        with pytest.raises(NoAnswerError):
            await send(bot)


# Secrets

LEAKY = {**UNCERTAIN, **{f"refused with {name}": saying(status, body) for name, (status, body, _) in REFUSALS.items()}}


@pytest.mark.parametrize("answer", LEAKY.values(), ids=LEAKY.keys())
async def test_no_error_and_no_log_shows_the_token_or_the_text(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with talking(answer) as bot:
        with pytest.raises(TelegramError) as caught:
            await send(bot, text=CANARY, read_timeout_s=0.3)
        logging.getLogger("test").error("as a handler would log it", exc_info=caught.value)
        logging.getLogger("test").warning("bot %r", bot)
    shown = caplog.text + _whole_story(caught.value)
    assert "canary-token" not in shown
    assert CANARY not in shown


@pytest.mark.parametrize("status", [401, 404])
async def test_a_rejected_token_is_told_without_showing_it(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": False, "error_code": status, "description": "no"}, status=status)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", refuse)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        with pytest.raises(TokenRejectedError) as caught:
            async with open_bot(TOKEN, f"http://127.0.0.1:{runner.addresses[0][1]}"):
                pytest.fail("the token is not known")
    finally:
        await runner.cleanup()
    assert "canary-token" not in caplog.text + _whole_story(caught.value)


async def test_a_dead_server_is_told_without_showing_the_token() -> None:
    with pytest.raises(NeverLeftError) as caught:
        async with open_bot(TOKEN, "http://127.0.0.1:1"):
            pytest.fail("nobody listens there")
    assert "canary-token" not in _whole_story(caught.value)


def _whole_story(error: BaseException | None) -> str:
    """Give the words of an error with all its causes and contexts, hidden ones included."""
    told = []
    while error is not None:
        told.append(f"{error!r} {error} {error.args}")
        error = error.__cause__ or error.__context__
    return " ".join(told)


async def test_the_session_is_closed_and_may_be_opened_again() -> None:
    request = AiohttpRequest()
    await request.initialize()
    await request.initialize()
    await request.shutdown()
    await request.shutdown()
    await request.initialize()
    await request.shutdown()
