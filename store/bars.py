"""Bars as rows of the database, and back."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from loguru import logger

from market.bar import Bar
from store.database import reading

_CHUNK = 20_000

_AT_ONCE = 64
"""Bars in one statement. Each statement gives up the interpreter's lock and must get it back, which takes milliseconds
while another thread works through ticks: one by one, 7,000 bars a second were written beside such a thread."""
_WIDTH = 11
"""Columns that are written."""

_UPSERT = """
    INSERT INTO bar (symbol, start_ms, end_ms, session, open, high, low, close, volume, partial, last_ms)
    VALUES {}
    ON CONFLICT (start_ms, symbol) DO UPDATE SET
        end_ms = excluded.end_ms, session = excluded.session, open = excluded.open, high = excluded.high,
        low = excluded.low, close = excluded.close, volume = excluded.volume, partial = excluded.partial,
        last_ms = excluded.last_ms"""

_COLUMNS = "sequence, symbol, start_ms, end_ms, session, open, high, low, close, volume, partial, last_ms"

_SINCE = f"SELECT {_COLUMNS} FROM bar WHERE sequence > ? AND start_ms >= ? ORDER BY sequence LIMIT {_CHUNK}"  # noqa: S608 - constants
_FIRST_SINCE = "SELECT MIN(sequence) FROM bar WHERE start_ms >= ?"

# The minutes there are, found by leaping through the index, and the symbol's bar in each.
_OF_SYMBOL = f"""
    WITH RECURSIVE minute (at) AS (
        SELECT MIN(start_ms) FROM bar WHERE start_ms >= ?
        UNION ALL
        SELECT (SELECT MIN(start_ms) FROM bar WHERE start_ms > at) FROM minute WHERE at IS NOT NULL)
    SELECT {_COLUMNS} FROM minute CROSS JOIN bar ON bar.start_ms = minute.at AND bar.symbol = ?
    ORDER BY start_ms"""  # noqa: S608 - constants

_Row = tuple[int, str, int, int, str, float, float, float, float, int, int, int]


def write_bars(connection: sqlite3.Connection, bars: Iterable[tuple[str, Bar]]) -> None:
    """Insert each bar, or correct the one of the same symbol and start in its place."""
    values: list[str | int | float] = []
    for symbol, bar in bars:
        values += (
            symbol,
            bar.start_ms,
            bar.end_ms,
            _text(bar.session),
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            bar.partial,
            bar.last_ms,
        )
    size, start = _AT_ONCE * _WIDTH, 0
    while start < len(values):
        while size > len(values) - start:
            size //= 2
        connection.execute(_upsert(size // _WIDTH), values[start : start + size])
        start += size


@lru_cache(maxsize=_AT_ONCE)
def _upsert(rows: int) -> str:
    """The statement for so many bars: a power of two, so that SQLite keeps the few there are."""
    return _UPSERT.format(", ".join([f"({', '.join('?' * _WIDTH)})"] * rows))


def bars_since(path: Path, start_ms: int) -> Iterator[tuple[str, Bar]]:
    """Every bar that starts at or after `start_ms`, in order of arrival.

    Read in pieces, so that a slow reader never keeps the write-ahead log from shrinking.
    """
    with reading(path) as connection:
        (first,) = connection.execute(_FIRST_SINCE, (start_ms,)).fetchone()
    if first is None:
        return
    last, rows = first - 1, list[_Row]()
    while not rows or len(rows) == _CHUNK:
        with reading(path) as connection:
            rows = connection.execute(_SINCE, (last, start_ms)).fetchall()
        if not rows:
            return
        yield from _bars(rows)
        last = rows[-1][0]


def symbol_bars(path: Path, symbol: str, since_ms: int) -> list[Bar]:
    """One symbol's bars that start at or after `since_ms`, oldest first."""
    with reading(path) as connection:
        rows = connection.execute(_OF_SYMBOL, (since_ms, symbol)).fetchall()
    return [bar for _, bar in _bars(rows)]


def _bars(rows: Iterable[_Row]) -> Iterator[tuple[str, Bar]]:
    for _, symbol, start, end, session, open_, high, low, close, volume, partial, last in rows:
        try:
            day = _date(session)
        except (ValueError, TypeError):
            logger.error("a stored bar of {} cannot be read and is left out", symbol)
            continue
        yield symbol, Bar(start, end, day, open_, high, low, close, volume, partial=bool(partial), last_ms=last)


@lru_cache(maxsize=64)
def _text(session: date) -> str:
    return session.isoformat()


@lru_cache(maxsize=64)
def _date(text: str) -> date:
    return date.fromisoformat(text)
