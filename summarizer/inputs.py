"""Checks of what callers give, so that a plain mistake is named where it is made."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from summarizer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_kind(name: str, value: object, kind: type, wanted: str) -> None:
    """Refuse what is of another kind than is asked for.

    Raises:
        InputError: the value is none of that kind.
    """
    if not isinstance(value, kind):
        raise InputError(name, wanted, type(value).__name__)


def check_whole_number(name: str, value: object) -> None:
    """Refuse what is no whole number; yes and no are none.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise InputError(name, "a whole number", type(value).__name__)


def check_instant(name: str, value: object) -> None:
    """Refuse what is no instant: a datetime without an offset from UTC may mean any of many.

    Raises:
        InputError: it is none.
    """
    check_kind(name, value, datetime, "a datetime with a time zone")
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise InputError(name, "a datetime with a time zone", "one without")


def check_strings(name: str, values: Iterable[object]) -> None:
    """Refuse one string where several are asked for, and what is no string among them.

    Raises:
        InputError: these are no strings.
    """
    if isinstance(values, str):
        raise InputError(name, "a tuple of strings", "one string")
    for value in values:
        check_kind(f"each of {name}", value, str, "a string")
