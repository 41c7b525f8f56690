"""The drivers' errors in our words, translated once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


_SERVERS_FAULTS = ("08", "53", "57P", "58", "25P03", "40001", "40P01")
"""Connection lost, out of resources, shutting down or starting up, its system failing, idle for too long, and
transactions that were in each other's way, of which one was let go."""


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
        # A DatabaseError itself is a damaged SQLite file.
        if error.connection_invalidated or type(error) is DatabaseError or _is_servers(error):
            raise UnavailableError(_first_line(error)) from error
        raise
    except Exception as error:
        # What goes wrong while it connects, the driver says in its own classes: starting up, shutting down, full.
        if type(error).__module__.partition(".")[0] == "asyncpg":
            raise UnavailableError(_first_line(error)) from error
        raise


def _is_servers(error: DBAPIError) -> bool:
    """Tell by PostgreSQL's code whether the server, not the statement, is at fault (its manual, appendix A)."""
    code = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None) or "")
    return code.startswith(_SERVERS_FAULTS)


def _first_line(error: Exception) -> str:
    """Say what the driver says, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return f"the database cannot be used: {str(cause).partition(chr(10))[0]}"
