"""The drivers' errors in our words, translated once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def operational_errors(*more: type[Exception]) -> Iterator[None]:
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
        if error.connection_invalidated or type(error) is DatabaseError:  # the latter: a damaged SQLite file
            raise UnavailableError(_first_line(error)) from error
        raise


def _first_line(error: Exception) -> str:
    """Say what the driver says, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return f"the database cannot be used: {str(cause).partition(chr(10))[0]}"
