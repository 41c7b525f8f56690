"""Hosts that hang keep nobody waiting but themselves."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web as aioweb

from bot.news.polling.ingest import Ingest
from bot.news.polling.loops import Polling
from bot.news.reader import FeedReading, Reader
from bot.news.web.client import Web
from bot.news.web.guard import Guard, parse_allow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.desk import Desk

HANGING = 200


@asynccontextmanager
async def hanging_feeds(desk: Desk, count: int) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """Offer so many feeds, two a host, whose servers accept and never answer; give the connections that hang."""
    hung: list[asyncio.StreamWriter] = []

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung.append(writer)
        await asyncio.sleep(60)

    servers: list[asyncio.Server] = []
    port = 0
    for each in range(count // 2):
        server = await asyncio.start_server(hang, f"127.0.3.{1 + each}", port)
        port = port or server.sockets[0].getsockname()[1]
        servers.append(server)
    now = desk.clock()
    async with desk.storage.write() as work:
        for each in range(count):
            url = f"http://127.0.3.{1 + each // 2}:{port}/{each}"
            feed, _ = await work.feeds.add(url, title=str(each), site_url="", now=now)
            await work.offers.put(f"t{each}", "en", [feed.id])
    try:
        yield hung
    finally:
        for writer in hung:
            writer.close()
        for server in servers:
            server.close()


async def test_two_hundred_hanging_hosts_do_not_keep_a_good_one_waiting(desk: Desk) -> None:
    """FAULTS 14: a feed that is due is read on time, however many others hang."""
    paper = desk.paper()
    paper.publish([("1", "one", "Lock opens")])
    async with hanging_feeds(desk, HANGING) as hung, Web(Guard(parse_allow("127.0.0.0/8"))) as web:
        good = await desk.follow(paper)
        ingest = Ingest(desk.storage, Reader(web, desk.workers), clock=desk.clock, poll_min_s=300)
        stop = asyncio.Event()
        started = time.monotonic()
        loop = asyncio.create_task(Polling(desk.storage, ingest, clock=desk.clock).poll_feeds(stop))
        try:
            while True:
                async with desk.storage.read() as work:
                    if (await work.feeds.get(good.id)).checked_at is not None:
                        break
                await asyncio.sleep(0.1)
                assert time.monotonic() - started < 15, "bound ten times as wide as the goal"
            assert len(hung) >= HANGING * 0.9
        finally:
            stop.set()
            await asyncio.wait_for(loop, 10)


async def test_a_stop_does_not_wait_for_hosts_that_hang(desk: Desk) -> None:
    async with hanging_feeds(desk, 260) as hung, Web(Guard(parse_allow("127.0.0.0/8"))) as web:
        ingest = Ingest(desk.storage, Reader(web, desk.workers), clock=desk.clock, poll_min_s=300)
        stop = asyncio.Event()
        loop = asyncio.create_task(Polling(desk.storage, ingest, clock=desk.clock).poll_feeds(stop))
        for _ in range(600):
            await asyncio.sleep(0.05)
            if len(hung) >= 225:  # so many that no place is left to claim for
                break
        assert len(hung) >= 225
        stop.set()
        await asyncio.wait_for(loop, 15)


async def test_few_large_feeds_are_in_memory_at_once_and_small_ones_pass_them(desk: Desk) -> None:
    """FAULTS 7 and 8: many large feeds at once are read one after the other."""
    stalled, release = asyncio.Event(), asyncio.Event()
    filler = b"<!--" + b"x" * 2_000_000 + b"-->"

    async def stall(request: aioweb.Request) -> aioweb.StreamResponse:
        response = aioweb.StreamResponse()
        await response.prepare(request)
        await response.write(b"<rss version='2.0'><channel><title>Large</title>" + filler)
        stalled.set()
        await release.wait()
        await response.write(b"</channel></rss>")
        return response

    large = desk.site.route("/large", stall)
    other = f"http://localhost:{desk.site.port}/other"  # another host, so that no slot of the first one's is in its way
    desk.site.serve("/other", b"<rss version='2.0'><channel><title>Other</title>" + filler + b"</channel></rss>")
    small = desk.site.serve("/small", "<rss version='2.0'><channel><title>Small</title></channel></rss>")
    reader = Reader(desk.web, desk.workers, large_at_once=1)
    first = asyncio.create_task(reader.read_feed(large))
    await asyncio.wait_for(stalled.wait(), 10)
    await asyncio.sleep(0.3)
    second = asyncio.create_task(reader.read_feed(other))
    assert isinstance(await reader.read_feed(small), FeedReading)
    await asyncio.sleep(0.5)
    assert not second.done(), "the second large one waits until the first is parsed"
    release.set()
    for task in (first, second):
        assert isinstance(await asyncio.wait_for(task, 20), FeedReading)
