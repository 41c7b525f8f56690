"""The schema's revision: which one a database has, which one we work with, and the way from one to the other."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.connection.engine import create_engine
from storage.errors import SchemaError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

OURS = Path(__file__).parents[1] / "migrations"


class Age(StrEnum):
    """How a database's schema compares with ours."""

    EMPTY = "empty"
    OLD = "old"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"
    """There are tables, but not ours."""


def wanted_revision(migrations: Path = OURS) -> str:
    """Name the revision that this version works with."""
    head = _scripts(migrations).get_current_head()
    assert head is not None  # noqa: S101 -- the migrations are a part of this package
    return head


def known_revisions(migrations: Path = OURS) -> set[str]:
    """Name all revisions that this version can read, migrating them where they are old."""
    return {script.revision for script in _scripts(migrations).walk_revisions()}


async def compare(url: URL, migrations: Path = OURS) -> tuple[Age, str | None]:
    """Compare a database's schema with ours.

    Args:
        url: The database.
        migrations: The folder of the migrations; another one than ours only to try migrations out.

    Returns:
        How it compares, and its revision.
    """
    engine = create_engine(url, "migrate")
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_compare, migrations)
    finally:
        await engine.dispose()


def _compare(connection: Connection, migrations: Path) -> tuple[Age, str | None]:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        tables = [name for name in sa.inspect(connection).get_table_names() if name != "alembic_version"]
        return (Age.FOREIGN if tables else Age.EMPTY), None
    if found not in known_revisions(migrations):
        return Age.NEWER, found
    return (Age.CURRENT if found == wanted_revision(migrations) else Age.OLD), found


def refuse_unknown(age: Age, found: str | None) -> None:
    """Refuse a database that this version must not touch.

    Raises:
        SchemaError: It was made by a newer version, or is not ours at all.
    """
    if age is Age.NEWER:
        raise SchemaError(
            f"the database was made by a newer version of Newsgist (schema {found}); update Newsgist, or restore"
            " a backup made by this version",
            found=found,
            wanted=wanted_revision(),
        )
    if age is Age.FOREIGN:
        raise SchemaError(
            "the database holds tables of another program; name another one", found=found, wanted=wanted_revision()
        )


async def upgrade(url: URL, migrations: Path = OURS) -> None:
    """Bring a database to our revision, all steps in one transaction: a kill leaves it as it was.

    Args:
        url: The database.
        migrations: As for ``compare``.

    Raises:
        SchemaError: It is newer than this version, not ours, or its rows do not fit together afterwards.
    """
    engine = create_engine(url, "migrate")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, migrations)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, migrations: Path) -> None:
    postgres = connection.dialect.name == "postgresql"
    if postgres:  # two processes may be told to migrate at once; the second then finds nothing to do
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(0x6E677374, 0)))
    refuse_unknown(*_compare(connection, migrations))
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if not postgres and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise SchemaError(f"{len(broken)} rows name others that do not exist", found=None, wanted=wanted_revision())


def _scripts(migrations: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(migrations))


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
