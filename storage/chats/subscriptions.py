"""Subscriptions: which chat reads which feed, in which of its threads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import (
    DeliveryKind,
    DeliveryState,
    Feed,
    Subscription,
    SubscriptionMode,
    SubscriptionState,
)
from storage.news.forsaken import delete_long_forsaken
from storage.rows import make
from storage.tables import articles, feeds, outbox, removals, subscribers, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.connection.transaction import Transaction


class Subscriptions:
    """The subscriptions of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def subscribe(
        self,
        subscriber_id: int,
        feed_id: int,
        *,
        thread_id: int = 0,
        mode: SubscriptionMode = SubscriptionMode.INSTANT,
        now: datetime,
    ) -> tuple[Subscription, bool]:
        """Insert a subscription, or return the one that is there as it is.

        Args:
            subscriber_id: The chat.
            feed_id: The feed.
            thread_id: The chat's thread; 0 for none.
            mode: How its stories come.
            now: The present instant.

        Returns:
            The subscription, and whether it is new.
        """
        inserted = await self._tx.first(
            self._tx.insert(subscriptions)
            .values(
                subscriber_id=subscriber_id,
                thread_id=thread_id,
                feed_id=feed_id,
                state=SubscriptionState.ACTIVE,
                mode=mode,
                created_at=now,
                since=now,
            )
            .on_conflict_do_nothing(index_elements=["subscriber_id", "thread_id", "feed_id"])
            .returning(subscriptions)
        )
        if inserted is not None:
            self._tx.rung.add(Channel.FEEDS)
            return make(Subscription, inserted, subscriptions), True
        row = await self._tx.one(
            sa.select(subscriptions).where(
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.thread_id == thread_id,
                subscriptions.c.feed_id == feed_id,
            ),
            "subscription",
            (subscriber_id, thread_id, feed_id),
        )
        return make(Subscription, row, subscriptions), False

    async def begin_with(self, subscription_id: int, article_id: int) -> None:
        """Owe one older article to a subscription, as a sample of its feed; it is sent once it has been read."""
        await self._tx.run(
            subscriptions.update().where(subscriptions.c.id == subscription_id).values(sample_id=article_id)
        )

    async def unsubscribe(self, subscription_id: int) -> Subscription | None:
        """Delete a subscription with the stories still queued because of it, and return what it was.

        What was chosen for it is kept for a while: see ``restore``.
        """
        row = await self._tx.first(
            subscriptions.delete().where(subscriptions.c.id == subscription_id).returning(subscriptions)
        )
        if row is None:
            return None
        removed = make(Subscription, row, subscriptions)
        await self._cancel_unwanted(removed)
        await self._keep_for_return([removed.feed_id])
        chosen = {column.name: getattr(removed, column.name) for column in removals.c if column.name != "removed_at"}
        chosen["removed_at"] = self._tx.clock()
        kept = self._tx.insert(removals).values(chosen)
        await self._tx.run(
            kept.on_conflict_do_update(index_elements=["subscriber_id", "thread_id", "feed_id"], set_=chosen)
        )
        return removed

    async def restore(self, subscriber_id: int, feed_id: int, *, thread_id: int = 0, now: datetime) -> Subscription:
        """Let a chat follow a feed again as it did before it was removed, in the thread where it was.

        Args:
            subscriber_id: The chat.
            feed_id: The feed.
            thread_id: Where to follow it if it is no longer known where that was.
            now: The present instant.
        """
        row = await self._tx.first(
            sa.select(removals)
            .where(removals.c.subscriber_id == subscriber_id, removals.c.feed_id == feed_id)
            .order_by(removals.c.removed_at.desc())
            .limit(1)
        )
        if row is None:
            return (await self.subscribe(subscriber_id, feed_id, thread_id=thread_id, now=now))[0]
        thread_id = row[removals.c.thread_id]
        mark, is_new = await self.subscribe(subscriber_id, feed_id, thread_id=thread_id, now=now)
        await self._tx.run(
            removals.delete().where(
                removals.c.subscriber_id == subscriber_id,
                removals.c.feed_id == feed_id,
                removals.c.thread_id == thread_id,
            )
        )
        if not is_new:
            return mark
        chosen = {name: row[removals.c[name]] for name in ("state", "mode", "summary_chars", "folder", "name")}
        await self._tx.run(subscriptions.update().where(subscriptions.c.id == mark.id).values(chosen))
        return replace(mark, **chosen)

    async def unsubscribe_all(self, subscriber_id: int, subscription_ids: Collection[int]) -> int:
        """Delete those of a chat's subscriptions that have these ids, like ``unsubscribe``, and say how many."""
        rows = await self._tx.all(
            subscriptions.delete()
            .where(
                subscriptions.c.subscriber_id == subscriber_id,
                self._tx.among(subscriptions.c.id, subscription_ids),
            )
            .returning(subscriptions)
        )
        removed = {row[subscriptions.c.thread_id]: make(Subscription, row, subscriptions) for row in rows}
        for one_of_its_thread in removed.values():
            await self._cancel_unwanted(one_of_its_thread)
        await self._keep_for_return([row[subscriptions.c.feed_id] for row in rows])
        return len(rows)

    async def purge_forsaken(self, before: datetime, *, limit: int = 100) -> int:
        """Delete private feeds that nobody has followed since an instant; see ``forsaken.delete_long_forsaken``.

        What was chosen for feeds that were removed before then goes too.
        """
        await self._tx.run(removals.delete().where(removals.c.removed_at < before))
        return await delete_long_forsaken(self._tx, before, limit=limit)

    async def _keep_for_return(self, feed_ids: Collection[int]) -> None:
        """Let a private feed's time without readers begin now, however long it was paused: this may be undone."""
        now = self._tx.clock()
        await self._tx.run(
            feeds.update()
            .where(self._tx.among(feeds.c.id, feed_ids), feeds.c.private, feeds.c.due_at < now)
            .values(due_at=now)
        )

    async def find_subscription(self, subscription_id: int) -> Subscription | None:
        """Find a subscription of this bot."""
        row = await self._tx.first(
            sa.select(subscriptions)
            .join_from(subscriptions, subscribers)
            .where(subscriptions.c.id == subscription_id, subscribers.c.bot_id == self._tx.bot_id)
        )
        return None if row is None else make(Subscription, row, subscriptions)

    async def find_subscription_to(self, subscriber_id: int, feed_id: int, thread_id: int = 0) -> Subscription | None:
        """Find a chat's subscription to a feed in one of its threads."""
        row = await self._tx.first(
            sa.select(subscriptions).where(
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.thread_id == thread_id,
                subscriptions.c.feed_id == feed_id,
            )
        )
        return None if row is None else make(Subscription, row, subscriptions)

    async def list_subscriptions(
        self, subscriber_id: int, thread_id: int | None = None
    ) -> list[tuple[Subscription, Feed]]:
        """List a chat's subscriptions with their feeds, by title; a feed goes by the name that its reader gave it.

        Args:
            subscriber_id: The chat.
            thread_id: Only this thread's; ``None`` for all threads.
        """
        statement = (
            sa.select(subscriptions, feeds)
            .join_from(subscriptions, feeds)
            .where(subscriptions.c.subscriber_id == subscriber_id)
            .order_by(sa.func.lower(sa.func.coalesce(subscriptions.c.name, feeds.c.title)), subscriptions.c.id)
        )
        if thread_id is not None:
            statement = statement.where(subscriptions.c.thread_id == thread_id)
        rows = await self._tx.all(statement)
        found = [(make(Subscription, row, subscriptions), make(Feed, row, feeds)) for row in rows]
        return [(mark, replace(feed, title=mark.name or feed.title)) for mark, feed in found]

    async def set_subscription_state(self, subscription_id: int, state: SubscriptionState) -> Subscription | None:
        """Pause or resume a subscription.

        A pause takes back the stories still queued because of it; what came meanwhile is not owed on return.
        """
        begins_anew = sa.and_(
            subscriptions.c.state == SubscriptionState.PAUSED, sa.literal(state is SubscriptionState.ACTIVE)
        )
        row = await self._tx.first(
            subscriptions.update()
            .where(subscriptions.c.id == subscription_id)
            .values(
                state=state,
                since=sa.case(
                    (begins_anew, sa.literal(self._tx.clock(), subscriptions.c.since.type)),
                    else_=subscriptions.c.since,
                ),
            )
            .returning(subscriptions)
        )
        if row is None:
            return None
        changed = make(Subscription, row, subscriptions)
        if state is SubscriptionState.ACTIVE:
            self._tx.rung.add(Channel.FEEDS)
        else:
            await self._cancel_unwanted(changed)
        return changed

    async def set_length(self, subscription_id: int, summary_chars: int | None) -> Subscription | None:
        """Choose how long a feed's stories are; ``None`` for as long as the chat's others."""
        row = await self._tx.first(
            subscriptions.update()
            .where(subscriptions.c.id == subscription_id)
            .values(summary_chars=summary_chars)
            .returning(subscriptions)
        )
        return None if row is None else make(Subscription, row, subscriptions)

    async def _cancel_unwanted(self, lost: Subscription) -> None:
        """Cancel queued stories of which no feed is wanted in that thread any more."""
        subject_is_story = outbox.c.subject.like("s:%")
        story_id = sa.case((subject_is_story, sa.cast(sa.func.substr(outbox.c.subject, 3), articles.c.id.type)))
        still_wanted = (
            sa.select(articles.c.id)
            .join_from(articles, subscriptions, subscriptions.c.feed_id == articles.c.feed_id)
            .where(
                articles.c.story_id == story_id,
                subscriptions.c.subscriber_id == outbox.c.subscriber_id,
                subscriptions.c.thread_id == outbox.c.thread_id,
                subscriptions.c.state == SubscriptionState.ACTIVE,
            )
            .correlate(outbox)
            .exists()
        )
        await self._tx.run(
            outbox.update()
            .where(
                outbox.c.subscriber_id == lost.subscriber_id,
                outbox.c.thread_id == lost.thread_id,
                outbox.c.state == DeliveryState.QUEUED,
                outbox.c.kind.in_([DeliveryKind.STORY, DeliveryKind.EDIT]),
                subject_is_story,
                sa.not_(still_wanted),
            )
            .values(state=DeliveryState.CANCELLED, settled_at=self._tx.clock(), reason="unsubscribed")
        )
