import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from storage import Storage, migrate
from storage.connection.engine import create_engine, parse_url
from storage.errors import DataInUseError, ForeignDataError, SchemaError, StorageError, UnavailableError
from storage.tables import metadata
from storage.upkeep.preparation import prepare_sqlite
from storage.upkeep.schema import OURS, Age, compare, wanted_revision
from tests.storage.scenes import add_chat
from tests.support.databases import NOW, Database, execute

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{base}"


def upgrade():
    op.create_table("hats", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("feeds") as batch:
        batch.add_column(sa.Column("hat", sa.Text))
    {more}
"""


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_the_migrations_make_the_tables_that_the_code_names(database: Database) -> None:
    engine = create_engine(parse_url(database.url), "migrate")
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


async def test_an_empty_folder_becomes_a_database_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    async with Storage.open(f"sqlite:///{data}/newsgist.db", bot_id=1, data=data) as storage, storage.write() as work:
        await add_chat(work, 1)
    assert data.stat().st_mode & 0o077 == 0
    assert not (data / "backups").exists()
    assert await compare(parse_url(f"sqlite:///{data}/newsgist.db")) == (Age.CURRENT, wanted_revision())


async def test_data_are_refused_to_another_bot(database: Database) -> None:
    async with database.open(bot_id=1):
        pass
    with pytest.raises(ForeignDataError, match="belong to bot 1") as caught:
        await open_once(database, bot_id=2)
    assert caught.value.owner_bot_id == 1
    await open_once(database, bot_id=1)


async def open_once(database: Database, *, bot_id: int = 1) -> None:
    async with database.open(bot_id=bot_id):
        pass


async def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    """FAULTS 59."""
    await execute(database.url, "UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(SchemaError, match=r"newer version.*9999") as caught:
            await open_once(database)
        assert (caught.value.found, caught.value.wanted) == ("9999", wanted_revision())
        with pytest.raises(SchemaError, match="newer version"):
            await migrate(database.url)
    finally:
        await execute(database.url, f"UPDATE alembic_version SET version_num = '{wanted_revision()}'")
    await open_once(database)


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    await execute(url, "CREATE TABLE moz_places (id INTEGER)")
    with pytest.raises(SchemaError, match="another program"):
        await migrate(url)


async def test_postgres_is_migrated_by_command_and_refused_until_then(empty_postgres: str, tmp_path: Path) -> None:
    database = Database(url=empty_postgres, data=tmp_path)
    with pytest.raises(SchemaError, match="newsgist migrate"):
        await open_once(database)
    done = await asyncio.gather(migrate(empty_postgres), migrate(empty_postgres))
    assert set(done) == {wanted_revision()}
    await open_once(database)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a later version."""
    folder = tmp_path / "migrations"
    shutil.copytree(OURS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_hats.py").write_text(SECOND.format(base=wanted_revision(), more="pass"))
    return folder


async def test_an_old_database_is_backed_up_then_migrated(sqlite_database: Database, newer: Path) -> None:
    url = parse_url(sqlite_database.url)
    async with sqlite_database.open() as storage, storage.write() as work:
        await add_chat(work, 7)
    await prepare_sqlite(url, sqlite_database.data, now=NOW, migrations=newer)
    assert await compare(url, newer) == (Age.CURRENT, "9999")
    (copy,) = (sqlite_database.data / "backups").iterdir()
    assert copy.name.endswith(f"-{wanted_revision()}.db")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT chat_id FROM subscribers").fetchall() == [(7,)]
    await prepare_sqlite(url, sqlite_database.data, now=NOW, migrations=newer)
    assert len(list((sqlite_database.data / "backups").iterdir())) == 1
    with pytest.raises(SchemaError, match="newer version"):
        await open_once(sqlite_database)


async def test_a_migration_that_fails_half_way_changes_nothing(sqlite_database: Database, newer: Path) -> None:
    url = parse_url(sqlite_database.url)
    (newer / "versions" / "9999_hats.py").write_text(SECOND.format(base=wanted_revision(), more="1 / 0"))
    with pytest.raises(ZeroDivisionError):
        await prepare_sqlite(url, sqlite_database.data, now=NOW, migrations=newer)
    assert await compare(url, newer) == (Age.OLD, wanted_revision())
    await open_once(sqlite_database)


async def test_a_migration_that_is_killed_half_way_changes_nothing(sqlite_database: Database, newer: Path) -> None:
    """FAULTS 59."""
    url = parse_url(sqlite_database.url)
    (newer / "versions" / "9999_hats.py").write_text(
        SECOND.format(base=wanted_revision(), more="import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    )
    script = (
        "import asyncio, datetime, pathlib, sys\n"
        "from storage.connection.engine import parse_url\n"
        "from storage.upkeep.preparation import prepare_sqlite\n"
        "url, data, migrations = sys.argv[1:]\n"
        "asyncio.run(prepare_sqlite(parse_url(url), pathlib.Path(data),"
        " now=datetime.datetime.now(datetime.UTC), migrations=pathlib.Path(migrations)))\n"
    )
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script, sqlite_database.url, str(sqlite_database.data), str(newer)],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == -9
    assert await compare(url, newer) == (Age.OLD, wanted_revision())
    await open_once(sqlite_database)


async def test_a_second_start_is_told_who_works_on_the_data(sqlite_database: Database) -> None:
    async with sqlite_database.open(bot_id=1):
        with pytest.raises(DataInUseError, match=f"pid {os.getpid()} since 2026-05-04 12:00:00 UTC"):
            await open_once(sqlite_database)
        with pytest.raises(DataInUseError):
            await migrate(sqlite_database.url)
    await open_once(sqlite_database)


async def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="data folder"):
        await open_once(Database(url=f"sqlite:///{tmp_path}/file/newsgist.db", data=tmp_path / "file"))


async def test_postgres_takes_any_number_of_processes(postgres_database: Database) -> None:
    async with postgres_database.open(), postgres_database.open() as storage, storage.write() as work:
        await add_chat(work, 1)


async def test_an_unreachable_server_is_told_without_the_password(tmp_path: Path) -> None:
    database = Database(url=f"postgresql://bot:canary@/newsgist?host={tmp_path}", data=tmp_path)
    with pytest.raises(UnavailableError) as caught:
        await open_once(database)
    assert "canary" not in str(caught.value)


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "newsgist.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(UnavailableError, match="not a database"):
        await open_once(Database(url=f"sqlite:///{tmp_path}/newsgist.db", data=tmp_path))


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        pytest.param("sqlite://", "needs a file", id="in memory"),
        pytest.param("sqlite:///:memory:", "needs a file", id="in memory, named so"),
        pytest.param("mysql://localhost/news", "neither sqlite nor postgresql", id="another database"),
        pytest.param("newsgist.db", "cannot be read", id="a bare path"),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused(tmp_path: Path, url: str, complaint: str) -> None:
    with pytest.raises(StorageError, match=complaint):
        await open_once(Database(url=url, data=tmp_path))


@pytest.mark.parametrize(
    ("url", "driver", "query"),
    [
        ("postgres://u@h/d", "postgresql+asyncpg", {}),
        ("postgresql://u@h/d?sslmode=require", "postgresql+asyncpg", {"ssl": "require"}),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg", {}),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite", {}),
        ("sqlite:///x.db", "sqlite+aiosqlite", {}),
    ],
)
def test_usual_addresses_are_understood(url: str, driver: str, query: dict[str, str]) -> None:
    parsed = parse_url(url)
    assert (parsed.drivername, dict(parsed.query)) == (driver, query)


async def test_every_connection_is_durable_and_strict(sqlite_database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 10_000}
    async with sqlite_database.open() as storage, storage.read() as reader, storage.write() as writer:
        for work in (reader, writer):
            connection = work.feeds._tx.connection
            for pragma, value in wanted.items():
                assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar() == value
