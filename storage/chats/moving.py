"""Following a chat whose id has changed: a group that became a supergroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import ChatKind
from storage.tables import (
    alerts,
    bans,
    dialogues,
    hidden_words,
    imports,
    inbox,
    outbox,
    pushes,
    removals,
    saved,
    seen,
    story_messages,
    subscribers,
    subscriptions,
    threads,
)

if TYPE_CHECKING:
    from storage.connection.transaction import Transaction


async def move_chat(tx: Transaction, old_chat_id: int, new_chat_id: int) -> None:
    """Give what belongs to one chat to another.

    The messages themselves do not move: those sent before have no ids that we could edit in the new chat.
    """
    old_id = await _find(tx, old_chat_id)
    if old_id is None:
        return
    # Whom the newsroom has shut out stays so under the new id.
    banned = sa.select(bans.c.bot_id, sa.literal(new_chat_id, bans.c.peer_id.type), bans.c.created_at).where(
        bans.c.bot_id == tx.bot_id, bans.c.peer_id == old_chat_id
    )
    await tx.run(tx.insert(bans).from_select(["bot_id", "peer_id", "created_at"], banned).on_conflict_do_nothing())
    await tx.run(
        outbox.update()
        .where(outbox.c.bot_id == tx.bot_id, outbox.c.subscriber_id.is_(None), outbox.c.chat_id == old_chat_id)
        .values(chat_id=new_chat_id)
    )
    await tx.run(story_messages.delete().where(story_messages.c.subscriber_id == old_id))
    await tx.run(
        outbox.update()
        .where(outbox.c.subscriber_id == old_id, outbox.c.message_id.is_not(None))
        .values(message_id=None)
    )
    new_id = await _find(tx, new_chat_id)
    if new_id is None:
        await tx.run(
            subscribers.update().where(subscribers.c.id == old_id).values(chat_id=new_chat_id, kind=ChatKind.SUPERGROUP)
        )
    else:
        await _merge(tx, old_id, new_id)
    await tx.run(
        inbox.update().where(inbox.c.bot_id == tx.bot_id, inbox.c.chat_id == old_chat_id).values(chat_id=new_chat_id)
    )


async def _find(tx: Transaction, chat_id: int) -> int | None:
    found: int | None = await tx.value(
        sa.select(subscribers.c.id)
        .where(subscribers.c.bot_id == tx.bot_id, subscribers.c.chat_id == chat_id)
        .with_for_update()
    )
    return found


async def _merge(tx: Transaction, old_id: int, new_id: int) -> None:
    """Give the new subscriber what it does not have yet, then delete the old one."""
    for table, key in (
        (subscriptions, ("thread_id", "feed_id")),
        (removals, ("thread_id", "feed_id")),
        (seen, ("thread_id", "story_id")),
        (dialogues, ("user_id",)),
        (hidden_words, ("key",)),
        (alerts, ("key",)),
        (saved, ("story_id",)),
        (threads, ("thread_id",)),
        (outbox, ("subject", "kind", "part", "thread_id")),
    ):
        twin = table.alias("twin")
        has_twin = (
            sa.select(sa.literal(1))
            .select_from(twin)
            .where(twin.c.subscriber_id == new_id, *(twin.c[name] == table.c[name] for name in key))
            .correlate(table)
            .exists()
        )
        await tx.run(
            table.update().where(table.c.subscriber_id == old_id, sa.not_(has_twin)).values(subscriber_id=new_id)
        )
    for table in (pushes, imports):
        await tx.run(table.update().where(table.c.subscriber_id == old_id).values(subscriber_id=new_id))
    await tx.run(outbox.delete().where(outbox.c.subscriber_id == old_id))
    await tx.run(subscribers.delete().where(subscribers.c.id == old_id))
