"""The tables of the state database; the one place that makes or changes them.

`PRAGMA user_version` counts the steps of `MIGRATIONS` a database has been through. A change is a new step at the end;
a step that was released is never edited.
"""

import sqlite3

from errors import StorageError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # 1-minute bars in order of arrival. The index runs by time first: a minute's bars are neighbours, so a commit
        # touches a few pages instead of one for each symbol.
        """CREATE TABLE bar (
            sequence INTEGER PRIMARY KEY,
            symbol TEXT NOT NULL,
            start_ms INTEGER NOT NULL,
            end_ms INTEGER NOT NULL,
            session TEXT NOT NULL,
            open REAL NOT NULL,
            high REAL NOT NULL,
            low REAL NOT NULL,
            close REAL NOT NULL,
            volume INTEGER NOT NULL,
            partial INTEGER NOT NULL,
            last_ms INTEGER NOT NULL)""",
        "CREATE UNIQUE INDEX bar_at ON bar (start_ms, symbol)",
        # Each signal machine after its last committed transition.
        """CREATE TABLE machine (
            symbol TEXT NOT NULL,
            strategy TEXT NOT NULL,
            version TEXT NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (symbol, strategy, version)) WITHOUT ROWID""",
        # Every transition once, in the order of its commit. `record` is the JSON of signals/record.py.
        """CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            fingerprint TEXT NOT NULL UNIQUE,
            state_id TEXT NOT NULL,
            version TEXT NOT NULL,
            committed_ms INTEGER NOT NULL,
            record TEXT NOT NULL)""",
        # One row for each destination of a transition; a transition that is only recorded has none.
        """CREATE TABLE delivery (
            outbox_id INTEGER NOT NULL REFERENCES outbox (id),
            channel TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            error TEXT NOT NULL,
            changed_ms INTEGER NOT NULL,
            PRIMARY KEY (outbox_id, channel)) WITHOUT ROWID""",
        """CREATE INDEX delivery_open ON delivery (channel, outbox_id)
            WHERE state IN ('new', 'sending', 'retry', 'unknown')""",
        # Who told us to come back later, and when that is; epoch milliseconds UTC.
        "CREATE TABLE cooldown (name TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID",
    ),
    (
        # The span of each symbol's past that the broker was asked for: whatever it has of it is among the bars.
        """CREATE TABLE history (
            symbol TEXT PRIMARY KEY, since_ms INTEGER NOT NULL, through_ms INTEGER NOT NULL) WITHOUT ROWID""",
        # Since when each day, by its midnight in India, is watched.
        "CREATE TABLE watch (day_ms INTEGER PRIMARY KEY, since_ms INTEGER NOT NULL)",
    ),
    (
        # Beside the signals, what the program itself has to say. `record` is then the JSON of delivery/notice.py.
        "ALTER TABLE outbox ADD COLUMN is_notice INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # A symbol may have several such spans: a hole that was repaired lies apart from what was asked for before.
        """CREATE TABLE history_span (
            symbol TEXT NOT NULL, since_ms INTEGER NOT NULL, through_ms INTEGER NOT NULL,
            PRIMARY KEY (symbol, since_ms)) WITHOUT ROWID""",
        "INSERT INTO history_span SELECT symbol, since_ms, through_ms FROM history",
        "DROP TABLE history",
        "ALTER TABLE history_span RENAME TO history",
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the newest step, all steps or none. Raises: StorageError when a newer program made them."""
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    for step in MIGRATIONS[_version(connection) :]:  # another process may have been first
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StorageError(f"the database has layout {version}, this program knows {len(MIGRATIONS)}: update it")
    return int(version)
