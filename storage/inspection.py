"""What a database is in, told before anything is opened for good."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from storage.engine import is_sqlite, parse_url, sqlite_file
from storage.errors import SchemaError, UnavailableError
from storage.schema import Age, compare, refuse_unknown, wanted_revision


async def inspect_storage(url: str) -> str:
    """Say in one line which database this is and whether its schema fits; change nothing.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.

    Raises:
        SchemaError: The schema is newer, foreign, or on PostgreSQL not current.
        UnavailableError: The database cannot be reached.
    """
    where = parse_url(url)
    if is_sqlite(where) and not sqlite_file(where).exists():
        return f"SQLite, to be created at {sqlite_file(where)}"
    try:
        age, found = await compare(where)
    except (DBAPIError, OSError) as error:
        raise UnavailableError(f"cannot be reached ({type(error).__name__})") from error
    refuse_unknown(age, found)
    name = f"SQLite at {sqlite_file(where)}" if is_sqlite(where) else f"PostgreSQL at {where.host}/{where.database}"
    if age is Age.CURRENT:
        return f"{name}, schema {found}"
    if is_sqlite(where):
        return f"{name}, schema {found or 'none'}; `newsgist run` brings it to {wanted_revision()}"
    raise SchemaError(f"{name}: run `newsgist migrate`", found=found, wanted=wanted_revision())
