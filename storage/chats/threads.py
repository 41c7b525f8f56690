"""Threads of forums: what they are called, which are closed, and the stories that wait for a closed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import DeliveryKind, DeliveryState, Thread
from storage.rows import make
from storage.tables import outbox, subscriptions, threads

if TYPE_CHECKING:
    from datetime import datetime

    from storage.connection.transaction import Transaction

THREAD_CLOSED = "its topic is closed"
"""The reason of stories that wait for a topic: set aside, they hold up nothing else of their chat."""


class Threads:
    """The threads of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def note(
        self, subscriber_id: int, thread_id: int, *, title: str | None = None, closed_at: datetime | None = None
    ) -> None:
        """Keep a thread as it is now; a title that is ``None`` stays as it was."""
        known = await self.find(subscriber_id, thread_id)
        said = {"title": title if title is not None else (known.title if known else ""), "closed_at": closed_at}
        await self._tx.run(
            self._tx.insert(threads)
            .values(subscriber_id=subscriber_id, thread_id=thread_id, **said)
            .on_conflict_do_update(index_elements=["subscriber_id", "thread_id"], set_=said)
        )

    async def find(self, subscriber_id: int, thread_id: int) -> Thread | None:
        """Find what is known of a thread."""
        row = await self._tx.first(
            sa.select(threads).where(threads.c.subscriber_id == subscriber_id, threads.c.thread_id == thread_id)
        )
        return None if row is None else make(Thread, row, threads)

    async def list(self, subscriber_id: int) -> list[Thread]:
        """List the known threads of a chat by title."""
        rows = await self._tx.all(
            sa.select(threads).where(threads.c.subscriber_id == subscriber_id).order_by(threads.c.title)
        )
        return [make(Thread, row, threads) for row in rows]

    async def count_waiting(self, subscriber_id: int, thread_id: int) -> int:
        """Count the stories that wait for a thread."""
        return int(
            await self._tx.value(
                sa.select(sa.func.count()).select_from(outbox).where(*_set_aside(subscriber_id, thread_id))
            )
        )

    async def reopen(self, subscriber_id: int, thread_id: int, *, now: datetime) -> int:
        """Let what waits for a thread leave; give how many there are."""
        await self.note(subscriber_id, thread_id, closed_at=None)
        self._tx.rung.add(Channel.OUTBOX)
        return await self._tx.run(
            outbox.update()
            .where(*_set_aside(subscriber_id, thread_id))
            .values(state=DeliveryState.QUEUED, due_at=now, settled_at=None, reason=None)
        )

    async def move(self, subscriber_id: int, from_id: int, to_id: int, *, now: datetime) -> int:
        """Let another thread take a thread's feeds and what waits; give how many stories that are."""
        twin = subscriptions.alias("twin")
        followed = (
            sa.select(twin.c.id)
            .where(
                twin.c.subscriber_id == subscriber_id,
                twin.c.thread_id == to_id,
                twin.c.feed_id == subscriptions.c.feed_id,
            )
            .correlate(subscriptions)
            .exists()
        )
        here = (subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.thread_id == from_id)
        await self._tx.run(subscriptions.update().where(*here, sa.not_(followed)).values(thread_id=to_id))
        await self._tx.run(subscriptions.delete().where(*here))
        other = outbox.alias("other")
        planned = (
            sa.select(other.c.id)
            .where(
                other.c.subscriber_id == subscriber_id,
                other.c.thread_id == to_id,
                other.c.subject == outbox.c.subject,
                other.c.kind == outbox.c.kind,
                other.c.part == outbox.c.part,
            )
            .correlate(outbox)
            .exists()
        )
        self._tx.rung.add(Channel.OUTBOX)
        return await self._tx.run(
            outbox.update()
            .where(*_set_aside(subscriber_id, from_id), sa.not_(planned))
            .values(thread_id=to_id, state=DeliveryState.QUEUED, due_at=now, settled_at=None, reason=None)
        )


def _set_aside(subscriber_id: int, thread_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        outbox.c.subscriber_id == subscriber_id,
        outbox.c.thread_id == thread_id,
        outbox.c.kind == DeliveryKind.STORY,
        outbox.c.state == DeliveryState.CANCELLED,
        outbox.c.reason == THREAD_CLOSED,
    )
