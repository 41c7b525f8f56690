"""FAULTS 55: what a process has in hand is nobody else's while it lives, and others' soon after it died."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web as aioweb

from bot.news.polling.loops import Polling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from tests.support.desk import Desk


@asynccontextmanager
async def polling(*pollings: Polling) -> AsyncIterator[None]:
    """Let them poll; when they stop, what they had in hand is dropped, and not given back."""
    stop = asyncio.Event()
    loops = [asyncio.create_task(each.poll_feeds(stop)) for each in pollings]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*loops)


async def asked(desk: Desk, count: int) -> None:
    async with asyncio.timeout(20):
        while True:
            if len(desk.site.asked) >= count:
                return
            await asyncio.sleep(0.02)


async def follow_slow(desk: Desk, *, wait_s: float) -> int:
    paper = desk.paper()
    feed = await desk.follow(paper)

    async def answer(_: aioweb.Request) -> aioweb.Response:
        await asyncio.sleep(wait_s)
        return aioweb.Response(body=b"<rss><channel><title>Tidewatch</title></channel></rss>")

    desk.site.route(f"{paper.path}/feed", answer)
    return feed.id


async def test_a_feed_that_takes_longer_than_its_lease_is_asked_by_one(desk: Desk) -> None:
    feed_id = await follow_slow(desk, wait_s=2.6)
    started, begun = desk.clock(), time.monotonic()

    def clock() -> datetime:
        return started + timedelta(seconds=time.monotonic() - begun)

    both = [Polling(desk.storage, desk.ingest, clock=clock, lease_s=1.2) for _ in range(2)]
    async with polling(*both), asyncio.timeout(20):
        while True:
            async with desk.storage.read() as work:
                if (await work.feeds.get(feed_id)).checked_at is not None:
                    break
            await asyncio.sleep(0.1)
    assert len(desk.site.asked) == 1


async def test_what_a_dead_process_had_in_hand_is_taken_after_thirty_seconds(desk: Desk) -> None:
    await follow_slow(desk, wait_s=60)
    async with polling(Polling(desk.storage, desk.ingest, clock=desk.clock)):
        await asked(desk, 1)
    desk.clock.advance(29)
    async with polling(Polling(desk.storage, desk.ingest, clock=desk.clock)):
        await asyncio.sleep(0.3)
        assert len(desk.site.asked) == 1
        desk.clock.advance(2)
        await asked(desk, 2)
