"""Average directional index."""

from math import nan
from typing import Annotated

from annotated_types import Interval

from indicators.chart import Chart
from indicators.indicator import Indicator, Length


class Adx(Indicator):
    """How strong a trend is, whichever way it goes (ADX), from 0 to 100; `plus` and `minus` are +DI and -DI.

    The up move is high - previous high, the down move previous low - low; only the larger counts, only if it is above
    zero, and neither if they are the same number of ticks. +DI and -DI are Wilder's averages of them over `length` bars
    in percent of that of the true range; `DX = 100 * |+DI - -DI| / (+DI + -DI)`, or 0 when both are 0; ADX is Wilder's
    average of DX over `smoothing` bars, 0 for as many as `length`.

    The first bar has no move and no range. +DI and -DI are ready with bar `length + 1`, ADX `smoothing - 1` bars later.
    Without any range so far there is neither. Runs on across days.

    Source: TradingView's `ta.dmi`, that is Wilder's own; its seeding settled against exported values of ADX.
    """

    __slots__ = (
        "_chart", "_close", "_down", "_dx", "_dx_missing", "_high", "_length", "_low", "_missing", "_range",
        "_smoothing", "_ticks", "_up", "minus", "plus",
    )  # fmt: skip
    outputs = ("plus", "minus")
    example = "adx(14) > 25 and adx(14).plus > adx(14).minus"

    def __init__(
        self, chart: Chart, length: Length = 14, smoothing: Annotated[int, Interval(ge=0, le=10_000)] = 0
    ) -> None:
        super().__init__()
        self._chart, self._length, self._smoothing = chart, length, smoothing or length
        self._ticks = 1 / chart.tick_size
        self._high = self._low = self._close = nan
        self._missing, self._dx_missing = length, self._smoothing
        # Wilder's sums: `length` times the average.
        self._range = self._up = self._down = 0.0
        self._dx = 0.0
        self.plus = self.minus = nan

    @property
    def settles_after(self) -> int:
        # Wilder's average twice, one after the other; see Atr.
        return 7 * (self._length + self._smoothing)

    def update(self) -> None:
        bar = self._chart.bar
        high, low = bar.high, bar.low
        last_high, last_low, last = self._high, self._low, self._close
        self._high, self._low, self._close = high, low, bar.close
        if last != last:  # noqa: PLR0124 - nan: the first bar
            return
        up, down = high - last_high, last_low - low
        ups, downs = round(up * self._ticks), round(down * self._ticks)
        if ups <= downs or ups <= 0:
            up = 0.0
        if downs <= ups or downs <= 0:
            down = 0.0
        true_range = max(high, last) - min(low, last)
        if self._missing:
            self._missing -= 1
            self._range += true_range
            self._up += up
            self._down += down
            if self._missing:
                return
        else:
            length = self._length
            self._range += true_range - self._range / length
            self._up += up - self._up / length
            self._down += down - self._down / length
        if self._range:
            self._directed()

    def _directed(self) -> None:
        """Once there is a range, there is a direction."""
        self.plus = plus = 100 * self._up / self._range
        self.minus = minus = 100 * self._down / self._range
        both = plus + minus
        dx = 100 * abs(plus - minus) / both if both else 0.0
        if not self._dx_missing:
            self.value += (dx - self.value) / self._smoothing
            return
        self._dx_missing -= 1
        self._dx += dx
        if not self._dx_missing:
            self.value = self._dx / self._smoothing
