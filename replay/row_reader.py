"""Cells become numbers, and every row is checked: past this point nothing in a recording is malformed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from market.bar import MINUTE_MS
from replay.cells import Cells
from replay.faults import Faults
from replay.layout import BAR_PRICES, Contents, Layout
from replay.rows import Flags, Floats, Integers, Rows
from replay.stamps import UNREADABLE, Stamps
from replay.symbols import UNUSABLE, Symbols

HIGHEST_PRICE: Final = 1e12
LARGEST_VOLUME: Final = float(2**53)
"""Up to here a float counts every unit."""
TRUE: Final = {"true", "1", "yes"}
_SHOWN: Final = 40
"""Characters of a cell."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """Cells by what they are."""

    names: Sequence[str] | None
    """Symbols; None when the file is one symbol."""
    stamps: Sequence[str]
    numbers: Sequence[Sequence[str]]
    """Prices and volume."""
    partial: Sequence[str] | None


class RowReader:
    """Reads the rows of one file."""

    def __init__(self, path: Path, layout: Layout, *, stamp_end: bool, symbols: Symbols, faults: Faults) -> None:
        """With `stamp_end` a bar is stamped with its end. Raises: InputError, when the file's name must be a symbol."""
        self._path, self._layout = path, layout
        self._is_bars = layout.contents is Contents.BARS
        self._shift_ms = MINUTE_MS if stamp_end and self._is_bars else 0
        self._symbols, self._faults = symbols, faults
        self._stamps = Stamps()
        self._alone = symbols.number_of_file(path) if layout.symbol is None else UNUSABLE

    def read(self, cells: Cells) -> Rows:
        """The sound rows; the others are told, in the order of the file."""
        parts = self._parts(cells)
        names, stamps, numbers = parts.names, parts.stamps, parts.numbers
        count = len(stamps)
        symbol = np.full(count, self._alone, np.int32)
        if names is not None:
            symbol = np.fromiter(map(self._symbols.__getitem__, names), np.int32, count)
        times_ms = np.fromiter(map(self._stamps.__getitem__, stamps), np.int64, count)
        prices, volumes = np.array([_floats(column) for column in numbers[:-1]]), _floats(numbers[-1])
        sound = (symbol != UNUSABLE) & (times_ms != UNREADABLE) & self._sound(times_ms, prices, volumes)
        all_sound = bool(sound.all())
        if cells.broken or not all_sound:
            self._tell(cells, np.flatnonzero(~sound).tolist())
            volumes = np.where(sound, volumes, 0)
        partial = np.zeros(count, np.bool_)
        if parts.partial is not None:
            partial = np.fromiter((_plain(text) in TRUE for text in parts.partial), np.bool_, count)
        rows = Rows(
            symbol,
            times_ms - self._shift_ms,
            prices,
            volumes.astype(np.int64),
            np.asarray(cells.lines, np.int32),
            partial,
        )
        return rows if all_sound else rows.take(sound)

    def _parts(self, cells: Cells) -> "_Parts":
        layout, columns = self._layout, list(cells.columns)
        partial = columns.pop() if layout.partial is not None else None
        exchanges = columns.pop() if layout.exchange is not None else None
        names = columns.pop() if layout.symbol is not None else None
        if names is not None and exchanges is not None:
            names = [_whole(name, exchange) for name, exchange in zip(names, exchanges, strict=True)]
        if len(layout.timestamp) == 1:
            return _Parts(names, columns[0], columns[1:], partial)
        stamps = [f"{day} {time}" for day, time in zip(columns[0], columns[1], strict=True)]
        return _Parts(names, stamps, columns[2:], partial)

    def _sound(self, times_ms: Integers, prices: Floats, volumes: Floats) -> Flags:
        sound: Flags = np.all((prices > 0) & (prices < HIGHEST_PRICE), axis=0)
        sound &= (volumes >= 0) & (volumes < LARGEST_VOLUME) & (volumes == np.floor(volumes))
        if self._is_bars:
            open_, high, low, close = prices
            sound &= (low <= np.minimum(open_, close)) & (np.maximum(open_, close) <= high)
            sound &= times_ms % MINUTE_MS == 0
        return sound

    def _tell(self, cells: Cells, bad: Sequence[int]) -> None:
        faults = [(line, -1, reason) for line, reason in cells.broken] + [(cells.lines[row], row, "") for row in bad]
        for line, row, reason in sorted(faults):
            is_telling = self._faults.is_telling
            self._faults.add(self._path, line, reason or (self._reason(cells, row) if is_telling else ""))

    def _reason(self, cells: Cells, row: int) -> str:
        """What is wrong with it first of all."""
        parts = self._parts(Cells((0,), [(column[row],) for column in cells.columns], (), 0))
        names, stamps, numbers = parts.names, parts.stamps, parts.numbers
        fault = self._symbols.fault(names[0]) if names else None
        if fault is not None:
            return fault
        if self._stamps[stamps[0]] == UNREADABLE:
            return f"{_shown(stamps[0])} is no time"
        *prices, volume = [_floats(column)[0] for column in numbers]
        for role, (text,), price in zip(BAR_PRICES if self._is_bars else ("price",), numbers, prices, strict=False):
            if not 0 < price < HIGHEST_PRICE:
                return f"{role} {_shown(text)} is no price"
        if not (0 <= volume < LARGEST_VOLUME and volume == int(volume)):
            return f"volume {_shown(numbers[-1][0])} is no number of units"
        if self._stamps[stamps[0]] % MINUTE_MS:
            return f"{_shown(stamps[0])}: a 1-minute bar begins on a whole minute"
        return f"open {prices[0]} and close {prices[3]} are not within low {prices[2]} and high {prices[1]}"


def _whole(name: str, exchange: str) -> str:
    """A symbol with its exchange, which some write with its segment: `NSE_EQ`."""
    short = exchange.partition("_")[0].strip().upper()
    return name if ":" in name or not short else f"{short}:{name.strip()}"


def _plain(text: str) -> str:
    return text.strip().lower()


def _floats(cells: Sequence[str]) -> NDArray[np.float64]:
    """Numbers, nan for what is none."""
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return np.fromiter(map(_float, cells), np.float64, len(cells))


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return nan


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
