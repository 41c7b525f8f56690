"""Waiting for what happens in a sandbox of the same process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 30.0
"""Far longer than anything takes: nothing is lost by it but where a test fails."""


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is watched is plain state
            await asyncio.sleep(0.005)
