"""A feed as it was read: what polls, the chat and discovery hand on to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.news.feeds.model import Feed
    from storage.model import EntryKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """A feed as it stands now.

    Attributes:
        url: The address to poll from now on: the one asked, or where it moved for good.
        keys: Of each entry, in their order: what it is recognised by.
        etag: The server's validator, byte for byte.
        last_modified: Likewise.
        fresh_s: Seconds for which the server vouches for it.
        retry_after_s: Seconds that the server asked us to wait.
        hub_url: Who tells subscribers what is new; empty where nobody is named.
        topic_url: Its address as that hub knows it; empty where it does not say.
    """

    url: str
    feed: Feed
    keys: tuple[tuple[EntryKey, ...], ...]
    etag: str | None
    last_modified: str | None
    fresh_s: float = 0.0
    retry_after_s: float | None = None
    hub_url: str = ""
    topic_url: str = ""
