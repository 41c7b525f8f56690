"""The polled addresses, who reads them, and the lists of them that chats give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


NO_SAMPLE = 0
"""In the place of an article's id: a subscription that begins with what is new."""


class SubscriptionState(StrEnum):
    """Whether a subscription's stories are sent."""

    ACTIVE = "active"
    PAUSED = "paused"


class SubscriptionMode(StrEnum):
    """How a subscription's stories come."""

    INSTANT = "instant"
    DIGEST = "digest"


class FeedState(StrEnum):
    """Whether a feed is polled."""

    ACTIVE = "active"
    GONE = "gone"
    """The server said 410; polled again only when somebody asks."""


class NoticeKind(StrEnum):
    """What a feed's readers are told about it."""

    DIED = "died"
    GONE = "gone"
    MOVED = "moved"


class ImportState(StrEnum):
    """How far a list of feeds has come that a chat gave."""

    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A polled address.

    ``checked_at`` is when it was last read, ``changed_at`` when that last brought anything new.
    ``etag`` and ``last_modified`` are the server's validators, byte for byte. ``private`` says that the address may
    itself be a secret: it is never shown to anyone but its subscribers.

    Attributes:
        interval_s: Seconds between its last two plans; ``None`` before the first.
        moved_to: Where it has said to have moved for good, ``moved_polls`` good polls in a row.
        died_at: When its readers were told that it is silent.
        held_at: When too much of it was new at once, so that an editor was asked.
        bursts: Whether an editor has taken in such a burst.
    """

    id: int
    url: str
    title: str
    site_url: str
    state: FeedState
    due_at: datetime
    lang: str | None = None
    private: bool = False
    etag: str | None = None
    last_modified: str | None = None
    checked_at: datetime | None = None
    changed_at: datetime | None = None
    failures: int = 0
    error: str | None = None
    created_at: datetime | None = None
    interval_s: float | None = None
    moved_to: str | None = None
    moved_polls: int = 0
    died_at: datetime | None = None
    held_at: datetime | None = None
    bursts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedFeed:
    """What is noted of a feed that is as it was: attributes as in ``Feed``; ``due_at`` is when to ask again."""

    feed_id: int
    checked_at: datetime
    due_at: datetime
    etag: str | None
    last_modified: str | None
    interval_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNotice:
    """News about a feed on its way to the chats that follow it.

    Attributes:
        detail: Of a move, the new host; else empty.
        reached_id: The subscription up to which it has been told.
    """

    id: int
    feed_id: int
    kind: NoticeKind
    detail: str
    reached_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """Our wish to be told by a feed's hub of what is new (https://www.w3.org/TR/websub/).

    Attributes:
        topic_url: The feed's address as the hub knows it.
        token: What makes our callback address one that nobody can guess.
        secret: What the hub signs its messages with.
        ask_at: When to ask the hub, for the first time or again.
        attempts: How often it was asked since it last agreed.
        verified_until: When the hub's promise ends; ``None`` before it gave one.
    """

    feed_id: int
    hub_url: str
    topic_url: str
    token: str
    secret: str
    ask_at: datetime
    attempts: int
    verified_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber's wish to read a feed, in one thread of its chat (0: no thread).

    Attributes:
        since: When it was made or last resumed: only articles that came to us later are owed to it.
        summary_chars: Length of its stories; ``None`` for the chat's own.
        sample_id: The one older article that is owed to it all the same, to begin with; ``NO_SAMPLE`` for one of many
            that came together, which begin with what is new.
        folder: Where its reader keeps it, as lists of feeds have it: names parted by slashes; empty for none.
        name: What its reader calls the feed; ``None`` where it goes by its own title.
    """

    id: int
    subscriber_id: int
    thread_id: int
    feed_id: int
    state: SubscriptionState
    mode: SubscriptionMode
    created_at: datetime
    since: datetime
    sample_id: int | None = None
    summary_chars: int | None = None
    folder: str = ""
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as a list of feeds has it, with what its reader has chosen for it.

    Attributes:
        url: Its address.
        title: What the list calls it; may be empty.
        site_url: Its site's address; may be empty.
        folder: As in ``Subscription``.
        mode: How its stories come.
        paused: Whether they come at all.
        summary_chars: Their length; ``None`` for the chat's own.
        private: Whether the address may itself be a secret.
    """

    url: str
    title: str = ""
    site_url: str = ""
    folder: str = ""
    mode: SubscriptionMode = SubscriptionMode.INSTANT
    paused: bool = False
    summary_chars: int | None = None
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A list of feeds that a chat gave, from the first look at it to the report.

    Attributes:
        file_name: What its file is called; empty where it came as text.
        user_id: Who gave it.
        total: Feeds in it.
        invalid: What in it is no address that can be read, at most a few of them for the report.
        invalid_count: How many those are in all.
        reached: Feeds that have been dealt with; of these ``added`` are new to the chat, ``known`` were followed
            before and for ``left_out`` there was no room.
        most_feeds: How many feeds the chat may follow.
        message_id: The message that shows how far it has come.
    """

    id: int
    subscriber_id: int
    thread_id: int
    user_id: int
    state: ImportState
    file_name: str
    total: int
    invalid: tuple[str, ...]
    invalid_count: int
    reached: int
    added: int
    known: int
    left_out: int
    most_feeds: int
    message_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """A feed as the newsroom sees it."""

    feed: Feed
    subscribers: int
    articles: int
