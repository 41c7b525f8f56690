"""The database: opened once for one bot, then read and written through units of work."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Bells, Channel
from storage.connection.engine import BUSY_MS, WRITERS, create_engine, is_sqlite, parse_url, sqlite_file
from storage.connection.failures import operational_errors
from storage.connection.finishing import cancellation_first, finish
from storage.connection.listening import listening, notify
from storage.connection.lock import hold_folder
from storage.connection.transaction import Transaction
from storage.connection.turns import Turns, Urgency
from storage.errors import ForeignDataError, UnavailableError
from storage.leading import Leader, Pulse, new_holder
from storage.tables import installation
from storage.upkeep.preparation import prepare_sqlite, require_current
from storage.work import Work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.leading import Leadership

_SCRUB_WAIT_MS = 200
_FAILING_S = 10.0
"""What could not be written is tried again every second or two, so that silence for longer means that it could."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Storage:
    """An open database of one bot.

    Attributes:
        bot_id: Telegram's id of the bot.
    """

    def __init__(
        self,
        *,
        bot_id: int,
        readers: AsyncEngine,
        writers: AsyncEngine,
        watchers: AsyncEngine | None,
        holder: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.bot_id = bot_id
        self._readers = readers
        self._writers = writers
        self._watchers = watchers
        self._holder = holder
        self._clock = clock
        self._bells = Bells()
        # SQLite has one writer; who waits for it in line here waits less than who asks the file again and again.
        self._turns = Turns(1 if writers.dialect.name == "sqlite" else WRITERS)
        self._writing: set[asyncio.Task[Any] | None] = set()
        self._scrub = False
        self._failed_at = -math.inf

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
                await prepare_sqlite(where, folder, now=clock())
            else:
                await require_current(where)
            holder = new_holder()
            readers, writers = (create_engine(where, purpose, name=holder) for purpose in ("read", "write"))
            watchers = None if is_sqlite(where) else create_engine(where, "watch", name=holder)
            for engine in (readers, writers, watchers):
                if engine is not None:
                    stack.push_async_callback(engine.dispose)
            storage = cls(
                bot_id=bot_id, readers=readers, writers=writers, watchers=watchers, holder=holder, clock=clock
            )
            await storage._claim_installation()
            if watchers is not None:
                await stack.enter_async_context(listening(watchers, storage._bells, bot_id=bot_id, source=holder))
            yield storage

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Work]:
        """Open a unit of work that sees one consistent snapshot and never waits for a writer.

        Raises:
            UnavailableError: The database cannot be reached.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(cancellation_first())
            connection = await _connect(self._readers, stack)
            with operational_errors():
                yield Work(self._transaction(connection))

    @asynccontextmanager
    async def write(self, urgency: Urgency = Urgency.PROMPT) -> AsyncIterator[Work]:
        """Open a unit of work that is committed at its end, or rolled back if it raises or is cancelled.

        Args:
            urgency: Whom it lets go first while all who write wait for their turn.

        Raises:
            UnavailableError: The database cannot be reached or written, such as when the disk is full.
            RuntimeError: This task is writing already: it would wait for itself for ever.
        """
        task = asyncio.current_task()
        if task in self._writing:
            raise RuntimeError("this task has a unit of work open already")
        async with self._turns.take(urgency), AsyncExitStack() as stack:
            stack.enter_context(cancellation_first())
            stack.enter_context(self._note_failure())
            self._writing.add(task)
            stack.callback(self._writing.discard, task)
            connection = await _connect(self._writers, stack)  # closing it rolls back what is not committed
            transaction = self._transaction(connection)
            with operational_errors():
                await finish(_begin(connection))
                yield Work(transaction)
                await finish(self._commit(connection, transaction))

    @property
    def is_failing(self) -> bool:
        """Whether something could not be written a moment ago, since the disk is full, say, though reading goes on."""
        return time.monotonic() - self._failed_at < _FAILING_S

    @contextmanager
    def _note_failure(self) -> Iterator[None]:
        try:
            yield
        except UnavailableError:
            self._failed_at = time.monotonic()
            raise

    def lead(self, task: str, *, pulse: Pulse | None = None) -> AbstractAsyncContextManager[Leadership]:
        """Do something as the only process of this bot: the context begins once no other does it.

        Args:
            task: What is done alone, such as ``"send"``.
            pulse: How quickly who does not do it any more is noticed.

        Raises:
            UnavailableError: SQLite's file cannot be written. PostgreSQL is waited for.
        """
        return Leader(self, self._watchers, holder=self._holder, pulse=pulse or Pulse()).lead(task)

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

    def wake_all(self) -> None:
        """Wake whoever waits for any channel, to see for themselves whether they should go on."""
        self._bells.ring(Channel)

    def _transaction(self, connection: AsyncConnection) -> Transaction:
        return Transaction(connection, bot_id=self.bot_id, clock=self._clock)

    async def _commit(self, connection: AsyncConnection, transaction: Transaction) -> None:
        """Commit, ring, and wipe what was deleted."""
        if transaction.rung and transaction.postgres:
            await notify(connection, self.bot_id, self._holder, transaction.rung)
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
        async with self._turns.take(Urgency.PROMPT), AsyncExitStack() as stack:
            connection = await _connect(self._writers, stack)
            transaction = self._transaction(connection)
            with operational_errors():
                await transaction.run(
                    transaction.insert(installation)
                    .values(id=1, bot_id=self.bot_id, created_at=self._clock())
                    .on_conflict_do_nothing()
                )
                owner = await transaction.value(sa.select(installation.c.bot_id))
                await finish(connection.commit())
        if owner != self.bot_id:
            raise ForeignDataError(owner)


async def _connect(engine: AsyncEngine, stack: AsyncExitStack) -> AsyncConnection:
    """Take a connection until the stack is closed."""
    with operational_errors(OSError):
        return await finish(stack.enter_async_context(engine.connect()))


async def _begin(connection: AsyncConnection) -> None:
    await connection.begin()


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
