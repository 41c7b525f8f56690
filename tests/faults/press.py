"""News to read while the bot is hurt: a paper that publishes by the seed, and neighbours that no reader should follow.

Each neighbour has an address of its own, so that what hangs there takes no place from the paper.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING

from aiohttp import web

from storage import Storage
from storage.model import ChatKind
from tests.faults.workload import BOT_ID
from tests.support.paper import harbour_report, page
from tests.support.web import drip, serving_site

if TYPE_CHECKING:
    import random
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from tests.faults.stage import Stage
    from tests.support.web import Handler, Site

NAME = "Harbour Post"
_FEED = "/feed.xml"
_TURNS = 6
_READ_S = 150.0
_LOOK_S = 0.1
_UNREAD = "SELECT count(*) AS number FROM articles WHERE state = 'pending'"
_BOMB_BYTES = 2**28
_RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel>'
    "<title>{name}</title><link>{origin}/</link>{items}</channel></rss>"
)


@dataclass(slots=True)
class Press:
    """A paper whose feed changes as a publisher's systems change it.

    Attributes:
        site: where it is served.
        titles: what it has published, each title once.
        marks: in how many ways it has marked its entries.
        shown: how its feed shows them now: ``all``, ``few``, ``none``, ``turned`` or ``error``.
        neighbours: where the hostile feeds are served.
    """

    site: Site
    titles: list[str] = field(default_factory=list)
    marks: int = 0
    shown: str = "all"
    neighbours: list[Site] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.route(_FEED, self._feed)

    @property
    def feed(self) -> str:
        """The feed's address."""
        return self.site.url(_FEED)

    @property
    def polls(self) -> int:
        """How often the feed was asked for."""
        return sum(asked.path == _FEED for asked in self.site.asked)

    def publish(self) -> None:
        """Publish an article."""
        number = len(self.titles) + 1
        title = f"Berth {number} is dredged for the winter"
        text = harbour_report(f"berth {number}", number)
        body = page(title, text, site=NAME, feed=self.feed)
        self.site.serve(f"/news/{number}", body, headers={"Content-Type": "text/html; charset=utf-8"})
        self.titles.append(title)

    def turn(self, rng: random.Random) -> None:
        """Do something that feeds do."""
        self.shown = rng.choice(["all", "all", "few", "none", "turned", "error"])
        self.marks += rng.random() < 0.3

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        if self.shown == "error":
            return web.Response(status=500)
        numbers = list(range(len(self.titles), 0, -1))
        numbers = {"few": numbers[:2], "none": [], "turned": numbers[::-1]}.get(self.shown, numbers)
        mark = f'"{self.shown}-{self.marks}-{len(self.titles)}"'
        if request.headers.get("If-None-Match") == mark:
            return web.Response(status=304, headers={"ETag": mark})
        items = "".join(
            f"<item><title>{self.titles[number - 1]}</title><link>{self.site.url(f'/news/{number}')}</link>"
            f"<guid>{self.marks}/{number}</guid><pubDate>{formatdate(time.time())}</pubDate></item>"
            for number in numbers
        )
        body = _RSS.format(name=NAME, origin=self.site.origin, items=items)
        return web.Response(text=body, content_type="application/rss+xml", headers={"ETag": mark})


