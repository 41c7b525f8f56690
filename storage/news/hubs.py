"""Subscriptions of ours at hubs, which tell us what is new in a feed (WebSub)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import FeedState, HubSubscription
from storage.news.feeds import is_wanted
from storage.rows import make
from storage.tables import feeds, hub_subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.connection.transaction import Transaction


class Hubs:
    """The hub subscriptions of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def want(self, feed_id: int, *, hub_url: str, topic_url: str, token: str, secret: str, now: datetime) -> None:
        """Wish to be told by a hub; another hub or topic than before begins anew, the same changes nothing.

        Args:
            feed_id: The feed.
            hub_url: Its hub.
            topic_url: Its address as the hub knows it.
            token: For our callback address, where this is new.
            secret: For the hub's signatures, where this is new.
            now: The present instant.
        """
        fresh = self._tx.insert(hub_subscriptions).values(
            feed_id=feed_id,
            hub_url=hub_url,
            topic_url=topic_url,
            token=token,
            secret=secret,
            ask_at=now,
            attempts=0,
            verified_until=None,
        )
        columns = ("hub_url", "topic_url", "token", "secret", "ask_at", "attempts", "verified_until")
        await self._tx.run(
            fresh.on_conflict_do_update(
                index_elements=["feed_id"],
                set_={name: fresh.excluded[name] for name in columns},
                where=sa.or_(
                    hub_subscriptions.c.hub_url != fresh.excluded.hub_url,
                    hub_subscriptions.c.topic_url != fresh.excluded.topic_url,
                ),
            )
        )

    async def forget(self, feed_id: int) -> None:
        """Wish to be told nothing more of a feed."""
        await self._tx.run(hub_subscriptions.delete().where(hub_subscriptions.c.feed_id == feed_id))

    async def claim_due(self, now: datetime, *, limit: int, retry_s: float) -> list[HubSubscription]:
        """Take those of read feeds that are to be asked for, or asked for again, and plan the next attempt of each.

        Args:
            now: The present instant.
            limit: Most to take.
            retry_s: Seconds until the first attempt after this one; each doubles it, up to a day.
        """
        picked = (
            sa.select(hub_subscriptions.c.feed_id)
            .join_from(hub_subscriptions, feeds)
            .where(hub_subscriptions.c.ask_at <= now, feeds.c.state == FeedState.ACTIVE, is_wanted(self._tx.bot_id))
            .order_by(hub_subscriptions.c.ask_at)
            .limit(limit)
        )
        rows = await self._tx.all(
            sa.select(hub_subscriptions)
            .where(hub_subscriptions.c.feed_id.in_(picked))
            .with_for_update(skip_locked=True)
        )
        taken = [make(HubSubscription, row, hub_subscriptions) for row in rows]
        for each in taken:
            wait_s = min(retry_s * 2 ** min(each.attempts, 20), 86400.0)
            await self._tx.run(
                hub_subscriptions.update()
                .where(hub_subscriptions.c.feed_id == each.feed_id)
                .values(ask_at=now + timedelta(seconds=wait_s), attempts=each.attempts + 1)
            )
        return taken

    async def find(self, token: str) -> HubSubscription | None:
        """Find the subscription that a callback address belongs to."""
        row = await self._tx.first(sa.select(hub_subscriptions).where(hub_subscriptions.c.token == token))
        return None if row is None else make(HubSubscription, row, hub_subscriptions)

    async def confirm(self, feed_id: int, *, lease_s: float, now: datetime) -> None:
        """Note a hub's promise; it is asked again when a quarter of the lease is left.

        Args:
            feed_id: The feed.
            lease_s: Seconds for which the hub promises.
            now: The present instant.
        """
        await self._tx.run(
            hub_subscriptions.update()
            .where(hub_subscriptions.c.feed_id == feed_id)
            .values(
                verified_until=now + timedelta(seconds=lease_s),
                ask_at=now + timedelta(seconds=lease_s * 0.75),
                attempts=0,
            )
        )

    async def deny(self, feed_id: int) -> None:
        """Note that a hub will tell us nothing."""
        await self._tx.run(
            hub_subscriptions.update().where(hub_subscriptions.c.feed_id == feed_id).values(verified_until=None)
        )

    async def find_verified(self, feed_ids: Collection[int], now: datetime) -> set[int]:
        """Find those of some feeds of which a hub tells us what is new."""
        return set(
            await self._tx.values(
                sa.select(hub_subscriptions.c.feed_id).where(
                    self._tx.among(hub_subscriptions.c.feed_id, feed_ids), hub_subscriptions.c.verified_until > now
                )
            )
        )

    async def is_verified(self, feed_id: int, now: datetime) -> bool:
        """Say whether a hub has promised to tell us of a feed, for now."""
        found = await self._tx.value(
            sa.select(hub_subscriptions.c.feed_id).where(
                hub_subscriptions.c.feed_id == feed_id, hub_subscriptions.c.verified_until > now
            )
        )
        return found is not None
