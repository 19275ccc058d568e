"""Candlestick patterns."""

from typing import Any, Literal, TypeAlias

from indicators.chart import Chart
from indicators.indicator import Indicator

PatternName: TypeAlias = Literal[
    "2CROWS", "3BLACKCROWS", "3INSIDE", "3LINESTRIKE", "3OUTSIDE", "3STARSINSOUTH", "3WHITESOLDIERS", "ABANDONEDBABY",
    "ADVANCEBLOCK", "BELTHOLD", "BREAKAWAY", "CLOSINGMARUBOZU", "CONCEALBABYSWALL", "COUNTERATTACK", "DARKCLOUDCOVER",
    "DOJI", "DOJISTAR", "DRAGONFLYDOJI", "ENGULFING", "EVENINGDOJISTAR", "EVENINGSTAR", "GAPSIDESIDEWHITE",
    "GRAVESTONEDOJI", "HAMMER", "HANGINGMAN", "HARAMI", "HARAMICROSS", "HIGHWAVE", "HIKKAKE", "HIKKAKEMOD",
    "HOMINGPIGEON", "IDENTICAL3CROWS", "INNECK", "INVERTEDHAMMER", "KICKING", "KICKINGBYLENGTH", "LADDERBOTTOM",
    "LONGLEGGEDDOJI", "LONGLINE", "MARUBOZU", "MATCHINGLOW", "MATHOLD", "MORNINGDOJISTAR", "MORNINGSTAR", "ONNECK",
    "PIERCING", "RICKSHAWMAN", "RISEFALL3METHODS", "SEPARATINGLINES", "SHOOTINGSTAR", "SHORTLINE", "SPINNINGTOP",
    "STALLEDPATTERN", "STICKSANDWICH", "TAKURI", "TASUKIGAP", "THRUSTING", "TRISTAR", "UNIQUE3RIVER",
    "UPSIDEGAP2CROWS", "XSIDEGAP3METHODS",
]  # fmt: skip
"""TA-Lib's candlestick patterns, without their `CDL`."""

_HISTORY = 15
"""Bars after which every pattern is what the whole history would give: they look back on 14 at most."""


class Pattern(Indicator):
    """Candlestick pattern by its TA-Lib name: above 0 when it shows and is bullish, below 0 when bearish, else 0.

    100 or -100; 80 or -80 for an engulfing or harami whose bodies share one end, 200 or -200 when later bars confirm a
    hikkake. What has no side, as a doji, is 100. Bodies and shadows are long or short by the bars before, as TA-Lib has
    them. Ready at bar 15, whichever the pattern. Runs on across days.

    Source: TA-Lib 0.8, its stream of each pattern.
    """

    __slots__ = ("_begin", "_chart", "_first", "_stream")
    example = 'pattern("ENGULFING") > 0'

    def __init__(self, chart: Chart, name: PatternName) -> None:
        super().__init__()
        from talib import stream  # it takes a while, and programs without patterns can do without

        self._chart = chart
        self._begin = getattr(stream, f"CDL{name}")
        self._first: list[tuple[float, float, float, float]] = []
        self._stream: Any = None

    @property
    def settles_after(self) -> int:
        return _HISTORY

    def update(self) -> None:
        bar = self._chart.bar
        if self._stream is not None:
            self.value = self._stream.update(bar.open, bar.high, bar.low, bar.close)
            return
        self._first.append((bar.open, bar.high, bar.low, bar.close))
        if len(self._first) == _HISTORY:
            from numpy import array

            self._stream = self._begin(*map(array, zip(*self._first, strict=True)))
            self.value = self._stream.value
            self._first.clear()
