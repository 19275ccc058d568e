"""Float32 prices become the prices that were meant."""

from collections.abc import Mapping
from math import inf, isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

PAISE_BELOW: Final = 131_072.0
"""Rupees below which no two prices in whole paise are the same float32, so rounding to the paisa is exact."""

PAISE_TOP_BYTES: Final = bytes(range(0x3C, 0x48))
"""Highest bytes of a float32 from 2**-7 up to, not including, `PAISE_BELOW`; any other float has another one."""

ROUND: Final = 1.5 * 2.0**52
"""Added and subtracted, it rounds a float below 2**51 half to even as `round` and numpy's `rint` do, without a call."""

FINEST_TICK: Final = 0.0001


class Prices:
    """Puts prices on their instruments' grids.

    Below ₹131,072 a price is rounded to the paisa: if it was on its instrument's grid this gives exactly the grid
    point, spares the look-up, and does no harm where the master has a coarser grid than the exchange. Above, and on a
    grid that is not of whole paise, it is snapped to the instrument's tick.

    Source: float32 has 24 significant bits. Exact below 131,072 for a tick of 0.01 and below 524,288 for 0.05, which
    the tests check for every point of both grids.
    """

    def __init__(self, tick_sizes: Mapping[int, float]) -> None:
        """Take the smallest price steps in rupees by instrument key; one missing or absurd counts as a paisa."""
        self._ticks = {key: tick for key, tick in tick_sizes.items() if isfinite(tick) and tick >= FINEST_TICK}
        self._finer = frozenset(key for key, tick in self._ticks.items() if abs(tick * 100 - round(tick * 100)) > 1e-6)
        self.paise_below = 0.0 if self._finer else PAISE_BELOW
        """Below it a price of any of these instruments may simply be rounded to the paisa."""

    def snap(self, key: int, price: float) -> float:
        """The price in rupees that float32 `price` stands for, or 0.0 if it is no price: nan, inf, not positive."""
        if not 0.0 < price < inf:
            return 0.0
        if price < PAISE_BELOW and key not in self._finer:
            return (price * 100.0 + ROUND - ROUND) / 100.0
        tick = self._ticks.get(key, 0.01)
        return round(round(price / tick) * tick, 4)


def round_to_paise(prices: NDArray[np.float64]) -> None:
    """Do to many prices below `PAISE_BELOW`, in place, what `Prices.snap` does to one, bit for bit."""
    prices *= 100.0
    np.rint(prices, prices)
    prices /= 100.0
