"""Wake-ups: who waits for work is told as soon as it is committed."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Channel(StrEnum):
    """What a wake-up is about."""

    INBOX = "inbox"
    OUTBOX = "outbox"
    FANOUT = "fanout"
    ARTICLES = "articles"
    FEEDS = "feeds"
    IMPORTS = "imports"
    LEADER = "leader"


class Bells:
    """One bell for each channel; a ring that nobody heard waits for the next listener."""

    def __init__(self) -> None:
        self._events = {channel: asyncio.Event() for channel in Channel}

    def ring(self, channels: Iterable[Channel]) -> None:
        """Wake whoever listens to these channels."""
        for channel in channels:
            self._events[channel].set()

    async def wait(self, channel: Channel, timeout_s: float) -> bool:
        """Listen until the channel's bell rings.

        Args:
            channel: What to listen for.
            timeout_s: Longest wait in seconds.

        Returns:
            Whether it rang.
        """
        event = self._events[channel]
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            return False
        event.clear()
        return True
