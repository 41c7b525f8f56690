"""What the readers of a feed are still to be told about it: that it died, closed or moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import FeedNotice, NoticeKind, Subscriber, SubscriberState, Subscription, SubscriptionState
from storage.rows import columns, make
from storage.tables import feed_notices, subscribers, subscriptions

if TYPE_CHECKING:
    from datetime import datetime

    from storage.connection.transaction import Transaction


class Notices:
    """The notices of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def open(self, feed_id: int, kind: NoticeKind, *, detail: str = "", now: datetime) -> None:
        """Begin to tell a feed's readers something; what was to be told of it before is out of date and goes."""
        await self._tx.run(feed_notices.delete().where(feed_notices.c.feed_id == feed_id))
        await self._tx.run(
            feed_notices.insert().values(feed_id=feed_id, kind=kind, detail=detail, reached_id=0, created_at=now)
        )
        self._tx.rung.add(Channel.FEEDS)

    async def withdraw(self, feed_id: int) -> None:
        """Tell a feed's readers no more that it died or closed: it lives."""
        await self._tx.run(
            feed_notices.delete().where(feed_notices.c.feed_id == feed_id, feed_notices.c.kind != NoticeKind.MOVED)
        )

    async def is_any(self) -> bool:
        """Say whether there is anything to tell."""
        return await self._tx.value(sa.select(feed_notices.c.id).limit(1)) is not None

    async def next_open(self) -> FeedNotice | None:
        """Find the oldest notice that somebody is still to be told, and hold it for this transaction."""
        row = await self._tx.first(
            sa.select(feed_notices).order_by(feed_notices.c.id).limit(1).with_for_update(skip_locked=True)
        )
        return None if row is None else make(FeedNotice, row, feed_notices)

    async def advance(self, notice: FeedNotice, *, limit: int) -> list[tuple[Subscription, Subscriber]]:
        """Take the next readers of a notice, and close it where there are no more.

        Args:
            notice: As ``next_open`` gave it, in this transaction.
            limit: Most readers to take.
        """
        rows = await self._tx.all(
            sa.select(*columns(Subscription, subscriptions), *columns(Subscriber, subscribers))
            .join_from(subscriptions, subscribers)
            .where(
                subscriptions.c.feed_id == notice.feed_id,
                subscriptions.c.id > notice.reached_id,
                subscriptions.c.state == SubscriptionState.ACTIVE,
                subscribers.c.bot_id == self._tx.bot_id,
                subscribers.c.state == SubscriberState.ACTIVE,
            )
            .order_by(subscriptions.c.id)
            .limit(limit)
        )
        if len(rows) < limit:
            await self._tx.run(feed_notices.delete().where(feed_notices.c.id == notice.id))
        else:
            await self._tx.run(
                feed_notices.update()
                .where(feed_notices.c.id == notice.id)
                .values(reached_id=rows[-1][subscriptions.c.id])
            )
        return [(make(Subscription, row, subscriptions), make(Subscriber, row, subscribers)) for row in rows]
