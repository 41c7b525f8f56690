"""Stories: which articles tell one event, their summaries, and their messages in the chats."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.feeds import text_digest
from storage.model import Article, ArticleState, Story, StorySummary, StoryView, SummarySentence
from storage.rows import columns, make
from storage.tables import articles, feeds, stories, story_messages, story_urls, summaries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.transaction import Transaction

_LONG = ("text", "content_html")


class Stories:
    """The stories of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def find_match(
        self, *, feed_id: int | None, lang: str, title_key: str, url_key: str | None, since: datetime
    ) -> Story | None:
        """Find the newest story with the same title in the same language, or with the same address.

        A feed tells a story once: its second article under one title is a piece of news of its own, and nothing
        that a stranger's feed repeats can change what others read. What a private feed tells belongs to its readers
        alone: no story of it matches anything.

        Args:
            feed_id: The article's feed; ``None`` where it comes from no feed.
            lang: The article's language.
            title_key: What equal titles have in common; empty matches nothing.
            url_key: What equal addresses have in common; ``None`` or empty matches nothing.
            since: Stories whose last article is older do not match.
        """
        conditions = []
        if title_key:
            conditions.append(sa.and_(stories.c.lang == lang, stories.c.title_digest == text_digest(title_key)))
        if url_key:
            conditions.append(
                stories.c.id.in_(
                    sa.select(story_urls.c.story_id).where(story_urls.c.url_digest == text_digest(url_key))
                )
            )
        if not conditions or await self._is_private(feed_id):
            return None
        barred = (
            sa.select(articles.c.id)
            .join_from(articles, feeds)
            .where(articles.c.story_id == stories.c.id, sa.or_(feeds.c.id == feed_id, feeds.c.private))
            .correlate(stories)
            .exists()
        )
        row = await self._tx.first(
            sa.select(stories)
            .where(sa.or_(*conditions), stories.c.last_at >= since, sa.not_(barred))
            .order_by(stories.c.last_at.desc(), stories.c.id.desc())
            .limit(1)
        )
        return None if row is None else make(Story, row, stories)

    async def _is_private(self, feed_id: int | None) -> bool:
        return bool(await self._tx.value(sa.select(feeds.c.private).where(feeds.c.id == feed_id)))

    async def create(self, *, lang: str, title: str, title_key: str, now: datetime) -> Story:
        """Insert a story that has no article yet, at revision 1."""
        row = await self._tx.one(
            stories.insert()
            .values(
                lang=lang,
                title=title,
                title_digest=text_digest(title_key),
                revision=1,
                first_at=now,
                last_at=now,
            )
            .returning(stories),
            "story",
            title,
        )
        return make(Story, row, stories)

    async def attach(self, story_id: int, article_id: int, *, url_key: str | None, now: datetime) -> Story:
        """Put an article into a story; every article after the first makes a new revision.

        An article that has a story keeps it, and then nothing changes.

        Raises:
            NotFoundError: There is no such story.
        """
        locked = sa.select(stories).where(stories.c.id == story_id).with_for_update()
        story = make(Story, await self._tx.one(locked, "story", story_id), stories)
        grows = await self._tx.value(sa.select(articles.c.id).where(articles.c.story_id == story_id).limit(1))
        joined = await self._tx.run(
            articles.update()
            .where(articles.c.id == article_id, articles.c.story_id.is_(None))
            .values(story_id=story_id)
        )
        if not joined:
            return story
        if url_key:
            await self._tx.run(
                self._tx.insert(story_urls)
                .values(url_digest=text_digest(url_key), story_id=story_id)
                .on_conflict_do_nothing()
            )
        row = await self._tx.one(
            stories.update()
            .where(stories.c.id == story_id)
            .values(revision=stories.c.revision + (0 if grows is None else 1), last_at=now)
            .returning(stories),
            "story",
            story_id,
        )
        return make(Story, row, stories)

    async def get(self, story_id: int) -> Story:
        """Get a story.

        Raises:
            NotFoundError: There is none.
        """
        row = await self._tx.one(sa.select(stories).where(stories.c.id == story_id), "story", story_id)
        return make(Story, row, stories)

    async def view(self, story_id: int, max_chars: int) -> StoryView | None:
        """Gather what a message about a story is made of; ``None`` if there is no such story.

        Args:
            story_id: The story.
            max_chars: Length wanted: of the summaries of this revision the longest within it, else the shortest.
        """
        row = await self._tx.first(sa.select(stories).where(stories.c.id == story_id))
        if row is None:
            return None
        return (await view_all(self._tx, [make(Story, row, stories)], max_chars))[0]

    async def save_summary(self, summary: StorySummary) -> None:
        """Keep a summary; one of the same revision and length is replaced."""
        sentences = [asdict(sentence) for sentence in summary.sentences]
        await self._tx.run(
            self._tx.insert(summaries)
            .values(
                story_id=summary.story_id,
                revision=summary.revision,
                max_chars=summary.max_chars,
                sentences=sentences,
            )
            .on_conflict_do_update(index_elements=["story_id", "revision", "max_chars"], set_={"sentences": sentences})
        )

    async def find_message(self, subscriber_id: int, story_id: int, thread_id: int = 0) -> int | None:
        """Find Telegram's id of the message that shows a story in a chat."""
        found: int | None = await self._tx.value(
            sa.select(story_messages.c.message_id).where(
                story_messages.c.subscriber_id == subscriber_id,
                story_messages.c.thread_id == thread_id,
                story_messages.c.story_id == story_id,
            )
        )
        return found


async def view_all(tx: Transaction, found: Sequence[Story], max_chars: int) -> list[StoryView]:
    """Gather the articles and summaries of stories, in three statements however many they are."""
    if not found:
        return []
    ids = [story.id for story in found]
    article_rows = await tx.all(
        sa.select(*columns(Article, articles, without=_LONG))
        .where(tx.among(articles.c.story_id, ids), articles.c.state == ArticleState.READY)
        .order_by(sa.func.coalesce(articles.c.published_at, articles.c.fetched_at), articles.c.id)
    )
    told: dict[int, list[Article]] = {}
    for row in article_rows:
        told.setdefault(row[articles.c.story_id], []).append(make(Article, row, articles, without=_LONG))
    summary_rows = await tx.all(
        sa.select(summaries)
        .join_from(
            summaries,
            stories,
            sa.and_(stories.c.id == summaries.c.story_id, stories.c.revision == summaries.c.revision),
        )
        .where(tx.among(summaries.c.story_id, ids))
        .order_by(summaries.c.max_chars)
    )
    chosen: dict[int, StorySummary] = {}
    for row in summary_rows:
        story_id = row[summaries.c.story_id]
        if story_id not in chosen or row[summaries.c.max_chars] <= max_chars:
            chosen[story_id] = StorySummary(
                story_id=story_id,
                revision=row[summaries.c.revision],
                max_chars=row[summaries.c.max_chars],
                sentences=tuple(SummarySentence(**sentence) for sentence in row[summaries.c.sentences]),
            )
    return [
        StoryView(story=story, articles=tuple(told.get(story.id, ())), summary=chosen.get(story.id)) for story in found
    ]
