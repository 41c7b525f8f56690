"""How many requests may be under way, over all and to one host, and how many large bodies may be in memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class HostSlots:
    """Requests in flight, bounded; a host's entry goes with its last user, so that memory does not grow with hosts.

    Args:
        most_at_once: over all hosts.
        most_per_host: to one host.
    """

    def __init__(self, *, most_at_once: int, most_per_host: int) -> None:
        self._all = asyncio.Semaphore(most_at_once)
        self._most_per_host = most_per_host
        self._hosts: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def held(self, host: str) -> AsyncIterator[None]:
        """Wait for a slot to a host and hold it.

        Args:
            host: name or address, as in the URL.
        """
        semaphore, users = self._hosts.get(host) or (asyncio.Semaphore(self._most_per_host), 0)
        self._hosts[host] = (semaphore, users + 1)
        try:
            # The host's slot first: whoever waits for a busy host must not hold one of everybody's slots.
            async with semaphore, self._all:
                yield
        finally:
            users = self._hosts[host][1] - 1
            if users:
                self._hosts[host] = (semaphore, users)
            else:
                del self._hosts[host]


class Lane:
    """One fetch's place among those whose bodies are large: taken when its body turns out to be, given back after use.

    Args:
        places: shared by all fetches; as many large bodies are in memory at once.
    """

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._is_taken = False

    async def enter(self) -> None:
        """Wait for a place, unless there is one already."""
        if not self._is_taken:
            await self._places.acquire()
            self._is_taken = True

    def leave(self) -> None:
        """Give the place back, where there is one."""
        if self._is_taken:
            self._is_taken = False
            self._places.release()
