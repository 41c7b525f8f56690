"""All that is stored about one chat, as plain data for whoever it belongs to."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.errors import NotFoundError
from storage.tables import feeds, followed_topics, inbox, metadata, stories, subscribers, subscriptions

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from storage.connection.transaction import Transaction
    from storage.model import Json


async def portray(tx: Transaction, subscriber_id: int) -> Json:
    """Give every row that hangs on a chat, by table: one that is added to the tables one day is in it by itself.

    Each feed and story that a row names is told once, by address and title. Instants are written in ISO 8601, UTC.

    Raises:
        NotFoundError: There is no such chat.
    """
    own = sa.select(subscribers).where(subscribers.c.id == subscriber_id, subscribers.c.bot_id == tx.bot_id)
    rows = await tx.all(own)
    if not rows:
        raise NotFoundError("subscriber", subscriber_id)
    portrait: dict[str, Any] = {"chat": _plain(rows[0])}
    feed_ids: set[int] = set()
    story_ids: set[int] = set()
    for table in metadata.sorted_tables:
        if "subscriber_id" in table.c:
            mine = await tx.all(
                sa.select(table).where(table.c.subscriber_id == subscriber_id).order_by(*table.primary_key.columns)
            )
            portrait[table.name] = [_plain(row) for row in mine]
            feed_ids |= {row[table.c.feed_id] for row in mine} if "feed_id" in table.c else set()
            story_ids |= {row[table.c.story_id] for row in mine} if "story_id" in table.c else set()
    topics = await tx.all(
        sa.select(followed_topics)
        .join_from(followed_topics, subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(followed_topics.c.subscription_id, followed_topics.c.topic)
    )
    portrait[followed_topics.name] = [_plain(row) for row in topics]
    updates = await tx.all(
        sa.select(inbox).where(inbox.c.bot_id == tx.bot_id, inbox.c.chat_id == rows[0][subscribers.c.chat_id])
    )
    portrait["inbox"] = [_plain(row) for row in updates]
    named_feeds = sa.select(feeds.c.id, feeds.c.url, feeds.c.title).where(tx.among(feeds.c.id, feed_ids))
    portrait["feeds"] = [_plain(row) for row in await tx.all(named_feeds)]
    named_stories = sa.select(stories.c.id, stories.c.title).where(tx.among(stories.c.id, story_ids))
    portrait["stories"] = [_plain(row) for row in await tx.all(named_stories)]
    return portrait


def _plain(row: RowMapping) -> dict[str, Any]:
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, date):  # an instant too
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
