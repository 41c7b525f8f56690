"""Telling a feed's readers and the editors what became of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog

from bot.messages.feed_health import render_burst, render_died, render_gone, render_moved
from bot.messages.speech import speech
from storage import Urgency
from storage.model import DeliveryKind, NewDelivery, NoticeKind, Priority, SubscriberState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.messages.outgoing import OutgoingMessage
    from bot.messages.speech import Speech
    from bot.news.polling.intake import TakenIn
    from storage import Storage, Work
    from storage.model import Feed, FeedNotice, Subscriber, Subscription

_log = structlog.get_logger(__name__)

DEAD_AFTER: Final = timedelta(days=7)
"""So long without an answer, and a feed's readers are told."""
_CHUNK: Final = 1000
_EVERY_S: Final = 5.0


class Notices:
    """Spreads notices over the chats that follow a feed, a chunk in each transaction."""

    def __init__(
        self, storage: Storage, *, clock: Callable[[], datetime], chunk: int = _CHUNK, every_s: float = _EVERY_S
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._chunk = chunk
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Tell whatever is to be told, until ``stop`` is set."""
        while not stop.is_set():
            try:
                while not stop.is_set() and await self.tell():
                    pass
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("notices_failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=self._every_s)

    async def tell(self) -> bool:
        """Tell the next readers of the oldest notice; say whether there was one."""
        now = self._clock()
        async with self._storage.read() as work:  # most often there is none: no write lock is taken for that
            if not await work.notices.is_any():
                return False
        async with self._storage.write(Urgency.BULK) as work:
            notice = await work.notices.next_open()
            if notice is None:
                return False
            feed = await work.feeds.get(notice.feed_id)
            readers = await work.notices.advance(notice, limit=self._chunk)
            await work.outbox.enqueue(
                [_delivery(notice, feed, mark, reader, now=now) for mark, reader in readers], now=now
            )
        return True


def _delivery(notice: FeedNotice, feed: Feed, mark: Subscription, reader: Subscriber, *, now: datetime) -> NewDelivery:
    words = speech(reader.lang, reader.tz)
    match notice.kind:
        case NoticeKind.MOVED:
            message = render_moved(words, name=mark.name or feed.title, host=notice.detail, subscription_id=mark.id)
        case NoticeKind.GONE:
            message = render_gone(words, name=mark.name or feed.title, feed_id=feed.id, subscription_id=mark.id)
        case NoticeKind.DIED:
            days = _silent_days(feed, now)
            message = render_died(
                words, name=mark.name or feed.title, days=days, feed_id=feed.id, subscription_id=mark.id
            )
    return NewDelivery(
        subscriber_id=reader.id,
        thread_id=mark.thread_id,
        kind=DeliveryKind.REPLY,
        subject=f"fn:{notice.id}",
        priority=Priority.STORY,
        due_at=now,
        payload=message.parameters(),
    )


async def ask_editors(work: Work, feed: Feed, taken: TakenIn, *, owners: frozenset[int], now: datetime) -> None:
    """Ask every editor what so many new entries at once are; once a day of one feed."""

    def compose(words: Speech) -> OutgoingMessage:
        return render_burst(words, name=_name(words, feed), held=taken.held, total=taken.total, feed_id=feed.id)

    await _tell_each(work, compose, owners=owners, subject=f"fb:{feed.id}:{now:%Y%m%d}", now=now)
    _log.warning("feed_held", feed_id=feed.id, held=taken.held, total=taken.total)


async def tell_editors(work: Work, feed: Feed, kind: NoticeKind, *, owners: frozenset[int], now: datetime) -> None:
    """Tell every editor that a feed died or closed."""

    def compose(words: Speech) -> OutgoingMessage:
        name = _name(words, feed)
        if kind is NoticeKind.GONE:
            return render_gone(words, name=name, feed_id=feed.id, subscription_id=None)
        return render_died(words, name=name, days=_silent_days(feed, now), feed_id=feed.id, subscription_id=None)

    await _tell_each(work, compose, owners=owners, subject=f"fd:{feed.id}:{now:%Y%m%d}", now=now)


async def _tell_each(
    work: Work, compose: Callable[[Speech], OutgoingMessage], *, owners: frozenset[int], subject: str, now: datetime
) -> None:
    """Write to owners and editors in their private chats, where they have begun one."""
    ids = owners | {editor.user_id for editor in await work.newsroom.list_editors()}
    rows = []
    for user_id in sorted(ids):
        chat = await work.subscribers.find_by_chat(user_id)
        if chat is not None and chat.state is not SubscriberState.UNREACHABLE:
            rows.append(
                NewDelivery(
                    subscriber_id=chat.id,
                    kind=DeliveryKind.REPLY,
                    subject=subject,
                    priority=Priority.STORY,
                    due_at=now,
                    payload=compose(speech(chat.lang, chat.tz)).parameters(),
                )
            )
    await work.outbox.enqueue(rows, now=now)


def _name(words: Speech, feed: Feed) -> str:
    """Name a feed to an editor, who need not follow it: a private one by its host alone."""
    if not feed.private:
        return feed.title
    host = urlsplit(feed.url).hostname or ""
    return words.plain("a private feed of {host}", host=host)


def _silent_days(feed: Feed, now: datetime) -> int:
    since = feed.checked_at or feed.created_at or now
    return max((now - since).days, 1)
