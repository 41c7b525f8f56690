"""What stands in the sandbox's world: people, chats, messages, and the ledger's lines."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.telegram.entities import Formatted

Json = dict[str, Any]

READER_ID = 700100001
EDITOR_ID = 700100002
GROUP_ID = -700200001
FORUM_ID = -1007002000001
CHANNEL_ID = -1007002000002
ANONYMOUS_ADMIN_ID = 1087968824
"""Telegram's stand-in for those who administer a group without showing who they are."""
GENERAL_TOPIC_ID = 1
"""A forum's first topic, which messages without a topic belong to."""
BOT_USERNAME = "newsgist_sandbox_bot"


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        """Return seconds that never run back."""
        return time.monotonic()

    def time(self) -> float:
        """Return seconds since 1970, UTC."""
        return time.time()


class ChatKind(StrEnum):
    """The kinds of chat, by their names in the Bot API."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class MemberStatus(StrEnum):
    """What somebody is in a chat, by the Bot API's names."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"

    @property
    def is_in(self) -> bool:
        """Whether such a one is in the chat."""
        return self not in {MemberStatus.LEFT, MemberStatus.KICKED}

    @property
    def leads(self) -> bool:
        """Whether such a one administers the chat."""
        return self in {MemberStatus.CREATOR, MemberStatus.ADMINISTRATOR}


class Outcome(StrEnum):
    """How a request to the Bot API ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    """Carried out, but the caller got no usable answer."""
    LOST = "lost"
    """Neither carried out nor answered."""


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with a Telegram account; ``bot`` for the bot's own."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    is_bot: bool = False
    is_deactivated: bool = False

    @property
    def name(self) -> str:
        """Both names, as shown."""
        return f"{self.first_name} {self.last_name}".strip()

    def as_json(self) -> Json:
        """Return the Bot API's User."""
        user: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        if not self.is_bot:
            user["language_code"] = self.language_code
        return user


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An uploaded file; its bytes lie in the world under ``file_id``."""

    file_id: str
    file_name: str
    mime_type: str
    size: int

    def as_json(self) -> Json:
        """Return the Bot API's Document."""
        return {
            "file_id": self.file_id,
            "file_unique_id": f"u{self.file_id}",
            "file_name": self.file_name,
            "mime_type": self.mime_type,
            "file_size": self.size,
        }


@dataclass(slots=True, kw_only=True)
class Message:
    """One message of a chat as it stands now.

    ``sent_at`` and ``edited_at`` are seconds since 1970; ``revision`` is the world's counter at its last change.
    ``sender_id`` is ``None`` for a channel's posts; ``author_id`` is who really wrote, for those who look from outside.
    ``service`` is what happened, by the Bot API's fields, where the message tells that and nobody wrote it.
    """

    chat_id: int
    id: int
    sender_id: int | None
    sent_at: float
    content: Formatted
    markup: Json | None = None
    edited_at: float | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    document: Document | None = None
    link_preview: Json | None = None
    silent: bool = False
    author_id: int | None = None
    anonymous: bool = False
    forwarded: Json | None = None
    service: Json | None = None
    revision: int = 0


@dataclass(slots=True, kw_only=True)
class Topic:
    """A thread of a forum; its id is that of the message that tells of its creation."""

    id: int
    name: str
    icon_color: int = 0x6FB9F0
    creator_id: int | None = None
    closed: bool = False

    def as_json(self) -> Json:
        """Return the Bot API's ForumTopic."""
        return {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}


@dataclass(slots=True, kw_only=True)
class Chat:
    """A conversation with its members and messages.

    In a private chat ``started`` tells whether the person has ever written, ``blocked`` whether they have blocked
    the bot. ``bot_status`` is the bot's own place in it, ``bot_denied`` the rights that it lacks there by the Bot API's
    names; ``anonymous`` are the admins who hide. ``members_may_write`` is false where a group lets only its admins
    write. ``revision`` is the world's counter at the last change of the chat or of a message in it.
    """

    id: int
    kind: ChatKind
    title: str
    username: str = ""
    members: dict[int, MemberStatus] = field(default_factory=dict)
    bot_status: MemberStatus = MemberStatus.MEMBER
    started: bool = False
    blocked: bool = False
    migrated_to: int | None = None
    is_forum: bool = False
    is_deleted: bool = False
    bot_denied: frozenset[str] = frozenset()
    anonymous: frozenset[int] = frozenset()
    members_may_write: bool = True
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    last_message_id: int = 0
    typing_until: float = 0.0
    revision: int = 0

    @property
    def own_numbers(self) -> bool:
        """Whether the chat counts its messages itself, as supergroups and channels do."""
        return self.kind in {ChatKind.SUPERGROUP, ChatKind.CHANNEL}

    def bot_may(self, right: str) -> bool:
        """Tell whether the bot administers the chat with a right, by the Bot API's name."""
        return self.bot_status is MemberStatus.ADMINISTRATOR and right not in self.bot_denied


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A message that is gone, for those who watch."""

    revision: int
    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One request to the Bot API and how it ended.

    Args:
        number: counts up from 1.
        method: the method's name as Telegram spells it.
        arrived_at: monotonic seconds.
        at: seconds since 1970.
        chat_id: the chat it named.
        message_id: the message that came of it or that it named.
        text: the plain text of the message after parsing, else the text as given.
        outcome: how it ended.
        error_code: Telegram's code where it was refused.
        description: Telegram's words where it was refused, the fault's name where one hit it.
        in_ban: whether it arrived while a 429's ``retry_after`` was still running.
    """

    number: int
    method: str
    arrived_at: float
    at: float
    chat_id: int | None
    message_id: int | None
    text: str
    outcome: Outcome
    error_code: int | None = None
    description: str = ""
    in_ban: bool = False

    @property
    def carried_out(self) -> bool:
        """Whether the request had its effect, answered or not."""
        return self.outcome in {Outcome.ACCEPTED, Outcome.UNANSWERED}
