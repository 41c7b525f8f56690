"""Feeds made to harm: what becomes of each, how long it takes, how much memory, how late the loop is meanwhile.

Each is parsed as the bot parses it: in a worker process, while the loop that waits for it ticks every five
milliseconds. Each has a new worker, so that its peak of memory is its own.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bot.news.errors import FeedError
from bot.news.feeds.parser import parse_feed
from bot.news.workers import Workers
from tests.support.hostile_feeds import HOSTILE_FEEDS, URL, rss

_TICK_S = 0.005
_MOST_S = 20.0


def run(_corpus: Path | None) -> list[str]:
    """Read each; return the lines of a Markdown table."""
    lines = [
        "| feed | bytes | what becomes of it | worker's s | answer after s | memory, MB | loop lag at most, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    return lines + asyncio.run(_read_all())


async def _read_all() -> list[str]:
    return [await _read(name, make()) for name, (_, make) in HOSTILE_FEEDS.items()]


async def _read(name: str, body: bytes) -> str:
    async with Workers(most_workers=1, preload=(__name__,)) as workers:
        _, _, idle_mb = await workers.run(judge, rss(""), timeout_s=_MOST_S)
        lags_s: list[float] = []
        ticking = asyncio.create_task(_tick(lags_s))
        started = time.perf_counter()
        outcome, took_s, peak_mb = await workers.run(judge, body, timeout_s=_MOST_S)
        waited_s = time.perf_counter() - started
        ticking.cancel()
    return (
        f"| {name} | {len(body):,} | {outcome} | {took_s:.3f} | {waited_s:.3f} | {peak_mb - idle_mb:.0f} | "
        f"{1000 * max(lags_s, default=0):.1f} |"
    )


async def _tick(lags_s: list[float]) -> None:
    while True:
        due = time.perf_counter() + _TICK_S
        await asyncio.sleep(_TICK_S)
        lags_s.append(time.perf_counter() - due)


def judge(body: bytes) -> tuple[str, float, float]:
    """Parse a feed in a worker; give what becomes of it, seconds of processor time, and the peak of memory in MB."""
    started = time.process_time()
    try:
        outcome = f"{len(parse_feed(body, url=URL).entries)} entries"
    except FeedError as error:
        outcome = f"refused: {error.reason}"
    return outcome, time.process_time() - started, _peak_mb()


def _peak_mb() -> float:
    """Read what this process took at most; a count that ``getrusage`` gives would begin with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
