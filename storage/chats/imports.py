"""Lists of feeds that chats give: kept from the first look to the report, and worked off a few at a time."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import (
    NO_SAMPLE,
    FeedState,
    Import,
    ImportState,
    ListedFeed,
    SubscriptionMode,
    SubscriptionState,
)
from storage.news.feeds import own_site, text_digest
from storage.news.headings import MOST_NAME_CHARS, heading
from storage.rows import columns
from storage.tables import feeds, imports, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import RowMapping

    from storage.connection.transaction import Transaction

_APART = timedelta(seconds=0.05)
"""New feeds are read one after the other rather than all at once: twenty a second."""


class Imports:
    """The imports of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def draft(
        self,
        *,
        subscriber_id: int,
        thread_id: int,
        user_id: int,
        file_name: str,
        entries: Sequence[ListedFeed],
        invalid: Sequence[str],
        invalid_count: int,
        now: datetime,
    ) -> Import:
        """Keep a list until its reader confirms it.

        Args:
            subscriber_id: The chat.
            thread_id: Its thread; 0 for none.
            user_id: Who gave the list.
            file_name: Of its file; empty where it came as text.
            entries: Its feeds, each address once.
            invalid: A few of what in it is no address.
            invalid_count: How many those are in all.
            now: The present instant.
        """
        row = await self._tx.one(
            imports.insert()
            .values(
                bot_id=self._tx.bot_id,
                subscriber_id=subscriber_id,
                thread_id=thread_id,
                user_id=user_id,
                state=ImportState.DRAFT,
                file_name=file_name,
                total=len(entries),
                invalid=list(invalid),
                invalid_count=invalid_count,
                reached=0,
                added=0,
                known=0,
                left_out=0,
                most_feeds=0,
                message_id=0,
                created_at=now,
                brought=[],
                entries=[asdict(entry) for entry in entries],
            )
            .returning(*columns(Import, imports)),
            "import",
            file_name,
        )
        return _to_import(row)

    async def find(self, import_id: int) -> Import | None:
        """Find an import of this bot."""
        row = await self._tx.first(
            sa.select(*columns(Import, imports)).where(imports.c.id == import_id, imports.c.bot_id == self._tx.bot_id)
        )
        return None if row is None else _to_import(row)

    async def start(self, import_id: int, *, message_id: int, most_feeds: int) -> bool:
        """Begin to add a draft's feeds; say whether it was one.

        Args:
            import_id: The draft.
            message_id: The message that is to show how far it has come.
            most_feeds: How many feeds the chat may follow.
        """
        started = await self._tx.run(
            imports.update()
            .where(
                imports.c.id == import_id,
                imports.c.bot_id == self._tx.bot_id,
                imports.c.state == ImportState.DRAFT,
            )
            .values(state=ImportState.RUNNING, message_id=message_id, most_feeds=most_feeds)
        )
        if started:
            self._tx.rung.add(Channel.IMPORTS)
        return bool(started)

    async def discard(self, import_id: int) -> bool:
        """Throw a draft away; say whether it was one."""
        return bool(
            await self._tx.run(
                imports.update()
                .where(
                    imports.c.id == import_id,
                    imports.c.bot_id == self._tx.bot_id,
                    imports.c.state == ImportState.DRAFT,
                )
                .values(state=ImportState.DISCARDED, entries=[], invalid=[])
            )
        )

    async def count_known(self, subscriber_id: int, thread_id: int, urls: Collection[str]) -> int:
        """Count those of some addresses that a chat follows in a thread already."""
        count: int = await self._tx.value(
            sa.select(sa.func.count())
            .select_from(subscriptions)
            .join(feeds, feeds.c.id == subscriptions.c.feed_id)
            .where(
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.thread_id == thread_id,
                self._tx.among(feeds.c.url_digest, {text_digest(url) for url in urls}),
            )
        )
        return count

    async def is_any_running(self) -> bool:
        """Say whether there is anything to add."""
        running = sa.select(imports.c.id).where(
            imports.c.bot_id == self._tx.bot_id, imports.c.state == ImportState.RUNNING
        )
        return await self._tx.value(running.limit(1)) is not None

    async def advance(self, *, limit: int, now: datetime) -> Import | None:
        """Add the next feeds of the oldest import under way, and say how far it is; ``None`` where there is none.

        Args:
            limit: Most feeds to add.
            now: The present instant.
        """
        row = await self._tx.first(
            sa.select(imports)
            .where(imports.c.bot_id == self._tx.bot_id, imports.c.state == ImportState.RUNNING)
            .order_by(imports.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        reached = row[imports.c.reached]
        listed = row[imports.c.entries]  # stays as it is until the end: rewriting it each time would cost the most
        chunk = [_to_listed(each) for each in listed[reached : reached + limit]]
        is_done = reached + len(chunk) >= len(listed)
        ids = await self._add_feeds(chunk, behind=reached, now=now)
        followed = await self._followed(row[imports.c.subscriber_id], row[imports.c.thread_id], set(ids.values()))
        fresh = [entry for entry in chunk if ids[text_digest(entry.url)] not in followed]
        room = row[imports.c.most_feeds] - await self._count_subscriptions(row[imports.c.subscriber_id])
        taken = fresh[: max(room, 0)]
        brought = await self._subscribe(row, taken, ids, now=now)
        changed = await self._tx.one(
            imports.update()
            .where(imports.c.id == row[imports.c.id])
            .values(
                state=ImportState.DONE if is_done else ImportState.RUNNING,
                reached=reached + len(chunk),
                added=row[imports.c.added] + len(brought),
                known=row[imports.c.known] + len(chunk) - len(fresh),
                left_out=row[imports.c.left_out] + len(fresh) - len(taken),
                brought=[*row[imports.c.brought], *brought],
                **({"entries": []} if is_done else {}),
            )
            .returning(*columns(Import, imports)),
            "import",
            row[imports.c.id],
        )
        self._tx.rung.add(Channel.FEEDS)
        return _to_import(changed)

    async def list_brought(self, import_id: int) -> list[int]:
        """List the subscriptions that an import made, by their ids; some may be gone."""
        row = await self._tx.first(sa.select(imports.c.brought).where(imports.c.id == import_id))
        return [] if row is None else [int(each) for each in row[imports.c.brought]]

    async def forget_brought(self, import_id: int) -> None:
        """Note that what an import made is undone."""
        await self._tx.run(imports.update().where(imports.c.id == import_id).values(brought=[]))

    async def purge(self, before: datetime) -> int:
        """Delete imports that were given before an instant, and say how many."""
        return await self._tx.run(
            imports.delete().where(imports.c.bot_id == self._tx.bot_id, imports.c.created_at < before)
        )

    async def _add_feeds(self, entries: Sequence[ListedFeed], *, behind: int, now: datetime) -> dict[str, int]:
        """Insert the feeds that are not there yet; give the ids of all by the digests of their addresses."""
        if not entries:
            return {}
        # A stranger sees a feed by its own title once it has been read, and by its host's name until then: what its
        # first reader calls it is that reader's own.
        await self._tx.run(
            self._tx.insert(feeds).on_conflict_do_nothing(index_elements=["url_digest"]),
            [
                {
                    "url": entry.url,
                    "url_digest": text_digest(entry.url),
                    "title": heading(urlsplit(entry.url).hostname or entry.url, MOST_NAME_CHARS),
                    "site_url": own_site(entry.url, entry.site_url),
                    "state": FeedState.ACTIVE,
                    "due_at": now + (behind + rank) * _APART,
                    "private": entry.private,
                    "failures": 0,
                    "created_at": now,
                }
                for rank, entry in enumerate(entries)
            ],
        )
        rows = await self._tx.all(
            sa.select(feeds.c.id, feeds.c.url_digest).where(
                self._tx.among(feeds.c.url_digest, {text_digest(entry.url) for entry in entries})
            )
        )
        return {row[feeds.c.url_digest]: row[feeds.c.id] for row in rows}

    async def _followed(self, subscriber_id: int, thread_id: int, feed_ids: Collection[int]) -> set[int]:
        return set(
            await self._tx.values(
                sa.select(subscriptions.c.feed_id).where(
                    subscriptions.c.subscriber_id == subscriber_id,
                    subscriptions.c.thread_id == thread_id,
                    self._tx.among(subscriptions.c.feed_id, feed_ids),
                )
            )
        )

    async def _count_subscriptions(self, subscriber_id: int) -> int:
        count: int = await self._tx.value(
            sa.select(sa.func.count()).select_from(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id)
        )
        return count

    async def _subscribe(
        self, row: RowMapping, entries: Sequence[ListedFeed], ids: dict[str, int], *, now: datetime
    ) -> list[int]:
        if not entries:
            return []
        known = sa.select(feeds.c.url_digest, feeds.c.title).where(self._tx.among(feeds.c.id, set(ids.values())))
        titles = {row[feeds.c.url_digest]: row[feeds.c.title] for row in await self._tx.all(known)}
        made = await self._tx.all(
            self._tx.insert(subscriptions).on_conflict_do_nothing().returning(subscriptions.c.id),
            [
                {
                    "subscriber_id": row[imports.c.subscriber_id],
                    "thread_id": row[imports.c.thread_id],
                    "feed_id": ids[text_digest(entry.url)],
                    "state": SubscriptionState.PAUSED if entry.paused else SubscriptionState.ACTIVE,
                    "mode": entry.mode,
                    "summary_chars": entry.summary_chars,
                    "created_at": now,
                    "since": now,
                    "sample_id": NO_SAMPLE,
                    "folder": entry.folder,
                    "name": _own_name(entry, titles[text_digest(entry.url)]),
                }
                for entry in entries
            ],
        )
        return [row[subscriptions.c.id] for row in made]


def _own_name(entry: ListedFeed, title: str) -> str | None:
    """Find what a reader calls a feed, where that is not what everybody calls it."""
    name = heading(entry.title, MOST_NAME_CHARS)
    return name if name and name != title else None


def _to_import(row: RowMapping) -> Import:
    facts = {field.name: row[imports.c[field.name]] for field in fields(Import)}
    return Import(**{**facts, "invalid": tuple(facts["invalid"])})


def _to_listed(stored: dict[str, Any]) -> ListedFeed:
    return ListedFeed(**{**stored, "mode": SubscriptionMode(stored["mode"])})
