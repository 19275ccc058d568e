"""Commodity channel index."""

from collections import deque
from itertools import repeat
from math import nan
from operator import sub
from typing import Annotated

from annotated_types import Interval

from indicators.indicator import Indicator
from indicators.series import Series


class Cci(Indicator):
    """Commodity channel index: how far `source` is from its mean, in typical distances from it.

    `(source - mean) / (0.015 * mean distance from the mean)` over `length` bars. Ready at bar `length`; nan while the
    window is flat. Runs on across days.

    Source: TradingView's `ta.cci`, source hlc3.
    """

    __slots__ = ("_length", "_source", "_window")
    default_source = "hlc3"
    example = "cci(20) crosses above 100"

    def __init__(self, source: Series, length: Annotated[int, Interval(ge=2, le=10_000)] = 20) -> None:
        super().__init__()
        self._source, self._length = source, length
        self._window: deque[float] = deque(maxlen=length)

    @property
    def settles_after(self) -> int:
        return self._length

    def update(self) -> None:
        new = self._source.value
        if new != new:  # noqa: PLR0124 - nan: nothing to count
            self.value = nan
            return
        window, length = self._window, self._length
        window.append(new)
        if len(window) < length:
            return
        # Counted from the newest, a flat window is one of noughts, whatever its price rounds to.
        offsets = list(map(sub, window, repeat(new)))
        mean = sum(offsets) / length
        distance = sum(map(abs, map(sub, offsets, repeat(mean)))) / length
        self.value = -mean / distance / 0.015 if distance else nan
