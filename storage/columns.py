"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Enum, Integer, Text
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Key = BigInteger().with_variant(Integer(), "sqlite")
"""Our own ids. SQLite gives ids by itself only to columns that are called ``INTEGER``."""


class Instant(TypeDecorator[datetime]):
    """An aware instant: ``timestamptz`` on PostgreSQL, microseconds since 1970 on SQLite, without such a type."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type for one database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Refuse naive instants on their way in.

        Raises:
            ValueError: The instant says no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value if dialect.name == "postgresql" else (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: datetime | int | None, dialect: Dialect) -> datetime | None:
        """Give instants back in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return EPOCH + int(value) * _MICROSECOND


class Words(TypeDecorator[str]):
    """Text from outside, storable anywhere.

    PostgreSQL refuses U+0000 and both refuse lone surrogates; each becomes U+FFFD, so that offsets stay true.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what the databases refuse, one code point for one."""
        if value is None or value.isascii():
            return value if value is None else value.replace("\0", "\ufffd")
        value = value.replace("\0", "\ufffd")
        try:
            value.encode()
        except UnicodeEncodeError:
            return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in value)
        return value


def canonical_json(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    """Write a JSON value in the one form that its digest is taken of: keys sorted, no spaces, no needless escapes."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


class JsonText(TypeDecorator[Any]):
    """A JSON value as text: PostgreSQL's own type would reorder what must stay byte for byte."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ANN401 -- JSON; the base class's signature
        """Write the value; lone surrogates, which no database takes, are escaped."""
        if value is None:
            return None
        text = canonical_json(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))
        return text

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:  # noqa: ANN401 -- JSON; the base class's signature
        """Read the value."""
        return None if value is None else json.loads(value)


def choice(name: str, values: type[StrEnum]) -> Column[Any]:
    """Make a column for a closed set: a short string with a CHECK constraint.

    Args:
        name: The column's name, which the constraint takes.
        values: The set.
    """
    # SQLite builds a table for every IN it checks, for every row: written with OR, inserting takes half the time.
    allowed = " OR ".join(f"{name} = '{member.value}'" for member in values)
    return Column(
        name,
        Enum(values, native_enum=False, length=16, values_callable=lambda members: [each.value for each in members]),
        CheckConstraint(allowed, name=name),
        nullable=False,
    )
