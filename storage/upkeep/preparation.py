"""Making a database ready before it is opened: migrated after a backup, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.connection.engine import is_sqlite, parse_url, sqlite_file
from storage.connection.failures import operational_errors
from storage.connection.lock import hold_folder
from storage.errors import SchemaError
from storage.upkeep.backup import back_up_before_migration
from storage.upkeep.schema import OURS, Age, compare, refuse_unknown, upgrade, wanted_revision

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL


async def migrate(url: str, *, data: Path | None = None) -> str:
    """Bring a database to this version's schema; on SQLite after a backup, and only while nobody works on it.

    Args:
        url: ``sqlite:///…`` or ``postgresql://…``.
        data: The data folder; ``None`` takes the SQLite file's.

    Returns:
        The schema's revision.

    Raises:
        StorageError: As ``Storage.open``.
    """
    where = parse_url(url)
    if not is_sqlite(where):
        with operational_errors(OSError):
            await upgrade(where)
        return wanted_revision()
    folder = data or sqlite_file(where).parent
    now = datetime.now(UTC)
    with hold_folder(folder, now=now):
        await prepare_sqlite(where, folder, now=now)
    return wanted_revision()


async def prepare_sqlite(url: URL, data: Path, *, now: datetime, migrations: Path = OURS) -> None:
    """Bring a SQLite database to our schema, after a backup where there is anything to keep.

    Args:
        url: The database, which is made where it is missing.
        data: The data folder, whose lock is held.
        now: The present instant.
        migrations: The folder of the migrations; another one than ours only to try migrations out.

    Raises:
        SchemaError: It is newer than this version, or not ours.
        UnavailableError: The file cannot be read or written.
    """
    sqlite_file(url).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with operational_errors():
        age, found = await compare(url, migrations)
        refuse_unknown(age, found)
        if age is Age.OLD:
            await back_up_before_migration(url, data / "backups", revision=found or "", now=now)
        if age is not Age.CURRENT:
            await upgrade(url, migrations)


async def require_current(url: URL) -> None:
    """Refuse a PostgreSQL database whose schema is not ours.

    Raises:
        SchemaError: It is not.
        UnavailableError: The database cannot be reached.
    """
    with operational_errors(OSError):
        age, found = await compare(url)
    refuse_unknown(age, found)
    if age is not Age.CURRENT:
        raise SchemaError(
            "the database's schema is not this version's; run `newsgist migrate`", found=found, wanted=wanted_revision()
        )
