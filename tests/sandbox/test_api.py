from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox import EDITOR_ID, GROUP_ID, READER_ID, Fault, FaultKind, MemberStatus, Outcome, Sandbox
from tests.sandbox.waiting import eventually

if TYPE_CHECKING:
    from tests.sandbox.conftest import HandClock, Wire


async def greet(wire: Wire) -> None:
    """Let the reader write first, so that the bot may answer."""
    wire.sandbox.people.say(READER_ID, "/start")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        pytest.param("/bot{token}/makeTea", 404, "Not Found", id="unknown method"),
        pytest.param("/bot123:wrongtoken/getMe", 401, "Unauthorized", id="somebody else's token"),
        pytest.param("/botnonsense/getMe", 404, "Not Found", id="no token at all"),
        pytest.param("/file/bot{token}/documents/none", 404, "Not Found", id="unknown file"),
    ],
)
async def test_what_does_not_exist_is_refused(wire: Wire, path: str, status: int, words: str) -> None:
    answer = await wire.act("GET", path.format(token=wire.sandbox.token))
    assert wire.status == status
    assert answer == {"ok": False, "error_code": status, "description": words}


async def test_parameters_are_taken_from_query_form_multipart_and_json(wire: Wire) -> None:
    await greet(wire)
    address = f"{wire.sandbox.url}/bot{wire.sandbox.token}/sendMessage"
    values = {"chat_id": str(READER_ID), "text": "<b>Ж</b>", "parse_mode": "HTML"}
    multipart = aiohttp.FormData(values, default_to_multipart=True)
    requests: list[dict[str, Any]] = [{"params": values}, {"data": values}, {"data": multipart}]
    for request in requests:
        async with wire.session.post(address, **request) as answer:
            sent = await answer.json()
        assert sent["result"]["text"] == "Ж"
        assert sent["result"]["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    async with wire.session.get(f"{wire.sandbox.url}/bot{wire.sandbox.token}/GETME") as answer:
        assert (await answer.json())["result"]["is_bot"]


REFUSALS = [
    pytest.param("sendMessage", {"chat_id": 5, "text": "x"}, "Bad Request: chat not found", id="unknown chat"),
    pytest.param("sendMessage", {"text": "x"}, "Bad Request: chat_id is empty", id="no chat"),
    pytest.param("sendMessage", {"chat_id": READER_ID}, "Bad Request: message text is empty", id="no text"),
    pytest.param(
        "sendMessage",
        {"chat_id": EDITOR_ID, "text": "x"},
        "Forbidden: bot can't initiate conversation with a user",
        id="never started",
    ),
    pytest.param(
        "sendMessage",
        {"chat_id": READER_ID, "text": "x", "reply_parameters": {"message_id": 999}},
        "Bad Request: message to be replied not found",
        id="answer to nothing",
    ),
    pytest.param(
        "sendMessage",
        {"chat_id": READER_ID, "text": "x", "message_thread_id": 4},
        "Bad Request: message thread not found",
        id="no such thread",
    ),
    pytest.param(
        "editMessageText",
        {"chat_id": READER_ID, "message_id": 999, "text": "x"},
        "Bad Request: message to edit not found",
        id="edit of nothing",
    ),
    pytest.param(
        "editMessageText",
        {"chat_id": READER_ID, "message_id": 1, "text": "x"},
        "Bad Request: message can't be edited",
        id="edit of the person's own",
    ),
    pytest.param(
        "deleteMessage",
        {"chat_id": READER_ID, "message_id": 999},
        "Bad Request: message to delete not found",
        id="deletion of nothing",
    ),
    pytest.param(
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
        id="unknown query",
    ),
    pytest.param(
        "sendChatAction",
        {"chat_id": READER_ID, "action": "dancing"},
        "Bad Request: wrong parameter action in request",
        id="unknown action",
    ),
    pytest.param(
        "getFile", {"file_id": "x"}, "Bad Request: wrong file_id or the file is temporarily unavailable", id="no file"
    ),
    pytest.param("getChatMember", {"chat_id": GROUP_ID, "user_id": 1}, "Bad Request: user not found", id="nobody"),
    pytest.param(
        "setMyCommands",
        {"commands": [{"command": "Big", "description": "x"}]},
        "Bad Request: BOT_COMMAND_INVALID",
        id="command in capitals",
    ),
]


@pytest.mark.parametrize(("method", "parameters", "words"), REFUSALS)
async def test_requests_are_refused_in_telegrams_words(
    wire: Wire, method: str, parameters: dict[str, Any], words: str
) -> None:
    await greet(wire)
    answer = await wire.call(method, **parameters)
    assert answer["description"] == words
    assert answer["error_code"] == wire.status == (403 if words.startswith("Forbidden") else 400)


async def test_an_edit_takes_the_keyboard_away_unless_it_is_given_again(wire: Wire, clock: HandClock) -> None:
    await greet(wire)
    keyboard = {"inline_keyboard": [[{"text": "More", "callback_data": "1"}]]}
    sent = await wire.result("sendMessage", chat_id=READER_ID, text="one", reply_markup=keyboard)
    same = {"chat_id": READER_ID, "message_id": sent["message_id"], "text": "one", "reply_markup": keyboard}
    assert "message is not modified" in (await wire.call("editMessageText", **same))["description"]
    edited = await wire.result("editMessageText", **(same | {"reply_markup": None}))
    assert "reply_markup" not in edited
    assert edited["edit_date"]
    clock.advance(1)
    again = await wire.result(
        "editMessageReplyMarkup", chat_id=READER_ID, message_id=sent["message_id"], reply_markup=keyboard
    )
    assert again["reply_markup"] == keyboard


async def test_a_message_older_than_two_days_stays(wire: Wire, clock: HandClock) -> None:
    await greet(wire)
    sent = await wire.result("sendMessage", chat_id=READER_ID, text="one")
    clock.advance(48 * 3600 + 1)
    answer = await wire.call("deleteMessage", chat_id=READER_ID, message_id=sent["message_id"])
    assert answer["description"] == "Bad Request: message can't be deleted for everyone"


async def test_a_chat_that_is_written_to_too_fast_gets_429_and_a_ban(wire: Wire, clock: HandClock) -> None:
    await greet(wire)
    statuses = []
    for _ in range(5):
        answer = await wire.call("sendMessage", chat_id=READER_ID, text="x")
        statuses.append(wire.status)
    assert statuses == [200, 200, 200, 429, 429]
    assert answer["description"] == "Too Many Requests: retry after 1"
    assert answer["parameters"] == {"retry_after": 1}
    assert [line.in_ban for line in wire.sandbox.world.lines(method="sendMessage")] == [False] * 4 + [True]
    clock.advance(1)
    await wire.result("sendMessage", chat_id=READER_ID, text="x")


async def test_a_group_takes_twenty_a_minute_and_others_go_on(wire: Wire, clock: HandClock) -> None:
    await greet(wire)
    for _ in range(20):
        await wire.result("sendMessage", chat_id=GROUP_ID, text="x")
        clock.advance(0.1)
    answer = await wire.call("sendMessage", chat_id=GROUP_ID, text="x")
    assert answer["parameters"] == {"retry_after": 58}
    await wire.result("sendMessage", chat_id=READER_ID, text="x")


async def test_a_person_who_blocks_is_out_of_reach_and_the_bot_is_told(wire: Wire) -> None:
    await greet(wire)
    wire.sandbox.people.block(READER_ID)
    answer = await wire.call("sendMessage", chat_id=READER_ID, text="x")
    assert (wire.status, answer["description"]) == (403, "Forbidden: bot was blocked by the user")
    wire.sandbox.people.unblock(READER_ID)
    updates = await wire.result("getUpdates")
    changes = [
        update["my_chat_member"]["new_chat_member"]["status"] for update in updates if "my_chat_member" in update
    ]
    assert changes == ["kicked", "member"]
    await wire.result("sendMessage", chat_id=READER_ID, text="x")


async def test_an_upgraded_group_names_its_new_id(wire: Wire) -> None:
    new = wire.sandbox.people.migrate(GROUP_ID)
    answer = await wire.call("sendMessage", chat_id=GROUP_ID, text="x")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}
    first, second = await wire.result("getUpdates")
    assert first["message"]["migrate_to_chat_id"] == new.id
    assert second["message"]["migrate_from_chat_id"] == GROUP_ID
    sent = await wire.result("sendMessage", chat_id=new.id, text="x")
    assert sent["chat"]["type"] == "supergroup"


