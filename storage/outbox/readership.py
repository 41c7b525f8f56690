"""Who is owed which report: the one condition that fan-outs and edits share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.model import SubscriptionMode, SubscriptionState
from storage.tables import articles, story_messages, subscriptions

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_OWED = (
    subscriptions.c.feed_id == articles.c.feed_id,
    subscriptions.c.state == SubscriptionState.ACTIVE,
    subscriptions.c.mode == SubscriptionMode.INSTANT,
    sa.or_(articles.c.fetched_at > subscriptions.c.since, articles.c.id == subscriptions.c.sample_id),
)


def reports_owed(story_id: int, *, after: int, upto: int) -> sa.Select[*tuple[Any, ...]]:
    """Select the chats and threads to which a feed owes a report that joined a story, once for each such report.

    A report is owed where it came to us after the subscription began, or is the one that it begins with.

    Args:
        story_id: The story.
        after: Only reports that made a later revision than this.
        upto: And none later than this.
    """
    return sa.select(subscriptions.c.subscriber_id, subscriptions.c.thread_id).where(
        articles.c.story_id == story_id, articles.c.story_revision.between(after + 1, upto), *_OWED
    )


def has_news(revision: ColumnElement[int]) -> ColumnElement[bool]:
    """Say that a story's message is behind a revision by a report that is owed to its chat and thread.

    What joins from elsewhere changes nothing for those who do not follow it.
    """
    return (
        sa.select(articles.c.id)
        .where(
            articles.c.story_id == story_messages.c.story_id,
            articles.c.story_revision > story_messages.c.sent_revision,
            articles.c.story_revision <= revision,
            subscriptions.c.subscriber_id == story_messages.c.subscriber_id,
            subscriptions.c.thread_id == story_messages.c.thread_id,
            *_OWED,
        )
        .correlate_except(articles, subscriptions)
        .exists()
    )
