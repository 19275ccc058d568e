"""Made-up sessions of any size, for load."""

from collections.abc import Sequence

import numpy as np

from simulator.session import Session

TICK_RUPEES = 0.05
HIGHEST_START = 80_000
"""In ticks: a first price of at most 4,000 rupees."""


def synthetic_session(symbols: Sequence[str], ticks: int, ticks_per_s: float, start_ms: int) -> Session:
    """Random walks on the 0.05 grid: every symbol once, in random order, before any comes again; the same every time.

    Args:
        symbols: our names.
        ticks: how many in all.
        ticks_per_s: tick `i` is traded `i / ticks_per_s` seconds after the start.
        start_ms: epoch milliseconds UTC.
    """
    random = np.random.default_rng(1)
    count = len(symbols)
    rounds = -(-ticks // count)
    symbol = random.permuted(np.tile(np.arange(count), (rounds, 1)), axis=1).ravel()[:ticks]
    times_ms = start_ms + (np.arange(ticks) * 1000 / ticks_per_s).astype(np.int64)
    steps = random.integers(-1, 1, ticks, endpoint=True)
    starts = random.integers(1000, HIGHEST_START, count)
    prices, volumes = np.zeros(ticks, np.int64), random.integers(1, 500, ticks, endpoint=True)
    by_symbol = np.argsort(symbol, kind="stable")
    for rows in np.split(by_symbol, np.flatnonzero(np.diff(symbol[by_symbol])) + 1):
        prices[rows] = np.maximum(starts[symbol[rows[0]]] + np.cumsum(steps[rows]), 1)
        volumes[rows] = np.cumsum(volumes[rows])
    return Session(tuple(symbols), symbol, times_ms, np.round(prices * TICK_RUPEES, 2), volumes, times_ms)
