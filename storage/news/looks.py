"""Second looks at articles that were told: who takes one, how often, and at what pace over all processes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from storage.model import ArticleState
from storage.tables import article_looks, articles, story_messages

if TYPE_CHECKING:
    from datetime import datetime

    from storage.connection.transaction import Transaction
    from storage.model import LookPace

_LOOK_LOCK: Final = 0x6E67736C  # namespace of our advisory locks on PostgreSQL
_MINUTE: Final = timedelta(minutes=1)


class Looks:
    """The second looks of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def claim(self, article_id: int, pace: LookPace, *, now: datetime) -> bool:
        """Take a look at an article that its feed says has changed, unless somebody looked lately, or often."""
        taken = await self._tx.value(
            self._tx.insert(article_looks)
            .values(article_id=article_id, looked_at=now, times=1)
            .on_conflict_do_update(
                index_elements=[article_looks.c.article_id],
                set_={"looked_at": now, "times": article_looks.c.times + 1},
                where=sa.not_(_is_enough(pace, now)),
            )
            .returning(article_looks.c.article_id)
        )
        return taken is not None

    async def has_told(self, pace: LookPace, *, since: datetime, until: datetime, now: datetime) -> bool:
        """Tell whether ``claim_told`` would find an article."""
        return await self._tx.value(_next_told(pace, since, until, now)) is not None

    async def claim_told(self, pace: LookPace, *, since: datetime, until: datetime, now: datetime) -> int | None:
        """Take the one look at an article of which some chat was told, though its feed says nothing; oldest first.

        Args:
            pace: How often pages are asked for again.
            since: When the article was fetched at the earliest.
            until: When it was fetched at the latest.
            now: The present instant.

        Returns:
            The article's id; ``None`` where there is none, or enough were taken within the minute.
        """
        if self._tx.postgres:  # two snapshots could otherwise each find room for one more within the minute
            await self._tx.run(sa.select(sa.func.pg_advisory_xact_lock(_LOOK_LOCK, self._tx.bot_id % 2**31)))
        taken = await self._tx.value(
            self._tx.insert(article_looks)
            .from_select(["article_id", "looked_at", "times", "alone_at"], _next_told(pace, since, until, now))
            .on_conflict_do_update(
                index_elements=[article_looks.c.article_id],
                set_={"looked_at": now, "times": article_looks.c.times + 1, "alone_at": now},
                where=sa.and_(article_looks.c.alone_at.is_(None), sa.not_(_is_enough(pace, now))),
            )
            .returning(article_looks.c.article_id)
        )
        return None if taken is None else int(taken)

    async def purge(self, before: datetime) -> int:
        """Forget the looks at articles that were last looked at before an instant; say how many."""
        return await self._tx.run(article_looks.delete().where(article_looks.c.looked_at < before))


def _is_enough(pace: LookPace, now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(article_looks.c.times >= pace.most_times, article_looks.c.looked_at > now - pace.rest)


def _next_told(
    pace: LookPace, since: datetime, until: datetime, now: datetime
) -> sa.Select[tuple[int, datetime, int, datetime]]:
    """Select the row that a look at the next told article makes."""
    is_told = (
        sa.select(story_messages.c.story_id)
        .where(story_messages.c.story_id == articles.c.story_id)
        .correlate(articles)
        .exists()
    )
    is_done = (
        sa.select(article_looks.c.article_id)
        .where(
            article_looks.c.article_id == articles.c.id,
            sa.or_(article_looks.c.alone_at.is_not(None), _is_enough(pace, now)),
        )
        .correlate(articles)
        .exists()
    )
    # Later than any clock of ours can say, it was taken under one that was wrong.
    lately = sa.select(sa.func.count()).where(article_looks.c.alone_at.between(now - _MINUTE, now + _MINUTE))
    instant = article_looks.c.looked_at.type
    return (
        sa.select(articles.c.id, sa.literal(now, instant), sa.literal(1), sa.literal(now, instant))
        .where(
            articles.c.fetched_at > since,
            articles.c.fetched_at <= until,
            articles.c.state == ArticleState.READY,
            articles.c.feed_id.is_not(None),
            articles.c.text != "",
            lately.scalar_subquery() < pace.most_a_minute,
            sa.not_(is_done),
            is_told,
        )
        .order_by(articles.c.fetched_at, articles.c.id)
        .limit(1)
    )
