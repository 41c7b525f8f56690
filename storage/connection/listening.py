"""Wake-ups between processes: PostgreSQL's NOTIFY, heard on a session of its own and passed on to the bells here."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from storage.connection.channels import Bells, Channel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_RETRY_S = 1.0
_KNOWN = frozenset(Channel)


async def notify(connection: AsyncConnection, bot_id: int, source: str, channels: Iterable[Channel]) -> None:
    """Let other processes know of work, once this transaction is committed.

    Args:
        connection: Of the transaction.
        bot_id: Whose work.
        source: Who says so, and need not hear it again.
        channels: Which kinds.
    """
    payload = " ".join((source, *sorted(channels)))
    await connection.execute(sa.select(sa.func.pg_notify(_name(bot_id), payload)))


@asynccontextmanager
async def listening(engine: AsyncEngine, bells: Bells, *, bot_id: int, source: str) -> AsyncIterator[None]:
    """Ring the bells here for what other processes commit, as long as the context lasts.

    A notice that is lost with its session costs a wait only: whoever listens looks for work by itself now and then.
    """
    tried = asyncio.Event()
    task = asyncio.create_task(_listen(engine, bells, tried, bot_id=bot_id, source=source), name="listen")
    try:
        await tried.wait()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(engine: AsyncEngine, bells: Bells, tried: asyncio.Event, *, bot_id: int, source: str) -> None:
    """Listen, again and again; ``tried`` is set after the first attempt, whether or not it came to something."""

    def hear(_connection: object, _pid: int, _name: str, payload: str) -> None:
        sender, *named = payload.split(" ")
        if sender != source:
            bells.ring(Channel(name) for name in named if name in _KNOWN)

    while True:
        with suppress(Exception):  # whatever ends the session, the driver's own errors included: it is opened anew
            async with engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                ended = asyncio.Event()
                driver.add_termination_listener(lambda _connection, ended=ended: ended.set())
                await driver.add_listener(_name(bot_id), hear)
                if tried.is_set():
                    bells.ring(Channel)  # for all that was said while nobody listened
                tried.set()
                try:
                    await ended.wait()
                finally:
                    with suppress(Exception):  # the session may be gone
                        await driver.remove_listener(_name(bot_id), hear)
        tried.set()
        await asyncio.sleep(_RETRY_S)


def _name(bot_id: int) -> str:
    return f"newsgist_{bot_id}"
