"""Ticks travel as columns, never one object each."""

from dataclasses import dataclass, field
from enum import Enum


class VolumeKind(Enum):
    """What the volume column of a batch counts."""

    DAY = "day"
    """Cumulative since the start of the exchange's day."""
    TRADE = "trade"
    """The quantity of this trade alone."""


@dataclass(slots=True)
class TickBatch:
    """Ticks that arrived together: columns of equal length, row i is one tick, in order of arrival.

    Serialisable (lists of numbers): this is one of the two things that may cross a process border.
    """

    received_ms: int
    """When the bytes arrived, epoch milliseconds UTC by the local clock."""
    keys: list[int] = field(default_factory=list)
    """The broker's instrument key, `segment << 32 | security_id` (see `brokers.listing.Listing`)."""
    times_ms: list[int] = field(default_factory=list)
    """Exchange trade time, epoch milliseconds UTC; 0 when the instrument has not traded today."""
    prices: list[float] = field(default_factory=list)
    """Last traded price in rupees, on the instrument's tick grid."""
    volumes: list[int] = field(default_factory=list)
    """Volume in units (shares), counted as `volume_kind` says; 0 where the instrument has none."""
    volume_kind: VolumeKind = VolumeKind.DAY

    def __len__(self) -> int:
        return len(self.keys)
