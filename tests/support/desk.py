"""An entry's way on a real database, a real client and real workers; only the web is ours."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.news.polling.ingest import Ingest
from bot.news.reader import Reader
from bot.news.web.client import Web
from bot.news.web.guard import AllowRule, Guard, parse_allow
from storage.model import ChatKind, DeliveryKind, Feed, StoryView
from tests.support.web import Site, serving_site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from bot.news.workers import Workers
    from storage import Storage
    from tests.support.databases import Clock, Database

BODY = (
    "Inspectors found a crack forty centimetres long in the deck of the Sable Bridge on Monday morning. "
    "The town closed it to all traffic within the hour, and buses now turn round at the mill. "
    "Ferries cross every twenty minutes until Friday, the harbour master said, and carry bicycles free of charge. "
    "Engineers will lift the deck on Thursday to see how far the crack has spread below the asphalt. "
    "The repair is likely to cost two and a half million crowns, of which the county pays the greater part. "
    "Shopkeepers on the south bank expect a quiet week, and some of them have asked the town to waive their rents."
)


@dataclass
class Paper:
    """A feed of one outlet, and its pages."""

    site: Site
    name: str
    path: str
    etag: str = ""

    def publish(
        self, entries: Sequence[tuple[str, str, str]], *, extra: str = "", answer: Mapping[str, str] | None = None
    ) -> None:
        """Serve a feed of (id, slug, title), newest first, and a page for each.

        Args:
            entries: what is in it.
            extra: elements of the channel beside title and link.
            answer: headers beside the content type.
        """
        items = "".join(
            f"<item><guid isPermaLink='false'>{guid}</guid><link>{self.site.url(f'{self.path}/{slug}')}</link>"
            f"<title>{title}</title><description>{title}: {BODY[:120]}</description>"
            f"<pubDate>Mon, 04 May 2026 {10 - rank:02}:00:00 GMT</pubDate></item>"
            for rank, (guid, slug, title) in enumerate(entries)
        )
        headers = {"Content-Type": "application/rss+xml"} | ({"ETag": self.etag} if self.etag else {})
        headers |= answer or {}
        head = f"<title>{self.name}</title><link>{self.site.origin}</link>{extra}"
        feed = f"<rss version='2.0'><channel>{head}{items}</channel></rss>"
        self.site.serve(f"{self.path}/feed", feed, headers=headers)
        for _, slug, title in entries:
            page = f"<html lang='en'><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{BODY}</p>"
            self.site.serve(f"{self.path}/{slug}", page, headers={"Content-Type": "text/html"})


@dataclass
class Desk:
    """Everything that an entry passes."""

    storage: Storage
    ingest: Ingest
    reader: Reader
    web: Web
    site: Site
    clock: Clock
    workers: Workers
    allow: tuple[AllowRule, ...]

    def paper(self, name: str = "Tidewatch") -> Paper:
        return Paper(self.site, name, f"/{name.lower()}")

    async def follow(self, paper: Paper, *, chat_id: int = 7, private: bool = False) -> Feed:
        """Let a reader follow a paper."""
        now = self.clock()
        async with self.storage.write() as work:
            feed, _ = await work.feeds.add(
                self.site.url(f"{paper.path}/feed"),
                title=paper.name,
                site_url=self.site.origin,
                private=private,
                now=now,
            )
            reader = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=now)
            await work.subscribers.subscribe(reader.id, feed.id, now=now)
        self.clock.advance(1)
        return feed

    async def owed(self, story_id: int) -> int:
        """Count the chats to which a story was or is to be sent."""
        async with self.storage.read() as work:
            return (await work.outbox.tally(DeliveryKind.STORY, f"s:{story_id}")).planned

    async def poll(self, feed: Feed) -> list[StoryView]:
        """Poll once, finish what is pending, and give the stories that were told, oldest first."""
        async with self.storage.read() as work:
            feed = await work.feeds.get(feed.id)
        await self.ingest.poll(feed)
        return await self.finish()

    async def finish(self) -> list[StoryView]:
        """Finish what is pending and plan it; give the stories that were told."""
        async with self.storage.write() as work:
            pending = await work.articles.claim_pending(self.clock(), limit=100, lease_s=60)
        for article in pending:
            await self.ingest.finish(article)
        told = []
        async with self.storage.write() as work:
            while (fanout := await work.fanouts.next_open(self.clock())) is not None:
                await work.fanouts.expand(fanout.id, now=self.clock())
                view = await work.stories.view(fanout.subject_id, 400)
                assert view is not None
                told.append(view)
        return told


@asynccontextmanager
async def open_desk(
    database: Database, workers: Workers, *, owners: frozenset[int] = frozenset(), poll_min_s: float = 60
) -> AsyncIterator[Desk]:
    """Open a desk on a database, with a web site of its own; the workers are lent."""
    clock = database.clock
    async with serving_site() as site:
        allow = parse_allow(f"127.0.0.1:{site.port},localhost:{site.port}")
        async with database.open() as storage, Web(Guard(allow)) as web:
            reader = Reader(web, workers)
            ingest = Ingest(storage, reader, clock=clock, poll_min_s=poll_min_s, owners=owners)
            yield Desk(storage, ingest, reader, web, site, clock, workers, allow)
