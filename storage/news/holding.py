"""Entries held back: too much of a feed was new at once, and an editor is to say what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.connection.channels import Channel
from storage.model import ArticleState
from storage.tables import articles, feeds, held_entries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.connection.transaction import Transaction


class Holding:
    """The held entries of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def hold(self, feed_id: int, article_ids: Sequence[int], *, now: datetime) -> None:
        """Hold entries back that are stored as known; they are recognised from now on, whatever becomes of them."""
        if not article_ids:
            return
        await self._tx.run(
            self._tx.insert(held_entries).on_conflict_do_nothing(),
            [{"feed_id": feed_id, "article_id": article_id} for article_id in article_ids],
        )
        await self._tx.run(feeds.update().where(feeds.c.id == feed_id).values(held_at=now))

    async def count(self, feed_id: int) -> int:
        """Count what is held back of a feed."""
        statement = sa.select(sa.func.count()).select_from(held_entries).where(held_entries.c.feed_id == feed_id)
        return int(await self._tx.value(statement))

    async def release(self, feed_id: int, *, now: datetime) -> int:
        """Make news of what is held back, and expect such bursts of this feed; say how many there were."""
        held = sa.select(held_entries.c.article_id).where(held_entries.c.feed_id == feed_id)
        count = await self._tx.run(
            articles.update()
            .where(articles.c.id.in_(held), articles.c.state == ArticleState.KNOWN)
            .values(state=ArticleState.PENDING, due_at=now, attempts=0)
        )
        await self._tx.run(held_entries.delete().where(held_entries.c.feed_id == feed_id))
        await self._tx.run(feeds.update().where(feeds.c.id == feed_id).values(held_at=None, bursts=True))
        self._tx.rung.add(Channel.ARTICLES)
        return count

    async def drop(self, feed_id: int) -> int:
        """Make nothing of what is held back but what is recognised later; say how many there were."""
        held = sa.select(held_entries.c.article_id).where(held_entries.c.feed_id == feed_id)
        await self._tx.run(articles.update().where(articles.c.id.in_(held)).values(content_html=""))
        count = await self._tx.run(held_entries.delete().where(held_entries.c.feed_id == feed_id))
        await self._tx.run(feeds.update().where(feeds.c.id == feed_id).values(held_at=None))
        return count
