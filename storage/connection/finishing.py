"""Letting what has begun come to its end before a cancellation passes."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

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
        task.add_done_callback(_look_at)
        await asyncio.wait([task])
        raise


def _look_at(task: asyncio.Task[Any]) -> None:
    """Look at what a task ended with, so that asyncio does not complain that nobody has."""
    if not task.cancelled():
        task.exception()


@contextmanager
def cancellation_first() -> Iterator[None]:
    """Let a cancellation pass though closing what it cut off has failed: who is told to end must not go on."""
    try:
        yield
    except Exception as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from error
        raise
