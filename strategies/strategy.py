"""What a strategy in Python is: it reads series of its chart on a closed bar and says which side they are on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from indicators.series import Series
from market.bar import Bar
from signals.signal import Condition, Side


class Strategy(ABC):
    """A strategy for one symbol; it is asked only when every series it shows is ready.

    Its constructor takes the chart, and what its parameters in config.toml are called. What it raises ends its symbol
    until the next start. A whole file:

        from indicators.chart import Chart
        from indicators.ema import Ema
        from market.bar import Bar
        from signals.signal import Condition, Side
        from strategies.strategy import Strategy


        class AboveEma(Strategy):
            needs_volume = False

            def __init__(self, chart: Chart, length: int = 21) -> None:
                self.ema = chart.series(f"ema(close, {length})", lambda: Ema(chart.field("close"), length))
                super().__init__({f"ema{length}": self.ema})

            def side(self, bar: Bar) -> Side | None:
                return Side.LONG if bar.close > self.ema.value else None

            def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
                return (Condition("close > ema", bar.close, self.ema.value, bar.close > self.ema.value),)
    """

    __slots__ = ("shown",)
    needs_volume = True
    """A rule on volume or VWAP: it stays silent on a bar whose volume is incomplete."""

    def __init__(self, shown: Mapping[str, Series]) -> None:
        """`shown`: the series it reads, by the names that alerts and `debug` show them under."""
        self.shown = shown

    @abstractmethod
    def side(self, bar: Bar) -> Side | None:
        """The side whose entry conditions all hold on this closed bar, or None."""

    @abstractmethod
    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        """Each entry condition of that side with both values; all are `ok` exactly when `side(bar)` is that side."""
