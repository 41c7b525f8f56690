"""What newcomers are offered: a few feeds of each topic, read beforehand so that a sample is at hand."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from bot.messages.speech import SUPPORTED
from bot.news.finding.catalogue import TOPICS
from bot.news.web.secrecy import looks_secret
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from bot.news.finding.catalogue import Catalogue
    from storage import Storage, Work

_log = structlog.get_logger(__name__)

FEEDS_A_TOPIC: Final = 2
"""So many feeds of each topic are offered in a language, and polled though nobody may follow them."""
FIRST_TOPICS: Final = TOPICS[:6]
"""Shown at once; the others behind "More topics", and read only once somebody has looked there."""
_KEEP_EVERY_S: Final = 600.0


async def offer(
    work: Work, catalogue: Catalogue, lang: str, topics: Iterable[str], *, now: datetime, anew: bool = False
) -> None:
    """See that feeds of these topics are offered in a language.

    What is closed, or never answered, gives way to the catalogue's next.

    Args:
        work: The transaction.
        catalogue: Where the feeds come from.
        lang: The language.
        topics: Which topics.
        now: The present instant.
        anew: Compare with the catalogue even what stands and is well, as after a change of the catalogue.
    """
    hopeless: set[str] | None = None
    for topic in topics:
        suggested = catalogue.suggest(topic, lang)
        standing = await work.offers.list_feeds(topic, lang)
        if hopeless is None:
            hopeless = await work.offers.list_hopeless()
        if standing and not anew and not any(feed.url in hopeless for feed in standing):
            continue
        wanted = [each for each in suggested if each.url not in hopeless][:FEEDS_A_TOPIC]
        feeds = [
            await work.feeds.add(
                each.url,
                title=each.title,
                site_url="",
                lang=lang,
                private=looks_secret(each.url),
                now=now,
            )
            for each in wanted
        ]
        feed_ids = list(dict.fromkeys(feed.id for feed, _ in feeds))
        if feed_ids != [feed.id for feed in standing]:
            await work.offers.put(topic, lang, feed_ids)


class OfferKeeper:
    """Keeps the offers of each language that is spoken with the bot.

    Args:
        storage: Where they are kept.
        catalogue: Where they come from.
        clock: Tells the time, aware, in UTC.
    """

    def __init__(self, storage: Storage, catalogue: Catalogue, *, clock: Callable[[], datetime]) -> None:
        self._storage = storage
        self._catalogue = catalogue
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Look after them now and every ten minutes until ``stop`` is set."""
        anew = True
        while not stop.is_set():
            try:
                await self.keep(anew=anew)
                anew = False
            except StorageError:
                _log.exception("offers_not_kept")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=_KEEP_EVERY_S)

    async def keep(self, *, anew: bool = False) -> None:
        """Offer what is missing, replace what is hopeless, and drop what nobody could see."""
        async with self._storage.write() as work:
            spoken = {SUPPORTED[0], *(lang for lang in await work.offers.list_languages() if lang in SUPPORTED)}
            await work.offers.keep_languages(sorted(spoken))
            for lang in sorted(spoken):
                shown = [*FIRST_TOPICS, *sorted(await work.offers.list_topics(lang) - set(FIRST_TOPICS))]
                await offer(work, self._catalogue, lang, shown, now=self._clock(), anew=anew)
