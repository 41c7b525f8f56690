"""Claiming: which deliveries leave next, marked so in the database before their requests leave."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.columns import Instant
from storage.connection.transaction import is_among
from storage.leases import present_fence, require_fence
from storage.model import ChatKind, Delivery, DeliveryState, Priority, Verb
from storage.tables import outbox, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, CompoundSelect, RowMapping, Select

    from storage.connection.transaction import Transaction

_QUEUED: ColumnElement[str] = sa.literal_column("'queued'")  # word for word the conditions of the indexes
_SENDING: ColumnElement[str] = sa.literal_column("'sending'")
_ROUNDS = 50  # of expired deliveries that a claim clears away before it gives up for now

_LEAST_STRETCH = 16
_NOW = sa.bindparam("now", type_=Instant())
_OF_BOT = sa.bindparam("of_bot", type_=outbox.c.bot_id.type)
_OF_FENCE = sa.bindparam("of_fence", type_=outbox.c.fence.type)

_target = outbox.alias("target")


async def claim(
    tx: Transaction,
    now: datetime,
    *,
    limit: int,
    excluding: Collection[int],
    fence: int = 0,
    answers_only: bool = False,
) -> list[Delivery]:
    """Mark queued deliveries as leaving, at most one for each chat and none for a chat that has one on its way.

    The most urgent come first, then those that have been due longest. Within a chat those of one priority leave in
    the order of their planning, so one that waits holds those behind it. One that edits waits for its target. What
    has expired is cancelled on the way. What says farewell to a chat leaves before anything that is for whoever begins
    anew there.

    Args:
        tx: The transaction; the marks hold once it is committed.
        now: The present instant.
        limit: Most deliveries.
        excluding: Subscribers to pass over.
        fence: The sender's; 0 where nobody has ever taken the lease.
        answers_only: Whether all but the most urgent rests: what answers people.

    Raises:
        FencedError: Another process has become the sender.
    """
    await tx.serialise_claims()
    levels = (Priority.REPLY,) if answers_only else tuple(Priority)
    mark = _mark(tx.postgres, max(_LEAST_STRETCH, 1 << max(0, limit - 1).bit_length()), levels)
    values = {"of_bot": tx.bot_id, "now": now, "of_fence": fence, "excluded": tx.pack(excluding)}
    marked: list[int] = []
    for _ in range(_ROUNDS):
        rows = await tx.all(mark, values | {"wanted": limit - len(marked)})
        if not rows:
            await require_fence(tx, fence)  # which the statement asks for too: say why it found nothing
        leaving = [row[outbox.c.id] for row in rows if row[outbox.c.state] is DeliveryState.SENDING]
        marked += leaving
        if len(marked) >= limit or len(leaving) == len(rows):
            break
    if not marked:
        return []
    claimed = await tx.all(_claimed(tx.postgres), {"marked": tx.pack(marked)})
    claimed = await _without_orphans(tx, claimed)
    ordered = sorted(claimed, key=lambda row: (row[outbox.c.priority], row[outbox.c.due_at], row[outbox.c.id]))
    return [to_delivery(row) for row in ordered]


async def _without_orphans(tx: Transaction, claimed: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """Delete what was planned for a chat in the very moment in which it was erased, and give the rest."""
    orphans = [
        row[outbox.c.id]
        for row in claimed
        if row[outbox.c.subscriber_id] is not None and row[subscribers.c.chat_id] is None
    ]
    if not orphans:
        return claimed
    await tx.run(outbox.delete().where(tx.among(outbox.c.id, orphans)))
    return [row for row in claimed if row[outbox.c.id] not in orphans]


# Building these statements takes SQLAlchemy longer than running them takes the database: each is built once.


@cache
def _claimed(postgres: bool) -> Select[*tuple[Any, ...]]:
    return select_deliveries().where(is_among(outbox.c.id, "marked", postgres=postgres))


@cache
def _mark(postgres: bool, most: int, levels: tuple[Priority, ...]) -> sa.Update:
    """Build the statement that marks the next deliveries, or cancels them where they have expired.

    Args:
        postgres: For which database.
        most: How many may be wanted of it, as a constant: of a limit that it does not know, PostgreSQL expects a tenth
            of all rows, and prepares for so many.
        levels: Of which priorities.
    """
    candidates = (_by_level(most, levels) if postgres else _stretches(most, levels)).subquery("candidates")
    # Of the farewells of one chat only the first is a candidate, and nothing else of that chat.
    chat = sa.func.coalesce(candidates.c.subscriber_id, -candidates.c.id)
    rank = sa.func.row_number().over(partition_by=chat, order_by=candidates.c.priority).label("rank")
    ranked = sa.select(candidates, rank).subquery("ranked")
    chosen = (
        sa.select(ranked.c.id)
        .where(ranked.c.rank == 1)
        .order_by(ranked.c.priority, ranked.c.due_at, ranked.c.id)
        .limit(sa.bindparam("wanted", type_=sa.Integer()))
    )
    picked = (
        sa.select(outbox.c.id)
        .where(outbox.c.id.in_(chosen), outbox.c.state == _QUEUED)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    expired = outbox.c.expires_at <= _NOW
    return (
        outbox.update()
        .where(outbox.c.id.in_(sa.select(picked.c.id)), outbox.c.state == _QUEUED, present_fence(_OF_BOT) == _OF_FENCE)
        .values(
            state=sa.case((expired, DeliveryState.CANCELLED.value), else_=DeliveryState.SENDING.value),
            fence=_OF_FENCE,
            settled_at=sa.case((expired, _NOW), else_=None),
            reason=sa.case((expired, "expired"), else_=None),
        )
        .returning(outbox.c.id, outbox.c.state)
    )


def _stretches(most: int, levels: tuple[Priority, ...]) -> CompoundSelect[*tuple[Any, ...]]:
    """Select the first free deliveries of each priority.

    One stretch of the index for each priority: what is not due yet is never looked at, however much there is of it.
    Each is the first of its chat and priority, so that the first of each chat are among the first of all of them.
    """
    firsts = (_first(sa.literal_column(str(int(priority))), most, postgres=False).subquery() for priority in levels)
    return sa.union_all(*(sa.select(first) for first in firsts))


def _by_level(most: int, priorities: tuple[Priority, ...]) -> Select[*tuple[Any, ...]]:
    """Select the same in PostgreSQL's words, which cost it a sixth of the planning."""
    levels = sa.values(sa.column("level", outbox.c.priority.type), name="levels")
    levels = levels.data([(int(priority),) for priority in priorities])
    first = _first(levels.c.level, most, postgres=True).lateral("first")
    return sa.select(first).select_from(levels.join(first, sa.true()))


