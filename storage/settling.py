"""Settling: what became of the deliveries that were leaving, and what a chat has seen by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.channels import Channel
from storage.model import DeliveryKind, DeliveryState, FanoutKind, Priority, Verb
from storage.tables import articles, fanouts, outbox, pushes, seen, story_messages

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from storage.model import Settlement
    from storage.transaction import Transaction

_LEFT = "no answer from Telegram; left by an editor"
_UNSETTLED = sa.or_(outbox.c.state == DeliveryState.SENDING, outbox.c.state == DeliveryState.UNKNOWN)
_target = outbox.alias("target")


async def settle(tx: Transaction, settlements: Sequence[Settlement], now: datetime) -> None:
    """Note what became of deliveries, many in one go.

    What was sent, or may have been, counts as seen. A delivery that is settled already stays as it is, but for one
    of which nothing was known.
    """
    if not settlements:
        return
    await tx.run(_settle_row(), [_parameters(settlement, now) for settlement in settlements])
    said = {settlement.delivery_id: settlement for settlement in settlements}
    rows = await tx.all(
        sa.select(outbox).where(
            tx.among(outbox.c.id, list(said)),
            outbox.c.bot_id == tx.bot_id,
            outbox.c.state.in_([DeliveryState.SENT, DeliveryState.UNKNOWN]),
        )
    )
    arrived = [row for row in rows if row[outbox.c.state] is said[row[outbox.c.id]].state]
    await _note_seen(tx, arrived)
    await _note_messages(tx, {row[outbox.c.id]: row for row in arrived}, said, now)
    await _delete_farewells(tx, list(said))
    if any(settlement.state is DeliveryState.QUEUED for settlement in settlements):
        tx.rung.add(Channel.OUTBOX)


def _settle_row() -> sa.Update:
    """Build the statement that settles one row; the same text every time, so that it is prepared once."""
    return (
        outbox.update()
        .where(outbox.c.id == sa.bindparam("row_id"), _UNSETTLED)
        .values(
            state=sa.bindparam("new_state", type_=outbox.c.state.type),
            message_id=sa.func.coalesce(
                sa.bindparam("new_message_id", type_=outbox.c.message_id.type), outbox.c.message_id
            ),
            reason=sa.bindparam("new_reason", type_=outbox.c.reason.type),
            due_at=sa.func.coalesce(sa.bindparam("new_due_at", type_=outbox.c.due_at.type), outbox.c.due_at),
            attempts=outbox.c.attempts + sa.bindparam("left", type_=outbox.c.attempts.type),
            settled_at=sa.bindparam("new_settled_at", type_=outbox.c.settled_at.type),
            lease_until=None,
        )
    )


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
    }


async def _note_seen(tx: Transaction, rows: Sequence[RowMapping]) -> None:
    """Remember which stories these chats have seen, also those that came as pushes."""
    push_ids = {_subject_id(row) for row in rows if row[outbox.c.kind] is DeliveryKind.PUSH}
    story_of_push: Mapping[int, int] = {}
    if push_ids:
        pushed = await tx.all(
            sa.select(pushes.c.id, articles.c.story_id)
            .join_from(pushes, articles)
            .where(
                tx.among(pushes.c.id, [push_id for push_id in push_ids if push_id is not None]),
                articles.c.story_id.is_not(None),
            )
        )
        story_of_push = {row[pushes.c.id]: row[articles.c.story_id] for row in pushed}
    marks = []
    for row in rows:
        subject_id = _subject_id(row)
        if row[outbox.c.kind] is DeliveryKind.PUSH:
            subject_id = story_of_push.get(subject_id or 0)
        elif row[outbox.c.kind] is not DeliveryKind.STORY:
            continue
        if subject_id is not None and row[outbox.c.subscriber_id] is not None:
            marks.append(
                {
                    "subscriber_id": row[outbox.c.subscriber_id],
                    "thread_id": row[outbox.c.thread_id],
                    "story_id": subject_id,
                }
            )
    if marks:
        await tx.run(tx.insert(seen).on_conflict_do_nothing(), marks)


async def _note_messages(
    tx: Transaction, rows: Mapping[int, RowMapping], said: Mapping[int, Settlement], now: datetime
) -> None:
    """Remember the messages that show stories, and at which revision."""
    shown = []
    for delivery_id, row in rows.items():
        settlement = said[delivery_id]
        story_id = _story_id(row)
        message_id = settlement.message_id or row[outbox.c.message_id]
        if story_id is None or settlement.state is not DeliveryState.SENT or message_id is None:
            continue
        shown.append(
            {
                "subscriber_id": row[outbox.c.subscriber_id],
                "thread_id": row[outbox.c.thread_id],
                "story_id": story_id,
                "message_id": message_id,
                "sent_revision": settlement.revision or max(row[outbox.c.part], 1),
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
    await _catch_up(tx, [row["story_id"] for row in shown], [row["subscriber_id"] for row in shown], now)


async def _catch_up(
    tx: Transaction, story_ids: Collection[int], subscriber_ids: Collection[int], now: datetime
) -> None:
    """Plan the edits that a fan-out could not plan, because the message was just leaving when it came by."""
    latest = (
        sa.select(fanouts.c.subject_id, sa.func.max(fanouts.c.revision).label("revision"))
        .where(
            fanouts.c.bot_id == tx.bot_id,
            fanouts.c.kind == FanoutKind.STORY,
            tx.among(fanouts.c.subject_id, story_ids),
        )
        .group_by(fanouts.c.subject_id)
        .subquery("latest")
    )
    behind = (
        sa.select(story_messages, latest.c.revision)
        .join_from(story_messages, latest, latest.c.subject_id == story_messages.c.story_id)
        .where(
            tx.among(story_messages.c.subscriber_id, subscriber_ids),
            story_messages.c.sent_revision < latest.c.revision,
        )
        .subquery("behind")
    )
    if await plan_edits(tx, behind, now=now):
        tx.rung.add(Channel.OUTBOX)


async def plan_edits(tx: Transaction, behind: sa.FromClause, *, now: datetime) -> int:
    """Plan one edit for each story message that shows an old revision, unless one is queued already.

    Args:
        tx: The transaction.
        behind: Columns ``subscriber_id``, ``thread_id``, ``story_id``, ``message_id`` and ``revision``, the wanted one.
        now: The present instant.

    Returns:
        How many were planned.
    """
    subject = sa.literal("s:", sa.String()) + sa.cast(behind.c.story_id, sa.String(20))
    queued = outbox.alias("queued")
    is_queued = (
        sa.select(queued.c.id)
        .where(
            queued.c.subscriber_id == behind.c.subscriber_id,
            queued.c.state == sa.literal_column("'queued'"),
            queued.c.priority == int(Priority.EDIT),
            queued.c.thread_id == behind.c.thread_id,
            queued.c.kind == DeliveryKind.EDIT,
            queued.c.subject == subject,
        )
        .correlate(behind)
        .exists()
    )
    columns: dict[str, Any] = {
        "bot_id": sa.literal(tx.bot_id, outbox.c.bot_id.type),
        "subscriber_id": behind.c.subscriber_id,
        "thread_id": behind.c.thread_id,
        "kind": sa.literal(DeliveryKind.EDIT, outbox.c.kind.type),
        "subject": subject,
        "part": behind.c.revision,
        "verb": sa.literal(Verb.EDIT, outbox.c.verb.type),
        "state": sa.literal(DeliveryState.QUEUED, outbox.c.state.type),
        "priority": sa.literal(int(Priority.EDIT), outbox.c.priority.type),
        "due_at": sa.literal(now, outbox.c.due_at.type),
        "created_at": sa.literal(now, outbox.c.created_at.type),
        "attempts": sa.literal(0, outbox.c.attempts.type),
        "message_id": behind.c.message_id,
    }
    chosen = sa.select(*(value.label(name) for name, value in columns.items())).where(sa.not_(is_queued))
    return await tx.run(tx.insert(outbox).from_select(list(columns), chosen).on_conflict_do_nothing())


async def _delete_farewells(tx: Transaction, ids: Collection[int]) -> None:
    """Delete settled last words: with them goes the last thing known of a chat."""
    gone = await tx.run(
        outbox.delete().where(
            tx.among(outbox.c.id, ids),
            outbox.c.kind == DeliveryKind.FAREWELL,
            outbox.c.state.not_in([DeliveryState.QUEUED, DeliveryState.SENDING]),
        )
    )
    tx.scrub = tx.scrub or bool(gone)


async def recover(tx: Transaction, now: datetime) -> int:
    """Settle what a sender that died had marked as leaving.

    What may have arrived becomes unknown. Edits and deletions may be repeated without harm, so they are queued again.

    Returns:
        How many became unknown.
    """
    rows = await tx.all(
        sa.select(outbox, _target.c.message_id.label("target_message_id"))
        .join_from(outbox, _target, _target.c.id == outbox.c.target_id, isouter=True)
        .where(outbox.c.bot_id == tx.bot_id, outbox.c.state == sa.literal_column("'sending'"))
    )
    repeatable = [row[outbox.c.id] for row in rows if _is_repeatable(row)]
    if repeatable:
        await tx.run(
            outbox.update()
            .where(tx.among(outbox.c.id, repeatable), outbox.c.state == DeliveryState.SENDING)
            .values(state=DeliveryState.QUEUED, lease_until=None, attempts=outbox.c.attempts + 1)
        )
        tx.rung.add(Channel.OUTBOX)
    uncertain = [row for row in rows if not _is_repeatable(row)]
    if not uncertain:
        return 0
    ids = [row[outbox.c.id] for row in uncertain]
    await tx.run(
        outbox.update()
        .where(tx.among(outbox.c.id, ids), outbox.c.state == DeliveryState.SENDING)
        .values(
            state=DeliveryState.UNKNOWN,
            lease_until=None,
            settled_at=now,
            attempts=outbox.c.attempts + 1,
            reason="stopped while it was leaving",
        )
    )
    await _note_seen(tx, uncertain)
    await _delete_farewells(tx, ids)
    return len(uncertain)


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
    return await tx.run(statement.values(state=DeliveryState.QUEUED, due_at=now, settled_at=None, reason=None))


def _subject_id(row: RowMapping) -> int | None:
    """Read the number in a subject such as ``s:12``."""
    number = str(row[outbox.c.subject]).partition(":")[2]
    return int(number) if number.isdecimal() else None


def _story_id(row: RowMapping) -> int | None:
    """Find which story a delivery shows; ``None`` if it shows none."""
    if row[outbox.c.kind] not in (DeliveryKind.STORY, DeliveryKind.EDIT):
        return None
    return _subject_id(row) if str(row[outbox.c.subject]).startswith("s:") else None
