"""A local Telegram, strict as the real one, with a chat page and a sample news site."""

from bot.sandbox.replay import ManifestError
from bot.sandbox.server import DEFAULT_TOKEN, Sandbox
from bot.sandbox.telegram.entities import EntityKind
from bot.sandbox.telegram.faults import Fault, FaultKind
from bot.sandbox.telegram.pacing import Limits
from bot.sandbox.world.model import (
    ANONYMOUS_ADMIN_ID,
    CHANNEL_ID,
    EDITOR_ID,
    FORUM_ID,
    GROUP_ID,
    READER_ID,
    ChatKind,
    MemberStatus,
    Outcome,
)

__all__ = [
    "ANONYMOUS_ADMIN_ID",
    "CHANNEL_ID",
    "DEFAULT_TOKEN",
    "EDITOR_ID",
    "FORUM_ID",
    "GROUP_ID",
    "READER_ID",
    "ChatKind",
    "EntityKind",
    "Fault",
    "FaultKind",
    "Limits",
    "ManifestError",
    "MemberStatus",
    "Outcome",
    "Sandbox",
]
