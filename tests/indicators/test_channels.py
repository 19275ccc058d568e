"""Bands and channels against charts, Lean, Stock.Indicators, TA-Lib and plain windows."""

from datetime import date, timedelta
from itertools import pairwise
from math import isnan, nan, sqrt

import numpy as np
import pytest
import talib

from indicators.bollinger import Bollinger
from indicators.donchian import Donchian
from indicators.keltner import Keltner
from indicators.vwap import Vwap
from indicators.vwap_bands import VwapBands
from market.bar import Bar
from tests.factories import NEXT_DAY, bar, bars_at, real_bars
from tests.published import Row, bars_of, column, computed, rows


@pytest.fixture(scope="module")
def days() -> list[Bar]:
    return bars_of(rows("stock_quotes_default.csv"))


def array(bars: list[Bar], name: str) -> np.ndarray:
    return np.array([getattr(each, name) for each in bars], float)


# --- Bollinger -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "name", "tolerance"),
    [
        ("value", "Moving Average 20", 6.1e-5),
        ("upper", "Bollinger Bands® 20 2 Top", 6.1e-5),
        ("lower", "Bollinger Bands® 20 2 Bottom", 6.1e-5),
        ("width", "BandWidth", 1.1e-4),
        ("percent_b", "%B", 6.4e-5),
    ],
)
def test_bollinger_is_leans_to_the_digits_printed(output: str, name: str, tolerance: float):
    published = rows("spy_bollinger_bands.txt")
    ours = computed(lambda chart: Bollinger(chart.close), bars_of(published), output)
    assert ours == pytest.approx(column(name, published), rel=0, abs=tolerance, nan_ok=True)


def test_bollinger_is_talibs(days: list[Bar]):
    for output, theirs in zip(
        ("upper", "value", "lower"), talib.BBANDS(array(days, "close"), 20, 2.5, 2.5), strict=True
    ):
        ours = computed(lambda chart: Bollinger(chart.close, 20, 2.5), days, output)
        assert ours == pytest.approx(theirs.tolist(), rel=1e-9, nan_ok=True)


def test_bands_of_a_flat_price_are_one_and_the_price_lies_nowhere_between():
    bars = bars_at([0.1 * 3] * 25)
    assert computed(lambda chart: Bollinger(chart.close), bars, "width")[-1] == 0.0
    assert isnan(computed(lambda chart: Bollinger(chart.close), bars, "percent_b")[-1])


# --- Keltner -------------------------------------------------------------------------------------------------------


def test_the_middle_of_keltner_is_stock_indicators(days: list[Bar]):
    ours = computed(lambda chart: Keltner(chart, chart.close), days)
    assert ours == pytest.approx(column("centerline", rows("stock_keltner.csv")), rel=1e-9, nan_ok=True)


def test_keltners_bands_lie_two_averages_of_the_true_range_away(days: list[Bar]):
    ranges = [max(now.high, last.close) - min(now.low, last.close) for last, now in pairwise(days)]
    average = sum(ranges[:20]) / 20
    averages = [average]
    for each in ranges[20:]:
        average += (each - average) * 2 / 21
        averages.append(average)
    middle = np.array(computed(lambda chart: Keltner(chart, chart.close), days))
    for output, sign in (("upper", 2), ("lower", -2)):
        ours = computed(lambda chart: Keltner(chart, chart.close), days, output)
        expected = middle + sign * np.array([nan] * 20 + averages)
        assert ours == pytest.approx(expected.tolist(), rel=1e-9, nan_ok=True)


# --- Donchian ------------------------------------------------------------------------------------------------------


def test_donchian_is_stock_indicators_a_bar_earlier(days: list[Bar]):
    published = rows("stock_donchian.csv")  # theirs leaves out the current bar
    for output, name in (("upper", "upperBand"), ("value", "centerline"), ("lower", "lowerBand")):
        ours = computed(Donchian, days, output)
        assert [nan, *ours[:-1]] == pytest.approx(column(name, published), rel=1e-9, nan_ok=True)


def test_donchian_is_talibs(days: list[Bar]):
    theirs = talib.DONCHIAN(array(days, "high"), array(days, "low"), 55)
    for output, line in zip(("upper", "value", "lower"), theirs, strict=True):
        ours = computed(lambda chart: Donchian(chart, 55), days, output)
        assert ours == pytest.approx(line.tolist(), rel=1e-9, nan_ok=True)


# --- VWAP bands ----------------------------------------------------------------------------------------------------

ANCHORED = "ta.vwap(close, timeframe.change(&quot;360&quot;), 2.0)"


def anchored(published: list[Row]) -> list[Bar]:
    """Flat bars at the close, for that is the source in the file; each six hours of its day are a session."""
    opened: dict[date, int] = {}
    found = []
    for each in bars_of(published):
        span = (each.start_ms - opened.setdefault(each.session, each.start_ms)) // 21_600_000
        session = each.session + timedelta(days=365 * span)
        close = each.close
        found.append(Bar(each.start_ms, each.end_ms, session, close, close, close, close, each.volume))
    return found


@pytest.mark.parametrize(("output", "name"), [("value", "vwap"), ("upper", "upper_band"), ("lower", "lower_band")])
def test_vwap_bands_are_the_charts(output: str, name: str):
    published = rows("vwap.csv")
    theirs = column(f"{ANCHORED}.{name}", published)
    ours = computed(lambda chart: VwapBands(chart, 2.0), anchored(published), output)
    first = next(number for number, value in enumerate(theirs) if not isnan(value))
    assert first < 30  # the chart has none before the first whole span
    assert ours[first:] == pytest.approx(theirs[first:], rel=1e-9)


def test_the_middle_of_the_bands_is_vwap():
    bars = real_bars()["NSE:TCS"]
    assert computed(VwapBands, bars) == computed(Vwap, bars)


def test_vwap_bands_keep_their_digits_where_the_deviation_is_small_beside_the_price():
    bars = bars_at([1_000_000.0, 1_000_000.05, 1_000_000.0, 1_000_000.05], volume=3)
    assert computed(VwapBands, bars, "upper")[-1] - computed(VwapBands, bars)[-1] == pytest.approx(0.025, rel=1e-6)


def test_vwap_bands_start_over_each_session_and_wait_for_volume():
    bars = [
        bar("15:28", 100.0, volume=10),
        bar("15:29", 110.0, volume=10),
        bar("09:15", 50.0, volume=0, day=NEXT_DAY),
        bar("09:16", 60.0, volume=10, day=NEXT_DAY),
    ]
    assert computed(VwapBands, bars, "upper") == pytest.approx([100.0, 105 + sqrt(25), nan, 60.0], nan_ok=True)
