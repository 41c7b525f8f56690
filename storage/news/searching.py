"""Finding stories by words, and the words of which a chat wants to be told at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import ArticleState, HiddenWord, Story, StoryView
from storage.news.stories import view_all
from storage.rows import columns, make
from storage.tables import alerts, article_words, articles, feeds, stories, subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from storage.connection.transaction import Transaction

MOST_KEY_CHARS = 16
_PURGED_SPAN = timedelta(days=7)


def title_key(key: str) -> str:
    """Mark the key of a word as one of a title."""
    return f"t:{key}"


class Searching:
    """Searches and alerts of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def index(self, article_id: int, keys: Collection[str]) -> None:
        """Let an article be found by words."""
        rows = [{"key": key, "article_id": article_id} for key in sorted({key[:MOST_KEY_CHARS] for key in keys if key})]
        if rows:
            await self._tx.run(self._tx.insert(article_words).on_conflict_do_nothing(), rows)

    async def purge(self, before: datetime) -> int:
        """Forget the words of the articles that have just grown older than an instant; called every hour."""
        old = sa.select(articles.c.id).where(articles.c.fetched_at.between(before - _PURGED_SPAN, before))
        return await self._tx.run(article_words.delete().where(article_words.c.article_id.in_(old)))

    async def find(
        self, subscriber_id: int, keys: Sequence[str], *, since: datetime, limit: int, offset: int = 0
    ) -> list[StoryView]:
        """Find the newest stories with all the words, in what the chat follows and in what is nobody's secret.

        Args:
            subscriber_id: Who asks.
            keys: The words' keys.
            since: Older articles are not looked at.
            limit: Most stories.
            offset: How many of the newest to pass over.
        """
        newest = sa.func.max(articles.c.fetched_at)
        found = (
            sa.select(articles.c.story_id, newest.label("at"))
            .where(*self._matches(subscriber_id, keys, since=since))
            .group_by(articles.c.story_id)
            .order_by(newest.desc(), articles.c.story_id.desc())
            .limit(limit)
            .offset(offset)
            .subquery("found")
        )
        rows = await self._tx.all(
            sa.select(*columns(Story, stories))
            .join_from(found, stories, stories.c.id == found.c.story_id)
            .order_by(found.c.at.desc(), stories.c.id.desc())
        )
        # A story with a private feed's report has no others, so that nothing of it is seen here by anybody else.
        return await view_all(self._tx, [make(Story, row, stories) for row in rows], 0)

    async def count(self, subscriber_id: int, keys: Sequence[str], *, since: datetime) -> int:
        """Count the stories that ``find`` would find."""
        return int(
            await self._tx.value(
                sa.select(sa.func.count(sa.distinct(articles.c.story_id))).where(
                    *self._matches(subscriber_id, keys, since=since)
                )
            )
        )

    async def may_read(self, subscriber_id: int, story_id: int) -> bool:
        """Say whether a search of the chat could find a story."""
        mine = sa.select(articles.c.id).where(
            articles.c.story_id == story_id, articles.c.state == ArticleState.READY, _is_open_to(subscriber_id)
        )
        return await self._tx.value(mine.limit(1)) is not None

    def _matches(self, subscriber_id: int, keys: Sequence[str], *, since: datetime) -> tuple[ColumnElement[bool], ...]:
        worded = [
            articles.c.id.in_(sa.select(article_words.c.article_id).where(article_words.c.key == key[:MOST_KEY_CHARS]))
            for key in keys
        ]
        return (
            articles.c.state == ArticleState.READY,
            articles.c.story_id.is_not(None),
            articles.c.fetched_at >= since,
            *worded,
            _is_open_to(subscriber_id),
        )

    # ---- alerts

    async def add_alert(self, subscriber_id: int, word: HiddenWord) -> None:
        """Tell a chat at once of stories with a word in their titles."""
        await self._tx.run(
            self._tx.insert(alerts)
            .values(subscriber_id=subscriber_id, key=word.key[:64], word=word.word[:64])
            .on_conflict_do_update(index_elements=["subscriber_id", "key"], set_={"word": word.word[:64]})
        )

    async def drop_alert(self, subscriber_id: int, key: str) -> None:
        """Tell a chat of a word no more."""
        await self._tx.run(alerts.delete().where(alerts.c.subscriber_id == subscriber_id, alerts.c.key == key))

    async def list_alerts(self, subscriber_id: int) -> list[HiddenWord]:
        """List the words of which a chat is told at once, in alphabetical order."""
        rows = await self._tx.all(
            sa.select(alerts.c.key, alerts.c.word)
            .where(alerts.c.subscriber_id == subscriber_id)
            .order_by(alerts.c.word)
        )
        return [HiddenWord(key=row[alerts.c.key], word=row[alerts.c.word]) for row in rows]

    async def alerts_any(self, keys: Collection[str]) -> list[str]:
        """Tell which alerts of anybody a title with these words meets: those all of whose words it has."""
        words = set(keys)
        standing = await self._tx.values(sa.select(alerts.c.key).distinct())
        return [str(key) for key in standing if set(str(key).split()) <= words]


def _is_open_to(subscriber_id: int) -> ColumnElement[bool]:
    followed = sa.select(subscriptions.c.feed_id).where(subscriptions.c.subscriber_id == subscriber_id)
    public = sa.select(feeds.c.id).where(feeds.c.private.is_(False))
    return sa.or_(articles.c.feed_id.in_(followed), articles.c.feed_id.in_(public))
