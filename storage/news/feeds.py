"""Feeds: the polled addresses, their validators and when they are due."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import NO_SAMPLE, Feed, FeedHealth, FeedState, SubscriberState, SubscriptionState
from storage.news.headings import MOST_NAME_CHARS, heading
from storage.rows import make
from storage.tables import articles, feeds, offers, subscribers, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement

    from storage.connection.transaction import Transaction
    from storage.model import UnchangedFeed

_DUE = feeds.c.state == sa.literal_column("'active'")  # word for word the condition of the index


def text_digest(text: str) -> str:
    """Shorten a text of any length to what an index takes."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


class Feeds:
    """The feeds of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(
        self,
        url: str,
        *,
        title: str,
        site_url: str,
        lang: str | None = None,
        private: bool = False,
        now: datetime,
    ) -> tuple[Feed, bool]:
        """Insert a feed that is due at once, or return the one with this address.

        A title in which there is nothing to see gives way to the host's name.

        Returns:
            The feed, and whether it is new.
        """
        inserted = await self._tx.first(
            self._tx.insert(feeds)
            .values(
                url=url,
                url_digest=text_digest(url),
                title=heading(title, MOST_NAME_CHARS) or _host(url),
                site_url=own_site(url, site_url),
                state=FeedState.ACTIVE,
                due_at=now,
                lang=lang,
                private=private,
                failures=0,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["url_digest"])
            .returning(feeds)
        )
        if inserted is not None:
            self._tx.rung.add(Channel.FEEDS)
            return make(Feed, inserted, feeds), True
        row = await self._tx.one(sa.select(feeds).where(feeds.c.url_digest == text_digest(url)), "feed", url)
        return make(Feed, row, feeds), False

    async def get(self, feed_id: int) -> Feed:
        """Get a feed.

        Raises:
            NotFoundError: There is none.
        """
        return make(Feed, await self._tx.one(sa.select(feeds).where(feeds.c.id == feed_id), "feed", feed_id), feeds)

    async def lock(self, feed_id: int) -> None:
        """Let nobody else read a feed into storage, or follow it with a sample, before this transaction ends."""
        await self._tx.run(sa.select(feeds.c.id).where(feeds.c.id == feed_id).with_for_update())

    async def find_by_url(self, url: str) -> Feed | None:
        """Find the feed with exactly this address."""
        row = await self._tx.first(sa.select(feeds).where(feeds.c.url_digest == text_digest(url)))
        return None if row is None else make(Feed, row, feeds)

    async def revive(self, feed_id: int, now: datetime) -> None:
        """Poll a feed again, from this instant on, that was gone or had been failing."""
        await self._tx.run(
            feeds.update()
            .where(feeds.c.id == feed_id)
            .values(state=FeedState.ACTIVE, due_at=now, failures=0, error=None)
        )
        self._tx.rung.add(Channel.FEEDS)

    async def claim_due(
        self,
        now: datetime,
        *,
        limit: int,
        lease_s: float,
        horizon_s: float | None = None,
        include_unsubscribed: bool = False,
        failing: bool | None = None,
    ) -> list[Feed]:
        """Take feeds that are due and that somebody reads or is offered.

        Their ``due_at`` moves ahead in the same statement, so that nobody else takes them; if the taker dies, they
        are due again when the lease ends.

        Args:
            now: The present instant.
            limit: Most feeds to take.
            lease_s: Seconds before they are due again unless a result is recorded.
            horizon_s: Nobody plans so many seconds ahead: what is due later was planned under a clock that was wrong,
                and is due too. ``None`` takes every plan for true.
            include_unsubscribed: Take feeds that nobody reads or is offered too.
            failing: Take only those that failed when last asked, or only the others; ``None`` takes both.
        """
        ripe = feeds.c.due_at <= now
        if horizon_s is not None:
            ripe = sa.or_(ripe, feeds.c.due_at > now + timedelta(seconds=horizon_s))
        due = sa.select(feeds.c.id).where(_DUE, ripe)
        if not include_unsubscribed:
            due = due.where(is_wanted(self._tx.bot_id))
        if failing is not None:
            due = due.where(feeds.c.failures > 0 if failing else feeds.c.failures == 0)
        picked = due.order_by(feeds.c.due_at, feeds.c.id).limit(limit).with_for_update(skip_locked=True).cte("picked")
        rows = await self._tx.all(
            feeds.update()
            .where(feeds.c.id.in_(sa.select(picked.c.id)), _DUE, ripe)
            .values(due_at=now + timedelta(seconds=lease_s))
            .returning(feeds)
        )
        return sorted((make(Feed, row, feeds) for row in rows), key=lambda feed: feed.id)

    async def renew_lease(self, feed_ids: Collection[int], *, held_until: datetime, until: datetime) -> None:
        """Keep feeds from others for longer, unless they were given back, or taken by others, in the meantime.

        Args:
            feed_ids: Feeds that were claimed together.
            held_until: The end of their lease as it was last set.
            until: Its new end.
        """
        await self._tx.run(
            feeds.update().where(feeds.c.id.in_(feed_ids), feeds.c.due_at == held_until).values(due_at=until)
        )

    async def record_success(
        self,
        feed_id: int,
        *,
        now: datetime,
        due_at: datetime,
        etag: str | None,
        last_modified: str | None,
        title: str | None = None,
        site_url: str | None = None,
        lang: str | None = None,
        url: str | None = None,
        private: bool = False,
        changed: bool,
        interval_s: float | None = None,
        moved_to: str | None = None,
        moved_polls: int = 0,
    ) -> bool:
        """Note that a feed was read: it lives.

        Args:
            feed_id: The feed.
            now: When it was read.
            due_at: When to read it next.
            etag: The server's validator, byte for byte; ``None`` where it gave none.
            last_modified: Likewise.
            title: The feed's title, where it said one; where there is nothing to see in it, the old one stays.
            site_url: Its site's address, where it said one.
            lang: Its language, where it is known.
            url: Its new address after a permanent redirect; ignored where another feed already has it.
            private: Whether that address may itself be a secret; a feed that was private stays so.
            changed: Whether it held anything new.
            interval_s: The wait chosen for it, in seconds; ``None`` where none was.
            moved_to: Where it says to have moved for good, and is not followed to yet.
            moved_polls: How many good polls in a row have said so.

        Returns:
            Whether it has a new address now.
        """
        said = {"title": heading(title or "", MOST_NAME_CHARS) or None, "site_url": site_url, "lang": lang}
        values: dict[str, object] = {key: value for key, value in said.items() if value is not None}
        if changed:
            values["changed_at"] = now
        await self._tx.run(
            feeds.update()
            .where(feeds.c.id == feed_id)
            .values(
                due_at=due_at,
                checked_at=now,
                etag=etag,
                last_modified=last_modified,
                failures=0,
                error=None,
                interval_s=interval_s,
                moved_to=moved_to,
                moved_polls=moved_polls,
                died_at=None,
                **values,
            )
        )
        moved = 0
        if url is not None:
            other = feeds.alias("other")
            taken = sa.select(other.c.id).where(other.c.url_digest == text_digest(url))
            moved = await self._tx.run(
                feeds.update()
                .where(feeds.c.id == feed_id, sa.not_(taken.exists()))
                .values(url=url, url_digest=text_digest(url), private=sa.or_(feeds.c.private, sa.literal(private)))
            )
        return bool(moved)

    async def record_unchanged(self, found: Sequence[UnchangedFeed]) -> None:
        """Note that many feeds were as they were, like ``record_success`` of each and for a hundredth of its cost."""
        if found:
            await self._tx.run(
                feeds.update()
                .where(feeds.c.id == sa.bindparam("feed"))
                .values(
                    checked_at=sa.bindparam("at"),
                    due_at=sa.bindparam("due"),
                    etag=sa.bindparam("tag"),
                    last_modified=sa.bindparam("modified"),
                    interval_s=sa.bindparam("interval"),
                    failures=0,
                    error=None,
                    moved_to=None,
                    moved_polls=0,
                    died_at=None,
                ),
                [
                    {
                        "feed": each.feed_id,
                        "at": each.checked_at,
                        "due": each.due_at,
                        "tag": each.etag,
                        "modified": each.last_modified,
                        "interval": each.interval_s,
                    }
                    for each in found
                ],
            )

    async def record_failure(self, feed_id: int, *, due_at: datetime, error: str, gone: bool = False) -> None:
        """Note that a feed could not be read; ``checked_at`` goes on saying when it last could.

        Args:
            feed_id: The feed.
            due_at: When to try again.
            error: Why, in plain words.
            gone: Whether the server said that it is gone for good, so that it is polled no more.
        """
        values: dict[str, object] = {"state": FeedState.GONE} if gone else {}
        await self._tx.run(
            feeds.update()
            .where(feeds.c.id == feed_id)
            .values(due_at=due_at, failures=feeds.c.failures + 1, error=error, **values)
        )

    async def note_death(self, feed_id: int, now: datetime) -> bool:
        """Note that a feed's readers are told that it is silent; say whether this is new."""
        return bool(
            await self._tx.run(
                feeds.update().where(feeds.c.id == feed_id, feeds.c.died_at.is_(None)).values(died_at=now)
            )
        )

    async def check_now(self, feed_id: int, now: datetime) -> None:
        """Poll a feed at once because somebody asks; how long it waits afterwards stays as it was."""
        await self._tx.run(feeds.update().where(feeds.c.id == feed_id).values(state=FeedState.ACTIVE, due_at=now))
        self._tx.rung.add(Channel.FEEDS)

    async def poll_soon(self, feed_id: int, now: datetime) -> None:
        """Poll at once a feed that is well, because its hub says that it has changed."""
        await self._tx.run(
            feeds.update()
            .where(feeds.c.id == feed_id, _DUE, feeds.c.failures == 0, feeds.c.due_at > now)
            .values(due_at=now)
        )
        self._tx.rung.add(Channel.FEEDS)

    async def list_overdue(self, before: datetime, *, limit: int) -> list[int]:
        """List the wanted feeds that were due before an instant, those longest due first."""
        return list(
            await self._tx.values(
                sa.select(feeds.c.id)
                .where(_DUE, feeds.c.due_at < before, is_wanted(self._tx.bot_id))
                .order_by(feeds.c.due_at)
                .limit(limit)
            )
        )

    async def postpone(self, due: Mapping[int, datetime]) -> None:
        """Plan feeds for the instants given, by their ids."""
        if due:
            await self._tx.run(
                feeds.update().where(feeds.c.id == sa.bindparam("feed")).values(due_at=sa.bindparam("at")),
                [{"feed": feed_id, "at": due_at} for feed_id, due_at in due.items()],
            )

    async def find_reader_since(self, feed_id: int) -> datetime | None:
        """Find since when a feed has had the longest of those who read it now; ``None`` if nobody does."""
        since: datetime | None = await self._tx.value(
            sa.select(sa.func.min(subscriptions.c.since))
            .join_from(subscriptions, subscribers)
            .where(
                subscriptions.c.feed_id == feed_id,
                subscriptions.c.state == SubscriptionState.ACTIVE,
                subscribers.c.state == SubscriberState.ACTIVE,
            )
        )
        return since

    async def wants_sample(self, feed_id: int) -> bool:
        """Say whether a feed's first reading is to bring a sample: not where all who read it came by a list."""
        readers = sa.select(subscriptions.c.sample_id).where(
            subscriptions.c.feed_id == feed_id, subscriptions.c.state == SubscriptionState.ACTIVE
        )
        came_by_list = await self._tx.value(readers.where(subscriptions.c.sample_id == NO_SAMPLE).limit(1)) is not None
        if not came_by_list:
            return True
        others = sa.or_(subscriptions.c.sample_id.is_(None), subscriptions.c.sample_id != NO_SAMPLE)
        offered = sa.select(offers.c.feed_id).where(offers.c.feed_id == feed_id).limit(1)
        return (
            await self._tx.value(readers.with_only_columns(subscriptions.c.id).where(others).limit(1)) is not None
            or await self._tx.value(offered) is not None
        )

    async def list_health(self) -> list[FeedHealth]:
        """List all feeds with how many active chats read them and how many articles they gave, by title."""
        readers = (
            sa.select(subscriptions.c.feed_id, sa.func.count(sa.distinct(subscribers.c.id)).label("number"))
            .join_from(subscriptions, subscribers)
            .where(
                subscribers.c.bot_id == self._tx.bot_id,
                subscribers.c.state == SubscriberState.ACTIVE,
                subscriptions.c.state == SubscriptionState.ACTIVE,
            )
            .group_by(subscriptions.c.feed_id)
            .subquery("readers")
        )
        given = (
            sa.select(articles.c.feed_id, sa.func.count().label("number"))
            .group_by(articles.c.feed_id)
            .subquery("given")
        )
        rows = await self._tx.all(
            sa.select(
                feeds,
                sa.func.coalesce(readers.c.number, 0).label("reader_number"),
                sa.func.coalesce(given.c.number, 0).label("article_number"),
            )
            .join_from(feeds, readers, readers.c.feed_id == feeds.c.id, isouter=True)
            .join(given, given.c.feed_id == feeds.c.id, isouter=True)
            .order_by(sa.func.lower(feeds.c.title), feeds.c.id)
        )
        return [
            FeedHealth(feed=make(Feed, row, feeds), subscribers=row["reader_number"], articles=row["article_number"])
            for row in rows
        ]

    async def next_due_at(self) -> datetime | None:
        """Find when the next feed that somebody reads or is offered is due; ``None`` if there is none."""
        row = await self._tx.first(
            sa.select(feeds.c.due_at).where(_DUE, is_wanted(self._tx.bot_id)).order_by(feeds.c.due_at).limit(1)
        )
        return None if row is None else row[feeds.c.due_at]


def own_site(url: str, site_url: str) -> str:
    """Give a site's address where it is of the feed's own site, otherwise none.

    Whoever first names a feed, by a page that links it or a list of feeds, says for all its readers what its site is,
    until the feed says it itself.
    """
    mine, theirs = (_host(each).removeprefix("www.") for each in (url, site_url))
    shorter, longer = sorted((mine, theirs), key=len)
    is_own = mine == theirs or ("." in shorter.strip(".") and longer.endswith(f".{shorter}"))
    return site_url if mine and is_own else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_wanted(bot_id: int) -> ColumnElement[bool]:
    """Say that an active subscriber has an active subscription to the feed, or that it is offered to newcomers."""
    is_offered = sa.select(offers.c.feed_id).where(offers.c.feed_id == feeds.c.id).exists()
    is_read = (
        sa.select(subscriptions.c.id)
        .join_from(subscriptions, subscribers)
        .where(
            subscriptions.c.feed_id == feeds.c.id,
            subscriptions.c.state == SubscriptionState.ACTIVE,
            subscribers.c.bot_id == bot_id,
            subscribers.c.state == SubscriberState.ACTIVE,
        )
        .exists()
    )
    return sa.or_(is_read, is_offered)
