"""Pace: ours and python-telegram-bot's ``AIORateLimiter``, as the server sees them."""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from typing import TYPE_CHECKING, Final

from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.delivery.pacing import Pacer
from bot.delivery.sender import Sender
from bot.delivery.telegram import open_bot
from storage import Storage
from storage.model import ChatKind, NewDelivery
from tests.bench.delivery.audience import FIRST_CHAT, message_to, now, settle_in
from tests.bench.delivery.server import BOT_ID, TOKEN, BenchServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.delivery.calls import Rendered
    from storage import Work
    from storage.model import Delivery
    from tests.bench.delivery.server import Arrival

_PEOPLE: Final = 600
_GROUPS, _PARTS, _PRIVATE = 5, 25, 150
_GROUP_WAIT_S: Final = 12.0
"""So long the crowded scene is watched; the groups' own limits would take minutes."""


async def measure(server: BenchServer) -> list[str]:
    """Send to many, then to many beside five groups that have more than they may get."""
    ours = await _send_ours(server, _to_people())
    theirs = await _send_theirs(server, _to_people())
    crowded_ours = await _send_ours(server, _to_all(), until_private=True)
    crowded_theirs = await _send_theirs(server, _to_all(), limit_s=_GROUP_WAIT_S)
    return [
        f"{_PEOPLE} messages to as many people, as the server saw them:",
        "",
        "| | messages/s | most in any second | in the first second |",
        "|---|---|---|---|",
        _row("outbox and pacer", ours),
        _row("`AIORateLimiter`", theirs),
        "",
        f"{_GROUPS} groups with {_PARTS} messages each, planned before {_PRIVATE} people get one:",
        "",
        "| | all people after | people served within 6 s |",
        "|---|---|---|",
        _crowded_row("outbox and pacer", crowded_ours),
        _crowded_row("`AIORateLimiter`", crowded_theirs),
    ]


def most_in_a_second(arrivals: Sequence[float]) -> int:
    """Count the fullest second, wherever it begins."""
    window: deque[float] = deque()
    most = 0
    for at in arrivals:
        window.append(at)
        while window[0] <= at - 1.0:
            window.popleft()
        most = max(most, len(window))
    return most


def _to_people() -> list[int]:
    return list(range(1, _PEOPLE + 1))


def _to_all() -> list[int]:
    """Chats in the order of planning; groups, which come first, are negative."""
    return [-group for group in range(1, _GROUPS + 1) for _ in range(_PARTS)] + list(range(1, _PRIVATE + 1))


async def _send_ours(server: BenchServer, chats: list[int], *, until_private: bool = False) -> list[Arrival]:
    async def nothing(_delivery: Delivery, _work: Work) -> Rendered | None:
        return None

    people = sum(chat > 0 for chat in chats)
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as folder:
        async with Storage.open(f"sqlite:///{folder}/bench.db", bot_id=BOT_ID, data=None) as storage:
            await settle_in(storage, people)
            async with storage.write() as work:
                groups = {
                    chat: (await work.subscribers.ensure(chat, kind=ChatKind.GROUP, lang="en", now=now())).id
                    for chat in set(chats)
                    if chat < 0
                }
                planned: list[NewDelivery] = [
                    message_to(groups.get(chat, chat), f"m:{number}") for number, chat in enumerate(chats)
                ]
                await work.outbox.enqueue(planned, now())
            async with open_bot(TOKEN, server.root) as bot:
                sender, stop = Sender(storage, bot, Pacer(), nothing), asyncio.Event()
                running = asyncio.create_task(sender.run(stop))
                arrived: list[Arrival] = []
                while sum(each.chat_id > 0 for each in arrived) < people:
                    await asyncio.sleep(0.1)
                    arrived += server.arrivals()
                if not until_private:
                    assert len(arrived) == len(chats)
                stop.set()
                await running
    server.arrivals()
    return arrived


async def _send_theirs(server: BenchServer, chats: list[int], *, limit_s: float | None = None) -> list[Arrival]:
    limiter = AIORateLimiter(max_retries=0)
    request = HTTPXRequest(connection_pool_size=256, pool_timeout=600.0)
    async with ExtBot(TOKEN, base_url=f"{server.root}/bot", rate_limiter=limiter, request=request) as bot:
        waiting: asyncio.Queue[int] = asyncio.Queue()
        for chat in chats:
            waiting.put_nowait(chat)

        async def work() -> None:
            while not waiting.empty():
                chat = waiting.get_nowait()
                await bot.send_message(FIRST_CHAT + chat if chat > 0 else chat, "Aye")

        # As many workers as our sender may have unsettled.
        workers = [asyncio.create_task(work()) for _ in range(64)]
        await asyncio.wait(workers, timeout=limit_s)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return server.arrivals()


def _row(name: str, arrived: list[Arrival]) -> str:
    at = [each.at for each in arrived]
    rate = (len(at) - 1) / (at[-1] - at[0])
    return f"| {name} | {rate:.2f} | {most_in_a_second(at)} | {sum(each < at[0] + 1.0 for each in at)} |"


def _crowded_row(name: str, arrived: list[Arrival]) -> str:
    begun = arrived[0].at
    people = [each.at - begun for each in arrived if each.chat_id > 0]
    after = f"{max(people):.1f} s" if len(people) == _PRIVATE else f"not within {_GROUP_WAIT_S:g} s"
    return f"| {name} | {after} | {sum(each <= 6.0 for each in people)} of {_PRIVATE} |"
