"""Files of bars or ticks become one recording, in the order in which it is played."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from errors import InputError
from market.clock import iso
from market.instrument import Instrument
from market.watermark import JUMP_MS
from replay.faults import Faults
from replay.layout import Contents, find_layout
from replay.row_reader import RowReader
from replay.rows import Integers, Rows, joined
from replay.symbols import Known, Symbols, nothing_known
from replay.table import open_table

TICK_SIZES: Final = (0.05, 0.01, 0.0025, 0.0001)
"""Rupees, coarsest first: shares and derivatives, shares below 250 rupees, currencies, anything else."""
ON_GRID: Final = 1e-3
"""Of a tick: what floating point may be off by."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the files are to be read."""

    columns: Mapping[str, str]
    """The files' own names for `symbol`, `timestamp` and so on, where they are unusual."""
    stamp_end: bool
    """A bar is stamped with its end."""
    sort: bool
    """Ticks are played by their time; otherwise in the order of the file, which is that of arrival."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What is played, row by row."""

    contents: Contents
    instruments: tuple[Instrument, ...]
    """By name; a row's symbol is a position here."""
    rows: Rows


def load_recording(
    files: Sequence[Path],
    reading: Reading,
    faults: Faults,
    on_read: Callable[[float], None],
    known: Known = nothing_known,
) -> Recording:
    """Read all files; `on_read` is told how many files are read, with the part of the one being read.

    Some 50 bytes a row are kept. Raises: InputError, for a file that cannot be used at all.
    """
    symbols = Symbols(known)
    contents: Contents | None = None
    parts: list[Rows] = []
    for number, path in enumerate(files):
        with open_table(path) as table:
            layout = find_layout(path, table.header, reading.columns)
            if contents not in {None, layout.contents}:
                raise InputError(f"{path}: {layout.contents}, but {files[0]} has {contents}; replay them one by one")
            contents = layout.contents
            reader = RowReader(path, layout, stamp_end=reading.stamp_end, symbols=symbols, faults=faults)
            skipped = faults.total
            blocks: list[Rows] = []
            for cells in table.cells(layout.places):
                blocks.append(reader.read(cells))
                on_read(number + cells.share)
        if not sum(map(len, blocks)):
            raise InputError(f"{path}: {'no row of it can be used' if faults.total > skipped else 'it has no rows'}")
        parts.append(joined(blocks))
    assert contents is not None, "there is a file"
    instruments, parts = _by_name(symbols.instruments, parts)
    if contents is Contents.BARS:
        rows = _bars_in_order(files, parts, instruments, faults)
    else:
        rows = _ticks_in_order(parts, reading)
    tick_sizes = _tick_sizes(rows, [one.tick_size for one in instruments])
    with_ticks = (replace(one, tick_size=size) for one, size in zip(instruments, tick_sizes, strict=True))
    return Recording(contents, tuple(with_ticks), rows)


def _by_name(instruments: Sequence[Instrument], parts: Sequence[Rows]) -> tuple[list[Instrument], list[Rows]]:
    """Number the symbols by their names, so that the order in which they appeared cannot show in what comes out."""
    ordered = sorted(range(len(instruments)), key=lambda number: instruments[number].symbol)
    place: NDArray[np.int32] = np.empty(len(ordered), np.int32)
    place[ordered] = np.arange(len(ordered))
    return [instruments[number] for number in ordered], [replace(part, symbol=place[part.symbol]) for part in parts]


def _ticks_in_order(parts: Sequence[Rows], reading: Reading) -> Rows:
    rows = joined(parts)
    if reading.sort:
        return rows.take(np.argsort(rows.times_ms, kind="stable"))
    if len(parts) == 1:
        return rows
    return rows.take(np.argsort(np.concatenate([_due(part.times_ms) for part in parts]), kind="stable"))


def _due(times_ms: Integers) -> Integers:
    """When each row of a file arrived: at the latest trade time up to it, a lone stamp far ahead left aside."""
    believed = times_ms.copy()
    following = times_ms[1:]
    np.copyto(believed[:-1], following, where=times_ms[:-1] > following + JUMP_MS)
    arrived: Integers = np.maximum.accumulate(believed)
    return arrived


def _bars_in_order(
    files: Sequence[Path], parts: Sequence[Rows], instruments: Sequence[Instrument], faults: Faults
) -> Rows:
    """By time, and within a minute by symbol: a bar is a fact of its minute, so the order of the file says nothing."""
    rows = joined(parts)
    place = rows.times_ms * len(instruments) + rows.symbol
    if (place[1:] > place[:-1]).all():
        return rows
    order = np.argsort(place, kind="stable")
    is_second = np.zeros(len(rows), bool)
    is_second[order[1:]] = np.diff(place[order]) == 0
    ends = np.cumsum([len(part) for part in parts])
    for row in np.flatnonzero(is_second).tolist():
        symbol = instruments[rows.symbol[row]].symbol
        faults.add(
            files[int(np.searchsorted(ends, row, side="right"))],
            int(rows.lines[row]),
            f"a second bar of {symbol} for {iso(int(rows.times_ms[row]))}",
        )
    return rows.take(order[~is_second[order]])


def _tick_sizes(rows: Rows, supposed: Sequence[float]) -> list[float]:
    """For each symbol the tick it is supposed to have, or else the coarsest that all of its prices lie on."""
    sizes = np.array(supposed)
    symbol, prices = rows.symbol, rows.prices
    for size in TICK_SIZES:
        steps = prices / sizes[symbol]
        off_grid = np.unique(symbol[(np.abs(steps - np.rint(steps)) > ON_GRID).any(axis=0)])
        left = np.isin(symbol, off_grid)
        symbol, prices = symbol[left], prices[:, left]
        sizes[off_grid] = size
    return [float(size) for size in sizes]
