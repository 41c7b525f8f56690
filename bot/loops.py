"""Loops that live together: one that ends before it was asked to is a bug, and stops the others too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Mapping

    Loop: TypeAlias = Callable[[asyncio.Event], Coroutine[Any, Any, None]]

_END_S = 5.0

_log = structlog.get_logger(__name__)


async def run_until(stop: asyncio.Event, loops: Mapping[str, Loop], *, drain_s: float) -> None:
    """Run the loops until ``stop`` is set, and give them time to come to their end.

    Args:
        stop: Ends all of them; set here where one of them ends by itself.
        loops: By name.
        drain_s: Seconds that they have to end.

    Cancelled itself, it ends when they have: what they use is closed behind it.
    """
    tasks = {asyncio.create_task(loop(stop), name=name) for name, loop in loops.items()}
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            _log.error("loop_ended", names=sorted(task.get_name() for task in done))
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=drain_s) if tasks else ((), ())
        for task in late:
            _log.warning("loop_cut_short", name=task.get_name())
            task.cancel()
    finally:
        await end_tasks(tasks | {stopping})
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


async def act_at_end(act: Callable[[], None], stop: asyncio.Event) -> None:
    """Wait for ``stop``, then do something."""
    await stop.wait()
    act()


async def end_tasks(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they have ended, but not for ever."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_END_S)