def _first(level: ColumnElement[Any], most: int, *, postgres: bool) -> Select[*tuple[Any, ...]]:
    return (
        sa.select(outbox.c.id, outbox.c.subscriber_id, outbox.c.priority, outbox.c.due_at)
        .where(
            outbox.c.state == _QUEUED,
            outbox.c.bot_id == _OF_BOT,
            outbox.c.priority == level,
            outbox.c.due_at <= _NOW,
            sa.or_(
                outbox.c.subscriber_id.is_(None),
                sa.not_(is_among(outbox.c.subscriber_id, "excluded", postgres=postgres)),
            ),
            *_free(),
        )
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(sa.literal_column(str(most)))
    )


def _free() -> tuple[ColumnElement[bool], ...]:
    """Say that nothing stands before a delivery in its chat."""
    earlier, leaving = outbox.alias("earlier"), outbox.alias("leaving")
    return (
        *_after_farewells(),
        sa.not_(
            sa.select(earlier.c.id)
            .where(
                earlier.c.subscriber_id == outbox.c.subscriber_id,
                earlier.c.state == _QUEUED,
                earlier.c.priority == outbox.c.priority,
                earlier.c.id < outbox.c.id,
            )
            .correlate(outbox)
            .exists()
        ),
        sa.not_(
            sa.select(leaving.c.id)
            .where(
                leaving.c.subscriber_id == outbox.c.subscriber_id,
                leaving.c.bot_id == outbox.c.bot_id,
                leaving.c.state == _SENDING,
            )
            .correlate(outbox)
            .exists()
        ),
        sa.or_(
            outbox.c.target_id.is_(None),
            sa.not_(
                sa.select(_target.c.id)
                .where(
                    _target.c.id == outbox.c.target_id,
                    sa.or_(_target.c.state == _QUEUED, _target.c.state == _SENDING),
                )
                .correlate(outbox)
                .exists()
            ),
        ),
    )


