"""Private feeds that nobody follows any more: they go with all that only they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import FanoutKind
from storage.tables import (
    articles,
    entry_keys,
    fanouts,
    feed_notices,
    feeds,
    held_entries,
    hub_subscriptions,
    offers,
    outbox,
    pushes,
    stories,
    subscriptions,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.connection.transaction import Transaction


async def delete_forsaken(tx: Transaction, feed_ids: Collection[int]) -> int:
    """Delete those of these feeds that are private and that nobody follows, with their articles and stories.

    What the newsroom has pushed of them stays the newsroom's.

    Returns:
        How many went.
    """
    if not feed_ids:
        return 0
    forsaken = sa.select(feeds.c.id).where(tx.among(feeds.c.id, feed_ids), _IS_FORSAKEN).order_by(feeds.c.id)
    # Whoever follows one of them meanwhile, or adds to it, holds its row on PostgreSQL: only then look again.
    await tx.all(forsaken.with_for_update())
    gone = await tx.values(forsaken)
    if not gone:
        return 0
    for table in (held_entries, entry_keys, feed_notices, hub_subscriptions):
        await tx.run(table.delete().where(tx.among(table.c.feed_id, gone)))
    is_pushed = sa.select(pushes.c.id).where(pushes.c.article_id == articles.c.id).exists()
    await tx.run(articles.update().where(tx.among(articles.c.feed_id, gone), is_pushed).values(feed_id=None))
    told = await tx.values(articles.delete().where(tx.among(articles.c.feed_id, gone)).returning(articles.c.story_id))
    await _delete_untold(tx, {story_id for story_id in told if story_id is not None})
    await tx.run(feeds.delete().where(tx.among(feeds.c.id, gone)))
    tx.scrub = True
    return len(gone)


async def delete_long_forsaken(tx: Transaction, before: datetime, *, limit: int) -> int:
    """Delete the private feeds that nobody has followed since an instant.

    Args:
        tx: The transaction.
        before: What was added, or to be read, later stays: its reader may want it back.
        limit: Most feeds to delete at once.

    Returns:
        How many went; as many as ``limit`` means that there may be more.
    """
    found = sa.select(feeds.c.id).where(_IS_FORSAKEN, feeds.c.due_at < before, feeds.c.created_at < before)
    return await delete_forsaken(tx, await tx.values(found.order_by(feeds.c.id).limit(limit)))


async def _delete_untold(tx: Transaction, story_ids: Collection[int]) -> None:
    """Delete those of the stories that no article tells any more, with their deliveries."""
    if not story_ids:
        return
    is_told = sa.select(articles.c.id).where(articles.c.story_id == stories.c.id).exists()
    gone = await tx.values(
        stories.delete().where(tx.among(stories.c.id, story_ids), sa.not_(is_told)).returning(stories.c.id)
    )
    await tx.run(fanouts.delete().where(fanouts.c.kind == FanoutKind.STORY, tx.among(fanouts.c.subject_id, gone)))
    await tx.run(outbox.delete().where(tx.among(outbox.c.subject, [f"s:{story_id}" for story_id in gone])))


_IS_FORSAKEN = sa.and_(
    feeds.c.private,
    sa.not_(sa.select(subscriptions.c.id).where(subscriptions.c.feed_id == feeds.c.id).exists()),
    sa.not_(sa.select(offers.c.feed_id).where(offers.c.feed_id == feeds.c.id).exists()),
)
