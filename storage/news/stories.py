"""Stories: which articles tell one event, their summaries, and their messages in the chats."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.model import (
    Article,
    ArticleState,
    Correction,
    Story,
    StorySummary,
    StoryView,
    SubscriptionState,
    SummarySentence,
)
from storage.news.feeds import text_digest
from storage.news.headings import MOST_TITLE_CHARS, heading
from storage.rows import columns, make
from storage.tables import articles, corrections, feeds, stories, story_messages, story_urls, subscriptions, summaries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from storage.connection.transaction import Transaction

_STORY_LOCK = 0x6E677375  # namespace of our advisory locks on PostgreSQL
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

    async def serialise(self) -> None:
        """Let whoever looks for an article's story finish before the next one looks.

        SQLite has one writer anyway. On PostgreSQL two workers could otherwise each find the same story without an
        article of their feed, and both join it; or each find none, and tell one event twice.
        """
        if self._tx.postgres:
            await self._tx.run(sa.select(sa.func.pg_advisory_xact_lock(_STORY_LOCK, self._tx.bot_id % 2**31)))

    async def create(self, *, lang: str, title: str, title_key: str, now: datetime) -> Story:
        """Insert a story that has no article yet, at revision 1."""
        row = await self._tx.one(
            stories.insert()
            .values(
                lang=lang,
                title=heading(title, MOST_TITLE_CHARS),
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
        revision = story.revision + (0 if grows is None else 1)
        joined = await self._tx.run(
            articles.update()
            .where(articles.c.id == article_id, articles.c.story_id.is_(None))
            .values(story_id=story_id, story_revision=revision)
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
            stories.update().where(stories.c.id == story_id).values(revision=revision, last_at=now).returning(stories),
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

    async def view(
        self, story_id: int, max_chars: int, *, reader_id: int | None = None, thread_id: int | None = None
    ) -> StoryView | None:
        """Gather what a message about a story is made of; ``None`` if there is no such story.

        Args:
            story_id: The story.
            max_chars: Length wanted: of an article's summaries the longest within it, else the shortest.
            reader_id: The subscriber to whom it is told: only what the feeds that it follows say of the story, and
                ``None`` where they say nothing. Without one, all that is known, which is for no reader's eyes.
            thread_id: Only feeds followed in this thread count; ``None`` for all of the chat's.
        """
        row = await self._tx.first(sa.select(stories).where(stories.c.id == story_id))
        if row is None:
            return None
        views = await view_all(
            self._tx, [make(Story, row, stories)], max_chars, reader_id=reader_id, thread_id=thread_id
        )
        return views[0] if views else None

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

    async def list_quoted(self, article_id: int) -> set[str]:
        """List the sentences of an article that its summaries quote."""
        rows = await self._tx.values(
            sa.select(summaries.c.sentences)
            .join_from(
                summaries,
                articles,
                sa.and_(articles.c.story_id == summaries.c.story_id, articles.c.story_revision == summaries.c.revision),
            )
            .where(articles.c.id == article_id)
        )
        return {str(sentence["text"]) for sentences in rows for sentence in sentences}

    async def revise(self, article_id: int, *, now: datetime) -> Story:
        """Make a new revision of a story for an article of it that has changed.

        Raises:
            NotFoundError: There is no such article, or it belongs to no story.
        """
        row = await self._tx.one(
            stories.update()
            .where(stories.c.id.in_(sa.select(articles.c.story_id).where(articles.c.id == article_id)))
            .values(revision=stories.c.revision + 1, last_at=now)
            .returning(stories),
            "story of article",
            article_id,
        )
        story = make(Story, row, stories)
        await self._tx.run(articles.update().where(articles.c.id == article_id).values(story_revision=story.revision))
        return story

    async def correct(self, correction: Correction) -> None:
        """Keep the latest correction of an article."""
        said = {name: value for name, value in asdict(correction).items() if name != "article_id"}
        await self._tx.run(
            self._tx.insert(corrections)
            .values(article_id=correction.article_id, **said)
            .on_conflict_do_update(index_elements=["article_id"], set_=said)
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


async def view_all(
    tx: Transaction,
    found: Sequence[Story],
    max_chars: int,
    *,
    reader_id: int | None = None,
    thread_id: int | None = None,
) -> list[StoryView]:
    """Gather the articles and summaries of stories, in two statements however many they are.

    Title and sentences are those of the first article, of those that the reader's feeds tell, that has any.
    """
    if not found:
        return []
    statement = sa.select(*columns(Article, articles, without=_LONG)).where(
        tx.among(articles.c.story_id, [story.id for story in found]), articles.c.state == ArticleState.READY
    )
    if reader_id is not None:
        statement = statement.where(_is_followed(reader_id, thread_id))
    rows = await tx.all(
        statement.order_by(sa.func.coalesce(articles.c.published_at, articles.c.fetched_at), articles.c.id)
    )
    told: dict[int, list[Article]] = {}
    for row in rows:
        told.setdefault(row[articles.c.story_id], []).append(make(Article, row, articles, without=_LONG))
    told_by = [article.id for each in told.values() for article in each]
    lengths = await _lengths(tx, told, reader_id, thread_id) if reader_id is not None else {}
    chosen, longest = await _choose_summaries(tx, told_by, max_chars, lengths)
    corrected = await _latest_corrections(tx, told_by)
    return [
        StoryView(
            story=story if reader_id is None else _as_told(story, told[story.id]),
            articles=tuple(told.get(story.id, ())),
            summary=chosen.get(story.id),
            longest=longest.get(story.id),
            correction=corrected.get(story.id),
        )
        for story in found
        if reader_id is None or story.id in told
    ]


def _is_followed(reader_id: int, thread_id: int | None) -> ColumnElement[bool]:
    """Say that a subscriber actively follows an article's feed."""
    followed = sa.select(subscriptions.c.feed_id).where(
        subscriptions.c.subscriber_id == reader_id, subscriptions.c.state == SubscriptionState.ACTIVE
    )
    if thread_id is not None:
        followed = followed.where(subscriptions.c.thread_id == thread_id)
    return articles.c.feed_id.in_(followed)


