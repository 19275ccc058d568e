"""Sound rows of a recording as columns of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of equal length."""

    symbol: NDArray[np.int32]
    """Number of the symbol."""
    times_ms: Integers
    """Epoch milliseconds UTC: start of the bar, or trade time."""
    prices: Floats
    """One row for each of open, high, low and close, or for the price alone; rupees."""
    volumes: Integers
    """Units: the bar's, or the day's so far."""
    lines: NDArray[np.int32]
    """Line in the file."""
    partial: Flags
    """Of a bar: it is known to lack some of its trades."""

    def __len__(self) -> int:
        return len(self.symbol)

    def take(self, wanted: Integers | Flags | slice) -> "Rows":
        """Some of them, or all in another order."""
        return Rows(
            self.symbol[wanted],
            self.times_ms[wanted],
            self.prices[:, wanted],
            self.volumes[wanted],
            self.lines[wanted],
            self.partial[wanted],
        )


def joined(parts: Sequence[Rows]) -> Rows:
    """One after the other; there is at least one."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([part.symbol for part in parts]),
        np.concatenate([part.times_ms for part in parts]),
        np.concatenate([part.prices for part in parts], axis=1),
        np.concatenate([part.volumes for part in parts]),
        np.concatenate([part.lines for part in parts]),
        np.concatenate([part.partial for part in parts]),
    )
