"""Old rows leave the database in small steps, and the disk gets back what they took."""

import json
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Final

from errors import StorageError

MOST_ROWS: Final = 10_000
"""In one step: other writes wait for it."""
MOST_PAGES: Final = 2_000
_BUSY_S = 5.0

_OLD_SIGNALS = f"""
    SELECT id FROM outbox WHERE committed_ms < ? AND id < (SELECT MAX(id) FROM outbox)
    ORDER BY id LIMIT {MOST_ROWS}"""  # noqa: S608 - constants
"""Never the newest: channels remember how far they have come by ids, which must not begin anew."""


def forget_bars(connection: sqlite3.Connection, from_ms: int, until_ms: int, kept: Collection[str] = ()) -> bool:
    """Delete some bars that start in the span, but those of the symbols `kept`; False when there are no more."""
    deleted = connection.execute(
        f"""DELETE FROM bar WHERE sequence IN (
            SELECT sequence FROM bar WHERE start_ms >= ? AND start_ms < ?
            AND symbol NOT IN (SELECT value FROM json_each(?)) ORDER BY start_ms LIMIT {MOST_ROWS})""",  # noqa: S608 - constants
        (from_ms, until_ms, json.dumps(list(kept))),
    )
    return deleted.rowcount == MOST_ROWS


def forget_spans(connection: sqlite3.Connection, before_ms: int, kept: Collection[str] = ()) -> bool:
    """Let nobody believe that the bars before then are still here; always False, for it is done at once.

    Those of the symbols `kept` are.
    """
    gone, names = "symbol NOT IN (SELECT value FROM json_each(?))", json.dumps(list(kept))
    connection.execute(f"DELETE FROM history WHERE through_ms <= ? AND {gone}", (before_ms, names))  # noqa: S608 - constants
    connection.execute(
        f"UPDATE history SET since_ms = ? WHERE since_ms < ? AND {gone}",  # noqa: S608 - constants
        (before_ms, before_ms, names),
    )
    connection.execute("DELETE FROM watch WHERE day_ms < ?", (before_ms,))
    return False


def forget_signals(connection: sqlite3.Connection, before_ms: int) -> bool:
    """Delete some transitions that were committed before then, with their deliveries; False when there are no more."""
    old = connection.execute(_OLD_SIGNALS, (before_ms,)).fetchall()
    connection.executemany("DELETE FROM delivery WHERE outbox_id = ?", old)
    connection.executemany("DELETE FROM outbox WHERE id = ?", old)
    return len(old) == MOST_ROWS


def give_back(connection: sqlite3.Connection) -> bool:
    """Shorten the file by some of its free pages; False when there are no more."""
    # Each row fetched is one page moved.
    connection.execute(f"PRAGMA incremental_vacuum({MOST_PAGES})").fetchall()
    (mode,) = connection.execute("PRAGMA auto_vacuum").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    return bool(mode and free)


def shrink_log(path: Path) -> None:
    """Move the write-ahead log into the database and cut it to nothing, unless somebody reads from it just now.

    It changes no row, so it needs no place in the writer's queue. Raises: StorageError.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {error}") from error
