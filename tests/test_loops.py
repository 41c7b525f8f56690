"""Loops that live together end together, before what they use is closed behind them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from bot.loops import act_at_end, run_until
from storage import Channel
from storage.connection.channels import Bells


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


async def test_loops_that_wait_for_a_bell_end_as_soon_as_they_are_asked_to() -> None:
    bells, stop = Bells(), asyncio.Event()
    all_listen = asyncio.Event()
    rung: list[bool] = []

    async def listens(channel: Channel, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if channel is list(Channel)[-1]:
                all_listen.set()  # the others were started before
            rung.append(await bells.wait(channel, timeout_s=60))

    loops = {str(channel): partial(listens, channel) for channel in Channel}
    loops["wake"] = partial(act_at_end, partial(bells.ring, Channel))
    running = asyncio.create_task(run_until(stop, loops, drain_s=30))
    async with asyncio.timeout(30):
        await all_listen.wait()
        stop.set()
        await running
    assert rung == [True] * len(Channel)
