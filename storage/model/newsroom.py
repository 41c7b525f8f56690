"""The newsroom: its people, its pushes, its figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.model.chats import Json
    from storage.model.deliveries import Content


class PushState(StrEnum):
    """How far a push has come."""

    DRAFT = "draft"
    SENDING = "sending"
    DONE = "done"
    DISCARDED = "discarded"


class Role(StrEnum):
    """What an editor may do beyond pushing."""

    EDITOR = "editor"
    OWNER = "owner"


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
class AuditEntry:
    """Who did what."""

    id: int
    at: datetime
    user_id: int
    action: str
    subject: str
    detail: Json


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
