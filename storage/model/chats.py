"""The chats that we may write to, and what they are asked or have chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime
    from typing import TypeAlias


Json: TypeAlias = Mapping[str, Any]


SUMMARY_LENGTHS = (200, 400, 800)
"""Lengths of a summary that a chat can choose from, in characters."""


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
        active_on: The day, in UTC, on which somebody there last wrote or tapped; the hour is not kept.
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
    active_on: date | None = None

    @property
    def quiet(self) -> QuietHours | None:
        """When news waits; ``None`` for never."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        return QuietHours(start=self.quiet_from, end=self.quiet_to, breaking_wakes=self.breaking_wakes)


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
class Dialogue:
    """What the bot waits for from one person in one chat, such as the text of a push."""

    subscriber_id: int
    user_id: int
    expects: str
    data: Json
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A thread of a forum, as far as it is known."""

    subscriber_id: int
    thread_id: int
    title: str
    closed_at: datetime | None = None
