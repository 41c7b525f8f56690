import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import Storage
from storage.errors import BackupError, DataInUseError
from storage.upkeep.backup import backup, postgres_commands, restore
from tests.storage.scenes import add_chat, reply
from tests.support.databases import NOW, Database


async def add(database: Database, *chat_ids: int) -> None:
    async with database.open() as storage, storage.write() as work:
        for chat_id in chat_ids:
            await add_chat(work, chat_id)


async def count(database: Database) -> int:
    async with database.open() as storage, storage.read() as work:
        return await work.subscribers.count()


async def test_a_backup_brings_back_its_instant_and_keeps_the_old_database(
    sqlite_database: Database, tmp_path: Path
) -> None:
    await add(sqlite_database, 1, 2)
    await backup(sqlite_database.url, tmp_path / "copy.db")
    await add(sqlite_database, 3)
    kept = await restore(tmp_path / "copy.db", sqlite_database.url)
    assert await count(sqlite_database) == 2
    assert kept is not None
    await restore(kept, sqlite_database.url)
    assert await count(sqlite_database) == 3


async def test_a_backup_under_writing_holds_every_acknowledged_commit(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """FAULTS 58."""
    acknowledged = 0
    enough, stop = asyncio.Event(), asyncio.Event()

    async def write(storage: Storage) -> None:
        nonlocal acknowledged
        while not stop.is_set():
            async with storage.write() as work:
                chat = await add_chat(work, acknowledged + 1)
                await work.outbox.enqueue([reply(chat, 1, text="x" * 2000)], NOW)
            acknowledged += 1
            if acknowledged >= 20:
                enough.set()

    async with sqlite_database.open() as storage:
        writing = asyncio.create_task(write(storage))
        await enough.wait()
        before = acknowledged
        await backup(sqlite_database.url, tmp_path / "copy.db")
        after = acknowledged
        stop.set()
        await writing
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        (chats,) = connection.execute("SELECT count(*) FROM subscribers").fetchone()
        (deliveries,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
    assert before <= chats <= after + 1
    assert chats == deliveries
    assert not (tmp_path / "copy.db-wal").exists()
    assert (tmp_path / "copy.db").stat().st_mode & 0o077 == 0


async def test_a_backup_restores_into_an_empty_folder(sqlite_database: Database, tmp_path: Path) -> None:
    await add(sqlite_database, 1)
    await backup(sqlite_database.url, tmp_path / "copy.db")
    moved = Database(url=f"sqlite:///{tmp_path}/elsewhere/newsgist.db", data=tmp_path / "elsewhere")
    assert await restore(tmp_path / "copy.db", moved.url) is None
    assert await count(moved) == 1


def damaged(good: Path, how: str) -> Path:
    """Make a bad backup of a good one."""
    bad = good.with_name("bad.db")
    content = good.read_bytes()
    match how:
        case "missing":
            return bad
        case "empty":
            bad.write_bytes(b"")
        case "no database":
            bad.write_bytes(b"<html>" * 4000)
        case "cut short":
            bad.write_bytes(content[: len(content) // 2])
        case "overwritten":
            bad.write_bytes(content[:8192] + b"\x5a" * 40_960 + content[49_152:])
        case statement:
            bad.write_bytes(content)
            with closing(sqlite3.connect(bad)) as connection, connection:
                connection.execute(statement)
    return bad


@pytest.mark.parametrize(
    "how",
    [
        "missing",
        "empty",
        "no database",
        "cut short",
        "overwritten",
        pytest.param("DROP TABLE alembic_version", id="of another program"),
        pytest.param("UPDATE alembic_version SET version_num = '9999'", id="of a newer version"),
        pytest.param("INSERT INTO seen VALUES (999, 0, 999)", id="with rows that name nothing"),
    ],
)
async def test_an_unsound_backup_is_refused_and_nothing_changes(
    sqlite_database: Database, tmp_path: Path, how: str
) -> None:
    await add(sqlite_database, 1, 2)
    await backup(sqlite_database.url, tmp_path / "copy.db")
    bad = damaged(tmp_path / "copy.db", how)
    with pytest.raises(BackupError, match=str(bad)):
        await restore(bad, sqlite_database.url)
    assert await count(sqlite_database) == 2
    assert [path.name for path in sqlite_database.data.glob("newsgist.db*")] == ["newsgist.db"]


async def test_a_broken_database_can_be_replaced(sqlite_database: Database, tmp_path: Path) -> None:
    await add(sqlite_database, 1)
    await backup(sqlite_database.url, tmp_path / "copy.db")
    path = sqlite_database.data / "newsgist.db"
    path.write_bytes(b"rubbish" * 5000)
    path.with_name("newsgist.db-wal").write_bytes(b"more rubbish")
    kept = await restore(tmp_path / "copy.db", sqlite_database.url)
    assert kept is not None
    assert kept.read_bytes().startswith(b"rubbish")
    assert await count(sqlite_database) == 1


async def test_a_running_bot_is_not_restored_under_its_feet(sqlite_database: Database, tmp_path: Path) -> None:
    await add(sqlite_database, 1)
    await backup(sqlite_database.url, tmp_path / "copy.db")
    async with sqlite_database.open():
        with pytest.raises(DataInUseError):
            await restore(tmp_path / "copy.db", sqlite_database.url)


async def test_a_backup_overwrites_nothing_and_needs_a_database(sqlite_database: Database, tmp_path: Path) -> None:
    (tmp_path / "taken.db").write_text("precious")
    with pytest.raises(BackupError, match="exists already"):
        await backup(sqlite_database.url, tmp_path / "taken.db")
    assert (tmp_path / "taken.db").read_text() == "precious"
    with pytest.raises(BackupError, match="no database"):
        await backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy.db")
    assert not (tmp_path / "none.db").exists()


async def test_a_place_that_cannot_be_written_is_told(sqlite_database: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("file", "missing"):
        with pytest.raises(BackupError, match=f"no folder .*{name}"):
            await backup(sqlite_database.url, tmp_path / name / "copy.db")
    assert not (tmp_path / "missing").exists()


async def test_postgres_is_left_to_its_own_tools(tmp_path: Path) -> None:
    url = "postgresql://bot:canary@db.example:5433/news?sslmode=require"
    with pytest.raises(BackupError, match="pg_dump"):
        await backup(url, tmp_path / "copy.dump")
    with pytest.raises(BackupError, match="pg_restore"):
        await restore(tmp_path / "copy.dump", url)
    dump, load = postgres_commands(url, Path("/var/backups/news of today.dump"))
    address = "postgresql://bot@db.example:5433/news?sslmode=require"
    assert dump == f"pg_dump --format=custom '--file=/var/backups/news of today.dump' '--dbname={address}'"
    assert load.startswith("pg_restore --clean --if-exists --single-transaction ")
    assert f"'--dbname={address}' '/var/backups/news of today.dump'" in load
