"""What tells one event: articles, the sentences chosen of them, corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model.articles import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySentence:
    """A sentence that stands word for word in an article at ``start:end`` (code points)."""

    text: str
    start: int
    end: int
    article_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySummary:
    """The sentences chosen, at one length, from the article that made one revision of a story."""

    story_id: int
    revision: int
    max_chars: int
    sentences: tuple[SummarySentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The articles about one event; ``revision`` grows with each that joins."""

    id: int
    lang: str
    title: str
    revision: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A quoted sentence that its publisher changed, and the revision that this made of the story."""

    article_id: int
    was: str
    now: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """All that a message about a story is made of.

    For one reader: only what that reader's feeds tell, title and sentences included.
    """

    story: Story
    articles: tuple[Article, ...]
    """Oldest first; their texts are left empty."""
    summary: StorySummary | None
    longest: StorySummary | None = None
    """Of the same article, at the greatest length that is kept."""
    correction: Correction | None = None
    """Where the story's latest change is one, of an article that its reader is told."""
