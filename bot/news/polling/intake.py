"""A feed as it was read → storage: what is new, what is held back, and when to poll it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bot.news.feeds.dating import believed_at
from bot.news.feeds.identity import KeyKind, decide_new, is_burst
from bot.news.polling.schedule import Wishes, after_success, pace_s
from bot.news.web.secrecy import looks_secret
from storage.model import ArticleState, NewArticle, NoticeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.news.feeds.identity import KnownEntry, NewEntry
    from bot.news.feeds.reading import FeedReading
    from bot.news.web.client import NotModified
    from storage import Work
    from storage.model import Feed

_POLLS_UNTIL_MOVED: Final = 3
"""A permanent redirect is believed after so many good polls in a row: some last a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of a reading.

    Attributes:
        news: Entries on their way to readers.
        held: Entries held back until an editor says what they are.
        total: Entries in the feed.
        changed: Articles whose entries say something else than when they came, each with the feed's own content.
    """

    news: int
    held: int = 0
    total: int = 0
    changed: tuple[tuple[int, str], ...] = ()


async def take_in(work: Work, feed: Feed, reading: FeedReading, *, now: datetime, min_s: float) -> TakenIn:
    """Keep a feed's validators and its new entries, and plan its next poll, in the caller's transaction.

    The first reading of a feed, or the first after nobody had read it for a while, makes news of its newest entry
    alone, as a sample, and of what came since its reader did; the rest is only recognised later. Whoever came with a
    list of many feeds gets no samples of them.

    Args:
        work: The transaction.
        feed: The feed as stored.
        reading: The feed as it stands now.
        now: The time of the reading.
        min_s: Shortest time between two polls, in seconds.
    """
    feed = await work.feeds.get(feed.id)  # as it is now: it may have been read while this reading was on its way
    known = await work.articles.known_keys(feed.id, {key for keys in reading.keys for key in keys})
    decisions = decide_new(reading.feed.entries, known, keyed_by=reading.keys, now=now)
    is_news = await _news_of(work, feed, now=now)
    samples = 1 if decisions.new and await work.feeds.wants_sample(feed.id) else 0
    news = [new for rank, new in enumerate(decisions.new) if rank < samples or is_news(new)]
    total = len(reading.feed.entries)
    read_at = feed.checked_at
    held = read_at is not None and is_burst(
        [new.entry for new in news], total=total, read_at=read_at, now=now, expected=feed.bursts
    )
    await _store(work, feed, decisions.new, news, held=held, now=now)
    for old in decisions.known:
        if old.missing:
            await work.articles.add_keys(old.article, feed.id, old.missing)
    await _record(work, feed, reading, changed=bool(decisions.new), now=now, min_s=min_s)
    return TakenIn(
        news=0 if held else len(news), held=len(news) if held else 0, total=total, changed=_changed(decisions.known)
    )


def _changed(known: Sequence[KnownEntry]) -> tuple[tuple[int, str], ...]:
    """Name the articles whose entries have another content than any they were known by."""
    return tuple(
        (old.article, old.entry.content or old.entry.summary or "")
        for old in known
        if any(key.kind == KeyKind.CONTENT for key in old.missing)
    )


async def note_unchanged(work: Work, feed: Feed, answer: NotModified, *, now: datetime, min_s: float) -> None:
    """Plan the next poll of a feed that is as it was."""
    interval_s = pace_s(now, min_s=min_s, last_s=feed.interval_s, changed=False, changed_at=feed.changed_at)
    has_hub = await work.hubs.is_verified(feed.id, now)
    wishes = Wishes(fresh_s=answer.fresh_s, retry_after_s=answer.retry_after_s, has_hub=has_hub)
    await work.feeds.record_success(
        feed.id,
        now=now,
        due_at=after_success(now, min_s=interval_s, wishes=wishes),
        # A 304 may bring other validators for what we have (RFC 9111, 4.3.4).
        etag=answer.etag or feed.etag,
        last_modified=answer.last_modified or feed.last_modified,
        changed=False,
        interval_s=interval_s,
        **await _move(work, feed, answer.permanent_url or feed.url, now=now),
    )
    if feed.died_at is not None:
        await work.notices.withdraw(feed.id)


async def _store(
    work: Work, feed: Feed, new: Sequence[NewEntry], news: Sequence[NewEntry], *, held: bool, now: datetime
) -> None:
    """Insert new entries, oldest first, so that readers get them in the order of the news."""
    chosen = {id(each) for each in news}
    state = ArticleState.KNOWN if held else ArticleState.PENDING
    fresh = [
        _new_article(each, state if id(each) in chosen else ArticleState.KNOWN, whole=id(each) in chosen, now=now)
        for each in reversed(new)
    ]
    stored = await work.articles.add_entries(feed.id, fresh, now=now)
    if held:
        ids = [article.id for article, each in zip(stored, reversed(new), strict=True) if id(each) in chosen]
        await work.holding.hold(feed.id, ids, now=now)


async def _record(work: Work, feed: Feed, reading: FeedReading, *, changed: bool, now: datetime, min_s: float) -> None:
    interval_s = pace_s(
        now,
        min_s=min_s,
        last_s=feed.interval_s,
        changed=changed,
        changed_at=now if changed and feed.checked_at is not None else feed.changed_at,
        dates=[when for entry in reading.feed.entries if (when := believed_at(entry.published_at, now=now))],
    )
    wishes = Wishes(
        fresh_s=reading.fresh_s,
        retry_after_s=reading.retry_after_s,
        ttl_s=reading.feed.ttl_s,
        skip_hours=reading.feed.skip_hours,
        skip_days=reading.feed.skip_days,
        has_hub=await work.hubs.is_verified(feed.id, now),
    )
    await work.feeds.record_success(
        feed.id,
        now=now,
        due_at=after_success(now, min_s=interval_s, wishes=wishes),
        etag=reading.etag,
        last_modified=reading.last_modified,
        title=reading.feed.title or None,
        site_url=reading.feed.site_url or None,
        lang=reading.feed.lang,
        changed=changed,
        interval_s=interval_s,
        **await _move(work, feed, reading.url, now=now),
    )
    if feed.died_at is not None:
        await work.notices.withdraw(feed.id)


async def _move(work: Work, feed: Feed, url: str, *, now: datetime) -> dict[str, Any]:
    """Follow a feed that has said often enough that it has moved for good, and tell its readers where to."""
    if url == feed.url:
        return {}
    polls = feed.moved_polls + 1 if url == feed.moved_to else 1
    if polls < _POLLS_UNTIL_MOVED:
        return {"moved_to": url, "moved_polls": polls}
    host = _host(url)
    if host != _host(feed.url) and await work.feeds.find_by_url(url) is None:
        await work.notices.open(feed.id, NoticeKind.MOVED, detail=host, now=now)
    return {"url": url, "private": looks_secret(url)}


def _host(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return host.removeprefix("www.")


async def _news_of(work: Work, feed: Feed, *, now: datetime) -> Callable[[NewEntry], bool]:
    """Tell which of a feed's new entries are news to somebody who reads it.

    All of them, where somebody has read it since before it was last checked. Where nobody has, those that are dated
    after its first reader came: of the others nobody can tell how long they have stood there.
    """
    checked_at, since = feed.checked_at, await work.feeds.find_reader_since(feed.id)
    # A subscription of the future was made under a wrong clock, and says nothing of the past.
    if checked_at is not None and since is not None and not checked_at < since <= now:
        return lambda _: True
    began = since or now
    return lambda new: new.entry.published_at is not None and began < new.entry.published_at <= now


def _new_article(new: NewEntry, state: ArticleState, *, whole: bool, now: datetime) -> NewArticle:
    entry = new.entry
    return NewArticle(
        keys=new.keys,
        url=entry.url or "",
        title=entry.title or "",
        state=state,
        author=entry.author or "",
        published_at=believed_at(entry.published_at, now=now),
        content_html=(entry.content or entry.summary or "") if whole else "",
    )
