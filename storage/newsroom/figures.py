"""The house in figures, for the newsroom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import ArticleState, Figures, Verb
from storage.tables import articles, feeds, outbox, stories, subscribers, subscriptions

if TYPE_CHECKING:
    from datetime import datetime

    from storage.connection.transaction import Transaction


async def count_figures(tx: Transaction, *, since: datetime) -> Figures:
    """Count chats, feeds, and what came and went since an instant."""
    chats = await tx.all(
        sa.select(subscribers.c.state, sa.func.count().label("number"))
        .where(subscribers.c.bot_id == tx.bot_id)
        .group_by(subscribers.c.state)
    )
    settled = await tx.all(
        sa.select(outbox.c.state, sa.func.count().label("number"))
        .where(outbox.c.bot_id == tx.bot_id, outbox.c.settled_at >= since, outbox.c.verb == Verb.SEND)
        .group_by(outbox.c.state)
    )
    followed = sa.select(subscriptions.c.feed_id).distinct()
    count = sa.func.count()
    return Figures(
        chats={row[subscribers.c.state].value: row["number"] for row in chats},
        feeds=int(await tx.value(sa.select(count).select_from(feeds).where(feeds.c.id.in_(followed)))),
        ill_feeds=int(
            await tx.value(sa.select(count).select_from(feeds).where(feeds.c.id.in_(followed), feeds.c.failures > 0))
        ),
        articles=int(
            await tx.value(
                sa.select(count)
                .select_from(articles)
                .where(articles.c.fetched_at >= since, articles.c.state == ArticleState.READY)
            )
        ),
        stories=int(await tx.value(sa.select(count).select_from(stories).where(stories.c.first_at >= since))),
        settled={row[outbox.c.state].value: row["number"] for row in settled},
        queued=int(
            await tx.value(
                sa.select(count)
                .select_from(outbox)
                .where(outbox.c.bot_id == tx.bot_id, outbox.c.state == sa.literal_column("'queued'"))
            )
        ),
    )
