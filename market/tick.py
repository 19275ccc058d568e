"""Ticks travel as columns, never one object each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

DAY_EXTREME: Final = 1 << 48
"""In a key: the row is no tick, but says that the day's high or low has moved to its price, which no tick showed."""
DAY_AVERAGE: Final = 1 << 49
"""In a key: the row is no tick, but gives the average price of the day's trades so far."""
REMARKS: Final = DAY_EXTREME | DAY_AVERAGE
"""A row that is no tick is a remark on the tick before it, whose time and volume it repeats."""


class VolumeKind(Enum):
    """What the volume column of a batch counts."""

    DAY = "day"
    """Cumulative since the start of the exchange's day."""
    TRADE = "trade"
    """The quantity of this trade alone."""


@dataclass(slots=True)
class TickBatch:
    """Ticks that arrived together: columns of equal length, row i is one tick or remark, in order of arrival.

    Serialisable (lists of numbers): this is one of the two things that may cross a process border.
    """

    received_ms: int
    """When the bytes arrived, epoch milliseconds UTC by the local clock."""
    keys: list[int] = field(default_factory=list)
    """The broker's instrument key, `segment << 32 | security_id` (see `brokers.listing.Listing`), or with `REMARKS`."""
    times_ms: list[int] = field(default_factory=list)
    """Exchange trade time, epoch milliseconds UTC; 0 when the instrument has not traded today."""
    prices: list[float] = field(default_factory=list)
    """Last traded price in rupees, on the instrument's tick grid."""
    volumes: list[int] = field(default_factory=list)
    """Volume in units (shares), counted as `volume_kind` says; 0 where the instrument has none."""
    volume_kind: VolumeKind = VolumeKind.DAY
    remarks: int = 0
    """How many rows are remarks."""

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def ticks(self) -> int:
        """How many rows are ticks."""
        return len(self.keys) - self.remarks

    def add(self, key: int, at_ms: int, price: float, volume: int) -> None:
        """Add a row that is a tick."""
        self.keys.append(key)
        self.times_ms.append(at_ms)
        self.prices.append(price)
        self.volumes.append(volume)

    def remark(self, key: int, at_ms: int, price: float, volume: int) -> None:
        """Add a row that is a remark on the last tick added, whose time and volume it repeats."""
        self.add(key, at_ms, price, volume)
        self.remarks += 1

    def keep(self, rows: Sequence[int]) -> None:
        """Drop all other rows."""
        self.keys = [self.keys[row] for row in rows]
        self.times_ms = [self.times_ms[row] for row in rows]
        self.prices = [self.prices[row] for row in rows]
        self.volumes = [self.volumes[row] for row in rows]
        self.remarks = sum(key >= DAY_EXTREME for key in self.keys)
