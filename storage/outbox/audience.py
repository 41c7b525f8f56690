"""Who gets a story or a push, as queries that fan-outs go through chunk by chunk."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.model import SubscriberState, SubscriptionState
from storage.outbox.readership import reports_owed
from storage.tables import (
    alerts,
    articles,
    bans,
    fanouts,
    feeds,
    followed_topics,
    hidden_words,
    pushes,
    seen,
    subscribers,
    subscriptions,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, RowMapping, Select

    from storage.connection.transaction import Transaction
    from storage.model import Json


async def push_audience(
    tx: Transaction, push_id: int, *, state: SubscriberState = SubscriberState.ACTIVE
) -> Select[*tuple[Any, ...]]:
    """Select the chats of a push's audience; a push goes to the chat itself, not to its threads."""
    chosen: Json | None = await tx.value(sa.select(pushes.c.audience).where(pushes.c.id == push_id))
    return sa.select(
        subscribers.c.id.label("subscriber_id"), sa.literal(0, subscriptions.c.thread_id.type).label("thread_id")
    ).where(
        subscribers.c.bot_id == tx.bot_id,
        subscribers.c.state == state,
        subscribers.c.admitted,
        subscribers.c.chat_id.not_in(sa.select(bans.c.peer_id).where(bans.c.bot_id == tx.bot_id)),
        *_belongs({} if chosen is None else chosen),
    )


def _belongs(audience: Json) -> list[ColumnElement[bool]]:
    """Say that a subscriber belongs to an audience as a push names it; to one that makes no sense belongs nobody."""
    try:
        return _named(audience)
    except (AttributeError, KeyError, TypeError, ValueError):
        return [sa.false()]


def _named(audience: Json) -> list[ColumnElement[bool]]:
    marks = sa.select(subscriptions.c.id).where(
        subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.state == SubscriptionState.ACTIVE
    )
    match audience.get("kind", "all"):
        case "all":
            return []
        case "active":
            belongs: ColumnElement[bool] = subscribers.c.active_on >= date.fromisoformat(str(audience["since"]))
        case "lang":
            belongs = subscribers.c.lang == str(audience["lang"])
        case "team":
            belongs = subscribers.c.chat_id.in_([_id(each) for each in audience["chat_ids"]])
        case "feed":
            belongs = marks.where(subscriptions.c.feed_id == _id(audience["feed_id"])).correlate(subscribers).exists()
        case "topic":
            topic = sa.select(followed_topics.c.subscription_id).where(
                followed_topics.c.topic == str(audience["topic"])
            )
            belongs = marks.where(subscriptions.c.id.in_(topic)).correlate(subscribers).exists()
        case _:
            belongs = sa.false()  # what a later version names reaches nobody rather than everybody
    return [belongs]


def _id(value: object) -> int:
    """Read an id.

    Raises:
        ValueError: It is none that a database knows.
    """
    number = int(str(value))
    if not -(2**63) <= number < 2**63:
        raise ValueError(value)
    return number


def story_audience(bot_id: int, story_id: int, *, after: int, upto: int) -> Select[*tuple[Any, ...]]:
    """Select the chats and threads that are owed one of a story's reports at once, by the revisions that these made.

    Subscribers are asked for one by one (EXISTS, no join): a chunk then follows the subscriptions of the feeds, and
    never reads through all subscribers.
    """
    takes_news = (
        sa.select(subscribers.c.id)
        .where(
            subscribers.c.id == subscriptions.c.subscriber_id,
            subscribers.c.bot_id == bot_id,
            subscribers.c.state == SubscriberState.ACTIVE,
        )
        .correlate(subscriptions)
        .exists()
    )
    return reports_owed(story_id, after=after, upto=upto).where(takes_news).distinct()


def feeds_of(row: RowMapping, *, after: int) -> Select[*tuple[Any, ...]]:
    """Select the feeds whose reports joined a fan-out's story after a revision, up to its own."""
    return sa.select(articles.c.feed_id).where(
        articles.c.story_id == row[fanouts.c.subject_id],
        articles.c.story_revision.between(after + 1, row[fanouts.c.revision]),
        articles.c.feed_id.is_not(None),
    )


def has_met(table: sa.Table, story_id: int) -> ColumnElement[bool]:
    """Say that the chat and thread of an audience stand in ``seen`` or ``story_messages`` with a story."""
    return (
        sa.select(table.c.story_id)
        .where(
            table.c.subscriber_id == subscriptions.c.subscriber_id,
            table.c.thread_id == subscriptions.c.thread_id,
            table.c.story_id == story_id,
        )
        .correlate(subscriptions)
        .exists()
    )


def alerted_audience(tx: Transaction, story_id: int, keys: Collection[str]) -> Select[*tuple[Any, ...]]:
    """Select the chats that asked to be told of such a story, where it comes from no stranger's private feed."""
    follows = (
        sa.select(subscriptions.c.id)
        .where(
            subscriptions.c.subscriber_id == subscribers.c.id,
            subscriptions.c.feed_id == articles.c.feed_id,
            subscriptions.c.state == SubscriptionState.ACTIVE,
        )
        .correlate(subscribers, articles)
        .exists()
    )
    is_open = (
        sa.select(articles.c.id)
        .join_from(articles, feeds)
        .where(articles.c.story_id == story_id, sa.or_(feeds.c.private.is_(False), follows))
        .correlate(subscribers)
        .exists()
    )
    met = sa.select(alerts.c.subscriber_id).where(tx.among(alerts.c.key, keys))
    told = sa.select(seen.c.subscriber_id).where(seen.c.story_id == story_id)
    return sa.select(
        subscribers.c.id.label("subscriber_id"), sa.literal(0, subscriptions.c.thread_id.type).label("thread_id")
    ).where(
        subscribers.c.bot_id == tx.bot_id,
        subscribers.c.state == SubscriberState.ACTIVE,
        subscribers.c.id.in_(met),
        subscribers.c.id.not_in(told),
        is_open,
    )


def hides_any(tx: Transaction, keys: Collection[str]) -> ColumnElement[bool]:
    """Say that the chat of an audience hides one of these words."""
    return (
        sa.select(hidden_words.c.key)
        .where(
            hidden_words.c.subscriber_id == subscriptions.c.subscriber_id,
            tx.among(hidden_words.c.key, keys),
        )
        .correlate(subscriptions)
        .exists()
    )
