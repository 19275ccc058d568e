"""Which of the past came from the broker, and since when today was watched."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from market.bar import Bar
from store import bars as bar_rows
from store.database import reading

Span = tuple[int, int]
"""Start and end (exclusive), epoch milliseconds UTC: all that the broker has of it is among the bars."""


def write_history(connection: sqlite3.Connection, symbol: str, bars: Sequence[Bar], span: Span) -> None:
    """Bars from the broker and the span they complete; it becomes one with those it touches."""
    bar_rows.write_bars(connection, [(symbol, bar) for bar in bars])
    since_ms, through_ms = span
    touching = (symbol, through_ms, since_ms)
    first, last = connection.execute(
        """SELECT min(since_ms), max(through_ms) FROM history
        WHERE symbol = ? AND since_ms <= ? AND through_ms >= ?""",
        touching,
    ).fetchone()
    if first is not None:
        since_ms, through_ms = min(first, since_ms), max(last, through_ms)
    connection.execute("DELETE FROM history WHERE symbol = ? AND since_ms <= ? AND through_ms >= ?", touching)
    connection.execute(
        "INSERT INTO history (symbol, since_ms, through_ms) VALUES (?, ?, ?)", (symbol, since_ms, through_ms)
    )


def drop_history(connection: sqlite3.Connection, symbol: str, before_ms: int) -> None:
    """Forget a symbol's bars before then: its prices are counted anew since."""
    connection.execute("DELETE FROM bar WHERE symbol = ? AND start_ms < ?", (symbol, before_ms))
    connection.execute("DELETE FROM history WHERE symbol = ?", (symbol,))


def write_watch(connection: sqlite3.Connection, day_ms: int, since_ms: int) -> None:
    """The day that starts at `day_ms` is watched since then; what is known of it stays."""
    connection.execute("INSERT OR IGNORE INTO watch (day_ms, since_ms) VALUES (?, ?)", (day_ms, since_ms))


def spans(path: Path) -> dict[str, list[Span]]:
    """What came from the broker, by symbol, oldest first; no two spans touch."""
    found: dict[str, list[Span]] = {}
    with reading(path) as connection:
        rows: Iterator[tuple[str, int, int]] = connection.execute(
            "SELECT symbol, since_ms, through_ms FROM history ORDER BY symbol, since_ms"
        )
        for symbol, since_ms, through_ms in rows:
            found.setdefault(symbol, []).append((since_ms, through_ms))
    return found


def watched_since(path: Path, day_ms: int) -> int | None:
    """Since when the day is watched, None if nobody did."""
    with reading(path) as connection:
        row = connection.execute("SELECT since_ms FROM watch WHERE day_ms = ?", (day_ms,)).fetchone()
    return int(row[0]) if row else None
