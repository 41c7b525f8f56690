"""The domain types: what the rows mean to the rest of the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

Json: TypeAlias = Mapping[str, Any]

SUMMARY_LENGTHS = (200, 400, 800)
"""Lengths of a summary that a chat can choose from, in characters."""
NO_SAMPLE = 0
"""In the place of an article's id: a subscription that begins with what is new."""
DEFAULT_SUMMARY_CHARS = 400
"""Length of a summary for a chat that has not chosen one."""


class ChatKind(StrEnum):
    """Telegram's kinds of chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class SubscriberState(StrEnum):
    """Whether we may and should write to a chat."""

    ACTIVE = "active"
    PAUSED = "paused"
    """The person asked for silence; replies still go out."""
    UNREACHABLE = "unreachable"
    """Telegram refuses our messages (blocked, kicked, deactivated) until the chat speaks again."""


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


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    QUEUED = "queued"
    SENDING = "sending"
    """Marked as leaving, in a committed transaction, before its request leaves."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """Its request left and no answer came: it may have arrived."""
    DEAD = "dead"
    CANCELLED = "cancelled"


class DeliveryKind(StrEnum):
    """What a delivery is to its reader."""

    REPLY = "reply"
    PUSH = "push"
    STORY = "story"
    DIGEST = "digest"
    EDIT = "edit"
    FAREWELL = "farewell"
    """The last word to a chat whose data are gone; its row goes too once settled."""


class Priority(IntEnum):
    """Who leaves first; a lower number leaves earlier."""

    REPLY = 0
    BREAKING = 1
    PUSH = 2
    STORY = 3
    DIGEST = 4
    EDIT = 5


class Verb(StrEnum):
    """What a delivery does in its chat."""

    SEND = "send"
    EDIT = "edit"
    """Edit the message of the delivery ``target_id``, or the message ``message_id``."""
    REPLACE = "replace"
    """Edit the message of ``target_id`` where it was sent; otherwise send a new one."""
    DELETE = "delete"


class FanoutKind(StrEnum):
    """What a fan-out spreads."""

    STORY = "story"
    PUSH = "push"


class PushState(StrEnum):
    """How far a push has come."""

    DRAFT = "draft"
    SENDING = "sending"
    DONE = "done"
    DISCARDED = "discarded"


class ImportState(StrEnum):
    """How far a list of feeds has come that a chat gave."""

    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"
    DISCARDED = "discarded"


class Role(StrEnum):
    """What an editor may do beyond pushing."""

    EDITOR = "editor"
    OWNER = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Hours of each day in which news waits; they may reach over midnight.

    Attributes:
        start: Minutes after midnight, in the chat's zone.
        end: Likewise; never equal to ``start``.
        breaking_wakes: Whether what the newsroom pushes comes all the same.
    """

    start: int
    end: int
    breaking_wakes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A chat that we may write to.

    Attributes:
        quiet_from: Minutes after midnight of its zone at which its quiet hours begin, and ``quiet_to`` at which they
            end; see ``quiet``.
        daily_cap: Most stories on one day of its zone; the rest waits for the next.
        silent: News arrives without a sound.
        pictures: Single articles show a small picture.
        title: Name of a group or channel; a person's is not kept.
        connected_by: Telegram's id of the admin who brought the bot there.
        admitted: Whether it may use the bot: everyone, where nobody need be invited.
    """

    id: int
    chat_id: int
    kind: ChatKind
    state: SubscriberState
    lang: str
    """Language of the interface, ISO 639-1."""
    tz: str
    """IANA name of the time zone."""
    summary_chars: int
    created_at: datetime
    paused_until: datetime | None = None
    quiet_from: int | None = None
    quiet_to: int | None = None
    breaking_wakes: bool = False
    daily_cap: int | None = None
    silent: bool = False
    pictures: bool = False
    title: str = ""
    connected_by: int | None = None
    admitted: bool = True

    @property
    def quiet(self) -> QuietHours | None:
        """When news waits; ``None`` for never."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        return QuietHours(start=self.quiet_from, end=self.quiet_to, breaking_wakes=self.breaking_wakes)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChoices:
    """What a chat has chosen under a story's message."""

    is_long: bool = False
    is_saved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenWord:
    """A word whose stories a chat does not want; all its forms have the ``key`` in common."""

    key: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A message owed to a chat, on its way into the outbox.

    ``(subscriber, thread, kind, subject, part)`` is unique: planning the same delivery twice plans it once.

    Attributes:
        subscriber_id: The chat; ``None`` only for a farewell, which names ``chat_id``.
        subject: What it is about: ``"s:12"`` a story, ``"p:3"`` a push, ``"u:815"`` an update's reply.
        payload: Bot API parameters without the chat; ``None`` where the sender renders it or ``content_id`` names it.
        target_id: The delivery whose message is edited, replaced or deleted.
        message_id: Telegram's message to edit or delete where no delivery of ours is known.
    """

    subscriber_id: int | None
    kind: DeliveryKind
    subject: str
    priority: Priority
    due_at: datetime
    verb: Verb = Verb.SEND
    part: int = 0
    thread_id: int = 0
    payload: Json | None = None
    content_id: int | None = None
    target_id: int | None = None
    message_id: int | None = None
    chat_id: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the outbox as its sender needs it."""

    id: int
    subscriber_id: int | None
    chat_id: int
    chat_kind: ChatKind
    lang: str
    tz: str
    summary_chars: int
    thread_id: int
    kind: DeliveryKind
    subject: str
    part: int
    verb: Verb
    state: DeliveryState
    priority: Priority
    payload: Json | None
    content_id: int | None
    target_id: int | None
    message_id: int | None
    """After it was sent: its message. Before, for edits: the message to edit (``target_id``'s where that was sent)."""
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    reason: str | None = None
    silent: bool = False
    """As the chat wishes; likewise ``pictures``."""
    pictures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of a delivery that was marked as leaving.

    Attributes:
        state: ``SENT``, ``UNKNOWN``, ``DEAD``, ``CANCELLED``, or ``QUEUED`` to try again at ``due_at``.
        message_id: Telegram's id of the message, where it was sent.
        reason: Why it is not sent, in Telegram's or our words.
        revision: The story revision that the message shows, for stories and their edits.
        attempted: Whether its request left, so that the attempt counts.
    """

    delivery_id: int
    state: DeliveryState
    message_id: int | None = None
    reason: str | None = None
    due_at: datetime | None = None
    revision: int | None = None
    attempted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxUpdate:
    """An update from Telegram, kept until its effect is committed."""

    id: int
    update_id: int
    chat_id: int | None
    payload: Json
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A rendered message that many deliveries share; ``digest`` is the SHA-256 of its canonical JSON."""

    id: int
    digest: str
    payload: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Fanout:
    """A story or push on its way into the outbox, chunk by chunk; ``cursor`` is the last subscriber planned."""

    id: int
    kind: FanoutKind
    subject_id: int
    cursor: int
    planned: int
    done: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An article that an editor sends."""

    id: int
    editor_id: int
    """Telegram's user id."""
    subscriber_id: int
    """The chat in which the editor works on it."""
    article_id: int
    content: Content
    state: PushState
    created_at: datetime
    confirmed_at: datetime | None = None
    finished_at: datetime | None = None
    progress_id: int | None = None
    """The delivery whose message shows the progress."""
    draft: Json | None = None
    """What the editor has chosen of it."""
    audience: Json | None = None
    """Whom it goes to: ``{"kind": "feed", "feed_id": 3}``; ``None`` for everyone."""
    preview_id: int | None = None
    """The delivery whose message previews it."""
    reach: int | None = None
    """How many chats it was confirmed for."""
    paused_at: datetime | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many deliveries of one subject stand in which state, and why the dead ones died."""

    planned: int = 0
    queued: int = 0
    sending: int = 0
    sent: int = 0
    unknown: int = 0
    dead: int = 0
    cancelled: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def unsettled(self) -> int:
        """Deliveries that are still to be sent or answered."""
        return self.queued + self.sending


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """A member of the newsroom, by Telegram's user id."""

    user_id: int
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what."""

    id: int
    at: datetime
    user_id: int
    action: str
    subject: str
    detail: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """What the bot waits for from one person in one chat, such as the text of a push."""

    subscriber_id: int
    user_id: int
    expects: str
    data: Json
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """The right to come in once, by a link.

    Attributes:
        role: Of an editor-to-be; ``None`` for a reader.
        invited_by: Telegram's id of whoever gave it.
    """

    role: Role | None
    invited_by: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread of a forum, as far as it is known."""

    subscriber_id: int
    thread_id: int
    title: str
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the newsroom is told of the house.

    Attributes:
        chats: How many chats stand in which state, by ``SubscriberState``.
        feeds: Feeds that somebody follows.
        ill_feeds: Those of them that have failed since they last answered.
        articles: Articles of the last day.
        stories: Stories of the last day.
        settled: Deliveries of the last day, by ``DeliveryState``.
        queued: Deliveries that wait.
    """

    chats: Mapping[str, int]
    feeds: int
    ill_feeds: int
    articles: int
    stories: int
    settled: Mapping[str, int]
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """A feed as the newsroom sees it."""

    feed: Feed
    subscribers: int
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to do something alone; ``fence`` grows with every new holder, ``beat`` as long as one is alive."""

    name: str
    holder: str
    fence: int
    beat: int
