"""A recorded session: what traded, tick by tick, in the order an exchange would send it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Session:
    """Ticks as columns of equal length: row i is one tick, rows in the order they are sent."""

    symbols: tuple[str, ...]
    """Our names, `NSE:TCS`."""
    symbol: Integers
    """Index into `symbols`."""
    times_ms: Integers
    """Trade time, epoch milliseconds UTC; 0 where the recording has none."""
    prices: Floats
    """Rupees."""
    volumes: Integers
    """Cumulative day volume in units; 0 for an index."""
    due_ms: Integers
    """Market time at which the tick is sent, never falling: a late tick is sent late but keeps its trade time."""

    def __len__(self) -> int:
        return len(self.symbol)


def in_order_of_arrival(
    symbols: tuple[str, ...], symbol: Integers, times_ms: Integers, prices: Floats, volumes: Integers
) -> Session:
    """Merge ticks over all symbols by time; each symbol's own order, with its late ticks, stays as given.

    A tick is due at the latest trade time its symbol has had so far: a stamp that steps back does not move it.
    """
    due_ms = times_ms.copy()
    by_symbol = np.argsort(symbol, kind="stable")
    for rows in np.split(by_symbol, np.flatnonzero(np.diff(symbol[by_symbol])) + 1):
        due_ms[rows] = np.maximum.accumulate(times_ms[rows])
    order = np.argsort(due_ms, kind="stable")
    return Session(symbols, symbol[order], times_ms[order], prices[order], volumes[order], due_ms[order])
