"""Settling: what became of the deliveries that were leaving, and what a chat has seen by them."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.connection.transaction import is_among
from storage.leases import require_fence
from storage.model import DeliveryKind, DeliveryState, Priority, Verb
from storage.outbox.revising import catch_up
from storage.outbox.waiting import NEWS_LASTS
from storage.tables import articles, outbox, pushes, seen, story_messages, subscribers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from storage.connection.transaction import Transaction
    from storage.model import Settlement

_CORRECTION = timedelta(seconds=5)
"""Clocks are set by so much every day."""
_LONGEST_WAIT = timedelta(days=4)
"""Nothing is put off for longer: quiet hours, a cap by the day and bans all end before."""
_LEFT = "no answer from Telegram; left by an editor"
_ARRIVED = (DeliveryState.SENT, DeliveryState.UNKNOWN)
_COLUMNS = (
    outbox.c.id,
    outbox.c.subscriber_id,
    outbox.c.thread_id,
    outbox.c.kind,
    outbox.c.subject,
    outbox.c.part,
    outbox.c.state,
    outbox.c.message_id,
)
_target = outbox.alias("target")


async def settle(
    tx: Transaction, settlements: Sequence[Settlement], now: datetime, *, fence: int | None = None
) -> None:
    """Note what became of deliveries, many in one go.

    What was sent, or may have been, counts as seen; words that were made for one chat are not kept once they are sent,
    or will never be. A delivery that is settled already stays as it is, but for one
    of which nothing was known.

    Args:
        tx: The transaction.
        settlements: What became of each.
        now: The present instant.
        fence: Under which they were claimed: what another sender has claimed since is that one's. ``None`` for whoever
            may speak of any.
    """
    if not settlements:
        return
    await _hold_chats(tx, [each.delivery_id for each in settlements if each.state in _ARRIVED])
    parameters = [_parameters(settlement, now) for settlement in settlements]
    if fence is None:
        await tx.run(_SETTLE, parameters)
    else:
        await tx.run(_SETTLE_OWN, [row | {"of_fence": fence} for row in parameters])
    said = {settlement.delivery_id: settlement for settlement in settlements}
    rows = await tx.all(_settled(tx.postgres), {"settled": tx.pack(list(said)), "of_bot": tx.bot_id})
    agreed = [row for row in rows if row[outbox.c.state] is said[row[outbox.c.id]].state]
    await note_seen(tx, [row for row in agreed if row[outbox.c.state] in _ARRIVED])
    await _note_messages(tx, [row for row in agreed if row[outbox.c.state] is DeliveryState.SENT], said, now)
    await _delete_farewells(tx, agreed)
    if any(settlement.state is DeliveryState.QUEUED for settlement in settlements):
        tx.rung.add(Channel.OUTBOX)


async def _hold_chats(tx: Transaction, ids: Sequence[int]) -> None:
    """Keep the chats of deliveries from being erased, before the deliveries: whoever erases a chat takes them so too.

    What a chat has seen names the chat, and PostgreSQL would take it only then. SQLite has one writer.
    """
    if tx.postgres and ids:
        await tx.all(_CHATS, {"settled": tx.pack(ids)})


# Building these statements takes SQLAlchemy longer than running them takes the database: each is built once.
_SETTLE = (
    outbox.update()
    .where(
        outbox.c.id == sa.bindparam("row_id"),
        sa.or_(outbox.c.state == DeliveryState.SENDING, outbox.c.state == DeliveryState.UNKNOWN),
    )
    .values(
        state=sa.bindparam("new_state", type_=outbox.c.state.type),
        message_id=sa.func.coalesce(
            sa.bindparam("new_message_id", type_=outbox.c.message_id.type), outbox.c.message_id
        ),
        reason=sa.bindparam("new_reason", type_=outbox.c.reason.type),
        due_at=sa.func.coalesce(sa.bindparam("new_due_at", type_=outbox.c.due_at.type), outbox.c.due_at),
        attempts=outbox.c.attempts + sa.bindparam("left", type_=outbox.c.attempts.type),
        settled_at=sa.bindparam("new_settled_at", type_=outbox.c.settled_at.type),
        payload=sa.case((sa.bindparam("is_over", type_=sa.Boolean), sa.null()), else_=outbox.c.payload),
    )
)
_CHATS = (
    sa.select(subscribers.c.id)
    .where(
        subscribers.c.id.in_(
            sa.select(outbox.c.subscriber_id).where(is_among(outbox.c.id, "settled", postgres=True)),
        )
    )
    .order_by(subscribers.c.id)
    .with_for_update(read=True, key_share=True)
)
_SETTLE_OWN = _SETTLE.where(outbox.c.fence == sa.bindparam("of_fence", type_=outbox.c.fence.type))


def _parameters(settlement: Settlement, now: datetime) -> dict[str, Any]:
    again = settlement.state is DeliveryState.QUEUED
    return {
        "row_id": settlement.delivery_id,
        "new_state": settlement.state,
        "new_message_id": settlement.message_id,
        "new_reason": settlement.reason,
        "new_due_at": (settlement.due_at or now) if again else None,
        "left": int(settlement.attempted),
        "new_settled_at": None if again else now,
        "is_over": settlement.state not in {DeliveryState.QUEUED, DeliveryState.UNKNOWN},
    }


@cache
def _settled(postgres: bool) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_COLUMNS).where(
        is_among(outbox.c.id, "settled", postgres=postgres),
        outbox.c.bot_id == sa.bindparam("of_bot", type_=outbox.c.bot_id.type),
    )


async def note_seen(tx: Transaction, rows: Sequence[RowMapping]) -> None:
    """Remember which stories the chats of these deliveries have seen, also those that came as pushes."""
    story_of_push = await _stories_of_pushes(tx, rows)
    marks = []
    for row in rows:
        story_id = _subject_id(row) if row[outbox.c.kind] is DeliveryKind.STORY else story_of_push.get(row[outbox.c.id])
        if story_id is not None and row[outbox.c.subscriber_id] is not None:
            marks.append(
                {
                    "subscriber_id": row[outbox.c.subscriber_id],
                    "thread_id": row[outbox.c.thread_id],
                    "story_id": story_id,
                }
            )
    if marks:
        await tx.run(tx.insert(seen).on_conflict_do_nothing(), marks)


async def _stories_of_pushes(tx: Transaction, rows: Sequence[RowMapping]) -> Mapping[int, int]:
    """Find for the deliveries that are pushes the stories of their articles, where they have one."""
    pushed = {row[outbox.c.id]: _subject_id(row) for row in rows if row[outbox.c.kind] is DeliveryKind.PUSH}
    if not pushed:
        return {}
    subjects = {push_id for push_id in pushed.values() if push_id is not None}
    found = await tx.all(_stories(tx.postgres), {"pushes": tx.pack(sorted(subjects))})
    story_of = {row[pushes.c.id]: row[articles.c.story_id] for row in found}
    return {delivery_id: story_of[push_id] for delivery_id, push_id in pushed.items() if push_id in story_of}


@cache
def _stories(postgres: bool) -> sa.Select[*tuple[Any, ...]]:
    """Select the stories of some pushes' articles."""
    return (
        sa.select(pushes.c.id, articles.c.story_id)
        .join_from(pushes, articles)
        .where(is_among(pushes.c.id, "pushes", postgres=postgres), articles.c.story_id.is_not(None))
    )


