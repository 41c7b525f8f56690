"""One open transaction: how statements run, and where the two databases differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storage.connection.finishing import finish
from storage.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, CursorResult, Executable, RowMapping, Table
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.types import TypeEngine

    from storage.connection.channels import Channel

T = TypeVar("T")
Values: TypeAlias = "Mapping[str, Any] | Sequence[Mapping[str, Any]] | None"
_CLAIM_LOCK = 0x6E677374  # namespace of our advisory locks on PostgreSQL


class Transaction:
    """What the repositories of one unit of work share.

    Attributes:
        connection: The connection that the transaction runs on.
        bot_id: The bot whose data these are.
        clock: Tells the instant where a method is not told it.
        rung: The channels to ring once the transaction is committed.
        scrub: Whether deleted data must be wiped from the write-ahead log too, once committed.
    """

    __slots__ = ("bot_id", "clock", "connection", "postgres", "rung", "scrub")

    def __init__(self, connection: AsyncConnection, *, bot_id: int, clock: Callable[[], datetime]) -> None:
        self.connection = connection
        self.bot_id = bot_id
        self.clock = clock
        self.postgres = connection.dialect.name == "postgresql"
        self.rung: set[Channel] = set()
        self.scrub = False

    async def run(self, statement: Executable, values: Values = None) -> int:
        """Execute a statement and say how many rows it touched.

        Args:
            statement: What to execute.
            values: Its parameters by name; of several sets it is executed with each.
        """
        return (await self._execute(statement, values)).rowcount

    async def all(self, statement: Executable, values: Values = None) -> Sequence[RowMapping]:
        """Execute a statement, with its parameters as for ``run``, and give all rows that it returns."""
        return (await self._execute(statement, values)).mappings().all()

    async def first(self, statement: Executable) -> RowMapping | None:
        """Execute a statement and give the first row that it returns."""
        return (await self._execute(statement)).mappings().first()

    async def one(self, statement: Executable, kind: str, key: object) -> RowMapping:
        """Execute a statement and give the row that it returns.

        Args:
            statement: What to execute.
            kind: What is looked for, for the error.
            key: By which key.

        Raises:
            NotFoundError: There is no row.
        """
        row = await self.first(statement)
        if row is None:
            raise NotFoundError(kind, key)
        return row

    async def value(self, statement: Executable, values: Values = None) -> Any:  # noqa: ANN401 -- what it selects
        """Execute a statement, with its parameters as for ``run``; give its first row's first column, or ``None``."""
        return (await self._execute(statement, values)).scalar()

    async def values(self, statement: Executable) -> Sequence[Any]:
        """Execute a statement and give the first column of all its rows."""
        return (await self._execute(statement)).scalars().all()

    async def _execute(self, statement: Executable, values: Values = None) -> CursorResult[*tuple[Any, ...]]:
        return await finish(self.connection.execute(statement, values))

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Start an insert that may say what happens on conflict."""
        return insert_for(table, postgres=self.postgres)

    def among(self, column: ColumnElement[T], values: Collection[T]) -> ColumnElement[bool]:
        """Say that a column is one of many values, in one bound parameter however many they are."""
        return _among(column, sa.literal(self.pack(values), _packed(column, postgres=self.postgres)), self.postgres)

    def pack(self, values: Collection[object]) -> list[object] | str:
        """Make of many values what ``is_among`` compares with."""
        return list(values) if self.postgres else json.dumps(list(values))

    async def serialise_claims(self) -> None:
        """Let claims of this bot's deliveries run one after the other.

        SQLite has one writer anyway. On PostgreSQL two snapshots could otherwise each see a chat without a delivery on
        its way, and take one delivery of it each.
        """
        if self.postgres:
            await self.run(sa.select(sa.func.pg_advisory_xact_lock(_CLAIM_LOCK, self.bot_id % 2**31)))


def insert_for(table: Table, *, postgres: bool) -> sqlite.Insert | postgresql.Insert:
    """Start an insert that may say what happens on conflict, for one of the databases."""
    return postgresql.insert(table) if postgres else sqlite.insert(table)


def is_among(column: ColumnElement[T], name: str, *, postgres: bool) -> ColumnElement[bool]:
    """Say that a column is one of the values that ``Transaction.pack`` made the parameter ``name`` of."""
    return _among(column, sa.bindparam(name, type_=_packed(column, postgres=postgres)), postgres)


def _packed(column: ColumnElement[Any], *, postgres: bool) -> TypeEngine[Any]:
    return postgresql.ARRAY(column.type) if postgres else sa.Text()


def _among(column: ColumnElement[T], packed: ColumnElement[Any], postgres: bool) -> ColumnElement[bool]:
    if postgres:
        return column == sa.any_(packed)
    return column.in_(sa.select(sa.func.json_each(packed).table_valued("value").c.value))
