"""How long a command waits to write while polls and a fan-out write too: by urgency, and first come, first served."""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Final

from storage import Storage, Urgency
from tests.bench.delivery.audience import now, open_broadcast, settle_in
from tests.bench.delivery.server import BOT_ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_POLLS: Final = 100
"""As many polls want to write at any time."""
_CHATS: Final = 200_000
_SECONDS: Final = 12.0
_EVERY_S: Final = 0.05
_LONG_S: Final = 60.0


async def measure() -> AsyncIterator[str]:
    """Measure both ways in turn, twice."""
    for line in (
        "| turns | commands | a command's write, median | p99 | longest | polls/s | rows planned/s |",
        "|---|---|---|---|---|---|---|",
    ):
        yield line
    for _ in range(2):
        yield await _row("first come, first served", Urgency.PROMPT, Urgency.PROMPT)
        yield await _row("by urgency", Urgency.STEADY, Urgency.BULK)
    yield await _sixteen_writers()


async def _row(name: str, of_polls: Urgency, of_chunks: Urgency) -> str:
    over, numbers, polls = asyncio.Event(), count(1_000_000), count()
    with TemporaryDirectory(prefix="newsgist-bench-") as folder:
        async with Storage.open(f"sqlite:///{folder}/bench.db", bot_id=BOT_ID, data=Path(folder)) as storage:
            await settle_in(storage, _CHATS)
            begun = perf_counter()
            async with asyncio.TaskGroup() as tasks:
                for _ in range(_POLLS):
                    tasks.create_task(_poll_on_and_on(storage, of_polls, over, numbers, polls))
                planning = tasks.create_task(_plan_on_and_on(storage, of_chunks, over))
                waited = await _command(storage, numbers)
                over.set()
            seconds = perf_counter() - begun
    ordered = [each * 1000 for each in sorted(waited)]
    return (
        f"| {name} | {len(ordered)} | {median(ordered):.0f} ms | {ordered[int(len(ordered) * 0.99) - 1]:.0f} ms"
        f" | {ordered[-1]:.0f} ms | {next(polls) / seconds:.0f} | {planning.result() / seconds:.0f} |"
    )


async def _sixteen_writers() -> str:
    """Let sixteen write for a minute; an error ends the bench (FAULTS 52)."""
    waited: list[float] = []
    with TemporaryDirectory(prefix="newsgist-bench-") as folder:
        async with Storage.open(f"sqlite:///{folder}/bench.db", bot_id=BOT_ID, data=Path(folder)) as storage:
            until = perf_counter() + _LONG_S

            async def write(writer: int) -> None:
                for number in count():
                    if (begun := perf_counter()) >= until:
                        return
                    async with storage.write() as work:
                        update = (writer * 10_000_000 + number, writer, {"text": "/help"})
                        assert await work.inbox.receive([update], now()) == 1
                    waited.append(perf_counter() - begun)

            await asyncio.gather(*(write(writer) for writer in range(1, 17)))
    ordered = sorted(waited)
    return (
        f"Sixteen writers for {_LONG_S:.0f} s: {len(ordered)} writes, no error, median"
        f" {median(ordered) * 1000:.0f} ms, p99 {ordered[int(len(ordered) * 0.99) - 1] * 1000:.0f} ms,"
        f" longest {ordered[-1] * 1000:.0f} ms"
    )


async def _command(storage: Storage, numbers: Iterator[int]) -> list[float]:
    """Write as a command does, now and then; give how long each took."""
    waited: list[float] = []
    until = perf_counter() + _SECONDS
    while (begun := perf_counter()) < until:
        async with storage.write() as work:
            await work.inbox.receive([(next(numbers), len(waited), {"text": "/help"})], now())
        waited.append(perf_counter() - begun)
        await asyncio.sleep(_EVERY_S)
    return waited


async def _poll_on_and_on(
    storage: Storage, urgency: Urgency, over: asyncio.Event, numbers: Iterator[int], polls: Iterator[int]
) -> None:
    while not over.is_set():
        async with storage.write(urgency) as work:
            address = f"https://paper.example/{next(numbers)}"
            feed, _ = await work.feeds.add(address, title="A paper", site_url="", now=now())
            await work.feeds.poll_soon(feed.id, now())
        next(polls)


async def _plan_on_and_on(storage: Storage, urgency: Urgency, over: asyncio.Event) -> int:
    """Plan one broadcast after the other; give how many deliveries they were."""
    planned = 0
    async with storage.write(urgency) as work:
        fanout_id = await open_broadcast(work)
    while not over.is_set():
        async with storage.write(urgency) as work:
            fanout = await work.fanouts.expand(fanout_id, limit=5_000, now=now())
        if fanout.done:
            break
        planned = fanout.planned
    return planned
