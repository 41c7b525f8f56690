"""The database: opened once for one bot, then read and written through units of work."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage.backup import back_up_before_migration
from storage.channels import Bells, Channel
from storage.engine import BUSY_MS, create_engine, is_sqlite, parse_url, sqlite_file
from storage.errors import ForeignDataError, SchemaError, UnavailableError
from storage.lock import hold_folder
from storage.schema import Age, compare, refuse_unknown, upgrade, wanted_revision
from storage.tables import installation
from storage.transaction import Transaction
from storage.work import Work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_SCRUB_WAIT_MS = 200


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Storage:
    """An open database of one bot.

    Attributes:
        bot_id: Telegram's id of the bot.
    """

    def __init__(
        self, *, bot_id: int, readers: AsyncEngine, writers: AsyncEngine, clock: Callable[[], datetime]
    ) -> None:
        self.bot_id = bot_id
        self._readers = readers
        self._writers = writers
        self._clock = clock
        self._bells = Bells()
        # SQLite has one writer; who waits for it in line here waits less than who asks the file again and again.
        sqlite = writers.dialect.name == "sqlite"
        self._write_turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if sqlite else nullcontext()
        self._scrub = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, bot_id: int, data: Path | None, clock: Callable[[], datetime] = _utc_now
    ) -> AsyncIterator[Storage]:
        """Open a database for one bot.

        On SQLite this holds the data folder against other processes, and migrates the database after a backup. On
        PostgreSQL the schema has to be current.

        Args:
            url: ``sqlite:///…`` or ``postgresql://…``.
            bot_id: Telegram's id of the bot, which the data belong to from now on.
            data: The data folder; ``None`` takes the SQLite file's.
            clock: Tells the present instant, aware and in UTC.

        Raises:
            StorageError: The address cannot be used.
            DataInUseError: Another process works on the data folder.
            SchemaError: The schema is newer than this version, not ours, or not current on PostgreSQL.
            ForeignDataError: The data belong to another bot.
            UnavailableError: The database cannot be reached.
        """
        where = parse_url(url)
        async with AsyncExitStack() as stack:
            if is_sqlite(where):
                folder = data or sqlite_file(where).parent
                stack.enter_context(hold_folder(folder, now=clock()))
                sqlite_file(where).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                await _prepare_sqlite(where, folder, now=clock())
            else:
                await _require_current(where)
            engines = []
            for purpose in ("read", "write"):
                engine = create_engine(where, purpose)
                stack.push_async_callback(engine.dispose)
                engines.append(engine)
            storage = cls(bot_id=bot_id, readers=engines[0], writers=engines[1], clock=clock)
            await storage._claim_installation()
            yield storage

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Work]:
        """Open a unit of work that sees one consistent snapshot and never waits for a writer.

        Raises:
            UnavailableError: The database cannot be reached.
        """
        async with AsyncExitStack() as stack:
            connection = await _connect(self._readers, stack)
            with _operational_errors():
                yield Work(self._transaction(connection))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Work]:
        """Open a unit of work that is committed at its end, or rolled back if it raises or is cancelled.

        Raises:
            UnavailableError: The database cannot be reached or written, such as when the disk is full.
        """
        async with self._write_turn, AsyncExitStack() as stack:
            connection = await _connect(self._writers, stack)  # closing it rolls back what is not committed
            transaction = self._transaction(connection)
            with _operational_errors():
                await connection.begin()
                yield Work(transaction)
                await self._finish(connection, transaction)

    async def wait(self, channel: Channel, timeout_s: float) -> bool:
        """Wait for work that is committed; a ring that came since the last wait counts.

        Args:
            channel: The kind of work.
            timeout_s: Longest wait in seconds.

        Returns:
            Whether there was a ring.
        """
        return await self._bells.wait(channel, timeout_s)

    def ring(self, channel: Channel) -> None:
        """Wake whoever waits for a channel: there may be work again that was committed before."""
        self._bells.ring([channel])

    def _transaction(self, connection: AsyncConnection) -> Transaction:
        return Transaction(connection, bot_id=self.bot_id, clock=self._clock)

    async def _finish(self, connection: AsyncConnection, transaction: Transaction) -> None:
        """Commit and ring. A cancellation in between waits: whether the work was committed must be known."""
        committing = asyncio.ensure_future(self._commit(connection, transaction))
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            await asyncio.wait([committing])
            raise

    async def _commit(self, connection: AsyncConnection, transaction: Transaction) -> None:
        await connection.commit()
        self._bells.ring(transaction.rung)
        self._scrub = self._scrub or transaction.scrub
        if self._scrub and not transaction.postgres:
            self._scrub = not await _truncate_log(connection)

    async def _claim_installation(self) -> None:
        """Write down whose data these are, once.

        Raises:
            ForeignDataError: They are another bot's.
        """
        async with self._write_turn, AsyncExitStack() as stack:
            connection = await _connect(self._writers, stack)
            transaction = self._transaction(connection)
            with _operational_errors():
                await transaction.run(
                    transaction.insert(installation)
                    .values(id=1, bot_id=self.bot_id, created_at=self._clock())
                    .on_conflict_do_nothing()
                )
                owner = await transaction.value(sa.select(installation.c.bot_id))
                await connection.commit()
        if owner != self.bot_id:
            raise ForeignDataError(owner)


async def migrate(url: str, *, data: Path | None = None) -> str:
    """Bring a database to this version's schema; on SQLite after a backup, and only while nobody works on it.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.
        data: The data folder; ``None`` takes the SQLite file's.

    Returns:
        The schema's revision.

    Raises:
        StorageError: As ``Storage.open``.
    """
    where = parse_url(url)
    if not is_sqlite(where):
        with _operational_errors(OSError):
            await upgrade(where)
        return wanted_revision()
    folder = data or sqlite_file(where).parent
    with hold_folder(folder, now=_utc_now()):
        await _prepare_sqlite(where, folder, now=_utc_now())
    return wanted_revision()


async def _prepare_sqlite(url: URL, folder: Path, *, now: datetime) -> None:
    """Bring a SQLite database to our schema, after a backup where there is anything to keep."""
    with _operational_errors():
        age, found = await compare(url)
        refuse_unknown(age, found)
        if age is Age.OLD:
            await back_up_before_migration(url, folder / "backups", revision=found or "", now=now)
        if age is not Age.CURRENT:
            await upgrade(url)


async def _require_current(url: URL) -> None:
    """Refuse a PostgreSQL database whose schema is not ours.

    Raises:
        SchemaError: It is not.
    """
    with _operational_errors(OSError):
        age, found = await compare(url)
    refuse_unknown(age, found)
    if age is not Age.CURRENT:
        raise SchemaError(
            "the database's schema is not this version's; run `newsgist migrate`", found=found, wanted=wanted_revision()
        )


async def _connect(engine: AsyncEngine, stack: AsyncExitStack) -> AsyncConnection:
    """Take a connection until the stack is closed."""
    with _operational_errors(OSError):
        return await stack.enter_async_context(engine.connect())


@contextmanager
def _operational_errors(*more: type[Exception]) -> Iterator[None]:
    """Translate what goes wrong outside of our statements; wrong statements surface as they are.

    Args:
        more: Other errors that mean the same here.

    Raises:
        UnavailableError: Instead of the driver's.
    """
    try:
        yield
    except more as error:
        raise UnavailableError(_first_line(error)) from error
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise UnavailableError(_first_line(error)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnavailableError(_first_line(error)) from error
        raise


def _first_line(error: Exception) -> str:
    """Say what the driver says, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return f"the database cannot be used: {str(cause).partition(chr(10))[0]}"


async def _truncate_log(connection: AsyncConnection) -> bool:
    """Empty the write-ahead log, which still holds what has been deleted, and say whether that was possible.

    Readers of older snapshots prevent it; then the next commit tries again.
    """
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.execute(f"PRAGMA busy_timeout = {_SCRUB_WAIT_MS}")
    try:
        rows = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        await driver.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return not any(row[0] for row in rows)
