"""A real ``newsgist run`` on a SQLite file that was made ready before."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from storage import Storage
from tests.bench.delivery.audience import open_broadcast, settle_in
from tests.bench.delivery.server import BOT_ID, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from tests.bench.delivery.server import BenchServer

_START_S = 60.0


async def prepare(folder: Path, number: int) -> None:
    """Let so many people have started the bot, and open a broadcast to them."""
    async with Storage.open(f"sqlite:///{folder}/newsgist.db", bot_id=BOT_ID, data=folder) as storage:
        await settle_in(storage, number)
        async with storage.write() as work:
            await open_broadcast(work)


@asynccontextmanager
async def running(
    folder: Path, server: BenchServer, *, roles: Sequence[str] = (), database: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bot until the context ends; kill it then, unless it has ended.

    Args:
        folder: its data folder.
        server: its Telegram.
        roles: what it does of the whole; empty for everything.
        database: PostgreSQL's address; empty for SQLite in the folder.
    """
    settings = {
        "NEWSGIST_BOT_TOKEN": TOKEN,
        "NEWSGIST_BOT_API_URL": server.root,
        "NEWSGIST_DATA": str(folder),
        "NEWSGIST_LISTEN": "127.0.0.1:0",
        "NEWSGIST_LOG_LEVEL": "ERROR",
        **({"NEWSGIST_DATABASE_URL": database} if database else {}),
    }
    words = [word for role in roles for word in ("--role", role)]
    plain = {key: value for key, value in os.environ.items() if not key.startswith("NEWSGIST_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", *words), env=plain | settings, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        await asyncio.wait_for(process.stdout.readline(), _START_S)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.communicate()
