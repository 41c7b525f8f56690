"""Invented reports of one event, for the tests of messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.model import Article, ArticleState, Origin, Story, StorySummary, StoryView, SummarySentence

if TYPE_CHECKING:
    from collections.abc import Sequence

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
"""In Kyiv: 15:00 on 4 May."""


def article(
    number: int,
    *,
    site: str = "Tidewatch",
    url: str | None = None,
    title: str = "Sable Bridge shut after crack",
    published_at: datetime | None = NOON,
    lang: str = "en",
) -> Article:
    return Article(
        id=number,
        origin=Origin.FEED,
        state=ArticleState.READY,
        url=f"https://{site.lower()}.example/{number}" if url is None else url,
        title=title,
        fetched_at=NOON + timedelta(minutes=5),
        lang=lang,
        site=site,
        published_at=published_at,
    )


def view(
    articles: Sequence[Article],
    sentences: Sequence[tuple[str, int]] = (),
    *,
    title: str = "Sable Bridge shut after crack",
    lang: str = "en",
    last_at: datetime = NOON,
) -> StoryView:
    return StoryView(
        story=Story(id=1, lang=lang, title=title, revision=len(articles), first_at=NOON, last_at=last_at),
        articles=tuple(articles),
        summary=StorySummary(
            story_id=1,
            revision=len(articles),
            max_chars=400,
            sentences=tuple(
                SummarySentence(text=text, start=0, end=len(text), article_id=number) for text, number in sentences
            ),
        ),
    )
