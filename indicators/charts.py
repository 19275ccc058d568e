"""All timeframes of one symbol."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import TypeAlias

from indicators.chart import Chart
from indicators.series import Series
from market.bar import Bar
from market.sessions import Hours

Closed: TypeAlias = tuple[Chart, Bar]
"""A chart, and the bar of it that closed."""


class Charts:
    """The charts of one symbol, one for each timeframe that anything asks for."""

    __slots__ = ("_by_minutes", "_orders", "_ranks", "hours", "tick_size")

    def __init__(self, tick_size: float, hours: Hours) -> None:
        self.tick_size = tick_size
        """Smallest price step, in rupees."""
        self.hours = hours
        self._by_minutes: dict[int, Chart] = {}
        self._ranks = count()
        self._orders: dict[tuple[Chart, ...], tuple[Series, ...]] = {}

    def of(self, minutes: int) -> Chart:
        """The chart of a timeframe."""
        chart = self._by_minutes.get(minutes)
        if chart is None:
            chart = self._by_minutes[minutes] = Chart(minutes, self.tick_size, self.hours, self._ranks)
        return chart

    def find(self, minutes: int) -> Chart | None:
        """The chart of a timeframe, if anything has asked for it."""
        return self._by_minutes.get(minutes)

    def __iter__(self) -> Iterator[Chart]:
        return iter(self._by_minutes.values())

    def joined(self) -> None:
        """There are more series than when the last bar was taken."""
        self._orders.clear()

    def take(self, closed: Sequence[Closed]) -> None:
        """Take bars that closed at the same time, one of each chart.

        Series of one timeframe may read those of another, so all of them go in the order they were asked for.
        """
        if len(closed) == 1:
            chart, bar = closed[0]
            chart.take(bar)
            return
        for chart, bar in closed:
            chart.turn_to(bar)
        charts = tuple(chart for chart, _ in closed)
        order = self._orders.get(charts)
        if order is None:
            ranked = sorted((each for chart in charts for each in chart.ranked()), key=lambda each: each[0])
            order = self._orders[charts] = tuple(series for _, series in ranked)
        for series in order:
            series.update()
