"""Letting what has begun come to its end before a cancellation passes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

T = TypeVar("T")


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Await something short to its end, also when this task is cancelled meanwhile; then the cancellation passes.

    A statement that is torn off leaves its connection in a state that nobody knows, with a transaction that may stay
    open and hold everybody up. A second cancellation does not wait any more.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of it
        raise
