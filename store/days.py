"""The bar table by days of the exchange: which there are, and what each holds."""

import json
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

from market.bar import MINUTE_MS
from market.days import day_of, start_of_day
from market.sessions import DAY_MS, IST_OFFSET_MS
from store.database import reading

_PIECE_MS = 30 * MINUTE_MS
"""Read at a time, so that a reader never keeps the write-ahead log from shrinking for long."""

# Found by leaping through the index from one day to the next.
_DAYS = f"""
    WITH RECURSIVE day (number) AS (
        SELECT (MIN(start_ms) + {IST_OFFSET_MS}) / {DAY_MS} FROM bar
        UNION ALL
        SELECT (SELECT (MIN(start_ms) + {IST_OFFSET_MS}) / {DAY_MS} FROM bar
                WHERE start_ms >= (number + 1) * {DAY_MS} - {IST_OFFSET_MS})
        FROM day WHERE number IS NOT NULL)
    SELECT number FROM day WHERE number IS NOT NULL"""  # noqa: S608 - constants

_PIECE = """
    SELECT symbol, start_ms, open, high, low, close, volume, partial FROM bar
    WHERE start_ms >= ? AND start_ms < ? ORDER BY start_ms, symbol"""

Row = tuple[str, int, float, float, float, float, int, int]
"""Symbol, start in epoch milliseconds UTC, open, high, low, close, volume, partial."""


def days(path: Path) -> list[date]:
    """The days that have bars, oldest first. Raises: StorageError."""
    with reading(path) as connection:
        return [day_of(number * DAY_MS - IST_OFFSET_MS) for (number,) in connection.execute(_DAYS)]


def has_others(path: Path, day: date, symbols: Collection[str]) -> bool:
    """Whether a day has bars of any but these symbols. Raises: StorageError."""
    first = start_of_day(day)
    with reading(path) as connection:
        row = connection.execute(
            """SELECT 1 FROM bar INDEXED BY bar_at WHERE start_ms >= ? AND start_ms < ?
            AND symbol NOT IN (SELECT value FROM json_each(?)) LIMIT 1""",
            (first, first + DAY_MS, json.dumps(list(symbols))),
        ).fetchone()
    return row is not None


def day_rows(path: Path, day: date) -> Iterator[list[Row]]:
    """The bars of one day, by time and then by symbol, some minutes at a time. Raises: StorageError."""
    first = start_of_day(day)
    for start in range(first, first + DAY_MS, _PIECE_MS):
        with reading(path) as connection:
            rows = connection.execute(_PIECE, (start, start + _PIECE_MS)).fetchall()
        if rows:
            yield rows
