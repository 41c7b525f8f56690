"""Loops that live together end together, before what they use is closed behind them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from bot.loops import run_until


async def test_loops_have_ended_when_whoever_runs_them_is_cancelled() -> None:
    ended: list[str] = []

    async def slow_to_end(_stop: asyncio.Event) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            ended.append("slow")

    running = asyncio.create_task(run_until(asyncio.Event(), {"slow": slow_to_end}, drain_s=1.0))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended == ["slow"]


async def test_loop_that_ends_by_itself_stops_the_others_and_its_error_is_told() -> None:
    stopped: list[str] = []

    async def fails(_stop: asyncio.Event) -> None:
        raise ValueError("broken")

    async def waits(stop: asyncio.Event) -> None:
        await stop.wait()
        stopped.append("waits")

    with pytest.raises(ValueError, match="broken"):
        await run_until(asyncio.Event(), {"fails": fails, "waits": waits}, drain_s=1.0)
    assert stopped == ["waits"]


async def test_loop_that_does_not_end_when_asked_is_cut_short() -> None:
    stop = asyncio.Event()
    cut: list[str] = []

    async def deaf(_stop: asyncio.Event) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        cut.append("deaf")

    stop.set()
    await run_until(stop, {"deaf": deaf}, drain_s=0.05)
    assert cut == ["deaf"]
