"""Aroon."""

from collections import deque
from math import nan

from indicators.chart import Chart
from indicators.indicator import Indicator, Length


class Aroon(Indicator):
    """How fresh the highest high is against the lowest low: the Aroon oscillator, `up - down`, from -100 to 100.

    `up = 100 * (length - bars since the highest high) / length` over the last `length + 1` bars, this one included;
    `down` likewise with the lowest low. Of equal highs the oldest counts, as with lows. Ready at bar `length + 1`.
    Runs on across days.

    Source: TradingView's Aroon (`ta.highestbars`); the oldest of equals settled against exported bar offsets.
    """

    __slots__ = ("_chart", "_highs", "_length", "_lows", "_seen", "down", "up")
    outputs = ("up", "down")
    example = "aroon(14).up crosses above aroon(14).down"

    def __init__(self, chart: Chart, length: Length = 14) -> None:
        super().__init__()
        self._chart, self._length = chart, length
        self._seen = -1
        # Only what may yet become the highest: number of the bar and its high, falling; lows rise likewise.
        self._highs: deque[tuple[int, float]] = deque()
        self._lows: deque[tuple[int, float]] = deque()
        self.up = self.down = nan

    @property
    def settles_after(self) -> int:
        return self._length + 1

    def update(self) -> None:
        bar, length = self._chart.bar, self._length
        high, low = bar.high, bar.low
        self._seen = seen = self._seen + 1
        highs, lows = self._highs, self._lows
        while highs and highs[-1][1] < high:
            highs.pop()
        highs.append((seen, high))
        while lows and lows[-1][1] > low:
            lows.pop()
        lows.append((seen, low))
        if seen < length:
            return
        oldest = seen - length
        if highs[0][0] < oldest:
            highs.popleft()
        if lows[0][0] < oldest:
            lows.popleft()
        self.up = up = 100 * (highs[0][0] - oldest) / length
        self.down = down = 100 * (lows[0][0] - oldest) / length
        self.value = up - down
