"""Story messages that show an old revision: one edit each, however many revisions came."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.connection.transaction import insert_for, is_among
from storage.model import DeliveryKind, DeliveryState, FanoutKind, Priority, Verb
from storage.outbox.readership import has_news
from storage.tables import fanouts, outbox, story_messages

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.connection.transaction import Transaction


async def catch_up(
    tx: Transaction, *, story_ids: Collection[int], subscriber_ids: Collection[int], now: datetime
) -> None:
    """Plan the edits that a fan-out could not plan, because the message was just leaving when it came by."""
    planned = await tx.run(
        _catch_up(tx.postgres),
        {
            "of_bot": tx.bot_id,
            "now": now,
            "stories": tx.pack(sorted(story_ids)),
            "subscribers": tx.pack(sorted(subscriber_ids)),
        },
    )
    if planned:
        tx.rung.add(Channel.OUTBOX)


@cache
def _catch_up(postgres: bool) -> sa.Insert:
    latest = (
        sa.select(fanouts.c.subject_id, sa.func.max(fanouts.c.revision).label("revision"))
        .where(
            fanouts.c.bot_id == sa.bindparam("of_bot", type_=fanouts.c.bot_id.type),
            fanouts.c.kind == FanoutKind.STORY,
            is_among(fanouts.c.subject_id, "stories", postgres=postgres),
        )
        .group_by(fanouts.c.subject_id)
        .subquery("latest")
    )
    behind = (
        sa.select(story_messages, latest.c.revision)
        .join_from(story_messages, latest, latest.c.subject_id == story_messages.c.story_id)
        .where(
            is_among(story_messages.c.subscriber_id, "subscribers", postgres=postgres),
            story_messages.c.sent_revision < latest.c.revision,
            has_news(latest.c.revision),
        )
    )
    return insert_edits(behind, postgres=postgres)


def insert_edits(behind: sa.Select[*tuple[Any, ...]], *, postgres: bool) -> sa.Insert:
    """Build the statement that plans one edit for each story message behind, unless one is queued already.

    Args:
        behind: Selects the columns of ``story_messages`` and ``revision``, the wanted one.
        postgres: For which database.

    Returns:
        A statement with the parameters ``of_bot`` and ``now``, beside those of ``behind``.
    """
    old = behind.subquery("behind")
    subject = sa.literal("s:", sa.String()) + sa.cast(old.c.story_id, sa.String(20))
    queued = outbox.alias("queued")
    is_queued = (
        sa.select(queued.c.id)
        .where(
            queued.c.subscriber_id == old.c.subscriber_id,
            queued.c.state == sa.literal_column("'queued'"),
            queued.c.priority == int(Priority.EDIT),
            queued.c.thread_id == old.c.thread_id,
            queued.c.kind == DeliveryKind.EDIT,
            queued.c.subject == subject,
        )
        .correlate(old)
        .exists()
    )
    now = sa.bindparam("now", type_=outbox.c.due_at.type)
    columns: dict[str, Any] = {
        "bot_id": sa.bindparam("of_bot", type_=outbox.c.bot_id.type),
        "subscriber_id": old.c.subscriber_id,
        "thread_id": old.c.thread_id,
        "kind": sa.literal(DeliveryKind.EDIT, outbox.c.kind.type),
        "subject": subject,
        "part": old.c.revision,
        "verb": sa.literal(Verb.EDIT, outbox.c.verb.type),
        "state": sa.literal(DeliveryState.QUEUED, outbox.c.state.type),
        "priority": sa.literal(int(Priority.EDIT), outbox.c.priority.type),
        "due_at": now,
        "created_at": now,
        "attempts": sa.literal(0, outbox.c.attempts.type),
        "message_id": old.c.message_id,
    }
    chosen = sa.select(*(value.label(name) for name, value in columns.items())).where(sa.not_(is_queued))
    return insert_for(outbox, postgres=postgres).from_select(list(columns), chosen).on_conflict_do_nothing()
