"""The inbox: updates from Telegram, kept until their effect is committed, so that each acts once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import InboxUpdate, Json
from storage.rows import columns, make
from storage.tables import inbox

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement

    from storage.connection.transaction import Transaction

_NOW: ColumnElement[datetime] = sa.literal_column(
    "clock_timestamp()"
)  # PostgreSQL's: no two machines have the same clock
_CLAIM_ENDS: ColumnElement[datetime] = sa.literal_column("clock_timestamp() + interval '10 seconds'")
_MEMORY = timedelta(days=6)  # after a week of silence Telegram numbers updates anew, at random


class Inbox:
    """The inbox of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def receive(self, updates: Sequence[tuple[int, int | None, Json]], now: datetime) -> int:
        """Keep updates that we do not have yet.

        Args:
            updates: For each its ``update_id``, its chat where it has one, and itself.
            now: The present instant.

        Returns:
            How many are new.
        """
        if not updates:
            return 0
        new = await self._tx.all(
            self._tx.insert(inbox).on_conflict_do_nothing().returning(inbox.c.id),
            [
                {
                    "bot_id": self._tx.bot_id,
                    "update_id": update_id,
                    "chat_id": chat_id,
                    "payload": payload,
                    "received_at": now,
                    "attempts": 0,
                }
                for update_id, chat_id, payload in updates
            ],
        )
        if new:
            self._tx.rung.add(Channel.INBOX)
        return len(new)

    async def next_offset(self) -> int | None:
        """Say which update to ask Telegram for next; ``None`` if it should give whatever it has."""
        last = await self._tx.value(
            sa.select(sa.func.max(inbox.c.update_id)).where(
                inbox.c.bot_id == self._tx.bot_id, inbox.c.received_at > self._tx.clock() - _MEMORY
            )
        )
        return None if last is None else int(last) + 1

    async def list_new(self, limit: int, excluding: Collection[int] = (), *, after: int = 0) -> list[InboxUpdate]:
        """List updates that still have to be handled and that nobody has in hand, oldest first.

        Args:
            limit: Most updates.
            excluding: Updates to pass over, by our ids: those in hand here.
            after: Only those that came after the update of this id.
        """
        statement = (
            sa.select(*columns(InboxUpdate, inbox))
            .where(*self._open(excluding), inbox.c.id > after)
            .order_by(inbox.c.id)
            .limit(limit)
        )
        return [make(InboxUpdate, row, inbox) for row in await self._tx.all(statement)]

    async def take(self, limit: int, excluding: Collection[int] = ()) -> list[InboxUpdate]:
        """Take the oldest update of each chat, oldest first, and count an attempt at each before it is made.

        On PostgreSQL this claims them, for ten seconds at first: of several processes one gets an update, and the next
        of its chat comes when it is settled. On SQLite there is no other process.

        Args:
            limit: Most updates.
            excluding: Updates to pass over, by our ids: those in hand here. While one is, none of its chat follows.
        """
        older = inbox.alias("older")
        is_first = sa.not_(
            sa.select(older.c.id)
            .where(
                older.c.bot_id == inbox.c.bot_id,
                older.c.chat_id == inbox.c.chat_id,
                older.c.settled_at.is_(None),
                older.c.payload.is_not(None),
                older.c.id < inbox.c.id,
            )
            .correlate(inbox)
            .exists()
        )
        picked = (
            sa.select(inbox.c.id)
            .where(*self._open(excluding), is_first)
            .order_by(inbox.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("picked")
        )
        values: dict[str, Any] = {"attempts": inbox.c.attempts + 1}
        if self._tx.postgres:
            values["claimed_until"] = _CLAIM_ENDS
        rows = await self._tx.all(
            inbox.update()
            .where(inbox.c.id.in_(sa.select(picked.c.id)), *self._open(excluding))
            .values(values)
            .returning(*columns(InboxUpdate, inbox))
        )
        return sorted((make(InboxUpdate, row, inbox) for row in rows), key=lambda update: update.id)

    def _open(self, excluding: Collection[int]) -> list[ColumnElement[bool]]:
        """Say that an update is to be handled, and that no other process has it."""
        conditions = [inbox.c.bot_id == self._tx.bot_id, inbox.c.settled_at.is_(None), inbox.c.payload.is_not(None)]
        if excluding:
            conditions.append(sa.not_(self._tx.among(inbox.c.id, excluding)))
        if self._tx.postgres:
            conditions.append(sa.or_(inbox.c.claimed_until.is_(None), inbox.c.claimed_until <= _NOW))
        return conditions

    async def hold(self, ids: Collection[int]) -> None:
        """Keep updates that are being handled from other processes for ten seconds more."""
        if self._tx.postgres and ids:
            await self._tx.run(
                inbox.update()
                .where(self._tx.among(inbox.c.id, ids), inbox.c.settled_at.is_(None), inbox.c.claimed_until > _NOW)
                .values(claimed_until=_CLAIM_ENDS)
            )

    async def let_go(self, inbox_id: int) -> None:
        """Let any process try an update again."""
        if self._tx.postgres:
            await self._tx.run(inbox.update().where(inbox.c.id == inbox_id).values(claimed_until=None))

    async def finish(self, inbox_id: int, now: datetime, *, attempt: int | None = None) -> bool:
        """Note that an update's effect is part of this transaction, and forget what it said.

        Args:
            inbox_id: The update.
            now: The present instant.
            attempt: Which attempt this is, as ``take`` told; another process may have begun one since.

        Returns:
            Whether it was still to be handled, by this attempt; if not, roll back.
        """
        statement = inbox.update().where(
            inbox.c.id == inbox_id, inbox.c.bot_id == self._tx.bot_id, inbox.c.settled_at.is_(None)
        )
        if attempt is not None:
            statement = statement.where(inbox.c.attempts == attempt)
        return bool(await self._tx.run(statement.values(settled_at=now, payload=None, error=None)))

    async def fail(self, inbox_id: int, error: str, now: datetime) -> None:
        """Give an update up; it stays for inspection until it is purged."""
        await self._tx.run(
            inbox.update()
            .where(inbox.c.id == inbox_id, inbox.c.bot_id == self._tx.bot_id, inbox.c.settled_at.is_(None))
            .values(settled_at=now, error=error)
        )

    async def purge(self, before: datetime) -> int:
        """Delete settled updates that came before an instant; Telegram itself keeps updates for a day only."""
        return await self._tx.run(
            inbox.delete().where(
                inbox.c.bot_id == self._tx.bot_id,
                inbox.c.received_at < before,
                inbox.c.settled_at.is_not(None),
            )
        )
