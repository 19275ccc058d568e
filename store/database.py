"""Opens the database file: private, sound, and of the layout this program knows."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from errors import StorageError
from store.schema import migrate

_COMPANIONS = ("", "-wal", "-shm")
_READ_WAIT_S = 1.0
_MIGRATION_WAIT_S = 30.0
_READABLE = partial(str, encoding="utf-8", errors="replace")
_WAL_LIMIT_BYTES = 64 * 1024 * 1024


def make_private_directory(directory: Path) -> None:
    """Make it if it is missing; nobody else may look into it. Raises: StorageError."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if directory.stat().st_mode & 0o077:
            directory.chmod(0o700)
    except OSError as error:
        raise StorageError(f"{directory}: {error.strerror}; the state directory must be writable") from error


def open_for_writing(path: Path, stamp: str) -> tuple[sqlite3.Connection, Path | None]:
    """The one connection that writes; it may be used by one thread at a time.

    A database that fails `quick_check` is moved aside, marked with `stamp`, and a new one is begun; the second value
    is where the old one went.

    Raises: StorageError when the file cannot be opened, or belongs to a newer program.
    """
    try:
        connection = _opened(path)
        if connection is not None:
            return connection, None
        aside = _move_aside(path, stamp)
        connection = _opened(path)
    except (OSError, sqlite3.Error, StorageError) as error:
        raise StorageError(f"{path}: {error}") from error
    if connection is None:
        raise StorageError(f"{path}: a new database is damaged at once; the disk cannot be trusted")
    return connection, aside


def remove(path: Path) -> None:
    """Delete a database and what lies beside it. Raises: StorageError."""
    try:
        for companion in _COMPANIONS:
            path.with_name(path.name + companion).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error


def bring_up_to_date(path: Path) -> None:
    """Give a database that an older program left the layout that is read here; also while another process uses it.

    Raises: StorageError, also when a newer program made it.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=_MIGRATION_WAIT_S, isolation_level=None)) as connection:
            migrate(connection)
    except (sqlite3.Error, StorageError) as error:
        raise StorageError(f"{path}: {error}") from error


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A short-lived connection that cannot write. Raises: StorageError for whatever goes wrong within."""
    try:
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_READ_WAIT_S, isolation_level=None)) as connection:
            # A damaged letter must not make the rows beside it unreadable too.
            connection.text_factory = _READABLE
            yield connection
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {error}") from error


def _opened(path: Path) -> sqlite3.Connection | None:
    """The connection, or None when the file is damaged."""
    # SQLite gives its companion files the mode of the database, so the first byte on the disk is private already.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
    try:
        if not _is_sound(connection):
            connection.close()
            return None
        _make_durable(connection)
        migrate(connection)
    except (sqlite3.Error, StorageError):
        connection.close()
        raise
    return connection


def _make_durable(connection: sqlite3.Connection) -> None:
    # Heard only by an empty database: pages that pruning frees can then be given back.
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageError("this file system does not allow a write-ahead log; use a directory on a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")


def _is_sound(connection: sqlite3.Connection) -> bool:
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict == "ok":
            verdict = _of_indexes(connection)
    except sqlite3.OperationalError:
        raise  # locked, unreadable, no space: the file itself may be fine
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False  # also when the complaint itself cannot be read, for it quotes the file
    return bool(verdict == "ok")


def _of_indexes(connection: sqlite3.Connection) -> str:
    """What the quick check leaves out, an index that leads to rows there are not; bars are too many for it."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'bar'").fetchall()
    for (table,) in tables:
        (verdict,) = connection.execute(f'PRAGMA integrity_check("{table}")').fetchone()
        if verdict != "ok":
            return str(verdict)
    return "ok"


def _move_aside(path: Path, stamp: str) -> Path:
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for companion in _COMPANIONS:
        file = path.with_name(path.name + companion)
        if file.exists():
            file.rename(aside.with_name(aside.name + companion))
    return aside
