"""Forgetting a chat: every trace of it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import Origin, PushState
from storage.news.forsaken import delete_forsaken
from storage.outbox.push_figures import COUNTED, keep_figures
from storage.tables import (
    articles,
    contents,
    dialogues,
    editors,
    fanouts,
    inbox,
    invitations,
    outbox,
    pushes,
    subscribers,
    subscriptions,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.connection.transaction import Transaction


async def erase_subscriber(tx: Transaction, subscriber_id: int) -> None:
    """Delete a chat with all that hangs on it; with a person's chat their place in the newsroom too.

    Private feeds that nobody else follows go too. What the newsroom has sent stays the newsroom's; drafts that were
    never sent go, with their texts. Updates of the chat that nobody has begun to handle stay: they are what the person
    said after asking to be forgotten.
    """
    chat_id = await tx.value(
        sa.select(subscribers.c.chat_id)
        .where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == tx.bot_id)
        .with_for_update()
    )
    if chat_id is None:
        return
    content_ids = await _delete_deliveries(tx, subscriber_id)
    content_ids += await _delete_drafts(tx, subscriber_id)
    await _delete_orphans(tx, content_ids)
    await tx.run(
        inbox.update()
        .where(
            inbox.c.bot_id == tx.bot_id,
            inbox.c.chat_id == chat_id,
            sa.or_(inbox.c.settled_at.is_not(None), inbox.c.attempts > 0),
        )
        .values(payload=None, chat_id=None, error=None)
    )
    await tx.run(
        dialogues.delete().where(sa.or_(dialogues.c.subscriber_id == subscriber_id, dialogues.c.user_id == chat_id))
    )
    await tx.run(
        subscribers.update()
        .where(subscribers.c.bot_id == tx.bot_id, subscribers.c.connected_by == chat_id)
        .values(connected_by=None)
    )
    await tx.run(editors.delete().where(editors.c.bot_id == tx.bot_id, editors.c.user_id == chat_id))
    await tx.run(invitations.delete().where(invitations.c.bot_id == tx.bot_id, invitations.c.invited_by == chat_id))
    followed = await tx.values(sa.select(subscriptions.c.feed_id).where(subscriptions.c.subscriber_id == subscriber_id))
    await tx.run(subscribers.delete().where(subscribers.c.id == subscriber_id))  # the rest goes by ON DELETE CASCADE
    await delete_forsaken(tx, followed)
    tx.scrub = True


async def _delete_deliveries(tx: Transaction, subscriber_id: int) -> list[int]:
    """Delete a chat's outbox but for the numbers in reports of pushes, and return the contents that it shared."""
    rows = await tx.all(
        outbox.delete()
        .where(outbox.c.subscriber_id == subscriber_id)
        .returning(outbox.c.id, outbox.c.content_id, *COUNTED)
    )
    await keep_figures(tx, rows)
    gone = [row[outbox.c.id] for row in rows]
    if gone:
        await tx.run(pushes.update().where(pushes.c.subscriber_id == subscriber_id).values(progress_id=None))
    return [row[outbox.c.content_id] for row in rows if row[outbox.c.content_id] is not None]


async def _delete_drafts(tx: Transaction, subscriber_id: int) -> list[int]:
    """Delete pushes that were never sent, with their articles, and return their contents."""
    rows = await tx.all(
        pushes.delete()
        .where(
            pushes.c.subscriber_id == subscriber_id,
            pushes.c.state.in_([PushState.DRAFT, PushState.DISCARDED]),
        )
        .returning(pushes.c.article_id, pushes.c.content_id)
    )
    article_ids = [row[pushes.c.article_id] for row in rows]
    if article_ids:
        used = sa.select(pushes.c.id).where(pushes.c.article_id == articles.c.id).exists()
        await tx.run(
            articles.delete().where(
                tx.among(articles.c.id, article_ids),
                articles.c.origin == Origin.PUSH,
                articles.c.story_id.is_(None),
                sa.not_(used),
            )
        )
    return [row[pushes.c.content_id] for row in rows]


async def _delete_orphans(tx: Transaction, content_ids: Sequence[int]) -> None:
    """Delete those of the contents that nothing names any more."""
    if not content_ids:
        return
    users = [
        sa.select(table.c.id).where(table.c.content_id == contents.c.id).exists() for table in (outbox, pushes, fanouts)
    ]
    await tx.run(contents.delete().where(tx.among(contents.c.id, content_ids), *(sa.not_(user) for user in users)))
