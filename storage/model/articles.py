"""Entries as stored: what recognises them, and where they stand on their way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Origin(StrEnum):
    """How an article came to us."""

    FEED = "feed"
    PUSH = "push"


class ArticleState(StrEnum):
    """How far an article has come."""

    PENDING = "pending"
    READY = "ready"
    KNOWN = "known"
    """In the feed when we first read it: never news to anybody, only recognised."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKey:
    """One of the ways in which an entry is recognised: by ``id``, ``url`` or ``content``."""

    kind: str
    digest: str
    """Hexadecimal hash of the id, the canonical address or the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """An entry on its way into storage."""

    keys: tuple[EntryKey, ...]
    url: str
    title: str
    state: ArticleState
    author: str = ""
    published_at: datetime | None = None
    content_html: str = ""
    """The feed's own content, kept until the page has been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An entry as stored, with its text once it is ready."""

    id: int
    origin: Origin
    state: ArticleState
    url: str
    title: str
    fetched_at: datetime
    feed_id: int | None = None
    story_id: int | None = None
    story_revision: int | None = None
    """The revision that it made of its story when it joined."""
    author: str = ""
    lang: str | None = None
    site: str = ""
    """The outlet's name."""
    text: str = ""
    content_html: str = ""
    published_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPace:
    """How often the pages of articles that were told are asked for again."""

    most_times: int
    """Looks at one article."""
    rest: timedelta
    """Time between two of them, at least."""
    most_a_minute: int
    """Looks at pages whose feeds say nothing, over all articles and processes."""