async def _note_messages(
    tx: Transaction, rows: Sequence[RowMapping], said: Mapping[int, Settlement], now: datetime
) -> None:
    """Remember the messages that show stories, and at which revision."""
    shown = []
    for row in rows:
        story_id, message_id = _story_id(row), row[outbox.c.message_id]
        if story_id is not None and message_id is not None:
            shown.append(
                {
                    "subscriber_id": row[outbox.c.subscriber_id],
                    "thread_id": row[outbox.c.thread_id],
                    "story_id": story_id,
                    "message_id": message_id,
                    "sent_revision": said[row[outbox.c.id]].revision or max(row[outbox.c.part], 1),
                }
            )
    if not shown:
        return
    fresh = tx.insert(story_messages)
    await tx.run(
        fresh.on_conflict_do_update(
            index_elements=["subscriber_id", "thread_id", "story_id"],
            set_={"message_id": fresh.excluded.message_id, "sent_revision": fresh.excluded.sent_revision},
            where=story_messages.c.sent_revision <= fresh.excluded.sent_revision,
        ),
        shown,
    )
    await catch_up(
        tx,
        story_ids={row["story_id"] for row in shown},
        subscriber_ids={row["subscriber_id"] for row in shown},
        now=now,
    )


async def _delete_farewells(tx: Transaction, rows: Sequence[RowMapping]) -> None:
    """Delete settled last words: with them goes the last thing known of a chat."""
    settled = [
        row[outbox.c.id]
        for row in rows
        if row[outbox.c.kind] is DeliveryKind.FAREWELL and row[outbox.c.state] is not DeliveryState.QUEUED
    ]
    if settled:
        await tx.run(outbox.delete().where(tx.among(outbox.c.id, settled)))
        tx.scrub = True


