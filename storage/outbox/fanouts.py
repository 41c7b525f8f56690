"""Fan-outs: one story or push into the outbox of all who get it, chunk by chunk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.errors import NotFoundError
from storage.model import (
    DeliveryKind,
    DeliveryState,
    Fanout,
    FanoutKind,
    Priority,
    SubscriberState,
    Verb,
)
from storage.outbox.audience import (
    alerted_audience,
    feeds_of,
    has_met,
    hides_any,
    push_audience,
    story_audience,
)
from storage.outbox.readership import has_news
from storage.outbox.revising import insert_edits
from storage.outbox.waiting import NEWS_LASTS, let_wait
from storage.tables import (
    fanouts,
    outbox,
    pushes,
    seen,
    stories,
    story_messages,
    subscribers,
    subscriptions,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import RowMapping, Select

    from storage.connection.transaction import Transaction

_TRIES: Final = 5
_TRIED_AGAIN: Final = timedelta(seconds=15)
"""After the first failure; after each further one four times as long."""
_LONGEST_REST: Final = _TRIED_AGAIN * 4 ** (_TRIES - 2)


class Fanouts:
    """The fan-outs of one bot in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def open(
        self,
        kind: FanoutKind,
        subject_id: int,
        *,
        priority: Priority,
        content_id: int | None = None,
        now: datetime,
    ) -> Fanout:
        """Insert a fan-out of a push, or of a story at its present revision, or return the one that is there.

        Args:
            kind: What it spreads.
            subject_id: The story or push.
            priority: Of its deliveries.
            content_id: The content that all its deliveries share; ``None`` where the sender renders each.
            now: The present instant.

        Raises:
            NotFoundError: There is no such story.
        """
        revision = 0
        if kind is FanoutKind.STORY:
            found = await self._tx.value(sa.select(stories.c.revision).where(stories.c.id == subject_id))
            if found is None:
                raise NotFoundError("story", subject_id)
            revision = int(found)
        inserted = await self._tx.first(
            self._tx.insert(fanouts)
            .values(
                bot_id=self._tx.bot_id,
                kind=kind,
                subject_id=subject_id,
                revision=revision,
                priority=priority,
                content_id=content_id,
                cursor=0,
                planned=0,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["bot_id", "kind", "subject_id", "revision"])
            .returning(fanouts)
        )
        self._tx.rung.add(Channel.FANOUT)
        if inserted is not None:
            return _to_fanout(inserted)
        row = await self._tx.one(
            sa.select(fanouts).where(
                fanouts.c.bot_id == self._tx.bot_id,
                fanouts.c.kind == kind,
                fanouts.c.subject_id == subject_id,
                fanouts.c.revision == revision,
            ),
            "fan-out",
            subject_id,
        )
        return _to_fanout(row)

    async def find(self, kind: FanoutKind, subject_id: int) -> Fanout | None:
        """Find the newest fan-out of a story or push."""
        row = await self._tx.first(
            sa.select(fanouts)
            .where(fanouts.c.bot_id == self._tx.bot_id, fanouts.c.kind == kind, fanouts.c.subject_id == subject_id)
            .order_by(fanouts.c.id.desc())
            .limit(1)
        )
        return None if row is None else _to_fanout(row)

    async def next_open(self, now: datetime) -> Fanout | None:
        """Find the most urgent fan-out that is neither done, nor set aside for now, nor a paused push's."""
        rests = sa.and_(
            fanouts.c.not_before > now,
            fanouts.c.not_before <= now + _LONGEST_REST,  # else the clock was set back
        )
        paused = sa.and_(
            fanouts.c.kind == FanoutKind.PUSH,
            fanouts.c.subject_id.in_(sa.select(pushes.c.id).where(pushes.c.paused_at.is_not(None))),
        )
        row = await self._tx.first(
            sa.select(fanouts)
            .where(fanouts.c.bot_id == self._tx.bot_id, fanouts.c.finished_at.is_(None), sa.not_(paused))
            .where(sa.or_(fanouts.c.not_before.is_(None), sa.not_(rests)))
            .order_by(fanouts.c.priority, fanouts.c.id)
            .limit(1)
        )
        return None if row is None else _to_fanout(row)

    async def _lock(self, fanout_id: int) -> RowMapping:
        """Read a fan-out, and let nobody else change it before this transaction ends.

        Raises:
            NotFoundError: There is none.
        """
        own = sa.select(fanouts).where(fanouts.c.id == fanout_id, fanouts.c.bot_id == self._tx.bot_id)
        return await self._tx.one(own.with_for_update(), "fan-out", fanout_id)

    async def set_aside(self, fanout_id: int, reason: str, *, now: datetime) -> Fanout:
        """Let a fan-out whose planning failed rest, each time for longer; close it after a few failures in a row.

        Args:
            fanout_id: The fan-out; one that is done stays as it is.
            reason: What went wrong.
            now: The present instant.

        Raises:
            NotFoundError: There is no such fan-out.
        """
        row = await self._lock(fanout_id)
        if row[fanouts.c.finished_at] is not None:
            return _to_fanout(row)
        failures = row[fanouts.c.failures] + 1
        changes: dict[str, Any] = {"failures": failures}
        if failures >= _TRIES:
            changes |= {"finished_at": now, "reason": reason}
        else:
            changes["not_before"] = now + _TRIED_AGAIN * 4 ** (failures - 1)
        updated = await self._tx.one(
            fanouts.update().where(fanouts.c.id == fanout_id).values(changes).returning(fanouts), "fan-out", fanout_id
        )
        return _to_fanout(updated)

    async def expand(
        self,
        fanout_id: int,
        *,
        limit: int = 10_000,
        now: datetime,
        hidden_by: Collection[str] = (),
        alerted_by: Collection[str] = (),
    ) -> Fanout:
        """Plan the deliveries of the next subscribers by id, and move the cursor behind them.

        Args:
            fanout_id: The fan-out; one that is done stays as it is.
            limit: Most subscribers at once: a chunk is one transaction, and nobody else writes meanwhile.
            now: The present instant.
            hidden_by: Keys of the words by which chats may hide it; whoever hides one of them gets nothing new.
            alerted_by: Keys of the alerts that it meets; whoever has one of them is told at once.

        Raises:
            NotFoundError: There is no such fan-out.
        """
        row = await self._lock(fanout_id)
        if row[fanouts.c.finished_at] is not None:
            return _to_fanout(row)
        planned, cursor, found = 0, row[fanouts.c.cursor], 0
        if alerted_by and not cursor:
            planned += await self._plan_alerts(row, alerted_by, now)
        after = await self._spread_before(row)
        last = await self._tx.first(self._chunk_end(row, limit, after=after))
        if last is not None and last["number"]:
            cursor, found = last["last_id"], last["number"]
            planned += await self._plan(row, cursor, now, after=after, hidden_by=hidden_by)
        updated = await self._tx.one(
            fanouts.update()
            .where(fanouts.c.id == fanout_id)
            .values(
                cursor=cursor,
                planned=fanouts.c.planned + planned,
                finished_at=now if found < limit else None,
                failures=0,
                not_before=None,
            )
            .returning(fanouts),
            "fan-out",
            fanout_id,
        )
        if planned:
            self._tx.rung.add(Channel.OUTBOX)
        return _to_fanout(updated)

    async def _spread_before(self, row: RowMapping) -> int:
        """Find up to which revision earlier fan-outs of a story go that did not fail; 0 where there are none."""
        if row[fanouts.c.kind] is FanoutKind.PUSH:
            return 0
        earlier = sa.select(sa.func.max(fanouts.c.revision)).where(
            fanouts.c.bot_id == self._tx.bot_id,
            fanouts.c.kind == FanoutKind.STORY,
            fanouts.c.subject_id == row[fanouts.c.subject_id],
            fanouts.c.revision < row[fanouts.c.revision],
            fanouts.c.reason.is_(None),
        )
        return int(await self._tx.value(earlier) or 0)

    def _chunk_end(self, row: RowMapping, limit: int, *, after: int) -> Select[*tuple[Any, ...]]:
        """Select the last of the next subscribers, and how many there are, the unreachable ones included."""
        if row[fanouts.c.kind] is FanoutKind.PUSH:
            source = (
                sa.select(subscribers.c.id.label("id"))
                .where(subscribers.c.bot_id == self._tx.bot_id, subscribers.c.id > row[fanouts.c.cursor])
                .order_by(subscribers.c.id)
            )
        else:
            source = (
                sa.select(subscriptions.c.subscriber_id.label("id"))
                .where(
                    subscriptions.c.feed_id.in_(feeds_of(row, after=after)),
                    subscriptions.c.subscriber_id > row[fanouts.c.cursor],
                )
                .order_by(subscriptions.c.subscriber_id)
            )
        following = source.limit(limit).subquery("following")
        return sa.select(sa.func.max(following.c.id).label("last_id"), sa.func.count().label("number")).select_from(
            following
        )

    async def _plan(
        self, row: RowMapping, last_id: int, now: datetime, *, after: int, hidden_by: Collection[str]
    ) -> int:
        """Plan for the subscribers behind the cursor, up to ``last_id``, what joined the story after a revision."""
        if row[fanouts.c.kind] is FanoutKind.PUSH:
            chunk = subscribers.c.id.between(row[fanouts.c.cursor] + 1, last_id)
            audience = (await push_audience(self._tx, row[fanouts.c.subject_id])).where(chunk)
            subject = f"p:{row[fanouts.c.subject_id]}"
            planned = await self._insert(row, audience, DeliveryKind.PUSH, subject, now=now)
            await self._let_wait(row, DeliveryKind.PUSH, subject, last_id, now=now)
            return planned
        story_id = row[fanouts.c.subject_id]
        chunk = subscriptions.c.subscriber_id.between(row[fanouts.c.cursor] + 1, last_id)
        revision = row[fanouts.c.revision]
        audience = story_audience(self._tx.bot_id, story_id, after=after, upto=revision).where(chunk)
        unseen = audience.where(sa.not_(has_met(seen, story_id)), sa.not_(has_met(story_messages, story_id)))
        if hidden_by:
            unseen = unseen.where(sa.not_(hides_any(self._tx, hidden_by)))
        if after:
            await self._forget_taken_back(row, unseen, last_id)
        planned = await self._insert(row, unseen, DeliveryKind.STORY, f"s:{story_id}", now=now)
        await self._let_wait(row, DeliveryKind.STORY, f"s:{story_id}", last_id, now=now)
        showing = audience.subquery("showing")
        behind = (
            sa.select(story_messages, sa.literal(revision, fanouts.c.revision.type).label("revision"))
            .join_from(
                showing,
                story_messages,
                sa.and_(
                    story_messages.c.subscriber_id == showing.c.subscriber_id,
                    story_messages.c.thread_id == showing.c.thread_id,
                    story_messages.c.story_id == story_id,
                ),
            )
            .where(story_messages.c.sent_revision < revision, has_news(sa.literal(revision, fanouts.c.revision.type)))
        )
        edits = insert_edits(behind, postgres=self._tx.postgres)
        return planned + await self._tx.run(edits, {"of_bot": self._tx.bot_id, "now": now})

    async def _forget_taken_back(self, row: RowMapping, owed: Select[*tuple[Any, ...]], last_id: int) -> None:
        """Delete what never left, as when its reader had left, for those who are owed the story again."""
        audience = owed.subquery("owed")
        await self._tx.run(
            outbox.delete().where(
                outbox.c.bot_id == self._tx.bot_id,
                outbox.c.subject == f"s:{row[fanouts.c.subject_id]}",
                outbox.c.kind == DeliveryKind.STORY,
                outbox.c.part == 0,
                outbox.c.subscriber_id.between(row[fanouts.c.cursor] + 1, last_id),
                outbox.c.state == DeliveryState.CANCELLED,
                sa.select(audience.c.subscriber_id)
                .where(
                    audience.c.subscriber_id == outbox.c.subscriber_id,
                    audience.c.thread_id == outbox.c.thread_id,
                )
                .correlate(outbox)
                .exists(),
            )
        )

    async def _plan_alerts(self, row: RowMapping, keys: Collection[str], now: datetime) -> int:
        """Plan a story at once for all who asked to be told of such, where it comes from no stranger's private feed."""
        story_id = row[fanouts.c.subject_id]
        audience = alerted_audience(self._tx, story_id, keys)
        return await self._insert(
            row, audience, DeliveryKind.STORY, f"s:{story_id}", now=now, priority=Priority.BREAKING
        )

    async def _let_wait(
        self, row: RowMapping, kind: DeliveryKind, subject: str, last_id: int, *, now: datetime
    ) -> None:
        first_id = row[fanouts.c.cursor] + 1
        await let_wait(self._tx, kind=kind, subject=subject, first_id=first_id, last_id=last_id, now=now)

    async def _insert(
        self,
        row: RowMapping,
        audience: Select[*tuple[Any, ...]],
        kind: DeliveryKind,
        subject: str,
        *,
        now: datetime,
        priority: Priority | None = None,
    ) -> int:
        """Plan one delivery for each subscriber and thread of an audience that has none of this subject."""
        chosen = audience.subquery("chosen")
        columns: dict[str, Any] = {
            "bot_id": sa.literal(self._tx.bot_id, outbox.c.bot_id.type),
            "subscriber_id": chosen.c.subscriber_id,
            "thread_id": chosen.c.thread_id,
            "kind": sa.literal(kind, outbox.c.kind.type),
            "subject": sa.literal(subject, outbox.c.subject.type),
            "part": sa.literal(0, outbox.c.part.type),
            "verb": sa.literal(Verb.SEND, outbox.c.verb.type),
            "state": sa.literal(DeliveryState.QUEUED, outbox.c.state.type),
            "priority": sa.literal(row[fanouts.c.priority] if priority is None else priority, outbox.c.priority.type),
            "due_at": sa.literal(now, outbox.c.due_at.type),
            "created_at": sa.literal(now, outbox.c.created_at.type),
            "attempts": sa.literal(0, outbox.c.attempts.type),
            "content_id": sa.literal(row[fanouts.c.content_id], outbox.c.content_id.type),
        }
        if kind is DeliveryKind.STORY:
            columns["expires_at"] = sa.literal(now + NEWS_LASTS, outbox.c.expires_at.type)
        rows = (
            sa.select(*(value.label(name) for name, value in columns.items()))
            .select_from(chosen)
            .where(sa.true())  # without a WHERE, SQLite reads the ON of ON CONFLICT as a join's
            .order_by(chosen.c.subscriber_id, chosen.c.thread_id)
        )
        return await self._tx.run(self._tx.insert(outbox).from_select(list(columns), rows).on_conflict_do_nothing())

    async def count_audience(self, kind: FanoutKind, subject_id: int) -> int:
        """Count the chats and threads that a push or story would go to now."""
        if kind is FanoutKind.PUSH:
            audience = await push_audience(self._tx, subject_id)
        else:
            told = sa.select(stories.c.revision).where(stories.c.id == subject_id)
            upto = int(await self._tx.value(told) or 0)
            audience = story_audience(self._tx.bot_id, subject_id, after=0, upto=upto).where(
                sa.not_(has_met(seen, subject_id))
            )
        return int(await self._tx.value(sa.select(sa.func.count()).select_from(audience.subquery())))

    async def count_left_out(self, push_id: int) -> int:
        """Count the chats that a push would go to if they had not paused."""
        audience = await push_audience(self._tx, push_id, state=SubscriberState.PAUSED)
        return int(await self._tx.value(sa.select(sa.func.count()).select_from(audience.subquery())))


def _to_fanout(row: RowMapping) -> Fanout:
    return Fanout(
        id=row[fanouts.c.id],
        kind=row[fanouts.c.kind],
        subject_id=row[fanouts.c.subject_id],
        cursor=row[fanouts.c.cursor],
        planned=row[fanouts.c.planned],
        done=row[fanouts.c.finished_at] is not None,
        created_at=row[fanouts.c.created_at],
        failures=row[fanouts.c.failures],
        reason=row[fanouts.c.reason],
    )
