"""Work that several processes share through PostgreSQL: how it grows with them, and what sharing adds to a job."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

from storage import Storage, migrate
from tests.bench.delivery.planning import postgres
from tests.bench.delivery.process import running
from tests.bench.delivery.server import BOT_ID

if TYPE_CHECKING:
    from tests.bench.delivery.server import BenchServer

_JOBS: Final = 600
_EMPTY: Final = 400
_STRANGER: Final = 800_000


async def measure(server: BenchServer) -> list[str]:
    """Let one process answer people, then two; then count what taking and finishing a job costs by itself."""
    lines = [
        f"{_JOBS} people send /id at once; processes of `--role chat` on one PostgreSQL answer (effect, inbox and reply"
        " in one transaction each):",
        "",
        "| processes | answers/s | × |",
        "|---|---|---|",
    ]
    first = 0.0
    for processes in (1, 2):
        with postgres() as url:
            await migrate(url)
            rate = await _answers_a_second(server, url, processes)
        first = first or rate
        lines.append(f"| {processes} | {rate:.0f} | {rate / first:.2f} |")
    with postgres() as url:
        await migrate(url)
        wall_ms, cpu_ms = await _empty_job(url)
    taken = f"Taking an update under its claim and finishing it, with no work in between: {wall_ms:.1f} ms"
    return [*lines, "", f"{taken}, {cpu_ms:.1f} ms of them CPU of the process."]


async def _answers_a_second(server: BenchServer, url: str, processes: int) -> float:
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as name:
        async with AsyncExitStack() as stack:
            for number in range(processes):
                folder = Path(name) / str(number)
                folder.mkdir()
                await stack.enter_async_context(running(folder, server, roles=("chat",), database=url))
            async with Storage.open(url, bot_id=BOT_ID, data=Path(name)) as storage, storage.write() as work:
                await work.inbox.receive([_update(number) for number in range(1, _JOBS + 1)], datetime.now(UTC))
            return await _rate(url)


def _update(number: int) -> tuple[int, int, dict[str, object]]:
    chat_id = _STRANGER + number
    who = {"id": chat_id, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    message = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat_id, "type": "private", "first_name": "Ada"},
        "from": who,
        "text": "/id",
        "entities": [{"type": "bot_command", "offset": 0, "length": 3}],
    }
    return number, chat_id, {"update_id": number, "message": message}


async def _rate(url: str) -> float:
    """Wait until all are settled; give how many a second there were between the first and the last."""
    connection = await asyncpg.connect(url)
    try:
        while await connection.fetchval("SELECT count(*) FROM inbox WHERE settled_at IS NULL"):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        begun, ended = await connection.fetchrow("SELECT min(settled_at), max(settled_at) FROM inbox")
    finally:
        await connection.close()
    return float((_JOBS - 1) / (ended - begun).total_seconds())


async def _empty_job(url: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="newsgist-bench-") as name:
        async with Storage.open(url, bot_id=BOT_ID, data=Path(name)) as storage:
            async with storage.write() as work:
                await work.inbox.receive([_update(number) for number in range(1, _EMPTY + 1)], datetime.now(UTC))
            begun, cpu = time.perf_counter(), time.process_time()
            for _ in range(_EMPTY):
                async with storage.write() as work:
                    (update,) = await work.inbox.take(limit=1)
                async with storage.write() as work:
                    await work.inbox.finish(update.id, datetime.now(UTC), attempt=update.attempts)
            wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    return wall_s / _EMPTY * 1000, cpu_s / _EMPTY * 1000
