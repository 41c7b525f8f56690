"""Engines: how connections to the two databases are made and how their transactions begin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage.connection.crossing import connect
from storage.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

READERS = 4
WRITERS = 10
"""Connections that write to PostgreSQL, of one process; as many read."""
BUSY_MS = 10_000
_CHECKPOINT_BYTES = 64 * 2**20

Purpose = Literal["read", "write", "migrate", "watch"]


def parse_url(text: str) -> URL:
    """Read a database's address and name the driver that we use with it.

    Raises:
        StorageError: It is no address, or of another kind of database.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StorageError("the database's address cannot be read") from error
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise StorageError("a SQLite database needs a file")
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            query = {("ssl" if name == "sslmode" else name): value for name, value in url.query.items()}
            return url.set(drivername="postgresql+asyncpg", query=query)
        case other:
            raise StorageError(f"{other} is neither sqlite nor postgresql")


def is_sqlite(url: URL) -> bool:
    """Say which of the two databases an address is of."""
    return url.get_backend_name() == "sqlite"


def sqlite_file(url: URL) -> Path:
    """Name the file of a SQLite database."""
    return Path(url.database or "")


def create_engine(url: URL, purpose: Purpose, *, name: str = "newsgist") -> AsyncEngine:
    """Make an engine for one purpose; it connects when it is first used.

    Args:
        url: From ``parse_url``.
        purpose: Readers see one snapshot and cannot write. There is one writer on SQLite, since it has one anyway. Who
            watches, on PostgreSQL alone, has sessions of its own, each ended when it is given back.
        name: What PostgreSQL is to call this process.
    """
    return _sqlite(url, purpose) if is_sqlite(url) else _postgres(url, purpose, name)


def _postgres(url: URL, purpose: Purpose, name: str) -> AsyncEngine:
    options: dict[str, Any] = {"pool_size": WRITERS, "max_overflow": 0, "pool_pre_ping": True}
    if purpose == "watch":
        options = {"poolclass": NullPool, "execution_options": {"isolation_level": "AUTOCOMMIT"}}
    elif purpose == "read":
        options["execution_options"] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    settings = {
        "application_name": name,
        # Planning with the compiler costs more than it gains on statements as short as ours.
        "jit": "off",
        "timezone": "UTC",
        # A process that hangs must not hold its locks for ever, nor one whose machine has gone.
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }
    if purpose != "migrate":
        settings["idle_in_transaction_session_timeout"] = "30000"
    return create_async_engine(
        url,
        hide_parameters=True,
        connect_args={
            "timeout": 10,
            "command_timeout": 10 if purpose == "watch" else 60,
            "server_settings": settings,
        },
        **options,
    )


def _sqlite(url: URL, purpose: Purpose) -> AsyncEngine:
    # ``isolation_level=None`` stops the driver from beginning transactions by itself: it would begin deferred ones,
    # late, and not before DDL. The event below begins them instead.
    engine = create_async_engine(
        url,
        pool_size=READERS if purpose == "read" else 1,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": BUSY_MS / 1000},
    )
    pragmas = [
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        # Migrations rebuild tables, which may not cascade; they check the keys themselves at their end.
        f"foreign_keys = {'OFF' if purpose == 'migrate' else 'ON'}",
        "secure_delete = ON",
        f"journal_size_limit = {_CHECKPOINT_BYTES}",
        "cache_size = -16384",
        "temp_store = MEMORY",
    ]
    if purpose == "read":
        pragmas.append("query_only = ON")

    def set_pragmas(connection: Any, record: object) -> None:  # noqa: ANN401 -- the driver's; the event's signature
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")

    event.listen(engine.sync_engine, "do_connect", connect)
    event.listen(engine.sync_engine, "connect", set_pragmas)
    event.listen(engine.sync_engine, "begin", begin)
    return engine
