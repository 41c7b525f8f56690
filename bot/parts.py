"""What one process can do of the whole."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """What one process can do of the whole."""

    POLL = "poll"
    READ = "read"
    SEND = "send"
    CHAT = "chat"
    WEB = "web"


ALL_PARTS: Final = frozenset(Part)
