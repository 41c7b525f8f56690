"""Subscribers: the chats that we may write to, and what the bot waits for from the people in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.chats.erasure import erase_subscriber
from storage.chats.moving import move_chat
from storage.chats.portrait import portray
from storage.chats.subscriptions import Subscriptions
from storage.connection.channels import Channel
from storage.model import (
    DEFAULT_SUMMARY_CHARS,
    ArticleState,
    DeliveryKind,
    DeliveryState,
    Dialogue,
    Story,
    StoryView,
    Subscriber,
    SubscriberState,
    SubscriptionState,
)
from storage.news.stories import view_all
from storage.outbox.waiting import count_waiting, release, reschedule
from storage.rows import columns, make
from storage.tables import articles, dialogues, outbox, seen, stories, subscribers, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy import ColumnElement

    from storage.model import ChatKind, Json, QuietHours

_NEWS = (DeliveryKind.STORY, DeliveryKind.PUSH, DeliveryKind.DIGEST)


class Subscribers(Subscriptions):
    """The subscribers of one transaction, with their subscriptions."""

    async def ensure(
        self,
        chat_id: int,
        *,
        kind: ChatKind,
        lang: str,
        tz: str = "UTC",
        admitted: bool = True,
        now: datetime,
    ) -> Subscriber:
        """Insert a subscriber, or return the one that is there; an unreachable one has spoken and is active again.

        What came while it was unreachable is not owed to it.

        Args:
            chat_id: Telegram's id of the chat.
            kind: The chat's kind, which may have changed.
            lang: Language of the interface for a new one, ISO 639-1.
            tz: IANA name of the time zone for a new one.
            admitted: Whether a new one may use the bot.
            now: The present instant.
        """
        await self._begin_anew(
            subscribers.c.chat_id == chat_id, subscribers.c.state == SubscriberState.UNREACHABLE, now=now
        )
        fresh = self._tx.insert(subscribers).values(
            bot_id=self._tx.bot_id,
            chat_id=chat_id,
            kind=kind,
            state=SubscriberState.ACTIVE,
            lang=lang,
            tz=tz,
            summary_chars=DEFAULT_SUMMARY_CHARS,
            admitted=admitted,
            created_at=now,
        )
        was_unreachable = subscribers.c.state == SubscriberState.UNREACHABLE
        row = await self._tx.first(
            fresh.on_conflict_do_update(
                index_elements=["bot_id", "chat_id"],
                set_={
                    "kind": fresh.excluded.kind,
                    "state": sa.case((was_unreachable, SubscriberState.ACTIVE.value), else_=subscribers.c.state),
                    "unreachable_at": None,
                    "reason": None,
                },
                where=sa.or_(was_unreachable, subscribers.c.kind != fresh.excluded.kind),
            ).returning(subscribers)
        )
        if row is None:
            row = await self._tx.one(self._by_chat(chat_id), "subscriber of chat", chat_id)
        return make(Subscriber, row, subscribers)

    async def _begin_anew(self, *who: ColumnElement[bool], now: datetime) -> None:
        """Let the subscriptions of a chat that comes back begin now, so that no flood meets it."""
        returning = sa.select(subscribers.c.id).where(subscribers.c.bot_id == self._tx.bot_id, *who)
        await self._tx.run(subscriptions.update().where(subscriptions.c.subscriber_id.in_(returning)).values(since=now))

    def _by_chat(self, chat_id: int) -> sa.Select[*tuple[Any, ...]]:
        return sa.select(subscribers).where(subscribers.c.bot_id == self._tx.bot_id, subscribers.c.chat_id == chat_id)

    async def get(self, subscriber_id: int) -> Subscriber:
        """Get a subscriber.

        Raises:
            NotFoundError: There is none.
        """
        row = await self._tx.one(
            sa.select(subscribers).where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == self._tx.bot_id),
            "subscriber",
            subscriber_id,
        )
        return make(Subscriber, row, subscribers)

    async def find(self, subscriber_id: int) -> Subscriber | None:
        """Find a subscriber, who may have gone meanwhile."""
        row = await self._tx.first(
            sa.select(subscribers).where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == self._tx.bot_id)
        )
        return None if row is None else make(Subscriber, row, subscribers)

    async def find_by_chat(self, chat_id: int) -> Subscriber | None:
        """Find the subscriber of a chat."""
        row = await self._tx.first(self._by_chat(chat_id))
        return None if row is None else make(Subscriber, row, subscribers)

    async def note_active(self, subscriber_id: int, day: date) -> None:
        """Keep the day on which somebody wrote or tapped there; an earlier one gives way to it."""
        await self._tx.run(
            subscribers.update()
            .where(
                subscribers.c.id == subscriber_id,
                sa.or_(subscribers.c.active_on.is_(None), subscribers.c.active_on < day),
            )
            .values(active_on=day)
        )

    async def update(
        self,
        subscriber_id: int,
        *,
        lang: str | None = None,
        tz: str | None = None,
        summary_chars: int | None = None,
        silent: bool | None = None,
        pictures: bool | None = None,
        title: str | None = None,
        connected_by: int | None = None,
        state: SubscriberState | None = None,
        paused_until: datetime | None = None,
    ) -> Subscriber:
        """Change what is not ``None``.

        With a ``tz``, what waits for the chat is due by the new clock. With a ``state`` comes its ``paused_until``,
        ``None`` included: no end, or no pause. A pause takes back the news that is still queued; replies still go
        out. On return, what came meanwhile is not owed.

        Raises:
            NotFoundError: There is no such subscriber.
        """
        given = {
            "lang": lang,
            "tz": tz,
            "summary_chars": summary_chars,
            "silent": silent,
            "pictures": pictures,
            "title": title,
            "connected_by": connected_by,
            "state": state,
        }
        values: dict[str, object] = {key: value for key, value in given.items() if value is not None}
        if state is not None or paused_until is not None:
            values["paused_until"] = paused_until
        if not values:
            return await self.get(subscriber_id)
        if state is SubscriberState.ACTIVE:
            await self._begin_anew(
                subscribers.c.id == subscriber_id,
                subscribers.c.state != SubscriberState.ACTIVE,
                now=self._tx.clock(),
            )
        row = await self._tx.one(
            subscribers.update()
            .where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == self._tx.bot_id)
            .values(**values)
            .returning(subscribers),
            "subscriber",
            subscriber_id,
        )
        if state is SubscriberState.PAUSED:
            await self._cancel_queued(subscriber_id, kinds=_NEWS, reason="paused", now=self._tx.clock())
        elif tz is not None:
            await reschedule(self._tx, subscriber_id)
        return make(Subscriber, row, subscribers)

    async def set_quiet(self, subscriber_id: int, quiet: QuietHours | None) -> Subscriber:
        """Set or end a chat's quiet hours; what is queued for it goes by them at once.

        Raises:
            NotFoundError: There is no such subscriber.
            ValueError: They would begin when they end.
        """
        if quiet is not None and quiet.start == quiet.end:
            raise ValueError(f"quiet hours from {quiet.start} to {quiet.end} are none, or all")
        return await self._wish(
            subscriber_id,
            quiet_from=quiet.start if quiet is not None else None,
            quiet_to=quiet.end if quiet is not None else None,
            breaking_wakes=quiet.breaking_wakes if quiet is not None else False,
        )

    async def set_daily_cap(self, subscriber_id: int, cap: int | None) -> Subscriber:
        """Set how many stories a chat takes a day, or ``None`` for any number; what is queued for it goes by that.

        Raises:
            NotFoundError: There is no such subscriber.
        """
        return await self._wish(subscriber_id, daily_cap=cap)

    async def _wish(self, subscriber_id: int, **values: int | bool | None) -> Subscriber:
        row = await self._tx.one(
            subscribers.update()
            .where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == self._tx.bot_id)
            .values(**values)
            .returning(subscribers),
            "subscriber",
            subscriber_id,
        )
        await reschedule(self._tx, subscriber_id)
        self._tx.rung.add(Channel.OUTBOX)
        return make(Subscriber, row, subscribers)

    async def count_waiting(self, subscriber_id: int) -> int:
        """Count the news that waits for the end of a chat's quiet hours, or for a day with room."""
        return await count_waiting(self._tx, subscriber_id)

    async def release_waiting(self, subscriber_id: int) -> int:
        """Let all that waits for a chat leave now; give how many there are."""
        self._tx.rung.add(Channel.OUTBOX)
        return await release(self._tx, subscriber_id)

    async def end_pauses(self) -> int:
        """Let the chats take news again whose pause is over; what came meanwhile is not owed. Give how many."""
        over = (
            subscribers.c.paused_until.is_not(None),
            subscribers.c.paused_until <= self._tx.clock(),
            subscribers.c.state == SubscriberState.PAUSED,
        )
        await self._begin_anew(*over, now=self._tx.clock())
        return await self._tx.run(
            subscribers.update()
            .where(subscribers.c.bot_id == self._tx.bot_id, *over)
            .values(state=SubscriberState.ACTIVE, paused_until=None)
        )

    async def move(self, old_chat_id: int, new_chat_id: int) -> None:
        """Follow a chat that has a new id; where both are known, the new one takes over what the old one had."""
        await move_chat(self._tx, old_chat_id, new_chat_id)

    async def mark_unreachable(self, subscriber_id: int, *, reason: str, now: datetime) -> None:
        """Stop writing to a chat that refuses us, until it speaks again; what is queued for it is cancelled."""
        await self._tx.run(
            subscribers.update()
            .where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == self._tx.bot_id)
            .values(state=SubscriberState.UNREACHABLE, unreachable_at=now, reason=reason)
        )
        await self._cancel_queued(subscriber_id, kinds=tuple(DeliveryKind), reason=reason, now=now)

    async def _cancel_queued(
        self, subscriber_id: int, *, kinds: Collection[DeliveryKind], reason: str, now: datetime
    ) -> None:
        await self._tx.run(
            outbox.update()
            .where(
                outbox.c.subscriber_id == subscriber_id,
                outbox.c.state == DeliveryState.QUEUED,
                outbox.c.kind.in_(kinds),
            )
            .values(state=DeliveryState.CANCELLED, settled_at=now, reason=reason)
        )

    async def erase(self, subscriber_id: int) -> None:
        """Delete every trace of a chat, wiped from the write-ahead log too once this is committed."""
        await erase_subscriber(self._tx, subscriber_id)

    async def portray(self, subscriber_id: int) -> Json:
        """Give all that is stored about a chat; see ``portrait.portray``."""
        return await portray(self._tx, subscriber_id)

    async def count(self, state: SubscriberState | None = None) -> int:
        """Count the subscribers, or those in one state."""
        statement = sa.select(sa.func.count()).select_from(subscribers).where(subscribers.c.bot_id == self._tx.bot_id)
        if state is not None:
            statement = statement.where(subscribers.c.state == state)
        return int(await self._tx.value(statement))

    async def expect(self, dialogue: Dialogue) -> None:
        """Wait for something from one person in one chat, instead of whatever was waited for."""
        said = {"expects": dialogue.expects, "data": dialogue.data, "expires_at": dialogue.expires_at}
        await self._tx.run(
            self._tx.insert(dialogues)
            .values(subscriber_id=dialogue.subscriber_id, user_id=dialogue.user_id, **said)
            .on_conflict_do_update(index_elements=["subscriber_id", "user_id"], set_=said)
        )

    async def find_dialogue(self, subscriber_id: int, user_id: int, now: datetime) -> Dialogue | None:
        """Find what the bot waits for from one person in one chat, unless it is too late."""
        row = await self._tx.first(
            sa.select(dialogues).where(
                dialogues.c.subscriber_id == subscriber_id,
                dialogues.c.user_id == user_id,
                dialogues.c.expires_at > now,
            )
        )
        return None if row is None else make(Dialogue, row, dialogues)

    async def end_dialogue(self, subscriber_id: int, user_id: int) -> None:
        """Wait for nothing any more from one person in one chat."""
        await self._tx.run(
            dialogues.delete().where(dialogues.c.subscriber_id == subscriber_id, dialogues.c.user_id == user_id)
        )

    async def purge_dialogues(self, before: datetime) -> None:
        """Forget what the bot waited for in vain until an instant, and what it had collected."""
        await self._tx.run(dialogues.delete().where(dialogues.c.expires_at < before))

    async def latest(self, subscriber_id: int, *, limit: int, before: datetime | None = None) -> list[StoryView]:
        """List the newest stories of a chat's active subscriptions as these tell them, newest first.

        Args:
            subscriber_id: The chat, whose length the summaries have.
            limit: Most stories.
            before: Only stories whose last article came before this instant.
        """
        subscribed = (
            sa.select(articles.c.id)
            .join_from(articles, subscriptions, subscriptions.c.feed_id == articles.c.feed_id)
            .where(
                articles.c.story_id == stories.c.id,
                articles.c.state == ArticleState.READY,
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.state == SubscriptionState.ACTIVE,
            )
            .exists()
        )
        statement = sa.select(*columns(Story, stories)).where(subscribed)
        if before is not None:
            statement = statement.where(stories.c.last_at < before)
        rows = await self._tx.all(statement.order_by(stories.c.last_at.desc(), stories.c.id.desc()).limit(limit))
        subscriber = await self.get(subscriber_id)
        found = [make(Story, row, stories) for row in rows]
        return await view_all(self._tx, found, subscriber.summary_chars, reader_id=subscriber_id)

    async def count_unseen(self, subscriber_id: int) -> int:
        """Count the stories that came to a chat's active subscriptions since these began and were not sent to it."""
        was_sent = (
            sa.select(seen.c.story_id)
            .where(seen.c.subscriber_id == subscriber_id, seen.c.story_id == articles.c.story_id)
            .correlate(articles)
            .exists()
        )
        count: int = await self._tx.value(
            sa.select(sa.func.count(sa.distinct(articles.c.story_id)))
            .join_from(articles, subscriptions, subscriptions.c.feed_id == articles.c.feed_id)
            .where(
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.state == SubscriptionState.ACTIVE,
                articles.c.state == ArticleState.READY,
                articles.c.fetched_at > subscriptions.c.since,
                sa.not_(was_sent),
            )
        )
        return count

    async def count_seen(self, subscriber_id: int) -> int:
        """Count the stories that were sent to a chat, or may have been."""
        return int(
            await self._tx.value(
                sa.select(sa.func.count()).select_from(seen).where(seen.c.subscriber_id == subscriber_id)
            )
        )

    async def has_seen(self, subscriber_id: int, story_id: int, thread_id: int = 0) -> bool:
        """Say whether a story has been sent to a chat, or may have been."""
        found = await self._tx.value(
            sa.select(seen.c.story_id).where(
                seen.c.subscriber_id == subscriber_id,
                seen.c.thread_id == thread_id,
                seen.c.story_id == story_id,
            )
        )
        return found is not None
