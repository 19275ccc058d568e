"""Correlation of two numbers."""

from collections import deque
from itertools import repeat
from math import nan, sqrt
from operator import mul, sub
from typing import Annotated

from annotated_types import Interval

from indicators.indicator import Indicator
from indicators.series import Series


class Correlation(Indicator):
    """Correlation of `source` with `other` over `length` bars: 1 when they move together, -1 when they move apart.

    `covariance / (deviation of source * deviation of other)`. Bars on which either is not known are passed over. Ready
    at bar `length`; nan while either is flat. Runs on across days.

    Source: TradingView's `ta.correlation`.
    """

    __slots__ = ("_length", "_other", "_others", "_source", "_window")
    example = 'correlation(close, close of "NSE:NIFTY 50", 20) < 0.3'

    def __init__(self, source: Series, other: Series, length: Annotated[int, Interval(ge=2, le=10_000)] = 20) -> None:
        super().__init__()
        self._source, self._other, self._length = source, other, length
        self._window: deque[float] = deque(maxlen=length)
        self._others: deque[float] = deque(maxlen=length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new, other = self._source.value, self._other.value
        self.value = nan
        if new != new or other != other:  # noqa: PLR0124 - nan: nothing to count
            return
        window, others, length = self._window, self._others, self._length
        window.append(new)
        others.append(other)
        if len(window) < length:
            return
        # Counted from the newest, a flat window is one of noughts, and no others are large against their deviation:
        # the sums of squares lose no digits that matter.
        ours, theirs = list(map(sub, window, repeat(new))), list(map(sub, others, repeat(other)))
        our_sum, their_sum = sum(ours), sum(theirs)
        our_squares = sum(map(mul, ours, ours)) - our_sum * our_sum / length
        their_squares = sum(map(mul, theirs, theirs)) - their_sum * their_sum / length
        if our_squares > 0 and their_squares > 0:
            together = sum(map(mul, ours, theirs)) - our_sum * their_sum / length
            # Rounding may carry a perfect one past its bounds.
            self.value = max(-1.0, min(1.0, together / sqrt(our_squares) / sqrt(their_squares)))
