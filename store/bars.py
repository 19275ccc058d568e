"""Bars as rows of the database, and back."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from loguru import logger

from market.bar import Bar
from store.database import reading

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

_COLUMNS = "symbol, start_ms, end_ms, session, open, high, low, close, volume, partial, last_ms"

# The minutes there are, found by leaping through the index.
_MINUTE = """
    WITH RECURSIVE minute (at) AS (
        SELECT MIN(start_ms) FROM bar WHERE start_ms >= ?
        UNION ALL
        SELECT (SELECT MIN(start_ms) FROM bar WHERE start_ms > at) FROM minute WHERE at < ?)"""
_MINUTES = f"{_MINUTE} SELECT at FROM minute WHERE at < ?"  # noqa: S608 - constants
_OF_SYMBOL = f"""{_MINUTE}
    SELECT {_COLUMNS} FROM minute CROSS JOIN bar ON bar.start_ms = minute.at AND bar.symbol = ?
    ORDER BY start_ms"""  # noqa: S608 - constants

_FOREVER = 1 << 62
_MINUTES_AT_ONCE = 10
_FEW_AT_ONCE = 5_000
"""Look-ups in one statement when not all symbols are wanted."""
_SPAN = f"SELECT {_COLUMNS} FROM bar WHERE start_ms >= ? AND start_ms <= ? ORDER BY start_ms, symbol"  # noqa: S608 - constants
_FEW = f"""
    SELECT {_COLUMNS} FROM json_each(?) AS minute CROSS JOIN json_each(?) AS wanted
    CROSS JOIN bar ON bar.start_ms = minute.value AND bar.symbol = wanted.value
    ORDER BY start_ms, symbol"""  # noqa: S608 - constants
_WITHOUT_INDEX = f"""
    SELECT {_COLUMNS} FROM bar NOT INDEXED WHERE start_ms >= ? AND start_ms < ?
    ORDER BY start_ms, symbol"""  # noqa: S608 - constants
_CACHE = "PRAGMA cache_size = -16384"
"""16 MiB: ten minutes of bars that came symbol by symbol, as the broker's do, lie on a page for each symbol."""

_Row = tuple[bytes, int, int, bytes, float, float, float, float, int, int, int]


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
    """Every bar that starts at or after `start_ms`, by time and then by symbol."""
    return _between(path, start_ms, _FOREVER, None)


def bars_of(path: Path, sinces: Mapping[str, int], until_ms: int = _FOREVER) -> Iterator[tuple[str, Bar]]:
    """The bars of each symbol from a moment of its own on and before `until_ms`, by time and then by symbol.

    From the last of these moments on it is every bar, also of symbols that were not named.
    """
    moments = sorted({min(since_ms, until_ms) for since_ms in sinces.values()})
    for since_ms, next_ms in pairwise((*moments, until_ms)):
        names = None if since_ms == moments[-1] else [name for name, own_ms in sinces.items() if own_ms <= since_ms]
        yield from _between(path, since_ms, next_ms, names)


def _between(path: Path, start_ms: int, end_ms: int, symbols: Sequence[str] | None) -> Iterator[tuple[str, Bar]]:
    """Bars that start in `[start_ms, end_ms)`, of these symbols or of all, by time and then by symbol.

    Read in pieces, so that a slow reader never keeps the write-ahead log from shrinking, nor needs room for all.
    """
    at_once = _MINUTES_AT_ONCE if symbols is None else max(_MINUTES_AT_ONCE, _FEW_AT_ONCE // len(symbols))
    with reading(path) as connection:
        connection.execute(_CACHE)
        connection.text_factory = bytes
        since_ms = start_ms
        try:
            minutes = [at_ms for (at_ms,) in connection.execute(_MINUTES, (start_ms, end_ms, end_ms))]
            for first in range(0, len(minutes), at_once):
                piece = minutes[first : first + at_once]
                if symbols is None:
                    rows = connection.execute(_SPAN, (piece[0], piece[-1])).fetchall()
                else:
                    rows = connection.execute(_FEW, (json.dumps(piece), json.dumps(symbols))).fetchall()
                yield from _bars(rows)
                since_ms = piece[-1] + 1
        except sqlite3.DatabaseError as error:
            # A start checks everything but this index, which leads to more rows than there is time for.
            logger.error("the index of the stored bars is damaged ({}); they are read without it", error)
            left = _bars(connection.execute(_WITHOUT_INDEX, (since_ms, end_ms)))
            yield from (row for row in left if symbols is None or row[0] in symbols)


def symbol_bars(path: Path, symbol: str, since_ms: int) -> list[Bar]:
    """One symbol's bars that start at or after `since_ms`, oldest first."""
    with reading(path) as connection:
        connection.text_factory = bytes
        rows = connection.execute(_OF_SYMBOL, (since_ms, _FOREVER, symbol)).fetchall()
    return [bar for _, bar in _bars(rows)]


def _bars(rows: Iterable[_Row]) -> Iterator[tuple[str, Bar]]:
    names, days = _Names(), _Days()
    for symbol, start, end, session, open_, high, low, close, volume, partial, last in rows:
        try:
            name, day = names[symbol], days[session]
        except (ValueError, AttributeError):  # damaged, perhaps so that it is no text any more
            logger.error("a stored bar of {!r} cannot be read and is left out", symbol)
            continue
        yield name, Bar(start, end, day, open_, high, low, close, volume, partial=bool(partial), last_ms=last)


class _Names(dict[bytes, str]):
    """Texts by the bytes of the file, each read once; a damaged letter hinders nothing else."""

    def __missing__(self, stored: bytes) -> str:
        self[stored] = text = stored.decode("utf-8", "replace")
        return text


class _Days(dict[bytes, date]):
    """Dates by the bytes of the file, each read once."""

    def __missing__(self, stored: bytes) -> date:
        self[stored] = day = date.fromisoformat(stored.decode("utf-8", "replace"))
        return day


@lru_cache(maxsize=64)
def _text(session: date) -> str:
    return session.isoformat()
