"""The shipped strategy: price on one side of its averages and of VWAP."""

from indicators.ema import Ema
from indicators.indicator import Length
from indicators.vwap import Vwap
from market.bar import Bar
from signals.signal import Condition, Side
from strategies.strategy import Strategy


class EmaVwap(Strategy):
    """Long when the close is above every EMA and VWAP, short when it is below all of them."""

    __slots__ = ()

    def __init__(self, periods: tuple[Length, ...] = (9, 15, 55)) -> None:
        super().__init__(*map(Ema, periods), Vwap())

    def side(self, bar: Bar) -> Side | None:
        close = bar.close
        above = below = True
        for line in self.indicators:
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
                f"close {'>' if above else '<'} {line.label}",
                bar.close,
                line.value,
                bar.close > line.value if above else bar.close < line.value,
            )
            for line in self.indicators
        )
