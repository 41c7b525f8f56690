"""Backups: an online copy of a SQLite database, its restore, and what to say of PostgreSQL's."""

from __future__ import annotations

import asyncio
import os
import shlex
import sqlite3
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage.connection.engine import is_sqlite, parse_url, sqlite_file
from storage.connection.lock import hold_folder
from storage.errors import BackupError
from storage.upkeep.schema import known_revisions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL

_KEPT = 3  # copies made before migrations: erased people must not live on in a hundred of them


async def backup(url: str, path: Path) -> None:
    """Copy a SQLite database into a file, also while a bot works on it; the copy is one instant's state, and sound.

    Args:
        url: The database.
        path: The copy, which must not exist yet, in a folder that does.

    Raises:
        BackupError: The database is missing or not SQLite, the file exists or its folder does not, or the copy is not
            sound.
    """
    source = _sqlite_only(url)
    with _file_errors():
        await asyncio.to_thread(_copy_verified, source, path)


async def back_up_before_migration(url: URL, folder: Path, *, revision: str, now: datetime) -> Path:
    """Copy a SQLite database before its schema changes, and keep the newest few of such copies.

    Args:
        url: The database.
        folder: Where the copies are kept.
        revision: The schema's revision now.
        now: The present instant, for the name.

    Returns:
        The copy.
    """
    await asyncio.to_thread(folder.mkdir, 0o700, parents=True, exist_ok=True)
    path = folder / f"before-migration-{now:%Y%m%dT%H%M%S%f}-{revision}.db"
    await asyncio.to_thread(_copy_verified, sqlite_file(url), path)
    await asyncio.to_thread(_drop_old, folder)
    return path


async def restore(path: Path, url: str, *, data: Path | None = None) -> Path | None:
    """Put a backup in the place of a SQLite database, which is kept beside it.

    The place always holds one of the two, whole, at whatever point this is killed.

    Args:
        path: The backup.
        url: The database.
        data: The data folder; ``None`` takes the database's.

    Returns:
        Where the old database is now; ``None`` if there was none.

    Raises:
        BackupError: The database is not SQLite, or the file is no sound backup that this version can read.
        DataInUseError: A bot works on the data folder.
    """
    target = _sqlite_only(url)
    now = datetime.now(UTC)
    with hold_folder(data or target.parent, now=now), _file_errors():
        return await asyncio.to_thread(_replace, path, target, now)


def postgres_commands(url: str, path: Path) -> tuple[str, str]:
    """Say the commands that back a PostgreSQL database up into a file and restore it; they ask for the password.

    Args:
        url: The database.
        path: The backup.

    Returns:
        The ``pg_dump`` and the ``pg_restore`` command line.
    """
    parsed = parse_url(url)
    ssl = {"sslmode": parsed.query["ssl"]} if "ssl" in parsed.query else {}
    query = {name: value for name, value in parsed.query.items() if name != "ssl"} | ssl
    plain = parsed.set(drivername="postgresql", query=query)._replace(password=None)
    address = plain.render_as_string(hide_password=False)
    dump = ["pg_dump", "--format=custom", f"--file={path}", f"--dbname={address}"]
    load = ["pg_restore", "--clean", "--if-exists", "--single-transaction", f"--dbname={address}", str(path)]
    return shlex.join(dump), shlex.join(load)


def check(path: Path) -> str:
    """Make sure that a file is a sound database which this version can read.

    Returns:
        Its schema's revision.

    Raises:
        BackupError: It is not.
    """
    if not path.is_file():
        raise BackupError(f"there is no file {path}")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
            revisions = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is no backup of Newsgist: {error}") from error
    if faults != ["ok"]:
        raise BackupError(f"{path} is damaged: {'; '.join(faults)}")
    if orphans:
        raise BackupError(f"{path} is damaged: {len(orphans)} rows name others that do not exist")
    if len(revisions) != 1 or revisions[0] not in known_revisions():
        raise BackupError(f"{path} was made by another version of Newsgist (schema {', '.join(revisions) or 'none'})")
    return str(revisions[0])


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(f"{error.filename or 'the file'}: {error.strerror}") from error


def _sqlite_only(url: str) -> Path:
    parsed = parse_url(url)
    if not is_sqlite(parsed):
        raise BackupError("PostgreSQL is backed up by pg_dump and restored by pg_restore")
    return sqlite_file(parsed)


def _copy_verified(source: Path, path: Path) -> None:
    """Copy a database under a passing name, check it, and only then give it its own."""
    if not source.is_file():
        raise BackupError(f"there is no database at {source}")
    if path.exists():
        raise BackupError(f"{path} exists already; name another file")
    if not path.parent.is_dir():
        raise BackupError(f"there is no folder {path.parent}")
    passing = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _copy(source, passing)
        check(passing)
        passing.replace(path)
        _sync(path.parent)
    finally:
        passing.unlink(missing_ok=True)


def _drop_old(folder: Path) -> None:
    for old in sorted(folder.glob("before-migration-*.db"))[:-_KEPT]:
        old.unlink(missing_ok=True)


def _copy(source: Path, path: Path) -> None:
    """Copy one instant's state of a database into a file of its own, without a write-ahead log."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(source, timeout=30)) as origin, closing(sqlite3.connect(path)) as copy:
            origin.backup(copy)  # in one step: one snapshot, however much is written meanwhile
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied: {error}") from error
    _sync(path)


def _replace(path: Path, target: Path, now: datetime) -> Path | None:
    check(path)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    incoming = target.with_name(f"{target.name}.restoring")
    _copy(path, incoming)
    check(incoming)
    kept: Path | None = None
    if target.exists():
        kept = target.with_name(f"{target.name}.before-restore-{now:%Y%m%dT%H%M%S%f}")
        _settle_log(target, kept)
        os.link(target, kept)
    incoming.replace(target)
    _sync(target.parent)
    return kept


def _settle_log(target: Path, kept: Path) -> None:
    """Fold the write-ahead log into the old database: left behind, it would be read into the new one.

    An old database too broken for that keeps its log beside it.
    """
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(target, timeout=30)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    for suffix in ("-wal", "-shm"):
        log = target.with_name(target.name + suffix)
        if log.exists():
            log.replace(kept.with_name(kept.name + suffix))


def _sync(path: Path) -> None:
    """Make a file, or a folder's names, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
