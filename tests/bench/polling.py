"""What a poll costs beside bare aiohttp and httpx, and whether the chat answers while ten thousand feeds are polled.

A server in a process of its own answers on many addresses of loopback, each poll over a fresh connection: one feed in
ten has changed, one in twenty is slow, one in fifty is dead. The bot is the whole bot, in a process of its own, with
Telegram's stand-in in another.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog
from pydantic import SecretStr

from bot.app import run as run_bot
from bot.news.polling.ingest import Ingest
from bot.news.polling.loops import Polling
from bot.news.reader import Reader
from bot.news.web.client import Web
from bot.news.web.guard import Guard, parse_allow
from bot.news.workers import Workers
from bot.settings import Address, Settings
from storage import Storage
from storage.columns import EPOCH
from storage.model import ChatKind, ListedFeed, UnchangedFeed
from tests.bench.polled_web import host_names, is_changing, is_dead, is_slow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

FEEDS = int(os.environ.get("FEEDS", "10000"))
HOSTS = 250
CHECKS = 2_000
IN_FLIGHT = 64
TOKEN = "700000042:a-token-for-the-bench-of-polling"
_ASK_EVERY_S = 0.25
_MICROSECOND = timedelta(microseconds=1)


def run(corpus: Path | None) -> list[str]:
    """Measure, and give Markdown lines."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with served_feeds() as server:
        checks = asyncio.run(_measure_checks(server))
    aiohttp_ms = checks["aiohttp"]
    lines = [
        f"CPU of the client for a feed that is as it was (304), over a fresh connection on loopback, {CHECKS} polls:",
        "",
        "| | ms a poll | × bare aiohttp |",
        "|---|---|---|",
        *(f"| {name} | {cost:.2f} | {cost / aiohttp_ms:.1f} |" for name, cost in checks.items()),
        "",
    ]
    with served_feeds() as server:
        whole = _in_own_process(server)
    return [
        *lines,
        f"{FEEDS:,} feeds at once, 10 % changed, 5 % slow, 2 % dead, on {HOSTS} hosts; the whole bot with its chat:",
        "",
        "| | measured | goal |",
        "|---|---|---|",
        f"| polls a minute | {whole['polls_a_minute']:,.0f} | |",
        f"| live feeds asked, in requests | {whole['asked']:,} of {whole['live']:,}, {whole['requests']:,} | |",
        f"| entries taken in | {whole['articles']:,} of {whole['changed']:,} new | |",
        f"| memory of the bot, most | {whole['memory_mb']:.0f} MB | 250 MB |",
        f"| memory of its workers, most | {whole['workers_mb']:.0f} MB | |",
        f"| loop lag, p50 and p99 | {whole['lag_p50_ms']:.1f} and {whole['lag_p99_ms']:.1f} ms | 20 ms |",
        f"| chat answers, {whole['answers']} asked, p50 and p99 | {whole['answer_p50_s']:.2f} and "
        f"{whole['answer_p99_s']:.2f} s | 1 s |",
    ]