async def test_in_groups_the_bot_hears_commands_mentions_and_replies_only(wire: Wire) -> None:
    people = wire.sandbox.people
    people.say(READER_ID, "hello all", chat_id=GROUP_ID)
    people.say(READER_ID, "https://tidewatch.example/", chat_id=GROUP_ID)
    people.say(READER_ID, "/start@another_bot", chat_id=GROUP_ID)
    people.say(READER_ID, "/settings", chat_id=GROUP_ID)
    people.say(READER_ID, "hi @newsgist_sandbox_bot", chat_id=GROUP_ID)
    sent = await wire.result("sendMessage", chat_id=GROUP_ID, text="x")
    people.say(EDITOR_ID, "what?", chat_id=GROUP_ID, reply_to=sent["message_id"])
    heard = [update["message"]["text"] for update in await wire.result("getUpdates")]
    assert heard == ["/settings", "hi @newsgist_sandbox_bot", "what?"]
    people.set_bot_status(GROUP_ID, MemberStatus.KICKED, by=EDITOR_ID)
    answer = await wire.call("sendMessage", chat_id=GROUP_ID, text="x")
    assert (wire.status, answer["description"]) == (403, "Forbidden: bot was kicked from the group chat")


async def test_a_persons_edit_arrives_as_an_edited_message(wire: Wire) -> None:
    message = wire.sandbox.people.say(READER_ID, "/push one")
    wire.sandbox.people.edit(READER_ID, message.id, "/push two")
    first, second = await wire.result("getUpdates")
    assert first["message"]["text"] == "/push one"
    assert second["edited_message"]["text"] == "/push two"
    assert second["edited_message"]["message_id"] == message.id


