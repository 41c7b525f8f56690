"""Leading: being the one process that sends for a bot, and letting another take over when this one ends or hangs.

On PostgreSQL three things stand together. An advisory lock on a session of its own, which the server lets go of as
soon as that session ends: after a kill another process leads within a second. A heartbeat in the lease, for a process
that hangs or lost its network keeps its session: whoever stands by watches the beat by its own monotonic clock, ends
the other's sessions and takes over. And the lease's fence, which the transaction that marks deliveries as leaving
checks: a process that wakes up later cannot mark anything any more. On SQLite the data folder is held, and there is
nobody to compete with; only the fence counts the starts.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from storage.connection.channels import Channel
from storage.connection.failures import operational_errors
from storage.errors import StorageError
from storage.leases import NOBODY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from storage.model import Lease
    from storage.work import Work


class Database(Protocol):
    """What a leader needs of the open database: ``storage.Storage`` has it."""

    bot_id: int

    def read(self) -> AbstractAsyncContextManager[Work]:
        """Open a unit of work that only reads."""

    def write(self) -> AbstractAsyncContextManager[Work]:
        """Open a unit of work that is committed at its end."""

    async def wait(self, channel: Channel, timeout_s: float) -> bool:
        """Wait for a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How quickly a process that does not lead notices it.

    Attributes:
        beat_s: Seconds between two beats of the holder.
        sure_s: Seconds after its last beat for which the holder may be sure that nobody has taken over.
        patience_s: Seconds without a beat after which another takes over; longer than ``sure_s``.
        look_s: Seconds between two looks of whoever stands by.
    """

    beat_s: float = 1.5
    sure_s: float = 5.0
    patience_s: float = 7.0
    look_s: float = 1.0


class Leadership:
    """The right to lead, as long as it lasts.

    Attributes:
        fence: Its number, higher than all before.
        lost: Set once another process leads.
    """

    def __init__(self, lease: Lease, *, sure_until: float, monotonic: Callable[[], float]) -> None:
        self.lease = lease
        self.fence = lease.fence
        self.lost = asyncio.Event()
        self._sure_until = sure_until
        self._monotonic = monotonic

    def is_sure(self) -> bool:
        """Tell whether nobody else can have taken over; without a recent beat that is not known."""
        return not self.lost.is_set() and self._monotonic() < self._sure_until

    def note_beat(self, sure_until: float) -> None:
        """Be sure until another instant, in monotonic seconds."""
        self._sure_until = sure_until


def new_holder() -> str:
    """Make a name for this process that no other has, and that its sessions at the server can carry."""
    return f"newsgist-{secrets.token_hex(8)}"


class Leader:
    """Competes for one lease.

    Args:
        storage: Where the lease is.
        engine: For the session that holds the advisory lock; ``None`` on SQLite.
        holder: This process's name, under which its sessions are known to the server.
        pulse: The intervals.
        monotonic: Tells seconds that never run back.
    """

    def __init__(
        self,
        storage: Database,
        engine: AsyncEngine | None,
        *,
        holder: str,
        pulse: Pulse,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._engine = engine
        self._holder = holder
        self._pulse = pulse
        self._monotonic = monotonic

    @asynccontextmanager
    async def lead(self, task: str) -> AsyncIterator[Leadership]:
        """Wait until nobody else leads, then lead until the context ends.

        Args:
            task: What is led; the lease's name.

        Raises:
            UnavailableError: SQLite's file cannot be written. PostgreSQL is waited for.
        """
        if self._engine is None:
            leadership = await self._take(task, await self._find(task))
            if leadership is None:
                raise RuntimeError("a lease changed although nobody else can write")
            leadership.note_beat(float("inf"))
            yield leadership
            return
        async with _AdvisoryLock(self._engine, _key(self._storage.bot_id, task)) as lock:
            leadership = await self._compete(task, lock)
            beating = asyncio.create_task(self._beat(leadership, lock), name=f"beat-{task}")
            try:
                yield leadership
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)
                if not leadership.lost.is_set():
                    with suppress(StorageError):  # a lease that cannot be given back is taken by its silence
                        await self._give_back(leadership)

    async def _compete(self, task: str, lock: _AdvisoryLock) -> Leadership:
        """Look at lock and lease until one of them says that nobody leads."""
        watched, since = None, self._monotonic()
        while True:
            try:
                free = await lock.try_to_take()
                lease = await self._find(task)
                now = self._monotonic()
                if watched is None or lease != watched[0]:
                    watched, since = (lease,), now
                given_back = lease is not None and lease.holder == NOBODY  # its lock follows in a moment
                silent = lease is not None and not given_back and now - since >= self._pulse.patience_s
                if silent and not free and lease is not None:
                    await self._end_sessions(lease.holder)
                if (free or given_back or silent) and (leadership := await self._take(task, lease)) is not None:
                    return leadership
            except StorageError:
                # While the server is away nobody's silence means anything.
                watched = None
            await self._storage.wait(Channel.LEADER, self._pulse.look_s)

    async def _find(self, task: str) -> Lease | None:
        async with self._storage.read() as work:
            return await work.leases.find(task)

    async def _take(self, task: str, seen: Lease | None) -> Leadership | None:
        begun = self._monotonic()
        async with self._storage.write() as work:
            lease = await work.leases.take(task, self._holder, seen=seen)
        if lease is None:
            return None
        return Leadership(lease, sure_until=begun + self._pulse.sure_s, monotonic=self._monotonic)

    async def _beat(self, leadership: Leadership, lock: _AdvisoryLock) -> None:
        """Beat until the lease turns out to be another's."""
        while True:
            await asyncio.sleep(self._pulse.beat_s)
            begun = self._monotonic()
            try:
                async with asyncio.timeout(self._pulse.sure_s), self._storage.write() as work:
                    held = await work.leases.beat(leadership.lease)
                if held:
                    # After a restart of the server the lock is anybody's; whoever took it has taken the lease too.
                    await lock.try_to_take()
            except Exception:  # noqa: BLE001, S112 - whatever it is: without a beat we are not sure, and send nothing
                continue
            if not held:
                leadership.lost.set()
                return
            leadership.note_beat(begun + self._pulse.sure_s)

    async def _give_back(self, leadership: Leadership) -> None:
        async with self._storage.write() as work:
            await work.leases.release(leadership.lease)
            work.ring(Channel.LEADER)

    async def _end_sessions(self, holder: str) -> None:
        """End the sessions of a process that hangs: it may hold locks, and must not find them when it wakes."""
        if self._engine is None:
            return
        activity = sa.table("pg_stat_activity", sa.column("pid"), sa.column("application_name"))
        statement = sa.select(sa.func.pg_terminate_backend(activity.c.pid)).where(activity.c.application_name == holder)
        # Where we may not, the fence alone must do.
        with suppress(SQLAlchemyError, OSError):
            async with self._engine.connect() as connection:
                await connection.execute(statement)


