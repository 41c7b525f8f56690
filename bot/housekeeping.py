"""Letting go of what we promised not to keep: people's texts after two days, the rest after thirty.

Private feeds that nobody follows go an hour after they would have been read next.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from storage import Urgency

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage import Storage

_log = structlog.get_logger(__name__)

KEEP_UPDATES: Final = timedelta(days=2)
KEEP_DELIVERIES: Final = timedelta(days=30)
KEEP_ARTICLE_TEXTS: Final = timedelta(days=30)
KEEP_FORSAKEN_FEEDS: Final = timedelta(hours=1)
"""Longer than one can take back that one has left a private feed."""
_CHUNK: Final = 10_000
"""So many rows in one transaction hold up nobody's command."""
_FEEDS: Final = 20
"""So many feeds, each with all its articles, in one transaction."""
_EVERY_S: Final = 3600.0


async def tidy(storage: Storage, *, now: datetime, chunk: int = _CHUNK) -> None:
    """Delete all that is older than we keep it, chunk by chunk.

    Raises:
        StorageError: The database cannot be written.
    """
    async with storage.write(Urgency.BULK) as work:
        await work.inbox.purge(now - KEEP_UPDATES)
        await work.imports.purge(now - KEEP_UPDATES)
        await work.subscribers.purge_dialogues(now)
    count = chunk
    while count == chunk:
        async with storage.write(Urgency.BULK) as work:
            count = await work.outbox.purge(now - KEEP_DELIVERIES, limit=chunk)
    count = chunk
    while count == chunk:
        async with storage.write(Urgency.BULK) as work:
            count = await work.articles.purge_texts(now - KEEP_ARTICLE_TEXTS, limit=chunk)
    async with storage.write(Urgency.BULK) as work:
        await work.searching.purge(now - KEEP_ARTICLE_TEXTS)
        await work.looks.purge(now - KEEP_ARTICLE_TEXTS)
    count = feeds = min(chunk, _FEEDS)
    while count == feeds:
        async with storage.write(Urgency.BULK) as work:
            count = await work.subscribers.purge_forsaken(now - KEEP_FORSAKEN_FEEDS, limit=feeds)


async def keep_tidy(storage: Storage, stop: asyncio.Event, *, clock: Callable[[], datetime]) -> None:
    """Tidy now and every hour, until ``stop`` is set."""
    while not stop.is_set():
        try:
            await tidy(storage, now=clock())
        except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
            _log.exception("tidying_failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=_EVERY_S)
