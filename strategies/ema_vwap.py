"""The shipped strategy: price on one side of its averages and of VWAP."""

from indicators.chart import Chart
from indicators.ema import Ema
from indicators.indicator import Indicator, Length
from indicators.vwap import Vwap
from market.bar import Bar
from signals.signal import Condition, Side
from strategies.strategy import Strategy


class EmaVwap(Strategy):
    """Long when the close is above every EMA and VWAP, short when it is below all of them."""

    __slots__ = ()

    def __init__(self, chart: Chart, periods: tuple[Length, ...] = (9, 15, 55)) -> None:
        lines: dict[str, Indicator] = {f"ema{n}": chart.series(f"ema(close, {n})", lambda n=n: Ema(chart.close, n)) for n in periods}
        super().__init__(lines | {"vwap": chart.series("vwap", lambda: Vwap(chart))})

    def side(self, bar: Bar) -> Side | None:
        close = bar.close
        above = below = True
        for line in self.shown.values():
            if close <= line.value:
                above = False
            if close >= line.value:
                below = False
        if above:
            return Side.LONG
        return Side.SHORT if below else None

    def conditions(self, bar: Bar, side: Side) -> tuple[Condition, ...]:
        above = side is Side.LONG
        return tuple(
            Condition(
                f"close {'>' if above else '<'} {name}",
                bar.close,
                line.value,
                bar.close > line.value if above else bar.close < line.value,
            )
            for name, line in self.shown.items()
        )
