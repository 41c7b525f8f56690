"""What a message costs on its way to Telegram, beside python-telegram-bot's default, and how even the pace is."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from collections import deque
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.delivery.pacing import Pacer
from bot.delivery.sender import Sender
from bot.delivery.telegram import BotApi, open_bot
from storage import Storage
from storage.model import ChatKind, DeliveryKind, NewDelivery, Priority

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from bot.delivery.calls import Rendered
    from storage import Work
    from storage.model import Delivery

TOKEN = "4200:AA-a-token-for-the-bench"
IN_FLIGHT = 50
CALLS = 1_000
PACED_S = 3.0
MESSAGE = {
    "text": "<b>The bridge over the Lenn is open again</b>\n\n" + "Міст знову відкрито, кажуть у міській раді. " * 8,
    "parse_mode": "HTML",
    "link_preview_options": {"is_disabled": True},
}


def run(corpus: Path | None) -> list[str]:
    """Measure, and give Markdown lines."""
    with _server() as (root, arrivals):
        return asyncio.run(_measure(root, arrivals))


async def _measure(root: str, arrivals: Callable[[], list[float]]) -> list[str]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    ours, plain, theirs = await _transports(root)
    lines = [
        f"CPU of the client per sendMessage at {IN_FLIGHT} in flight on loopback, {CALLS} calls, best of 3:",
        "",
        "| transport | ms a send | × |",
        "|---|---|---|",
        f"| python-telegram-bot, default (httpx) | {theirs:.2f} | 1 |",
        f"| python-telegram-bot on our transport, typed `send_message` | {plain:.2f} | {theirs / plain:.1f} |",
        f"| ours, `BotApi.call` | {ours:.2f} | {theirs / ours:.1f} |",
    ]
    arrivals()
    rate, cpu_ms = await _through_outbox(root, Pacer(per_second=5000, guard_s=0.0), count=2_000)
    free = arrivals()
    lines += [
        "",
        f"Through the outbox (claim, mark, send, settle; SQLite, every commit on disk), unpaced: {rate:.0f} "
        f"messages/s, {cpu_ms:.2f} ms CPU a message, {len(free)} arrived.",
        "",
        f"Pace over {PACED_S:g} s, as the server saw it:",
        "",
        "| | messages/s | most in any 1 s window | first 0.1 s |",
        "|---|---|---|---|",
    ]
    await _through_outbox(root, Pacer(), count=round(29.4 * PACED_S))
    lines.append(_pace("outbox and pacer", arrivals()))
    return lines


# Transport


async def _transports(root: str) -> tuple[float, float, float]:
    default = HTTPXRequest(connection_pool_size=256)
    async with open_bot(TOKEN, root) as ours, Bot(TOKEN, base_url=f"{root}/bot", request=default) as theirs:
        tried = [
            (await _cpu_ms(_raw(ours)), await _cpu_ms(_typed(ours)), await _cpu_ms(_typed(theirs))) for _ in range(3)
        ]
    best = [min(column) for column in zip(*tried, strict=True)]
    return best[0], best[1], best[2]


def _raw(bot: BotApi) -> Callable[[int], Awaitable[Any]]:
    return lambda chat_id: bot.call("sendMessage", {"chat_id": chat_id, **MESSAGE})


def _typed(bot: Bot) -> Callable[[int], Awaitable[Any]]:
    return lambda chat_id: bot.send_message(chat_id, **MESSAGE)  # type: ignore[arg-type]


async def _cpu_ms(send: Callable[[int], Awaitable[Any]]) -> float:
    """Give the CPU of this process per call."""
    chats = iter(range(1, CALLS + 1))

    async def work() -> None:
        for chat_id in chats:
            await send(chat_id)

    start = time.process_time()
    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return (time.process_time() - start) / CALLS * 1000


# Outbox and pace


async def _through_outbox(root: str, pacer: Pacer, *, count: int) -> tuple[float, float]:
    """Send ``count`` planned messages to as many chats; give messages a second and CPU a message."""

    async def nothing(_delivery: Delivery, _work: Work) -> Rendered | None:
        return None

    with tempfile.TemporaryDirectory() as folder:
        async with Storage.open(f"sqlite:///{folder}/bench.db", bot_id=4200, data=None) as storage:
            await _plan(storage, count)
            async with open_bot(TOKEN, root) as bot:
                sender, stop = Sender(storage, bot, pacer, nothing), asyncio.Event()
                begun, cpu = time.perf_counter(), time.process_time()
                running = asyncio.create_task(sender.run(stop))
                while sender.sent < count:  # noqa: ASYNC110 - a look is cheaper than an event a message
                    await asyncio.sleep(0.02)
                took_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
                stop.set()
                await running
    return count / took_s, cpu_s / count * 1000


async def _plan(storage: Storage, count: int) -> None:
    now = datetime.now(UTC)
    async with storage.write() as work:
        content = await work.contents.put(MESSAGE)
        chats = [
            await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=now)
            for chat_id in range(1, count + 1)
        ]
        news = [
            NewDelivery(
                subscriber_id=chat.id,
                kind=DeliveryKind.PUSH,
                subject="p:1",
                priority=Priority.PUSH,
                due_at=now,
                content_id=content.id,
            )
            for chat in chats
        ]
        await work.outbox.enqueue(news, now)


def _pace(name: str, arrivals: list[float]) -> str:
    window: deque[float] = deque()
    most = 0
    for at in arrivals:
        window.append(at)
        while window[0] <= at - 1.0:
            window.popleft()
        most = max(most, len(window))
    rate = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])
    first = sum(at < arrivals[0] + 0.1 for at in arrivals)
    return f"| {name} | {rate:.1f} | {most} | {first} |"


# The server, in a process of its own so that its CPU is not counted


@contextmanager
def _server() -> Iterator[tuple[str, Callable[[], list[float]]]]:
    """Serve a Bot API that accepts everything; give its root, and what asks for the arrivals since last asked."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(its,), daemon=True)
    process.start()
    try:
        port = ours.recv()

        def arrivals() -> list[float]:
            ours.send(None)
            received: list[float] = ours.recv()
            return received

        yield f"http://127.0.0.1:{port}", arrivals
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_accept_everything(pipe))


async def _accept_everything(pipe: Connection) -> None:
    arrivals: list[float] = []
    me = {"id": 4200, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}

    async def answer(request: web.Request) -> web.Response:
        if request.match_info["method"] == "getMe":
            return web.json_response({"ok": True, "result": me})
        arrivals.append(time.monotonic())
        form = await (request.json() if request.content_type == "application/json" else request.post())
        chat = {"id": int(str(form["chat_id"])), "type": "private", "first_name": "Ada"}
        message = {"message_id": len(arrivals), "date": int(time.time()), "from": me, "chat": chat}
        return web.json_response({"ok": True, "result": message | {"text": str(form["text"])}})

    def report() -> None:
        pipe.recv()
        pipe.send(arrivals)
        arrivals.clear()

    app = web.Application()
    app.router.add_post("/bot{token}/{method}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    pipe.send(runner.addresses[0][1])
    asyncio.get_running_loop().add_reader(pipe.fileno(), report)
    await asyncio.Event().wait()