async def test_too_many_requests_on_demand_leave_a_ban(wire: Wire, clock: HandClock) -> None:
    await greet(wire)
    wire.sandbox.world.faults.arm(Fault(kind=FaultKind.TOO_MANY, retry_after_s=9, whole_token=True))
    answer = await wire.call("sendMessage", chat_id=READER_ID, text="x")
    assert answer["parameters"] == {"retry_after": 9}
    clock.advance(4)
    answer = await wire.call("sendMessage", chat_id=GROUP_ID, text="x")
    assert answer["parameters"] == {"retry_after": 5}
    clock.advance(5)
    await wire.result("sendMessage", chat_id=READER_ID, text="x")
    bans = [(line.outcome, line.in_ban) for line in wire.sandbox.world.lines(method="sendMessage")]
    assert bans == [(Outcome.REFUSED, False), (Outcome.REFUSED, True), (Outcome.ACCEPTED, False)]


@pytest.mark.parametrize(
    ("kind", "delivered"),
    [
        pytest.param(FaultKind.DROP, 1, id="accepted, then cut"),
        pytest.param(FaultKind.DROP_BEFORE, 0, id="cut before"),
    ],
)
async def test_a_cut_connection_leaves_its_trace_in_the_ledger(wire: Wire, kind: FaultKind, delivered: int) -> None:
    await greet(wire)
    wire.sandbox.world.faults.arm(Fault(kind=kind, method="sendMessage"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await wire.call("sendMessage", chat_id=READER_ID, text="x")
    assert len(wire.sandbox.world.delivered()) == delivered
    (line,) = wire.sandbox.world.lines(method="sendMessage")
    assert line.description == kind.value
    await wire.result("sendMessage", chat_id=READER_ID, text="x")


@pytest.mark.parametrize(
    ("kind", "delivered"),
    [
        pytest.param(FaultKind.SERVER_ERROR, 0, id="nothing done"),
        pytest.param(FaultKind.SERVER_ERROR_AFTER, 1, id="done all the same"),
    ],
)
async def test_server_errors_on_demand(wire: Wire, kind: FaultKind, delivered: int) -> None:
    await greet(wire)
    wire.sandbox.world.faults.arm(Fault(kind=kind, status=504, after=1))
    await wire.result("sendMessage", chat_id=READER_ID, text="one")
    async with wire.session.post(
        f"{wire.sandbox.url}/bot{wire.sandbox.token}/sendMessage", json={"chat_id": READER_ID, "text": "two"}
    ) as answer:
        assert answer.status == 504
        assert answer.content_type == "text/html"
    assert len(wire.sandbox.world.delivered()) == 1 + delivered


async def test_a_slow_answer_has_its_effect_at_once(wire: Wire) -> None:
    await greet(wire)
    wire.sandbox.world.faults.arm(Fault(kind=FaultKind.SLOW, delay_s=30, chat_id=READER_ID))
    slow = asyncio.create_task(wire.call("sendMessage", chat_id=READER_ID, text="x"))
    await eventually(lambda: bool(wire.sandbox.world.delivered()))
    assert len(wire.sandbox.world.delivered()) == 1
    assert not slow.done()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


async def test_a_second_poller_gets_the_turn_and_the_first_a_conflict(wire: Wire) -> None:
    first = asyncio.create_task(wire.call("getUpdates", timeout=20))
    await eventually(lambda: wire.sandbox.world.updates.is_polled)
    second = asyncio.create_task(wire.call("getUpdates", timeout=20))
    assert (await first)["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    await greet(wire)
    assert (await second)["result"][0]["message"]["text"] == "/start"


async def test_a_webhook_gets_each_update_with_the_secret_until_it_takes_it(sandbox: Sandbox, wire: Wire) -> None:
    got: list[tuple[str | None, int]] = []

    async def receive(request: web.Request) -> web.Response:
        update = await request.json()
        got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["update_id"]))
        return web.Response(status=503 if len(got) == 1 else 200)

    app = web.Application()
    app.router.add_post("/telegram", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
        await wire.result("setWebhook", url=url, secret_token="s3cret")
        assert "webhook is active" in (await wire.call("getUpdates"))["description"]
        await greet(wire)
        await eventually(lambda: len(got) == 2)
        assert got[0] == got[1]
        assert got[0][0] == "s3cret"
        await wire.result("deleteWebhook")
        assert await wire.result("getUpdates") == []
    finally:
        await runner.cleanup()