def _bomb() -> bytes:
    """Pack a quarter of a gibibyte of nothing."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as out:
        for _ in range(_BOMB_BYTES // 2**20):
            out.write(bytes(2**20))
    return packed.getvalue()


def _hostile() -> Mapping[str, Handler]:
    bomb = _bomb()
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    slow = "a" * 32_768

    async def explode(_: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/rss+xml"})

    async def trickle(request: web.Request) -> web.StreamResponse:
        with suppress(ConnectionError):
            await drip(request, every_s=0.5)
        return web.Response()

    async def flood(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(bytes(2**16))
        return response

    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async def circle(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(request.path_qs)

    async def laugh(_: web.Request) -> web.StreamResponse:
        doctype = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>'
        return web.Response(text=f'<?xml version="1.0"?>{doctype}<rss><channel><title>&l9;</title></channel></rss>')

    async def backtrack(_: web.Request) -> web.StreamResponse:
        items = f"<item><title>x</title><author>{slow}(</author></item>"
        return web.Response(text=_RSS.format(name="Slow", origin="http://slow.example", items=items))

    return {each.__name__: each for each in (explode, trickle, flood, hang, circle, laugh, backtrack)}


@asynccontextmanager
async def printing() -> AsyncIterator[tuple[Press, Sequence[str]]]:
    """Serve the paper and its neighbours; give it, and their feeds' addresses."""
    async with AsyncExitStack() as stack:
        press = Press(await stack.enter_async_context(serving_site("127.0.0.1")))
        addresses = []
        for number, (name, handler) in enumerate(_hostile().items(), start=1):
            site = await stack.enter_async_context(serving_site(f"127.0.9.{number}"))
            addresses.append(site.route(f"/{name}", handler))
            press.neighbours.append(site)
        yield press, addresses


async def follow(stage: Stage, press: Press, hostile: Sequence[str]) -> None:
    """Let every reader follow the paper, and one of them its neighbours too."""
    now = datetime.now(UTC)
    data = stage.store.data if stage.store.url.startswith("sqlite") else None
    async with Storage.open(stage.store.url, bot_id=BOT_ID, data=data) as storage, storage.write() as work:
        paper, _ = await work.feeds.add(press.feed, title=NAME, site_url=press.site.url("/"), now=now)
        others = [(await work.feeds.add(address, title=address, site_url="", now=now))[0] for address in hostile]
        for rank, chat_id in enumerate(stage.workload.reader_ids):
            reader = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=now)
            for feed in [paper, *(others if rank == 0 else [])]:
                await work.subscribers.subscribe(reader.id, feed.id, now=now)


async def read(stage: Stage) -> None:
    """Let the bot read all of them; somebody stops following the paper, and with every second seed the bot is killed.

    What a killed bot was reading is read again when its lease has ended, two minutes later.
    """
    rng = stage.rng
    async with printing() as (press, hostile):
        bot = stage.add_bot()
        await follow(stage, press, hostile)
        stage.let_people_act()
        await bot.start()
        await _until(stage, lambda: press.polls > 0)  # empty as yet, so that all that comes is new
        leaver = rng.choice(stage.workload.reader_ids)
        leaves_at = rng.randrange(1, _TURNS)
        dies_at = rng.randrange(1, _TURNS) if stage.seed % 2 == 0 else None
        for turn in range(_TURNS):
            press.turn(rng)
            for _ in range(rng.randint(1, 2)):
                press.publish()
            await asyncio.sleep(rng.uniform(0.5, 1.5))
            if turn == leaves_at:
                await stage.leave(leaver, NAME)
            if turn == dies_at:
                await stage.kill()
                await bot.start()
        press.shown, polled = "all", press.polls
        await _until(stage, lambda: press.polls > polled + 1)
        stage.published = press.titles
        stage.notes["published"] = len(press.titles)
        stage.followers = [each for each in stage.workload.reader_ids if each != leaver]
        ends_at = time.monotonic() + _READ_S
        while (await stage.store.rows(_UNREAD))[0]["number"]:
            assert time.monotonic() < ends_at, f"articles were never read\n{stage.tail()}"
            await asyncio.sleep(_LOOK_S)
        await stage.settle()
        asked = {each.path for site in press.neighbours for each in site.asked}
        assert len(asked) == len(hostile), f"only {asked} were asked"


async def _until(stage: Stage, holds: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + _READ_S
    while not holds():
        assert time.monotonic() < ends_at, f"the paper is not read\n{stage.tail()}"
        await asyncio.sleep(_LOOK_S)
