"""Changes to messages that were planned before, and messages that can be changed no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import DeliveryKind, DeliveryState, Verb
from storage.outbox.planning import new_row
from storage.tables import outbox

if TYPE_CHECKING:
    from datetime import datetime

    from storage.connection.transaction import Transaction
    from storage.model import Json, Priority

_QUEUED = outbox.c.state == sa.literal_column("'queued'")  # word for word the condition of the indexes


async def revise(
    tx: Transaction,
    target_id: int,
    payload: Json,
    *,
    subscriber_id: int,
    priority: Priority,
    now: datetime,
    verb: Verb = Verb.EDIT,
) -> int:
    """Want another text in a message that was planned before: one edit, however often it changes until it leaves.

    Args:
        tx: The transaction.
        target_id: The delivery whose message is edited.
        payload: The new text, as Bot API parameters.
        subscriber_id: Its chat.
        priority: When the edit leaves.
        now: The present instant.
        verb: ``REPLACE`` for what is to be sent as a new message where the old one is gone.

    Returns:
        The edit's id.
    """
    tx.rung.add(Channel.OUTBOX)
    queued = (
        outbox.c.target_id == target_id,
        outbox.c.state == sa.literal_column("'queued'"),
        outbox.c.kind == sa.literal_column("'edit'"),
    )
    replaced = await tx.value(
        outbox.update().where(*queued).values(payload=payload, priority=priority, verb=verb).returning(outbox.c.id)
    )
    if replaced is not None:
        return int(replaced)
    subject = f"d:{target_id}"
    parts = sa.select(sa.func.coalesce(sa.func.max(outbox.c.part), 0) + 1).where(
        outbox.c.subject == subject,
        outbox.c.kind == DeliveryKind.EDIT,
        outbox.c.subscriber_id == subscriber_id,
    )
    thread_id = await tx.value(sa.select(outbox.c.thread_id).where(outbox.c.id == target_id))
    row = new_row(bot_id=tx.bot_id, now=now) | {
        "subscriber_id": subscriber_id,
        "thread_id": thread_id or 0,
        "kind": DeliveryKind.EDIT,
        "subject": subject,
        "part": await tx.value(parts),
        "verb": verb,
        "priority": priority,
        "due_at": now,
        "target_id": target_id,
        "payload": payload,
    }
    added = await tx.value(tx.insert(outbox).values(row).on_conflict_do_nothing().returning(outbox.c.id))
    if added is None:  # another worker's edit of the same message came in between: its text is ours now
        return await revise(tx, target_id, payload, subscriber_id=subscriber_id, priority=priority, now=now, verb=verb)
    return int(added)


async def send_anew(tx: Transaction, delivery_id: int) -> None:
    """Make a queued replacement a new message, since what it was to replace is gone."""
    await tx.run(
        outbox.update()
        .where(outbox.c.id == delivery_id, outbox.c.bot_id == tx.bot_id, _QUEUED)
        .values(verb=Verb.SEND, target_id=None, message_id=None)
    )


async def is_lost(tx: Transaction, target_id: int, *, subscriber_id: int) -> bool:
    """Tell whether a message can be changed no more: what was last to change it could not."""
    last = (
        sa.select(outbox.c.state)
        .where(
            outbox.c.subject == f"d:{target_id}",
            outbox.c.subscriber_id == subscriber_id,
            outbox.c.kind == DeliveryKind.EDIT,
        )
        .order_by(outbox.c.part.desc())
        .limit(1)
    )
    return await tx.value(last) is DeliveryState.DEAD


async def supersede_edits(tx: Transaction, subscriber_id: int, message_id: int) -> int:
    """Take back our answers to taps on a message that are still queued, before a newer one; give how many."""
    return await tx.run(
        outbox.update()
        .where(
            outbox.c.subscriber_id == subscriber_id,
            outbox.c.kind == DeliveryKind.REPLY,
            outbox.c.message_id == message_id,
            outbox.c.verb == Verb.EDIT,
            _QUEUED,
        )
        .values(state=DeliveryState.CANCELLED, settled_at=tx.clock(), reason="superseded")
    )
