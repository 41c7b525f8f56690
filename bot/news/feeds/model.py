"""What a parsed feed is, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MOST_ENTRIES = 500
"""Entries that are read of one document: the newest, by the order in which the document has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as its feed gives it; an empty string stands for what the feed does not say.

    Attributes:
        id: the feed's own identifier, unchecked: may be shared, may change.
        url: absolute address of the article.
        title: plain text on one line.
        author: names, separated by commas.
        published_at: aware, UTC, as stated: may lie in the future, or in the year 1 (see `dating`).
        summary: HTML.
        content: HTML, the fuller of what the feed has.
    """

    id: str = ""
    url: str = ""
    title: str = ""
    author: str = ""
    published_at: datetime | None = None
    summary: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A parsed feed.

    Attributes:
        title: plain text on one line.
        site_url: absolute address of the site that it belongs to.
        lang: language tag in lower case, as stated; ``None`` where it is not.
        entries: in the document's order, newest first where the document has them the other way round.
        ttl_s: how long the publisher wants it to be taken as fresh; ``None`` where it does not say.
        total: entries that the document holds; more than ``entries`` where it holds too many.
        skip_hours: hours of the day, 0 to 23 in UTC, in which the publisher wants no polls.
        skip_days: days of the week, Monday 0, likewise.
        hub_url: who tells subscribers what is new (WebSub); empty where it names nobody.
        self_url: the feed's address as it states it itself; empty where it does not.
    """

    title: str = ""
    site_url: str = ""
    lang: str | None = None
    entries: tuple[Entry, ...] = ()
    ttl_s: int | None = None
    total: int = 0
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    hub_url: str = ""
    self_url: str = ""
