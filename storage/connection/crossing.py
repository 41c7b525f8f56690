"""SQLite's thread: each statement crosses to it once, and comes back with all its rows.

SQLAlchemy's cursor for aiosqlite crosses four times for one statement: to be made, to execute, to fetch and to close.
Each crossing wakes two threads that want the same interpreter, which costs more than most of our statements do.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util import EMPTY_DICT

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from sqlalchemy import Dialect


class _Answer:
    """What came of a statement: a cursor read to its end and closed, for who is not in SQLite's thread."""

    arraysize = 1

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self.rows = cursor.fetchall() if cursor.description else []
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid
        cursor.close()

    def close(self) -> None:
        """Do nothing: it is closed."""


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that crosses when it executes, and at no other time."""

    __slots__ = ()
    _awaitable_cursor_close = False

    _cursor: Any

    def __init__(self, adapt_connection: AsyncAdapt_aiosqlite_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor = None
        self._soft_closed_memoized = EMPTY_DICT
        self._rows = deque()

    async def _execute_async(self, operation: str, parameters: Any = None) -> None:  # noqa: ANN401 -- the driver's
        await self._cross(_execute, operation, parameters or ())
        self._rows = deque(self._cursor.rows)

    async def _executemany_async(self, operation: str, seq_of_parameters: Sequence[Any]) -> None:
        await self._cross(_execute_many, operation, seq_of_parameters)

    async def _cross(
        self, execute: Callable[[sqlite3.Connection, str, Any], _Answer], statement: str, values: object
    ) -> None:
        connection: Any = self._adapt_connection
        async with connection._execute_mutex:
            connection.torn = True
            self._cursor = await self._connection._execute(execute, self._connection._conn, statement, values)
            connection.torn = False


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A connection that knows whether there is anything to roll back.

    Attributes:
        torn: Whether somebody stopped waiting while something was still going on.
    """

    __slots__ = ("torn",)
    _cursor_cls: Any = _Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:  # noqa: ANN401 -- the driver's
        super().__init__(dbapi, connection)
        self.torn = False

    def commit(self) -> None:
        """Commit."""
        self.torn = True
        super().commit()
        self.torn = False

    def rollback(self) -> None:
        """Roll back where a transaction is open: the pool asks for it whenever a connection is given back."""
        if self.torn or self._connection.in_transaction:
            super().rollback()
            self.torn = False


def connect(dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]) -> _Connection:
    """Connect to SQLite; handles the engine's event ``do_connect``."""
    usual: Any = dialect.connect(*arguments, **options)
    return _Connection(usual.dbapi, usual._connection)


def _execute(connection: sqlite3.Connection, statement: str, values: Any) -> _Answer:  # noqa: ANN401 -- the driver's
    return _Answer(connection.execute(statement, values))


def _execute_many(connection: sqlite3.Connection, statement: str, values: Sequence[Any]) -> _Answer:
    return _Answer(connection.executemany(statement, values))
