"""Planning: what is owed to a chat comes into the outbox once, however often it is planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import DeliveryState
from storage.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from storage.connection.transaction import Transaction
    from storage.model import NewDelivery


async def enqueue(tx: Transaction, deliveries: Sequence[NewDelivery], now: datetime) -> list[int]:
    """Plan deliveries.

    Args:
        tx: The transaction.
        deliveries: What to plan; of what is planned already nothing changes.
        now: The present instant.

    Returns:
        Their ids in order, those of the already planned ones included.
    """
    if not deliveries:
        return []
    inserted = await tx.all(
        tx.insert(outbox).on_conflict_do_nothing().returning(outbox.c.id, *_IDENTITY),
        [_as_row(delivery, bot_id=tx.bot_id, now=now) for delivery in deliveries],
    )
    ids = {_identity(row): row[outbox.c.id] for row in inserted}
    missing = [delivery for delivery in deliveries if _identity_of(delivery) not in ids]
    if missing:
        rows = await tx.all(
            sa.select(outbox.c.id, *_IDENTITY).where(
                outbox.c.bot_id == tx.bot_id,
                tx.among(outbox.c.subject, sorted({delivery.subject for delivery in missing})),
                sa.or_(
                    tx.among(
                        outbox.c.subscriber_id,
                        [each.subscriber_id for each in missing if each.subscriber_id is not None],
                    ),
                    outbox.c.subscriber_id.is_(None),
                ),
            )
        )
        ids |= {_identity(row): row[outbox.c.id] for row in rows}
    tx.rung.add(Channel.OUTBOX)
    return [ids[_identity_of(delivery)] for delivery in deliveries]


_IDENTITY = (
    outbox.c.subscriber_id,
    outbox.c.chat_id,
    outbox.c.thread_id,
    outbox.c.kind,
    outbox.c.subject,
    outbox.c.part,
)


def _identity(row: Mapping[Any, Any]) -> tuple[Any, ...]:
    """Give what makes a stored delivery the same as another."""
    subscriber_id, chat_id, thread_id, kind, subject, part = (row[column] for column in _IDENTITY)
    return (None, chat_id, subject, part) if subscriber_id is None else (subscriber_id, thread_id, kind, subject, part)


def _identity_of(new: NewDelivery) -> tuple[Any, ...]:
    """Give what makes a new delivery the same as another."""
    if new.subscriber_id is None:
        return (None, new.chat_id, new.subject, new.part)
    return (new.subscriber_id, new.thread_id, new.kind, new.subject, new.part)


def new_row(*, bot_id: int, now: datetime) -> dict[str, Any]:
    """Give the columns that every new delivery starts with."""
    return {
        "bot_id": bot_id,
        "state": DeliveryState.QUEUED,
        "created_at": now,
        "attempts": 0,
        "thread_id": 0,
        "content_id": None,
        "target_id": None,
        "message_id": None,
        "chat_id": None,
        "expires_at": None,
        "payload": None,
    }


def _as_row(new: NewDelivery, *, bot_id: int, now: datetime) -> dict[str, Any]:
    return new_row(bot_id=bot_id, now=now) | {
        "subscriber_id": new.subscriber_id,
        "thread_id": new.thread_id,
        "kind": new.kind,
        "subject": new.subject,
        "part": new.part,
        "verb": new.verb,
        "priority": new.priority,
        "due_at": new.due_at,
        "content_id": new.content_id,
        "target_id": new.target_id,
        "message_id": new.message_id,
        "chat_id": new.chat_id if new.subscriber_id is None else None,
        "expires_at": new.expires_at,
        "payload": new.payload,
    }
