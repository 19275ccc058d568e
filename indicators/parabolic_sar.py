"""Parabolic stop and reverse."""

from math import nan
from typing import Annotated, TypeAlias

from annotated_types import Interval

from indicators.chart import Chart
from indicators.indicator import Indicator

Acceleration: TypeAlias = Annotated[float, Interval(ge=0.0001, le=1)]


class ParabolicSar(Indicator):
    """Wilder's trailing stop that speeds up as a trend goes on (parabolic SAR), in rupees: below price in an up trend.

    Each bar it moves towards the trend's extreme by `start` of the distance, and by `increment` more, up to `maximum`,
    with each new extreme; it never enters the range of the two bars before. When a low falls below it (a high rises
    above it) the trend turns: it jumps to the extreme, and the acceleration starts over. Ready with the second bar, up
    if that closes above the first. Runs on across days.

    Source: TradingView's `ta.sar`, by the definition in its reference manual.
    """

    __slots__ = (
        "_acceleration", "_chart", "_close", "_extreme", "_high", "_high_before", "_increment", "_low", "_low_before",
        "_maximum", "_rising", "_start",
    )  # fmt: skip
    aliases = ("sar",)
    example = "close crosses above parabolic_sar(0.02, 0.02, 0.2)"

    def __init__(
        self, chart: Chart, start: Acceleration = 0.02, increment: Acceleration = 0.02, maximum: Acceleration = 0.2
    ) -> None:
        super().__init__()
        self._chart, self._start, self._increment, self._maximum = chart, start, increment, maximum
        self._close = nan
        self._high = self._high_before = self._low = self._low_before = nan
        self._rising = False
        self._extreme = nan
        self._acceleration = start

    @property
    def settles_after(self) -> int:
        # A wrong start is forgotten when both starts turn at the same bar: on 1-minute bars of stocks half of them have
        # after 30 bars, the slowest after 160.
        return 200

    def update(self) -> None:
        bar = self._chart.bar
        high, low = bar.high, bar.low
        old_high, old_low = self._high, self._low
        if old_high != old_high:  # noqa: PLR0124 - nan: the first bar
            self._high, self._low, self._close = high, low, bar.close
            return
        sar, turned = self.value, False
        if sar != sar:  # noqa: PLR0124 - nan: the second bar
            self._rising = bar.close > self._close
            turned = True
            sar = old_low if self._rising else old_high
            self._extreme = high if self._rising else low
        sar += self._acceleration * (self._extreme - sar)
        if sar > low if self._rising else sar < high:
            self._rising, turned = not self._rising, True
            sar = min(low, self._extreme) if self._rising else max(high, self._extreme)
            self._extreme = high if self._rising else low
            self._acceleration = self._start
        if not turned and (high > self._extreme if self._rising else low < self._extreme):
            self._extreme = high if self._rising else low
            self._acceleration = min(self._acceleration + self._increment, self._maximum)
        # At the second bar the one before the last is nan, which is neither the lower nor the higher.
        if self._rising:
            self.value = min(sar, old_low, self._low_before)
        else:
            self.value = max(sar, old_high, self._high_before)
        self._high_before, self._low_before = old_high, old_low
        self._high, self._low = high, low
