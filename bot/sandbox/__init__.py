"""A local Telegram, strict as the real one, with a chat page and a sample news site."""

from bot.sandbox.entities import EntityKind
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.model import EDITOR_ID, GROUP_ID, READER_ID, MemberStatus, Outcome
from bot.sandbox.pacing import Limits
from bot.sandbox.replay import ManifestError
from bot.sandbox.server import DEFAULT_TOKEN, Sandbox

__all__ = [
    "DEFAULT_TOKEN",
    "EDITOR_ID",
    "GROUP_ID",
    "READER_ID",
    "EntityKind",
    "Fault",
    "FaultKind",
    "Limits",
    "ManifestError",
    "MemberStatus",
    "Outcome",
    "Sandbox",
]
