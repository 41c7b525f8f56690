"""The whole bot while all feeds are due: what it asks and takes in, its memory, its loop, and how its chat answers."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog
from pydantic import SecretStr

from bot.app import run as run_bot
from bot.settings import Address, Settings
from storage import Storage
from storage.columns import EPOCH
from tests.bench.polled_web import is_changing, is_dead
from tests.bench.polling.served import RemoteServer, follow, now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from tests.bench.polling.served import Server

FEEDS = int(os.environ.get("FEEDS", "10000"))
TOKEN = "700000042:a-token-for-the-bench-of-polling"
_ASK_EVERY_S = 0.25
_MICROSECOND = timedelta(microseconds=1)


def measure_bot(server: Server) -> dict[str, float]:
    """Run the bot in a process of its own, so that nothing that is measured beside it counts as its memory."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_run_whole, args=(theirs, server.port, server.closed_port))
    child.start()
    theirs.close()  # so that its end is noticed
    while True:
        word = ours.recv()
        if isinstance(word, dict):
            child.join(60)
            found: dict[str, float] = word
            return found
        ours.send(server.tell(word))


def _run_whole(pipe: Connection, port: int, closed_port: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        pipe.send(asyncio.run(_measure_whole(RemoteServer(pipe, port, closed_port), Path(folder))))


async def _measure_whole(server: Server, folder: Path) -> dict[str, float]:
    sandbox = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox", "--port", "0", "--token", TOKEN, "--every", "0"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert sandbox.stdout is not None
    root = json.loads(await sandbox.stdout.readline())["url"]
    async with aiohttp.ClientSession() as session:
        body = {"name": "Reader", "language_code": "en", "started": True}
        async with session.post(f"{root}/sandbox/people", json=body) as answer:
            reader_id = int((await answer.json())["id"])
    url = f"sqlite:///{folder}/newsgist.db"
    async with Storage.open(url, bot_id=int(TOKEN.partition(":")[0]), data=folder) as storage:
        await follow(storage, server, range(FEEDS), due_at=now() + timedelta(days=1), chat_id=reader_id)
    (folder / "nothing.tsv").write_text("", encoding="utf-8")
    settings = Settings(
        bot_token=SecretStr(TOKEN),
        bot_api_url=root,
        data=folder,
        listen=Address("127.0.0.1", 0),
        allow_private="127.0.0.0/8",
        catalogue=folder / "nothing.tsv",
        poll_min_s=3600,
    )
    ready = asyncio.Event()
    bot = asyncio.create_task(run_bot(settings, on_ready=lambda _: ready.set()))
    await ready.wait()
    try:
        return await _watch(server, folder, root)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await bot
        sandbox.terminate()
        await sandbox.wait()


async def _watch(server: Server, folder: Path, root: str) -> dict[str, float]:
    live = [number for number in range(FEEDS) if not is_dead(number)]
    changing = [number for number in live if is_changing(number)]
    _make_due(folder, "etag IS NULL")
    await _until_read(folder, len(changing))
    server.tell("next")
    known = _count_articles(folder)
    stop = asyncio.Event()
    lags: list[float] = []
    waits: list[float] = []
    memory: list[tuple[float, float]] = []
    watchers = [
        asyncio.create_task(_probe(stop, lags, memory)),
        asyncio.create_task(_chat(stop, root, waits)),
    ]
    await asyncio.sleep(0.5)
    started = time.perf_counter()
    _make_due(folder, "1")
    asked, requests = await _until_asked(server, len(live))
    spent_s = time.perf_counter() - started
    await asyncio.sleep(5)
    stop.set()
    await asyncio.gather(*watchers)
    lags.sort()
    waits.sort()
    return {
        "polls_a_minute": FEEDS / spent_s * 60,
        "asked": asked,
        "requests": requests,
        "live": len(live),
        "changed": len(changing),
        "articles": _count_articles(folder) - known,
        "memory_mb": max(main for main, _ in memory),
        "workers_mb": max(workers for _, workers in memory),
        "lag_p50_ms": _quantile(lags, 0.5) * 1000,
        "lag_p99_ms": _quantile(lags, 0.99) * 1000,
        "answers": len(waits),
        "answer_p50_s": _quantile(waits, 0.5),
        "answer_p99_s": _quantile(waits, 0.99),
    }


def _make_due(folder: Path, which: str) -> None:
    at = (now() - EPOCH) // _MICROSECOND
    with closing(sqlite3.connect(folder / "newsgist.db", timeout=30)) as database, database:
        database.execute(f"UPDATE feeds SET due_at = ? WHERE {which}", (at,))


def _count_articles(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "newsgist.db", timeout=30)) as database:
        return int(database.execute("SELECT count(*) FROM articles").fetchone()[0])


async def _until_read(folder: Path, feeds: int) -> None:
    """Wait until so many feeds have been read for the first time."""
    ends_at = time.perf_counter() + 300
    read = 0
    while read < feeds and time.perf_counter() < ends_at:
        await asyncio.sleep(0.5)
        with closing(sqlite3.connect(folder / "newsgist.db", timeout=30)) as database:
            query = "SELECT count(*) FROM feeds WHERE changed_at IS NOT NULL"
            read = int(database.execute(query).fetchone()[0])


async def _until_asked(server: Server, feeds: int) -> tuple[int, int]:
    """Wait until so many feeds have been asked for; give how many were, and with how many requests."""
    asked = requests = 0
    ends_at = time.perf_counter() + 240
    while asked < feeds and time.perf_counter() < ends_at:
        await asyncio.sleep(0.5)
        counts = server.tell("count")
        asked += counts["feeds"]
        requests += counts["requests"]
    return asked, requests


async def _probe(stop: asyncio.Event, lags: list[float], memory: list[tuple[float, float]]) -> None:
    """Note how late the loop is, and now and then how large the processes are."""
    looked_at = 0.0
    while not stop.is_set():
        asleep_at = time.perf_counter()
        await asyncio.sleep(0.01)
        lags.append(max(time.perf_counter() - asleep_at - 0.01, 0.0))
        if time.perf_counter() - looked_at > 1:
            looked_at = time.perf_counter()
            memory.append(_memory_mb())


def _memory_mb() -> tuple[float, float]:
    """Give the resident memory of this process, and of the worker processes below it."""
    children = [int(each) for each in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]
    return _resident_mb(os.getpid()), sum(map(_resident_mb, children))


def _resident_mb(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(line.split()[1]) / 1024


async def _chat(stop: asyncio.Event, root: str, waits: list[float]) -> None:
    """Ask the bot something again and again, as a person would, and note how long its answer takes."""
    async with aiohttp.ClientSession() as session:

        async def post(path: str, body: dict[str, object]) -> dict[str, Any]:
            async with session.post(f"{root}{path}", json=body) as answer:
                found: dict[str, Any] = await answer.json()
                return found

        for number in range(10_000):
            person = (await post("/sandbox/people", {"name": f"P{number}", "language_code": "en"}))["id"]
            started = time.perf_counter()
            await post(f"/sandbox/chats/{person}/messages", {"text": "/id", "person": person})
            while time.perf_counter() - started < 30:
                async with session.get(f"{root}/sandbox/chats/{person}/messages") as answer:
                    if any(message["from_bot"] for message in (await answer.json())["messages"]):
                        break
                await asyncio.sleep(0.02)
            waits.append(time.perf_counter() - started)
            if stop.is_set():
                return
            await asyncio.sleep(_ASK_EVERY_S)


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0