def _as_told(story: Story, told: Sequence[Article]) -> Story:
    """Give a story the title and the language of the first of these articles to join it."""
    first = min(told, key=lambda article: article.story_revision or 0)
    return replace(story, title=first.title, lang=first.lang or story.lang)


async def _latest_corrections(tx: Transaction, article_ids: Sequence[int]) -> dict[int, Correction]:
    """Find the corrections that are the latest change of their stories."""
    rows = await tx.all(
        sa.select(corrections, stories.c.id)
        .join_from(corrections, articles, articles.c.id == corrections.c.article_id)
        .join(stories, sa.and_(stories.c.id == articles.c.story_id, stories.c.revision == corrections.c.revision))
        .where(tx.among(corrections.c.article_id, article_ids))
    )
    return {row[stories.c.id]: make(Correction, row, corrections) for row in rows}


async def _lengths(
    tx: Transaction, told: Mapping[int, Sequence[Article]], reader_id: int, thread_id: int | None
) -> dict[int, int]:
    """Find how long stories are to be whose feeds a reader wants longer or shorter: the longest wish counts."""
    statement = sa.select(subscriptions.c.feed_id, subscriptions.c.summary_chars).where(
        subscriptions.c.subscriber_id == reader_id, subscriptions.c.summary_chars.is_not(None)
    )
    if thread_id is not None:
        statement = statement.where(subscriptions.c.thread_id == thread_id)
    wishes = {row[subscriptions.c.feed_id]: int(row[subscriptions.c.summary_chars]) for row in await tx.all(statement)}
    found = {
        story_id: [wishes[article.feed_id] for article in articles_ if article.feed_id in wishes]
        for story_id, articles_ in told.items()
    }
    return {story_id: max(chars) for story_id, chars in found.items() if chars}


async def _choose_summaries(
    tx: Transaction, article_ids: Sequence[int], max_chars: int, lengths: Mapping[int, int]
) -> tuple[dict[int, StorySummary], dict[int, StorySummary]]:
    """Choose each story's summary at the length wanted, and at the greatest: of the first article that has any."""
    rows = await tx.all(
        sa.select(summaries)
        .join_from(
            summaries,
            articles,
            sa.and_(articles.c.story_id == summaries.c.story_id, articles.c.story_revision == summaries.c.revision),
        )
        .where(tx.among(articles.c.id, article_ids))
        .order_by(summaries.c.revision, summaries.c.max_chars)
    )
    chosen: dict[int, StorySummary] = {}
    longest: dict[int, StorySummary] = {}
    for row in rows:
        best = chosen.get(row[summaries.c.story_id])
        other_length = best is not None and best.revision == row[summaries.c.revision]
        if best is not None and best.sentences and not other_length:
            continue
        summary = StorySummary(
            story_id=row[summaries.c.story_id],
            revision=row[summaries.c.revision],
            max_chars=row[summaries.c.max_chars],
            sentences=tuple(SummarySentence(**sentence) for sentence in row[summaries.c.sentences]),
        )
        longest[summary.story_id] = summary
        wanted = lengths.get(summary.story_id, max_chars)
        if best is None or not other_length or summary.max_chars <= wanted:
            chosen[summary.story_id] = summary
    return chosen, longest
