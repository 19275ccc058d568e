"""Doji by body and range."""

from typing import Annotated

from annotated_types import Interval

from indicators.chart import Chart
from indicators.indicator import Indicator


class Doji(Indicator):
    """Whether the bar is a doji: it closed about where it opened, its body a small share of its range.

    Holds when `|close - open| < share * (high - low)`; a body of exactly that share is none. A bar without range, its
    four prices one, is a doji. Ready at once.
    """

    __slots__ = ("_chart", "_noise", "_share")
    is_condition = True
    example = "not doji(0.1)"

    def __init__(self, chart: Chart, share: Annotated[float, Interval(ge=0.0001, le=1)] = 0.1) -> None:
        super().__init__()
        self._chart, self._share = chart, share
        # A body of exactly the share must not become a smaller one by how decimal prices round.
        self._noise = chart.tick_size * 1e-6

    def update(self) -> None:
        bar = self._chart.bar
        span = bar.high - bar.low
        body = abs(bar.close - bar.open)
        self.value = 1.0 if not span or body < self._share * span - self._noise else 0.0