class _AdvisoryLock:
    """An advisory lock on a session of its own, opened anew where it was lost."""

    def __init__(self, engine: AsyncEngine, key: int) -> None:
        self._engine = engine
        self._key = key
        self._connection: AsyncConnection | None = None
        self._held = False

    async def __aenter__(self) -> _AdvisoryLock:
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._connection is not None:
            if self._held:
                with suppress(SQLAlchemyError, OSError):
                    await self._connection.execute(sa.select(sa.func.pg_advisory_unlock(self._key)))
            await self._drop()

    async def try_to_take(self) -> bool:
        """Take the lock if nobody has it, and say whether we do.

        Raises:
            UnavailableError: The server cannot be reached.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._drop)
            with operational_errors(OSError):
                if self._connection is None:
                    self._connection = await self._engine.connect()
                if self._held:  # as long as the session lives, the lock does
                    await self._connection.execute(sa.select(1))
                else:
                    taken = await self._connection.scalar(sa.select(sa.func.pg_try_advisory_lock(self._key)))
                    self._held = bool(taken)
            stack.pop_all()
        return self._held

    async def _drop(self) -> None:
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            with suppress(SQLAlchemyError, OSError):
                await connection.close()


def _key(bot_id: int, task: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{bot_id} {task}".encode()).digest()[:8], "big", signed=True)
