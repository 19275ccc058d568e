"""Bands around the session's volume-weighted average price."""

from datetime import date
from math import nan, sqrt

from indicators.chart import Chart
from indicators.indicator import Factor, Indicator


class VwapBands(Indicator):
    """Session VWAP with bands (`upper`, `lower`) a multiple of the deviation around it, in rupees.

    The middle is `vwap`; the bands lie `factor` times the standard deviation of hlc3, weighted by volume, away:
    `sqrt(sum(volume * (hlc3 - vwap)**2) / sum(volume))` over the 1-minute bars of `bar.session`, on every timeframe.
    Starts over when the session changes; ready from the session's first bar that has volume.

    Source: TradingView's `ta.vwap` with `stdev_mult`, source hlc3, anchored to the session.
    """

    __slots__ = ("_chart", "_factor", "_session", "_squares", "_turnover", "_volume", "lower", "upper")
    outputs = ("upper", "lower")
    needs_volume = True
    of_minutes = True
    example = "close > vwap_bands(2).upper"

    def __init__(self, chart: Chart, factor: Factor = 1.0) -> None:
        super().__init__()
        self._chart, self._factor = chart, factor
        self._session: date | None = None
        self._turnover = self._squares = 0.0
        self._volume = 0
        self.upper = self.lower = nan

    def update(self) -> None:
        bar = self._chart.bar
        if bar.session != self._session:
            self._session, self._turnover, self._squares, self._volume = bar.session, 0.0, 0.0, 0
            self.value = self.upper = self.lower = nan
        volume = bar.volume
        if not volume:
            return
        price = (bar.high + bar.low + bar.close) / 3
        self._turnover += price * volume
        self._volume += volume
        vwap = self._turnover / self._volume
        if self._volume > volume:
            # The distances from the old and from the new average: unlike a difference of two sums of squares it keeps
            # its digits when the deviation is small beside the price.
            self._squares += volume * (price - self.value) * (price - vwap)
        width = self._factor * sqrt(max(self._squares, 0.0) / self._volume)
        self.value, self.upper, self.lower = vwap, vwap + width, vwap - width
