"""Recorded 1-minute bars become ticks that rebuild them exactly."""

import numpy as np
from numpy.typing import NDArray

from market.bar import MINUTE_MS
from market.sessions import DAY_MS, IST_OFFSET_MS
from simulator.session import Floats, Integers, Session, in_order_of_arrival

QUARTER_S = 15
"""Open, the two extremes and close each fall in their own quarter of the minute."""


def ticks_of_bars(
    symbols: tuple[str, ...], symbol: Integers, starts_ms: Integers, prices: Floats, volumes: Integers
) -> Session:
    """Turn bars into ticks: at most one bar a symbol and minute, `prices` has columns open, high, low, close.

    A bar gives its open, the extreme that the bar then turned away from, the other extreme and its close, at distinct
    whole seconds of its minute; a price that repeats the one before gives no tick. The day volume grows to exactly the
    bar's: in near-equal steps, so a bar of volume 1 has it all in its first tick. A bar without volume is no trade and
    gives no ticks, except for a symbol that never has volume, which is an index.
    """
    by_symbol = np.lexsort((starts_ms, symbol))
    traded = np.bincount(symbol, volumes, len(symbols)) > 0
    bars = by_symbol[(volumes[by_symbol] > 0) | ~traded[symbol[by_symbol]]]
    symbol, starts_ms, prices, volumes = symbol[bars], starts_ms[bars], prices[bars], volumes[bars]

    path = _path(prices)
    is_tick = np.ones(path.shape, bool)
    is_tick[:, 1:] = path[:, 1:] != path[:, :-1]
    number = is_tick.cumsum(axis=1)
    steps = number[:, -1:]
    day_volumes = _before(symbol, starts_ms, volumes)[:, None] - (-volumes[:, None] * number // steps)
    bar, _ = np.nonzero(is_tick)
    times_ms = starts_ms[bar] + 1000 * _seconds(symbol, starts_ms)[is_tick]
    order = np.lexsort((symbol[bar], times_ms))
    return in_order_of_arrival(
        symbols, symbol[bar][order], times_ms[order], path[is_tick][order], day_volumes[is_tick][order]
    )


def _path(prices: Floats) -> Floats:
    """Four prices in the order they trade: low before high in a bar that rose, high before low in one that fell."""
    open_, high, low, close = prices.T
    rose = close >= open_
    return np.column_stack((open_, np.where(rose, low, high), np.where(rose, high, low), close))


def _seconds(symbol: Integers, starts_ms: Integers) -> Integers:
    """Second of the minute for each of the four prices: spread so that the symbols' ticks mix, the same every time."""
    quarter = np.arange(4)
    spread = 7 * symbol[:, None] + 11 * (starts_ms[:, None] // MINUTE_MS) + 4 * quarter
    return QUARTER_S * quarter + spread % QUARTER_S


def _before(symbol: Integers, starts_ms: Integers, volumes: Integers) -> Integers:
    """Day volume before each bar; bars are sorted by symbol and time."""
    before = np.cumsum(volumes) - volumes
    first: NDArray[np.bool_] = np.ones(len(symbol), bool)
    day = (starts_ms + IST_OFFSET_MS) // DAY_MS
    first[1:] = (symbol[1:] != symbol[:-1]) | (day[1:] != day[:-1])
    return before - before[np.maximum.accumulate(np.where(first, np.arange(len(symbol)), 0))]
