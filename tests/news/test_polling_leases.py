"""FAULTS 55: what a process has in hand is nobody else's while it lives, and others' soon after it died."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web as aioweb

from bot.news.polling.loops import Polling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from storage.model import Feed
    from tests.support.desk import Desk


@asynccontextmanager
async def polling(desk: Desk, *pollings: Polling) -> AsyncIterator[None]:
    """Let them poll; when they stop, what they had in hand is dropped, and not given back."""
    stop = asyncio.Event()
    loops = [asyncio.create_task(each.poll_feeds(stop)) for each in pollings]
    try:
        yield
    finally:
        stop.set()
        desk.storage.wake_all()
        await asyncio.gather(*loops)


async def asked(desk: Desk, count: int) -> None:
    async with asyncio.timeout(20):
        while True:
            if len(desk.site.asked) >= count:
                return
            await asyncio.sleep(0.02)


async def follow_slow(desk: Desk, release: asyncio.Event) -> int:
    """Follow a feed whose site answers no sooner than it is let."""
    paper = desk.paper()
    feed = await desk.follow(paper)

    async def answer(_: aioweb.Request) -> aioweb.Response:
        await release.wait()
        return aioweb.Response(body=b"<rss><channel><title>Tidewatch</title></channel></rss>")

    desk.site.route(f"{paper.path}/feed", answer)
    return feed.id


async def test_a_feed_that_takes_longer_than_its_lease_is_asked_by_one(desk: Desk) -> None:
    release, lease_s = asyncio.Event(), 0.6
    feed_id = await follow_slow(desk, release)
    began = desk.clock()

    async def until(done: Callable[[Feed], bool]) -> Feed:
        async with asyncio.timeout(20):
            while True:
                async with desk.storage.read() as work:
                    if done(feed := await work.feeds.get(feed_id)):
                        return feed
                await asyncio.sleep(0.02)

    both = (Polling(desk.storage, desk.ingest, clock=desk.clock, lease_s=lease_s) for _ in range(2))
    async with polling(desk, *both):
        await asked(desk, 1)
        held = await until(lambda feed: feed.due_at > began)
        while desk.clock() < began + timedelta(seconds=4 * lease_s):
            desk.clock.now = held.due_at - timedelta(seconds=lease_s / 4)  # it ends soon, and has not ended
            held = await until(lambda feed, due_at=held.due_at: feed.due_at > due_at)  # type: ignore[misc]
        release.set()
        await until(lambda feed: feed.checked_at is not None)
    assert len(desk.site.asked) == 1


async def test_what_a_dead_process_had_in_hand_is_taken_after_thirty_seconds(desk: Desk) -> None:
    await follow_slow(desk, asyncio.Event())
    async with polling(desk, Polling(desk.storage, desk.ingest, clock=desk.clock)):
        await asked(desk, 1)
    desk.clock.advance(29)
    async with polling(desk, Polling(desk.storage, desk.ingest, clock=desk.clock)):
        await asyncio.sleep(0.3)
        assert len(desk.site.asked) == 1
        desk.clock.advance(2)
        desk.storage.wake_all()
        await asked(desk, 2)
