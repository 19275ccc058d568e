"""How far the bars of two sides agree: by field, by symbol, and over all."""

from collections.abc import Iterator, Sequence

import numpy as np

from market.bar import MINUTE_MS
from market.instrument import Instrument
from reconciliation.figures import Comparison, Difference, FieldFigures, Gap, SymbolFigures, badness, worst_of
from reconciliation.first_bar import advice
from reconciliation.pair import Pair, minutes
from replay.layout import BAR_PRICES
from replay.rows import Flags, Floats, Integers, Rows

FIELDS = (*BAR_PRICES, "volume")
SAME = 5e-5
"""Rupees: half of the smallest price step there is, far above what floating point is off by."""


def compare(pair: Pair) -> Comparison:
    """Match the bars of both sides by symbol and minute, and look at each field."""
    ours, theirs = minutes(pair.ours, pair.day), minutes(pair.theirs, pair.day)
    _, at_ours, at_theirs = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    mine, foreign = pair.ours.take(at_ours), pair.theirs.take(at_theirs)
    sheet = _Sheet(pair.instruments, mine, foreign)
    missing_ours = pair.theirs.take(~np.isin(theirs, ours, assume_unique=True))
    missing_theirs = pair.ours.take(~np.isin(ours, theirs, assume_unique=True))
    differs = sheet.bar_differs
    return Comparison(
        symbols=len(pair.instruments),
        bars=len(mine),
        differing=int(differs.sum()),
        differing_partial=int((differs & mine.partial).sum()),
        filled=pair.filled,
        fields=tuple(sheet.field(row) for row in range(len(FIELDS))),
        missing_ours=tuple(_gaps(pair.instruments, missing_ours)),
        missing_theirs=tuple(_gaps(pair.instruments, missing_theirs)),
        unequal=tuple(_unequal(sheet, missing_ours, missing_theirs)),
        advice=advice(pair, mine, foreign),
    )


class _Sheet:
    """Bars of both sides, row by row, with their differences: one line for each of `FIELDS`."""

    def __init__(self, instruments: Sequence[Instrument], ours: Rows, theirs: Rows) -> None:
        self.instruments = instruments
        self.ours, self.theirs = ours, theirs
        self._mine, self._foreign = _values(ours), _values(theirs)
        change: Floats = self._mine - self._foreign
        self.differs: Flags = np.greater(np.abs(change), SAME)
        self.bar_differs: Flags = np.logical_or.reduce(self.differs, axis=0)
        ticks = np.array([instrument.tick_size for instrument in instruments])[ours.symbol]
        self._steps: Floats = change / np.vstack([*[ticks] * len(BAR_PRICES), np.ones(len(ours))])
        self._percent: Floats = np.full_like(change, np.inf)
        np.divide(change * 100, self._foreign, out=self._percent, where=self._foreign != 0)
        self._percent[~self.differs] = 0.0

    def field(self, row: int) -> FieldFigures:
        found = np.flatnonzero(self.differs[row])
        steps, percent = np.abs(self._steps[row, found]), np.abs(self._percent[row, found])
        finite = percent[np.isfinite(percent)]
        return FieldFigures(
            FIELDS[row],
            len(self.ours),
            len(found),
            round(float(np.median(steps)), 4) if len(found) else None,
            float(np.median(finite)) if len(finite) else None,
            self._difference(row, int(found[np.argmax(percent)])) if len(found) else None,
        )

    def worst(self, bars: Integers) -> Difference | None:
        """Of these bars the price that differs most by percent, or else the volume."""
        return worst_of(
            self._difference(row, int(bars[place]))
            for row in range(len(FIELDS))
            for place in [int(np.argmax(np.abs(self._percent[row, bars])))]
            if self.differs[row, bars[place]]
        )

    def _difference(self, row: int, bar: int) -> Difference:
        percent = float(self._percent[row, bar])
        return Difference(
            self.instruments[self.ours.symbol[bar]].symbol,
            int(self.ours.times_ms[bar]),
            FIELDS[row],
            float(self._mine[row, bar]),
            float(self._foreign[row, bar]),
            float(round(self._steps[row, bar], 4)),
            percent if np.isfinite(percent) else None,
        )


def _values(rows: Rows) -> Floats:
    values: Floats = np.vstack([rows.prices, rows.volumes.astype(np.float64)])
    return values


def _gaps(instruments: Sequence[Instrument], missing: Rows) -> Iterator[Gap]:
    """By symbol and time, with minutes in a row put together."""
    rows = missing.take(np.lexsort((missing.times_ms, missing.symbol)))
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (np.diff(rows.symbol) != 0) | (np.diff(rows.times_ms) != MINUTE_MS)
    starts = np.flatnonzero(begins)
    lengths = np.diff([*starts.tolist(), len(rows)])
    for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
        yield Gap(instruments[rows.symbol[start]].symbol, int(rows.times_ms[start]), length)


def _unequal(sheet: _Sheet, missing_ours: Rows, missing_theirs: Rows) -> list[SymbolFigures]:
    count = len(sheet.instruments)
    compared = np.bincount(sheet.ours.symbol, minlength=count)
    differs = np.flatnonzero(sheet.bar_differs)
    differing = np.bincount(sheet.ours.symbol[differs], minlength=count)
    lacking = np.bincount(missing_ours.symbol, minlength=count)
    beyond = np.bincount(missing_theirs.symbol, minlength=count)
    by_symbol = differs[np.argsort(sheet.ours.symbol[differs], kind="stable")]
    bars = np.split(by_symbol, np.cumsum(differing)[:-1]) if count else []
    found = [
        SymbolFigures(
            sheet.instruments[place].symbol,
            int(compared[place]),
            int(differing[place]),
            int(lacking[place]),
            int(beyond[place]),
            sheet.worst(bars[place]) if differing[place] else None,
        )
        for place in np.flatnonzero(differing + lacking + beyond).tolist()
    ]
    return sorted(found, key=_bad_symbol, reverse=True)


def _bad_symbol(symbol: SymbolFigures) -> tuple[int, tuple[bool, float]]:
    bars = symbol.differing + symbol.missing_ours + symbol.missing_theirs
    return bars, badness(symbol.worst) if symbol.worst else (False, 0.0)
