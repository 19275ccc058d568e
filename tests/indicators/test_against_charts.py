"""Our numbers against those of TradingView's charts, from the first value on."""

from itertools import pairwise
from math import isnan

import pytest

from indicators.atr import Atr
from indicators.chart import Chart
from indicators.ema import Ema
from indicators.highest import Highest
from indicators.hma import Hma
from indicators.lowest import Lowest
from indicators.macd import Macd
from indicators.rma import Rma
from indicators.rsi import Rsi
from indicators.series import Series
from indicators.sma import Sma
from indicators.stochastic import Stochastic
from indicators.true_range import TrueRange
from indicators.vwap import Vwap
from indicators.vwma import Vwma
from indicators.wma import Wma
from market.bar import Bar
from tests.published import bars_of, column, computed, rows


class Hlcc4(Series):
    """A source that we have no name for."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.chart = chart

    def update(self) -> None:
        bar = self.chart.bar
        self.value = (bar.high + bar.low + 2 * bar.close) / 4


def hlcc4(chart: Chart) -> Series:
    return chart.series("hlcc4", lambda: Hlcc4(chart))


AVERAGES = {
    "ta.sma(close, 10)": lambda chart: Sma(chart.close, 10),
    "ta.sma(hl2, 20)": lambda chart: Sma(chart.field("hl2"), 20),
    "ta.sma(hlc3, 15)": lambda chart: Sma(chart.field("hlc3"), 15),
    "ta.ema(close, 20)": lambda chart: Ema(chart.close, 20),
    "ta.ema(ohlc4, 10)": lambda chart: Ema(chart.field("ohlc4"), 10),
    "ta.rma(hlcc4, 5)": lambda chart: Rma(hlcc4(chart), 5),
    "ta.rma(high, 15)": lambda chart: Rma(chart.high, 15),
    "ta.wma(close, 5)": lambda chart: Wma(chart.close, 5),
    "ta.wma(close, 20)": lambda chart: Wma(chart.close, 20),
    "ta.hma(close, 9)": lambda chart: Hma(chart.close, 9),
    "ta.hma(close, 20)": lambda chart: Hma(chart.close, 20),
    "ta.vwma(close, 20)": lambda chart: Vwma(chart, chart.close, 20),
}
EXTREMES = {
    "ta.highest(10)": lambda chart: Highest(chart.high, 10),
    "ta.highest(close, 10)": lambda chart: Highest(chart.close, 10),
    "ta.lowest(10)": lambda chart: Lowest(chart.low, 10),
    "ta.lowest(close, 10)": lambda chart: Lowest(chart.close, 10),
}
RANGES = {
    "ta.tr(true)": TrueRange,
    "ta.atr(14)": lambda chart: Atr(chart, 14),
}
OSCILLATORS = {
    "ta.rsi(close, 14)": lambda chart: Rsi(chart.close, 14),
    "ta.stoch(close, high, low, 20)": lambda chart: Stochastic(chart, 20),
}
FILES = {
    "ma.csv": AVERAGES,
    "highest+lowest.csv": EXTREMES,
    "tr.csv": RANGES,
    "mfi+rsi+stoch.csv": OSCILLATORS,
}


@pytest.mark.parametrize(("file", "name"), [(file, name) for file, made in FILES.items() for name in made])
def test_an_indicator_is_the_charts(file: str, name: str):
    published = rows(file)
    ours = computed(FILES[file][name], bars_of(published))
    theirs = column(name, published)
    assert not isnan(theirs[-1])
    assert ours == pytest.approx(theirs, rel=1e-9, nan_ok=True)


@pytest.mark.parametrize(("output", "theirs"), [("value", "macd"), ("signal", "signal"), ("histogram", "hist")])
def test_macd_is_the_charts(output: str, theirs: str):
    published = rows("macd.csv")
    ours = computed(lambda chart: Macd(chart.close, 12, 26, 9), bars_of(published), output)
    # Differences of prices of about 1: what is left of them has that many digits less.
    assert ours == pytest.approx(
        column(f"ta.macd(close, 12, 26, 9).{theirs}", published), rel=1e-9, abs=1e-14, nan_ok=True
    )


def test_vwap_is_the_charts_over_several_days():
    published = rows("vwap.csv")
    bars = bars_of(published)
    assert len({bar.session for bar in bars}) == 4
    # Theirs is of the close: bars that have but their close have it as their typical price too.
    flat = [
        Bar(bar.start_ms, bar.end_ms, bar.session, bar.close, bar.close, bar.close, bar.close, bar.volume)
        for bar in bars
    ]
    assert computed(Vwap, flat) == pytest.approx(column("ta.vwap(close)", published), rel=1e-9)


def test_rsi_crossing_30_and_70_gives_all_entries_of_the_exported_strategy():
    bars = bars_of(rows("strategy_EURUSD_60m_ohlcv.csv.gz"))
    rsi = computed(lambda chart: Rsi(chart.close, 14), bars)
    ours, held = [], ""
    for before, now, entered in zip(rsi, rsi[1:], bars[2:], strict=False):
        side = "Entry long" if before <= 30 < now else "Entry short" if before >= 70 > now else held
        # A position is only ever reversed, at the open of the bar after the crossing.
        if side != held:
            ours.append((side, entered.start_ms, entered.open))
        held = side
    theirs = [
        (row["Type"], int(row["Date/Time"]) * 1000, row["Price USD"])
        for row in rows("strategy_rsi_trades.csv", texts=("Type",))
        if row["Type"].startswith("Entry")
    ]
    assert len(theirs) == 194
    assert ours == theirs


def test_macd_crossing_its_signal_gives_as_many_entries_as_the_strategy_on_the_same_bars():
    bars = bars_of(rows("strategy_EURUSD_60m_ohlcv.csv.gz"))
    histogram = computed(lambda chart: Macd(chart.close, 12, 26, 9), bars, "histogram")
    assert sum((before > 0) != (after > 0) for before, after in pairwise(histogram) if not isnan(before)) == 1808
