"""A trader with paper and pencil: the bars of some symbols, and which entries a strategy makes on them.

DESIGN's rules of signals once more, from their words: an entry needs its conditions on a closed bar, known on that bar
and on the one before, and not held there; nothing enters while in a signal; target, stop, an exit condition or the end
of the day ends it; then so many bars of rest; and the last minutes before the close are left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.strategies.arithmetic import Floats, Integers

Entry: TypeAlias = tuple[str, str, str]
"""Symbol, side and start of the bar, ISO-8601."""


COLUMNS = ("open", "high", "low", "close", "volume", "turnover")


@dataclass(frozen=True)
class Panel:
    """Bars of one timeframe: a row is a bar, a column a symbol."""

    symbols: Sequence[str]
    starts: pd.DatetimeIndex
    day: Integers
    """Numbers the day of each row."""
    minutes: int
    """Length of a bar."""
    ends: Integers
    """Minutes from the day's open to each bar's end."""
    last_entry: int
    """Minutes from the open after which no bar may end that enters."""
    tick: Floats
    """Price step of each symbol: 5 paise, or 1 where its prices are finer than that."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    turnover: Floats
    """Sum of typical price times volume over a bar's minutes."""


@dataclass(frozen=True)
class Wanted:
    """One side of a strategy."""

    entry: Sequence[Floats]
    """Conditions, all of which must hold."""
    target: Floats | None = None
    """A price by row, nan where no entry can be made; None without one."""
    stop: Floats | None = None
    exit: Sequence[Floats] = field(default_factory=tuple)
    """Conditions, any of which ends the signal on a bar's close."""


def panel(minute_bars: pd.DataFrame, minutes: int, open_at: str, day_minutes: int, last_minutes: int = 10) -> Panel:
    """Bars of `minutes` out of 1-minute bars, counted from the open of the day at `open_at` UTC.

    `minute_bars` has columns symbol, start (UTC), open, high, low, close and volume.
    """
    since_open = minute_bars["start"] - pd.Timedelta(open_at)
    day = since_open.dt.floor("D")
    number = (since_open - day) // pd.Timedelta(minutes=minutes)
    start = day + pd.Timedelta(open_at) + number * pd.Timedelta(minutes=minutes)
    typical = (minute_bars["high"] + minute_bars["low"] + minute_bars["close"]) / 3
    turnover = typical * minute_bars["volume"]
    bars = minute_bars.assign(start=start, turnover=turnover).groupby(["start", "symbol"], sort=True)
    whole = bars.agg(
        open=("open", "first"),
        high=("high", "max"),
        low=("low", "min"),
        close=("close", "last"),
        volume=("volume", "sum"),
        turnover=("turnover", "sum"),
    )
    table = whole.unstack("symbol")  # noqa: PD010 - nothing is left to aggregate
    starts = table.index
    day = (starts - pd.Timedelta(open_at)).floor("D")
    ends = (starts - day - pd.Timedelta(open_at)) // pd.Timedelta(minutes=1) + minutes
    columns = {name: table[name].to_numpy(float) for name in COLUMNS}
    symbols = list(table["close"].columns)
    return Panel(
        symbols, starts, day.factorize()[0], minutes, np.minimum(ends.to_numpy(), day_minutes),
        day_minutes - last_minutes, _ticks(minute_bars, symbols), **columns,
    )  # fmt: skip


def away(bars: Panel, distance: Floats, sign: int) -> Floats:
    """A level at a distance from the close: `sign` is 1 above and -1 below, and it is a tick away at least."""
    return _on_grid(bars.close + sign * np.maximum(distance, bars.tick), bars.tick)


def at(bars: Panel, price: Floats, sign: int) -> Floats:
    """A level that is a price; not known where the close has passed it."""
    return np.where((price - bars.close) * sign >= bars.tick / 2, _on_grid(price, bars.tick), np.nan)


def _on_grid(price: Floats, tick: Floats) -> Floats:
    grid: Floats = np.round(np.round(price / tick) * tick, 4)
    return grid


def _ticks(minute_bars: pd.DataFrame, symbols: Sequence[str]) -> Floats:
    paise = (minute_bars[["open", "high", "low", "close"]] * 100).round().astype(int)
    is_fine = (paise % 5 != 0).any(axis=1).groupby(minute_bars["symbol"]).any()
    return np.where(is_fine[list(symbols)], 0.01, 0.05)


def entries(bars: Panel, sides: Mapping[str, Wanted], cooldown: int) -> set[Entry]:
    """Every entry of `LONG` and `SHORT` as given."""
    holds = {side: np.logical_and.reduce([one == 1 for one in wanted.entry]) for side, wanted in sides.items()}
    known = ~np.isnan(np.sum([one for wanted in sides.values() for one in wanted.entry], axis=0))
    found: set[Entry] = set()
    for column, symbol in enumerate(bars.symbols):
        wants = _wants(known[:, column], {side: where[:, column] for side, where in holds.items()})
        for row, side in _entered(bars, sides, wants, column, cooldown):
            found.add((symbol, side, bars.starts[row].tz_convert("Asia/Kolkata").isoformat()))
    return found


def _wants(known: NDArray[np.bool_], holds: Mapping[str, NDArray[np.bool_]]) -> list[str | None]:
    """The side to enter on each row, if any: one whose conditions have just come true, and not the other's too."""
    long, short = (holds.get(side, np.zeros_like(known)) & known for side in ("LONG", "SHORT"))
    sides = np.where(long & ~short, 1, np.where(short & ~long, -1, 0))
    new = known & np.append(False, known[:-1]) & (sides != np.append(0, sides[:-1]))
    return [
        ("LONG" if side > 0 else "SHORT") if side and is_new else None for side, is_new in zip(sides, new, strict=True)
    ]


def _entered(
    bars: Panel, sides: Mapping[str, Wanted], wants: Sequence[str | None], column: int, cooldown: int
) -> list[tuple[int, str]]:
    found = []
    free_from = 0  # the first row that may enter
    day, ends = bars.day.tolist(), bars.ends.tolist()
    for row, side in enumerate(wants):
        if side is None or row < free_from or ends[row] > bars.last_entry:
            continue
        wanted = sides[side]
        target, stop = (None if level is None else level[row, column] for level in (wanted.target, wanted.stop))
        if any(level is not None and np.isnan(level) for level in (target, stop)):
            continue
        found.append((row, side))
        end = _end(bars, wanted, column, row, side, target, stop)
        # Rest counts whole bars after the one it ended on; a new day needs none.
        free_from = next((later for later in range(end, len(day)) if day[later] != day[row]), len(day))
        free_from = min(free_from, end + cooldown + 1)
    return found


def _end(
    bars: Panel, wanted: Wanted, column: int, entered: int, side: str, target: float | None, stop: float | None
) -> int:
    """The row on which a signal ends; the day's last one if nothing ends it."""
    sign = 1 if side == "LONG" else -1
    row = entered
    while row + 1 < len(bars.day) and bars.day[row + 1] == bars.day[entered]:
        row += 1
        worst, best = (bars.low, bars.high) if sign > 0 else (bars.high, bars.low)
        if stop is not None and sign * (worst[row, column] - stop) <= 0:
            return row
        if target is not None and sign * (best[row, column] - target) >= 0:
            return row
        if any(one[row, column] == 1 for one in wanted.exit):
            return row
    return row
