"""Messages owed to chats, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.model.chats import ChatKind, Json


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
    """A story or push on its way into the outbox, chunk by chunk.

    Attributes:
        cursor: The last subscriber planned for.
        failures: How often in a row its planning failed.
        reason: Why it was closed before its end.
    """

    id: int
    kind: FanoutKind
    subject_id: int
    cursor: int
    planned: int
    done: bool
    created_at: datetime
    failures: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to do something alone; ``fence`` grows with every new holder, ``beat`` as long as one is alive."""

    name: str
    holder: str
    fence: int
    beat: int
