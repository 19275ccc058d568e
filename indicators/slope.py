"""Slope of the regression line."""

from collections import deque
from itertools import repeat
from math import nan
from operator import mul, sub
from typing import Annotated

from annotated_types import Interval

from indicators.indicator import Indicator
from indicators.series import Series


class Slope(Indicator):
    """Slope of the straight line that fits the last `length` bars of `source` best: what it gains a bar.

    Least squares: `sum((i - mean i) * source) / sum((i - mean i) ** 2)`, i counting the bars. In the source's unit.
    Ready at bar `length`. Runs on across days.

    Source: the gain a bar of TradingView's `ta.linreg`.
    """

    __slots__ = ("_length", "_source", "_weights", "_window")
    aliases = ("linreg_slope",)
    example = "slope(20) > 0"

    def __init__(self, source: Series, length: Annotated[int, Interval(ge=2, le=10_000)] = 14) -> None:
        super().__init__()
        self._source, self._length = source, length
        squares = length * (length * length - 1) / 12
        self._weights = tuple((number - (length - 1) / 2) / squares for number in range(length))
        self._window: deque[float] = deque(maxlen=length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        window = self._window
        window.append(new)
        if len(window) == self._length:
            # Counted from the newest, a flat window has a slope of exactly nothing.
            self.value = sum(map(mul, self._weights, map(sub, window, repeat(new))))
