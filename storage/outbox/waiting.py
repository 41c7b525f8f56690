"""News that waits: for the end of a chat's quiet hours, and for a day that has room under its daily cap."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import DeliveryKind, DeliveryState, Priority, QuietHours, Verb
from storage.outbox.timing import day_bounds, quiet_until
from storage.tables import outbox, subscribers

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from storage.connection.transaction import Transaction

NEWS_LASTS = timedelta(days=1)
"""A story that could not leave for so long after it was due is news no more: it waits to be read on demand."""
_DAYS_AHEAD = 3
"""So many days are looked at for room; what finds none waits for the last of them."""
_COUNTED = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)


async def let_wait(
    tx: Transaction, *, kind: DeliveryKind, subject: str, first_id: int, last_id: int, now: datetime
) -> None:
    """Put off the deliveries of one subject that were just planned, where their chats wish it.

    The work grows with the different wishes of the chats (zones, hours), not with the chats.

    Args:
        tx: The transaction that planned them.
        kind: A story is counted under the daily cap, a push is not.
        subject: The deliveries' subject.
        first_id: Only chats from this subscriber on,
        last_id: and up to this one.
        now: The present instant.
    """
    chats = subscribers.c.id.between(first_id, last_id)
    planned = (outbox.c.kind == kind, outbox.c.subject == subject, outbox.c.priority != Priority.BREAKING)
    await _keep_quiet(tx, chats, planned, now=now, pushed=kind is DeliveryKind.PUSH)
    if kind is DeliveryKind.STORY:
        await _keep_under_cap(tx, chats, planned, now=now)


async def reschedule(tx: Transaction, subscriber_id: int) -> None:
    """Set anew when a chat's queued news is due, after its wishes have changed."""
    chat, now = subscribers.c.id == subscriber_id, tx.clock()
    await release(tx, subscriber_id)
    for kind in (DeliveryKind.STORY, DeliveryKind.PUSH):
        await _keep_quiet(tx, chat, (outbox.c.kind == kind,), now=now, pushed=kind is DeliveryKind.PUSH)
    await _keep_under_cap(tx, chat, (outbox.c.kind == DeliveryKind.STORY,), now=now)


async def release(tx: Transaction, subscriber_id: int) -> int:
    """Let all news that waits for a chat leave now; give how many there are."""
    now = tx.clock()
    return await tx.run(outbox.update().where(*_waiting(subscriber_id, now)).values(_put_off(now)))


async def count_waiting(tx: Transaction, subscriber_id: int) -> int:
    """Count the news that waits for a chat."""
    return int(
        await tx.value(sa.select(sa.func.count()).select_from(outbox).where(*_waiting(subscriber_id, tx.clock())))
    )


def _waiting(subscriber_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        outbox.c.subscriber_id == subscriber_id,
        outbox.c.state == DeliveryState.QUEUED,
        outbox.c.kind.in_([DeliveryKind.STORY, DeliveryKind.PUSH]),
        outbox.c.verb == Verb.SEND,
        outbox.c.due_at > now,
    )


async def _keep_quiet(
    tx: Transaction,
    chats: ColumnElement[bool],
    planned: tuple[ColumnElement[bool], ...],
    *,
    now: datetime,
    pushed: bool,
) -> None:
    """Put off until their chats' quiet hours end what is due in them."""
    hours = (subscribers.c.tz, subscribers.c.quiet_from, subscribers.c.quiet_to)
    restless = [subscribers.c.bot_id == tx.bot_id, subscribers.c.quiet_from.is_not(None), chats]
    if pushed:
        restless.append(subscribers.c.breaking_wakes.is_(False))
    for row in await tx.all(sa.select(*hours).where(*restless).distinct()):
        quiet = QuietHours(start=row[subscribers.c.quiet_from], end=row[subscribers.c.quiet_to])
        until = quiet_until(quiet, row[subscribers.c.tz], now)
        if until is None:
            continue
        alike = sa.select(subscribers.c.id).where(*restless, *(column == row[column] for column in hours))
        await tx.run(
            outbox.update().where(*planned, *_sent_to(tx, alike), outbox.c.due_at < until).values(_put_off(until))
        )


async def _keep_under_cap(
    tx: Transaction, chats: ColumnElement[bool], planned: tuple[ColumnElement[bool], ...], *, now: datetime
) -> None:
    """Put off to the next day with room what would be more than a chat takes on one day."""
    capped = (subscribers.c.bot_id == tx.bot_id, subscribers.c.daily_cap.is_not(None), chats)
    limits = (subscribers.c.tz, subscribers.c.daily_cap)
    for row in await tx.all(sa.select(*limits).where(*capped).distinct()):
        alike = sa.select(subscribers.c.id).where(*capped, *(column == row[column] for column in limits))
        begins, ends = day_bounds(row[subscribers.c.tz], now)
        for _ in range(_DAYS_AHEAD):
            following = day_bounds(row[subscribers.c.tz], ends)[1]
            before = outbox.alias("before")
            # A story's place on its day: how many of the chat's stand before it.
            place = (
                sa.select(sa.func.count())
                .select_from(before)
                .where(
                    before.c.subscriber_id == outbox.c.subscriber_id,
                    before.c.kind == DeliveryKind.STORY,
                    before.c.verb == Verb.SEND,
                    before.c.state.in_(_COUNTED),
                    before.c.due_at >= begins,
                    before.c.due_at < ends,
                    before.c.id < outbox.c.id,
                )
                .correlate(outbox)
                .scalar_subquery()
            )
            moved = await tx.run(
                outbox.update()
                .where(
                    *planned,
                    *_sent_to(tx, alike),
                    outbox.c.due_at >= begins,
                    outbox.c.due_at < ends,
                    place >= row[subscribers.c.daily_cap],
                )
                .values(_put_off(ends))
            )
            if not moved:
                break
            begins, ends = ends, following


def _put_off(until: datetime) -> dict[str, object]:
    """Give the columns of a delivery that is due at another time: what expires does so a day after it."""
    expiry = sa.literal(until + NEWS_LASTS, outbox.c.expires_at.type)
    return {"due_at": until, "expires_at": sa.case((outbox.c.expires_at.is_not(None), expiry), else_=None)}


def _sent_to(tx: Transaction, chats: sa.Select[tuple[int]]) -> tuple[ColumnElement[bool], ...]:
    return (
        outbox.c.bot_id == tx.bot_id,
        outbox.c.subscriber_id.in_(chats),
        outbox.c.state == DeliveryState.QUEUED,
        outbox.c.verb == Verb.SEND,
    )
