"""Worker processes: killed when they overrun, gone when their parent is, never in the loop's way."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.news.errors import FeedError, FeedFault, WorkerCrashed, WorkerTimeout
from bot.news.feeds.parser import parse_feed
from bot.news.workers import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
CATASTROPHE = "(a+)+$", "a" * 40 + "b"


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers(most_workers=2) as workers:
        yield workers


def alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def gone(*pids: int) -> bool:
    for _ in range(100):
        if not any(map(alive, pids)):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_result_comes_back_from_another_process(workers: Workers) -> None:
    assert await workers.run(pow, 2, 10, timeout_s=20) == 1024
    assert await workers.run(os.getpid, timeout_s=20) != os.getpid()


async def test_what_the_job_raises_is_raised_here(workers: Workers) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await workers.run(int, "x", timeout_s=20)
    with pytest.raises(FeedError) as caught:
        await workers.run(parse_feed_of, b"words", timeout_s=20)
    assert caught.value.reason is FeedFault.NOT_A_FEED


def parse_feed_of(body: bytes) -> object:
    return parse_feed(body, url="https://tidewatch.example/feed")


async def test_workers_that_died_idle_cost_no_job() -> None:
    async with Workers(most_workers=1) as workers:
        os.kill(await workers.run(os.getpid, timeout_s=20), signal.SIGKILL)
        assert await workers.run(pow, 2, 10, timeout_s=20) == 1024


class Unreadable(Exception):
    """Can be pickled and not be read back."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)
        self.two = two


def raise_unreadable() -> None:
    raise Unreadable("one", "two")


async def test_an_error_that_cannot_travel_does_not_break_the_pool(workers: Workers) -> None:
    with pytest.raises(WorkerCrashed, match="Unreadable"):
        await workers.run(raise_unreadable, timeout_s=20)
    assert await workers.run(pow, 3, 3, timeout_s=20) == 27


async def test_a_job_that_overruns_is_killed_and_others_go_on(workers: Workers) -> None:
    await workers.run(pow, 1, 1, timeout_s=20)
    stuck = asyncio.create_task(workers.run(re.match, *CATASTROPHE, timeout_s=0.5))
    assert await workers.run(pow, 3, 3, timeout_s=20) == 27
    with pytest.raises(WorkerTimeout) as caught:
        await asyncio.wait_for(stuck, 60)
    assert caught.value.timeout_s == 0.5
    assert await workers.run(pow, 3, 4, timeout_s=20) == 81


async def test_a_job_that_takes_too_much_memory_fails_alone() -> None:
    async with Workers(most_workers=1, memory_bytes=400 * 1024 * 1024) as workers:
        with pytest.raises(WorkerCrashed, match="memory"):
            await workers.run(bytearray, 500 * 1024 * 1024, timeout_s=20)
        assert await workers.run(pow, 2, 2, timeout_s=20) == 4


async def test_a_worker_that_dies_is_told_and_replaced(workers: Workers) -> None:
    with pytest.raises(WorkerCrashed):
        await workers.run(os._exit, 3, timeout_s=20)
    assert await workers.run(pow, 2, 2, timeout_s=20) == 4


async def test_cancelling_the_caller_kills_the_job() -> None:
    async with Workers(most_workers=1) as workers:
        pid = await workers.run(os.getpid, timeout_s=20)
        task = asyncio.create_task(workers.run(time.sleep, 60, timeout_s=100))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await gone(pid)
        assert await workers.run(pow, 2, 2, timeout_s=20) == 4


async def test_closing_is_prompt_and_tells_whoever_waits() -> None:
    async with Workers(most_workers=1) as workers:
        pid = await workers.run(os.getpid, timeout_s=20)
        running = asyncio.create_task(workers.run(time.sleep, 60, timeout_s=100))
        queued = asyncio.create_task(workers.run(time.sleep, 60, timeout_s=100))
        await asyncio.sleep(0.2)
        started = time.monotonic()
    assert time.monotonic() - started < 30  # and not for as long as the jobs
    for task in (running, queued):
        with pytest.raises(WorkerCrashed):
            await task
    with pytest.raises(WorkerCrashed):
        await workers.run(pow, 2, 2, timeout_s=20)
    assert await gone(pid)


async def test_a_stuck_job_does_not_hold_up_the_loop(workers: Workers) -> None:
    """FAULTS 20."""
    await workers.run(pow, 1, 1, timeout_s=20)
    stuck = asyncio.create_task(workers.run(re.match, *CATASTROPHE, timeout_s=1.0))
    turns, before_s = 0, time.process_time()
    while not stuck.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 2  # waiting for the job in the loop would leave it one
    assert time.process_time() - before_s < 0.5  # and so much of the second was not spent here
    with pytest.raises(WorkerTimeout):
        await stuck


PARENT = """
import asyncio, os, sys, time
from bot.news.workers import Workers

async def main():
    async with Workers(most_workers=2) as workers:
        pids = {await workers.run(os.getpid, timeout_s=20) for _ in range(20)}
        stuck = [asyncio.create_task(workers.run(time.sleep, 60, timeout_s=100)) for _ in range(2)]
        await asyncio.sleep(0.3)
        print(*pids, flush=True)
        await asyncio.gather(*stuck)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_no_worker_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(  # noqa: ASYNC220 the test waits for its first line anyway
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    with parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in (await asyncio.to_thread(parent.stdout.readline)).split()]
        assert pids
        assert all(map(alive, pids))
        parent.send_signal(signal.SIGKILL)
    assert await gone(*pids)


PRELOADING = """
import asyncio, os
from bot.news.workers import Workers

LOADED = "'colorsys' in __import__('sys').modules"

async def main():
    async with Workers(most_workers=1, preload=("colorsys",)) as workers:
        first = await workers.run(os.getpid, timeout_s=20), await workers.run(eval, LOADED, timeout_s=20)
        await asyncio.gather(workers.run(os._exit, 3, timeout_s=20), return_exceptions=True)
        second = await workers.run(os.getpid, timeout_s=20), await workers.run(eval, LOADED, timeout_s=20)
        print(first[0] != second[0], first[1], second[1], eval(LOADED))

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_what_is_preloaded_is_there_before_the_first_job_also_of_a_worker_that_takes_anothers_place(
    tmp_path: Path,
) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PRELOADING)
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script)), stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    printed, _ = await parent.communicate()
    assert printed.split() == [b"True", b"True", b"True", b"False"]
