"""Recorded bars or ticks in a CSV file become a session."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import IO

import numpy as np

from errors import InputError
from market.bar import MINUTE_MS
from market.clock import IST
from simulator.bar_ticks import ticks_of_bars
from simulator.session import Session, in_order_of_arrival

OTHER_NAMES = {"code": "symbol", "date": "timestamp", "ltp": "price"}
"""Columns as some recordings name them."""
BAR_COLUMNS = ("symbol", "timestamp", "open", "high", "low", "close", "volume")
TICK_COLUMNS = ("symbol", "timestamp", "price", "volume")
LARGEST_VOLUME = 2**62


class _RowError(ValueError):
    """A row does not say what it must; the text is the reason."""


def load_session(path: Path) -> Session:
    """Read a CSV file, plain or gzip: 1-minute bars stamped with their start, or ticks with cumulative day volume.

    Columns symbol,timestamp,open,high,low,close,volume (or Code,Date,…) make it bars, symbol,timestamp,price,volume
    ticks; more columns are no harm. A stamp without an offset is Indian time, a symbol without an exchange is NSE's.

    Raises: InputError, naming file, line and reason: a recording to play back is either sound or not used.
    """
    try:
        with _opened(path) as file:
            session = _read(path, file)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        reason = getattr(error, "strerror", None) or f"broken or truncated file ({error})"
        raise InputError(f"{path}: cannot read the session: {reason}") from error
    if not len(session):
        raise InputError(f"{path}: the session has no trades")
    return session


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _read(path: Path, file: IO[str]) -> Session:
    names = [name.strip().lower() for name in next(csv.reader(file), [])]
    header = [OTHER_NAMES.get(name, name) for name in names]
    for columns, make in ((BAR_COLUMNS, _bars), (TICK_COLUMNS, _ticks)):
        if set(columns) <= set(header):
            return make(_Rows(path, file, [header.index(column) for column in columns]))
    wanted = f"bars ({','.join(BAR_COLUMNS)}) nor ticks ({','.join(TICK_COLUMNS)})"
    raise InputError(f"{path}: neither {wanted}: its columns are {','.join(names)}")


class _Rows:
    """The rows of a file, and a way to say which one is at fault."""

    def __init__(self, path: Path, file: IO[str], places: list[int]) -> None:
        """`file` stands behind its header; `places` are the positions of symbol, timestamp, prices and volume."""
        self._path = path
        self._reader = csv.reader(file)
        self._places = places
        self.symbols: dict[str, int] = {}
        self._stamps: dict[str, int] = {}

    def fault(self, reason: str) -> InputError:
        """What is wrong with the row that was read last."""
        return InputError(f"{self._path}:{1 + self._reader.line_num}: {reason}")

    def __iter__(self) -> Iterator[tuple[int, int, list[float], int]]:
        """Symbol index, epoch milliseconds UTC, prices, volume."""
        last = max(self._places)
        for cells in self._reader:
            if not cells:
                continue
            try:
                if len(cells) <= last:
                    raise _RowError(f"{len(cells)} cells")
                symbol, stamp, *prices, volume = [cells[place] for place in self._places]
                yield self._symbol(symbol), self._stamp(stamp), _prices(prices), _volume(volume)
            except ValueError as error:
                raise self.fault(str(error)) from error

    def _symbol(self, text: str) -> int:
        name = text.strip()
        if not name:
            raise _RowError("no symbol")
        return self.symbols.setdefault(name if ":" in name else f"NSE:{name}", len(self.symbols))

    def _stamp(self, text: str) -> int:
        if text not in self._stamps:
            moment = datetime.fromisoformat(text)
            in_zone = moment if moment.tzinfo else moment.replace(tzinfo=IST)
            self._stamps[text] = round(in_zone.timestamp() * 1000)
        return self._stamps[text]


def _prices(cells: Sequence[str]) -> list[float]:
    prices = [float(cell) for cell in cells]
    if not all(isfinite(price) and price > 0 for price in prices):
        raise _RowError(f"not a price: {','.join(cells)}")
    return prices


def _volume(cell: str) -> int:
    volume = float(cell)
    if not (0 <= volume < LARGEST_VOLUME and volume == int(volume)):
        raise _RowError(f"not a volume: {cell}")
    return int(volume)


def _bars(rows: _Rows) -> Session:
    symbol, starts, prices, volumes = [], [], [], []
    seen: set[tuple[int, int]] = set()
    for index, at_ms, (open_, high, low, close), volume in rows:
        if at_ms % MINUTE_MS:
            raise rows.fault("a 1-minute bar starts on a whole minute")
        if not low <= min(open_, close) <= max(open_, close) <= high:
            raise rows.fault(f"open {open_} and close {close} are not within {low} to {high}")
        if (index, at_ms) in seen:
            raise rows.fault("a second bar of the same symbol and minute")
        seen.add((index, at_ms))
        symbol.append(index)
        starts.append(at_ms)
        prices.append((open_, high, low, close))
        volumes.append(volume)
    columns = np.array(prices, np.float64).reshape(-1, 4)
    return ticks_of_bars(
        tuple(rows.symbols),
        np.array(symbol, np.int64),
        np.array(starts, np.int64),
        columns,
        np.array(volumes, np.int64),
    )


def _ticks(rows: _Rows) -> Session:
    symbol, times, prices, volumes = [], [], [], []
    for index, at_ms, (price,), volume in rows:
        symbol.append(index)
        times.append(at_ms)
        prices.append(price)
        volumes.append(volume)
    return in_order_of_arrival(
        tuple(rows.symbols),
        np.array(symbol, np.int64),
        np.array(times, np.int64),
        np.array(prices, np.float64),
        np.array(volumes, np.int64),
    )
