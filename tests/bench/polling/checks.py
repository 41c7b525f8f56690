"""What one check of a feed that is as it was costs."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from bot.news.polling.ingest import Ingest
from bot.news.polling.loops import Polling
from bot.news.reader import Reader
from bot.news.web.client import Web
from bot.news.web.guard import Guard, parse_allow
from bot.news.workers import Workers
from storage import Storage
from tests.bench.polled_web import is_changing, is_dead, is_slow
from tests.bench.polling.served import follow, now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.bench.polling.served import Server

CHECKS = 2_000
IN_FLIGHT = 64


async def measure_checks(server: Server) -> dict[str, float]:
    """Measure the CPU of each client, in milliseconds a poll."""
    unchanged = [n for n in range(CHECKS * 2) if not (is_changing(n) or is_slow(n) or is_dead(n))][:CHECKS]
    return {
        "aiohttp": await _check_by_aiohttp(server, unchanged),
        "ours, with guard and store": await _check_by_ours(server, unchanged),
        "httpx, as feedparser's fetcher": await _check_by_httpx(server, unchanged),
    }


async def _check_by_aiohttp(server: Server, numbers: Sequence[int]) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0)) as session:

        async def check(number: int) -> None:
            async with session.get(server.url(number), headers={"If-None-Match": f'"{number}-1"'}) as answer:
                await answer.read()
                assert answer.status == 304

        return await _cost_ms(check, numbers)


async def _check_by_httpx(server: Server, numbers: Sequence[int]) -> float:
    import feedparser  # noqa: PLC0415 - a peer, loaded only where it is measured
    import httpx  # noqa: PLC0415 - likewise

    async with httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False) as client:

        async def check(number: int) -> None:
            answer = await client.get(server.url(number), headers={"If-None-Match": f'"{number}-1"'})
            if answer.status_code != 304:
                feedparser.parse(answer.content)

        return await _cost_ms(check, numbers)


async def _cost_ms(check: Callable[[int], Awaitable[None]], numbers: Sequence[int]) -> float:
    places = asyncio.Semaphore(IN_FLIGHT)

    async def placed(number: int) -> None:
        async with places:
            await check(number)

    await asyncio.gather(*(placed(number) for number in numbers[:100]))
    started = time.process_time()
    await asyncio.gather(*(placed(number) for number in numbers))
    return (time.process_time() - started) / len(numbers) * 1000


async def _check_by_ours(server: Server, numbers: Sequence[int]) -> float:
    """Poll by the bot's own loop: claim, guard, fetch, note, every commit on disk."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Storage.open(f"sqlite:///{folder}/newsgist.db", bot_id=1, data=Path(folder)) as storage,
            Web(Guard(parse_allow("127.0.0.0/8"))) as web,
            Workers(most_workers=1) as workers,
        ):
            await follow(storage, server, numbers, due_at=now())
            ingest = Ingest(storage, Reader(web, workers), clock=now, poll_min_s=300)
            stop = asyncio.Event()
            server.tell("count")
            started = time.process_time()
            loop = asyncio.create_task(Polling(storage, ingest, clock=now).poll_feeds(stop))
            asked = 0
            while asked < len(numbers):
                await asyncio.sleep(0.2)
                asked += server.tell("count")["feeds"]
            await asyncio.sleep(0.2)
            spent = time.process_time() - started
            stop.set()
            await loop
    return spent / len(numbers) * 1000
