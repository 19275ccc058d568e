"""What quotes tell beside their trade, as rows that follow it: a day's high or low that no tick showed, the average."""

from collections.abc import Sequence
from itertools import repeat
from struct import Struct
from typing import Final

from brokers.dhan.prices import ROUND, Prices
from market.tick import DAY_AVERAGE, DAY_EXTREME, TickBatch

EXTREMES: Final = Struct("<Q")
HIGH_LOW: Final = Struct("<ff")
"""What `EXTREMES` holds."""

PAISA: Final = 0.01
ABSURD: Final = 2.0**31
"""Rupees: the smallest average price, and one that none reaches."""


class Remarks:
    """Remembers the day's high and low of every instrument as one connection has shown them.

    The feed is conflated: one packet may stand for several trades. If the day's high has risen since the packet before
    and this packet's price is below it, then a trade was made in between that no packet shows. What a connection shows
    first only says where the day stood.
    """

    def __init__(self, prices: Prices, *, averages: bool) -> None:
        """With `averages` every quote also gives the day's average traded price."""
        self.averages = averages
        self.extremes: dict[int, int] = {}
        """By key, as they came."""
        self._prices = prices

    def follow(
        self, ticks: TickBatch, key: int, at_ms: int, price: float, volume: int, extremes: int, average: float = 0.0
    ) -> None:
        """Add what there is to remark on the tick just added."""
        before = self.extremes.get(key)
        if before != extremes:
            self.extremes[key] = extremes
            if before is not None:
                for moved in self._moved(key, price, before, extremes):
                    ticks.remark(key | DAY_EXTREME, at_ms, moved, volume)
        if self.averages and PAISA <= average < ABSURD:
            ticks.remark(key | DAY_AVERAGE, at_ms, (average * 100.0 + ROUND - ROUND) / 100.0, volume)

    def follow_each(self, ticks: TickBatch, extremes: Sequence[int], averages: Sequence[float] | None = None) -> None:
        """Add what there is to remark on each of these ticks, one of each packet."""
        rows = zip(
            ticks.keys, ticks.times_ms, ticks.prices, ticks.volumes, extremes, averages or repeat(0.0), strict=False
        )
        ticks.keys, ticks.times_ms, ticks.prices, ticks.volumes = [], [], [], []
        for key, at_ms, price, volume, packed, average in rows:
            ticks.add(key, at_ms, price, volume)
            self.follow(ticks, key, at_ms, price, volume, packed, average)

    def _moved(self, key: int, price: float, before: int, extremes: int) -> list[float]:
        old_high, old_low = self._high_low(key, before)
        high, low = self._high_low(key, extremes)
        moved = [high] if high > old_high > 0.0 and high > price else []
        return [*moved, low] if 0.0 < low < old_low and low < price else moved

    def _high_low(self, key: int, extremes: int) -> tuple[float, float]:
        high, low = HIGH_LOW.unpack(EXTREMES.pack(extremes))
        return self._prices.snap(key, high), self._prices.snap(key, low)