async def recover(tx: Transaction, now: datetime, *, fence: int = 0) -> int:
    """Settle what a sender that died had marked as leaving.

    What may have arrived becomes unknown. Edits and deletions may be repeated without harm, so they are queued again.

    Args:
        tx: The transaction.
        now: The present instant.
        fence: The sender's; 0 where nobody has ever taken the lease.

    Returns:
        How many became unknown.

    Raises:
        FencedError: Another process has become the sender.
    """
    await tx.serialise_claims()
    await require_fence(tx, fence)
    await _trust_the_clock(tx, now)
    rows = await tx.all(
        sa.select(*_COLUMNS, outbox.c.verb, _target.c.message_id.label("target_message_id"))
        .join_from(outbox, _target, _target.c.id == outbox.c.target_id, isouter=True)
        .where(outbox.c.bot_id == tx.bot_id, outbox.c.state == sa.literal_column("'sending'"))
    )
    repeatable = [row[outbox.c.id] for row in rows if _is_repeatable(row)]
    if repeatable:
        await tx.run(
            outbox.update()
            .where(tx.among(outbox.c.id, repeatable), outbox.c.state == DeliveryState.SENDING)
            .values(state=DeliveryState.QUEUED, attempts=outbox.c.attempts + 1)
        )
        tx.rung.add(Channel.OUTBOX)
    uncertain = [row for row in rows if not _is_repeatable(row)]
    if not uncertain:
        return 0
    ids = [row[outbox.c.id] for row in uncertain]
    await _hold_chats(tx, ids)
    await tx.run(
        outbox.update()
        .where(tx.among(outbox.c.id, ids), outbox.c.state == DeliveryState.SENDING)
        .values(
            state=DeliveryState.UNKNOWN,
            settled_at=now,
            attempts=outbox.c.attempts + 1,
            reason="stopped while it was leaving",
        )
    )
    await note_seen(tx, uncertain)
    await _delete_farewells(tx, uncertain)
    return len(uncertain)


async def _trust_the_clock(tx: Transaction, now: datetime) -> None:
    """Make due what was put off by a clock that has been set back since, while nobody was there to notice."""
    until = {"no_planning": now + _CORRECTION, "no_waiting": now + _LONGEST_WAIT}
    await tx.run(_TRUSTED, {"of_bot": tx.bot_id, "now": now} | until)


_TRUSTED = (
    outbox.update()
    .where(
        outbox.c.bot_id == sa.bindparam("of_bot", type_=outbox.c.bot_id.type),
        outbox.c.state == sa.literal_column("'queued'"),
        outbox.c.priority.in_([int(priority) for priority in Priority]),  # by the index
        outbox.c.due_at > sa.bindparam("now", type_=outbox.c.due_at.type),
        sa.or_(
            outbox.c.created_at > sa.bindparam("no_planning", type_=outbox.c.created_at.type),
            outbox.c.due_at > sa.bindparam("no_waiting", type_=outbox.c.due_at.type),
        ),
    )
    .values(due_at=sa.bindparam("now", type_=outbox.c.due_at.type))
)


def _is_repeatable(row: RowMapping) -> bool:
    verb = row[outbox.c.verb]
    return verb in (Verb.EDIT, Verb.DELETE) or (verb is Verb.REPLACE and row["target_message_id"] is not None)


async def resolve_unknown(tx: Transaction, ids: Collection[int] | None, *, resend: bool, now: datetime) -> int:
    """Decide about deliveries that may have arrived.

    Args:
        tx: The transaction.
        ids: Which; ``None`` for all of them.
        resend: Whether to send them again, perhaps a second time; else they are dead.
        now: The present instant.

    Returns:
        How many were decided.
    """
    statement = outbox.update().where(outbox.c.bot_id == tx.bot_id, outbox.c.state == sa.literal_column("'unknown'"))
    if ids is not None:
        statement = statement.where(tx.among(outbox.c.id, ids))
    if not resend:
        return await tx.run(statement.values(state=DeliveryState.DEAD, settled_at=now, reason=_LEFT))
    tx.rung.add(Channel.OUTBOX)
    expiry = sa.literal(now + NEWS_LASTS, outbox.c.expires_at.type)  # whoever decides wants it to arrive, however old
    return await tx.run(
        statement.values(
            state=DeliveryState.QUEUED,
            due_at=now,
            settled_at=None,
            reason=None,
            expires_at=sa.case((outbox.c.expires_at.is_not(None), expiry), else_=None),
        )
    )


def _subject_id(row: RowMapping) -> int | None:
    """Read the number in a subject such as ``s:12``."""
    number = str(row[outbox.c.subject]).partition(":")[2]
    return int(number) if number.isdecimal() else None


def _story_id(row: RowMapping) -> int | None:
    """Find which story a delivery shows; ``None`` if it shows none."""
    if row[outbox.c.kind] not in (DeliveryKind.STORY, DeliveryKind.EDIT):
        return None
    return _subject_id(row) if str(row[outbox.c.subject]).startswith("s:") else None
