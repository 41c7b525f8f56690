"""Rows to domain types: a field takes the column of its name."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection

    from _typeshed import DataclassInstance
    from sqlalchemy import ColumnElement, RowMapping, Table

    D = TypeVar("D", bound=DataclassInstance)


def make(kind: type[D], row: RowMapping, table: Table, *, without: Collection[str] = ()) -> D:
    """Make a domain object of one table's columns in a row.

    Args:
        kind: The dataclass; each of its fields has a column of its name.
        row: A row that holds those columns, perhaps with others.
        table: The table they are of.
        without: Fields left at their defaults.
    """
    return kind(**{field.name: row[table.c[field.name]] for field in fields(kind) if field.name not in without})


def columns(
    kind: type[DataclassInstance], table: Table, *, without: Collection[str] = ()
) -> list[ColumnElement[object]]:
    """List the columns that ``make`` needs."""
    return [table.c[field.name] for field in fields(kind) if field.name not in without]