class Server:
    """The served feeds, as their client sees them.

    Attributes:
        port: The one that all hosts listen on.
        closed_port: One on which nobody listens.
    """

    def __init__(self, process: subprocess.Popen[str], port: int, closed_port: int) -> None:
        self._process = process
        self.port = port
        self.closed_port = closed_port
        self._hosts = host_names(HOSTS)

    def url(self, number: int) -> str:
        """Give a feed's address."""
        port = self.closed_port if is_dead(number) else self.port
        return f"http://{self._hosts[number % HOSTS]}:{port}/feed/{number}"

    def tell(self, word: str) -> dict[str, int]:
        """Say ``next`` for the next edition or anything else, and get what was asked since the last word."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        counts: dict[str, int] = json.loads(self._process.stdout.readline())
        return counts


@contextmanager
def served_feeds() -> Iterator[Server]:
    """Serve feeds from a process of its own."""
    command = [sys.executable, "-m", "tests.bench.polled_web", str(HOSTS)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        socket.socket() as closed,
    ):
        closed.bind(("0.0.0.0", 0))  # bound, so that nobody else gets it, and never listened on
        assert process.stdout is not None
        try:
            yield Server(process, int(process.stdout.readline()), closed.getsockname()[1])
        finally:
            assert process.stdin is not None
            process.stdin.close()


# ---- what one check costs


async def _measure_checks(server: Server) -> dict[str, float]:
    unchanged = [n for n in range(CHECKS * 2) if not (is_changing(n) or is_slow(n) or is_dead(n))][:CHECKS]
    return {
        "aiohttp": await _check_by_aiohttp(server, unchanged),
        "ours, with guard and store": await _check_by_ours(server, unchanged),
        "httpx, as feedparser's fetcher": await _check_by_httpx(server, unchanged),
    }


async def _check_by_aiohttp(server: Server, numbers: Sequence[int]) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0)) as session:

        async def check(number: int) -> None:
            async with session.get(server.url(number), headers={"If-None-Match": f'"{number}-1"'}) as answer:
                await answer.read()
                assert answer.status == 304

        return await _cost_ms(check, numbers)


async def _check_by_httpx(server: Server, numbers: Sequence[int]) -> float:
    import feedparser  # noqa: PLC0415 - a peer, loaded only where it is measured
    import httpx  # noqa: PLC0415 - likewise

    async with httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False) as client:

        async def check(number: int) -> None:
            answer = await client.get(server.url(number), headers={"If-None-Match": f'"{number}-1"'})
            if answer.status_code != 304:
                feedparser.parse(answer.content)

        return await _cost_ms(check, numbers)


async def _cost_ms(check: Callable[[int], Awaitable[None]], numbers: Sequence[int]) -> float:
    places = asyncio.Semaphore(IN_FLIGHT)

    async def placed(number: int) -> None:
        async with places:
            await check(number)

    await asyncio.gather(*(placed(number) for number in numbers[:100]))
    started = time.process_time()
    await asyncio.gather(*(placed(number) for number in numbers))
    return (time.process_time() - started) / len(numbers) * 1000


async def _check_by_ours(server: Server, numbers: Sequence[int]) -> float:
    """Poll by the bot's own loop: claim, guard, fetch, note, every commit on disk."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Storage.open(f"sqlite:///{folder}/newsgist.db", bot_id=1, data=Path(folder)) as storage,
            Web(Guard(parse_allow("127.0.0.0/8"))) as web,
            Workers(most_workers=1) as workers,
        ):
            now = _now()
            await _follow(storage, server, numbers, due_at=now)
            ingest = Ingest(storage, Reader(web, workers), clock=_now, poll_min_s=300)
            stop = asyncio.Event()
            server.tell("count")
            started = time.process_time()
            loop = asyncio.create_task(Polling(storage, ingest, clock=_now).poll_feeds(stop))
            asked = 0
            while asked < len(numbers):
                await asyncio.sleep(0.2)
                asked += server.tell("count")["feeds"]
            await asyncio.sleep(0.2)
            spent = time.process_time() - started
            stop.set()
            await loop
    return spent / len(numbers) * 1000


async def _follow(
    storage: Storage, server: Server, numbers: Sequence[int], *, due_at: datetime, chat_id: int = 7
) -> None:
    """Let one chat follow feeds; those that never change are known as they are, the others are still to be read."""
    now = _now()
    listed = [ListedFeed(url=server.url(number), title=f"Paper {number}") for number in numbers]
    async with storage.write() as work:
        chat = await work.subscribers.ensure(chat_id, kind=ChatKind.PRIVATE, lang="en", now=now)
        draft = await work.imports.draft(
            subscriber_id=chat.id,
            thread_id=0,
            user_id=chat_id,
            file_name="all.opml",
            entries=listed,
            invalid=(),
            invalid_count=0,
            now=now,
        )
        await work.imports.start(draft.id, message_id=1, most_feeds=len(numbers))
    while True:
        async with storage.write() as work:
            if await work.imports.advance(limit=1000, now=now) is None:
                break
    async with storage.write() as work:
        mine = await work.subscribers.list_subscriptions(chat.id)
        found = [(feed.id, int(feed.url.rpartition("/")[2])) for _, feed in mine]
        await work.feeds.record_unchanged(
            [
                UnchangedFeed(
                    feed_id=feed_id,
                    checked_at=now - timedelta(hours=1),
                    due_at=due_at,
                    etag=f'"{number}-1"',
                    last_modified=None,
                    interval_s=3600,
                )
                for feed_id, number in found
                if not is_changing(number)
            ]
        )
        await work.feeds.postpone({feed_id: due_at for feed_id, number in found if is_changing(number)})


def _now() -> datetime:
    return datetime.now(UTC)


# ---- the whole bot


def _in_own_process(server: Server) -> dict[str, float]:
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


class _Remote(Server):
    """The served feeds, asked about through the process that started them."""

    def __init__(self, pipe: Connection, port: int, closed_port: int) -> None:
        self._pipe = pipe
        self.port = port
        self.closed_port = closed_port
        self._hosts = host_names(HOSTS)

    def tell(self, word: str) -> dict[str, int]:
        """Say a word through the pipe."""
        self._pipe.send(word)
        counts: dict[str, int] = self._pipe.recv()
        return counts


def _run_whole(pipe: Connection, port: int, closed_port: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        pipe.send(asyncio.run(_measure_whole(_Remote(pipe, port, closed_port), Path(folder))))


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
        await _follow(storage, server, range(FEEDS), due_at=_now() + timedelta(days=1), chat_id=reader_id)
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
    now = (_now() - EPOCH) // _MICROSECOND
    with closing(sqlite3.connect(folder / "newsgist.db", timeout=30)) as database, database:
        database.execute(f"UPDATE feeds SET due_at = ? WHERE {which}", (now,))


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