def _after_farewells() -> tuple[ColumnElement[bool], ...]:
    """Say that no farewell stands before a delivery: these know their chat alone, for its subscriber is gone.

    There are none of them but for moments: once settled, they are deleted.
    """
    farewell, present, leaving = outbox.alias("farewell"), subscribers.alias("present"), outbox.alias("leaving")
    begun_anew = (
        sa.select(present.c.id)
        .join_from(farewell, present, sa.and_(present.c.bot_id == _OF_BOT, present.c.chat_id == farewell.c.chat_id))
        .where(farewell.c.bot_id == _OF_BOT, farewell.c.subscriber_id.is_(None), farewell.c.settled_at.is_(None))
    )
    return (
        sa.or_(outbox.c.subscriber_id.is_(None), outbox.c.subscriber_id.not_in(begun_anew)),
        sa.or_(
            outbox.c.subscriber_id.is_not(None),
            sa.not_(
                sa.select(farewell.c.id)
                .where(
                    farewell.c.bot_id == _OF_BOT,
                    farewell.c.subscriber_id.is_(None),
                    farewell.c.chat_id == outbox.c.chat_id,
                    farewell.c.settled_at.is_(None),
                    farewell.c.id < outbox.c.id,
                )
                .correlate(outbox)
                .exists()
            ),
        ),
        sa.or_(
            outbox.c.subscriber_id.is_not(None),
            sa.not_(
                sa.select(leaving.c.id)
                .join_from(leaving, present, present.c.id == leaving.c.subscriber_id)
                .where(leaving.c.bot_id == _OF_BOT, leaving.c.state == _SENDING, present.c.chat_id == outbox.c.chat_id)
                .correlate(outbox)
                .exists()
            ),
        ),
    )


def select_deliveries() -> Select[*tuple[Any, ...]]:
    """Select all that ``to_delivery`` needs."""
    return (
        sa.select(outbox, *_CHAT, _target.c.message_id.label("target_message_id"))
        .join_from(outbox, subscribers, subscribers.c.id == outbox.c.subscriber_id, isouter=True)
        .join(_target, _target.c.id == outbox.c.target_id, isouter=True)
    )


_CHAT = (
    subscribers.c.chat_id,
    subscribers.c.kind,
    subscribers.c.lang,
    subscribers.c.tz,
    subscribers.c.summary_chars,
    subscribers.c.silent,
    subscribers.c.pictures,
)


def to_delivery(row: RowMapping) -> Delivery:
    """Make a delivery of a row of ``select_deliveries``."""
    fields: dict[str, Any] = {name: row[column] for name, column in _FIELDS}
    if fields["subscriber_id"] is None:
        fields |= _ERASED
    else:
        fields |= {name: row[column] for name, column in _OF_CHAT}
    if fields["message_id"] is None and fields["verb"] is not Verb.SEND:
        fields["message_id"] = row["target_message_id"]
    fields["priority"] = Priority(fields["priority"])
    return Delivery(**fields)


_OF_CHAT = (("chat_kind", subscribers.c.kind), *((column.name, column) for column in _CHAT if column.name != "kind"))
_FIELDS = tuple(
    (column.name, column)
    for column in outbox.c
    if column.name in {field.name for field in dataclasses.fields(Delivery)}
)
_ERASED = {
    "chat_kind": ChatKind.PRIVATE,
    "lang": "",
    "tz": "UTC",
    "summary_chars": 0,
    "silent": False,
    "pictures": False,
}
