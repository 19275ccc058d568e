"""When indicators are ready, what they run on over and what they start over with, and bars that have no answer."""

from collections.abc import Callable
from math import isnan, nan

import pytest

from indicators.atr import Atr
from indicators.cci import Cci
from indicators.correlation import Correlation
from indicators.deviation import Deviation
from indicators.efficiency_ratio import EfficiencyRatio
from indicators.ema import Ema
from indicators.highest import Highest
from indicators.kama import Kama
from indicators.lowest import Lowest
from indicators.rma import Rma
from indicators.roc import Roc
from indicators.rsi import Rsi
from indicators.series import Given, Series
from indicators.slope import Slope
from indicators.sma import Sma
from indicators.stochastic import Stochastic
from indicators.true_range import TrueRange
from indicators.vwap import Vwap
from indicators.vwma import Vwma
from indicators.williams_r import WilliamsR
from tests.factories import NEXT_DAY, bar, bars_at
from tests.published import computed


def test_an_ema_is_ready_with_the_mean_of_its_first_closes():
    values = computed(lambda chart: Ema(chart.close, 3), bars_at([1.0, 2.0, 6.0, 5.0]))
    assert values == pytest.approx([nan, nan, 3.0, 4.0], nan_ok=True)  # then half of the new, half of the old


def test_an_ema_of_one_bar_is_the_close():
    assert computed(lambda chart: Ema(chart.close, 1), bars_at([100.0, 90.0])) == [100.0, 90.0]


def test_ema_and_atr_run_on_across_days():
    bars = (bar("15:29", 100.0), bar("09:15", 110.0, day=NEXT_DAY))
    assert computed(lambda chart: Ema(chart.close, 2), bars)[-1] == 105.0
    assert computed(lambda chart: Atr(chart, 2), bars)[-1] == 5.0  # no range, then the gap of 10


def test_the_true_range_reaches_to_the_close_before():
    bars = (bar("09:15", 100.0, 103.0, 99.0, 102.0), bar("09:16", 105.0, 106.0, 104.0, 104.5), bar("09:17", 90.0))
    assert computed(TrueRange, bars) == [4.0, 4.0, 14.5]
    assert computed(lambda chart: Atr(chart, 1), bars) == [4.0, 4.0, 14.5]


def test_vwap_weighs_the_typical_price_by_volume():
    values = computed(Vwap, (bar("09:15", 100.0, 104.0, 96.0, 103.0, 100), bar("09:16", 110.0, volume=300)))
    assert values == pytest.approx([101.0, (101.0 * 100 + 110.0 * 300) / 400])


def test_vwap_starts_over_each_session():
    bars = (bar("15:29", 100.0, volume=5000), bar("09:15", 200.0, volume=10, day=NEXT_DAY))
    assert computed(Vwap, bars) == [100.0, 200.0]


def test_vwap_is_not_ready_before_the_sessions_first_volume():
    bars = (
        bar("15:29", 100.0, volume=5000),
        bar("09:15", 200.0, volume=0, day=NEXT_DAY),
        bar("09:16", 201.0, volume=10, day=NEXT_DAY),
    )
    assert computed(Vwap, bars) == pytest.approx([100.0, nan, 201.0], nan_ok=True)


def test_an_index_never_has_a_vwap():
    assert all(map(isnan, computed(Vwap, bars_at([24_000.0] * 100, volume=0))))


def test_a_stock_locked_at_one_price_has_no_range_and_no_deviation_and_goes_nowhere():
    # 0.1 thrice is not 0.3: what is exactly nothing must not be left to rounding.
    locked = bars_at([100.1] * 20)
    for make in (
        lambda chart: Atr(chart, 14),
        lambda chart: Deviation(chart.close, 7),
        lambda chart: Slope(chart.close, 7),
        lambda chart: EfficiencyRatio(chart.close, 7),
    ):
        assert computed(make, locked)[-1] == 0.0


def test_a_stock_locked_at_one_price_has_no_place_in_its_range():
    locked = bars_at([100.1] * 20)
    for make in (
        lambda chart: Rsi(chart.close, 7),
        lambda chart: Stochastic(chart, 7),
        lambda chart: WilliamsR(chart, 7),
        lambda chart: Cci(chart.field("hlc3"), 7),
        lambda chart: Correlation(chart.close, chart.high, 7),
    ):
        assert isnan(computed(make, locked)[-1])


def test_a_kama_of_a_locked_stock_is_its_price():
    assert computed(lambda chart: Kama(chart.close), bars_at([100.1] * 20))[-1] == 100.1


def test_rsi_is_100_of_rises_alone_and_0_of_falls_alone():
    assert computed(lambda chart: Rsi(chart.close, 3), bars_at([1.0, 2.0, 3.0, 4.0]))[-1] == 100
    assert computed(lambda chart: Rsi(chart.close, 3), bars_at([4.0, 3.0, 2.0, 1.0]))[-1] == 0


def test_a_bar_without_range_counts_in_no_average_of_the_stochastic():
    bars = [bar("09:15", 5.0, 10.0, 0.0, 8.0), bar("09:16", 5.0), bar("09:17", 5.0, 10.0, 0.0, 4.0)]
    assert computed(lambda chart: Stochastic(chart, 1, 2), bars) == pytest.approx([nan, nan, 60.0], nan_ok=True)


def test_an_average_without_volume_is_not_known():
    bars = [*bars_at([100.0, 102.0], volume=0), *bars_at([104.0, 108.0], "09:17", volume=300)]
    values = computed(lambda chart: Vwma(chart, chart.close, 2), bars)
    assert values == pytest.approx([nan, nan, 104.0, 106.0], nan_ok=True)


def test_a_change_from_nothing_has_no_percentage():
    assert computed(lambda chart: Roc(chart.close, 1), bars_at([0.0, 5.0, 6.0]))[1:] == pytest.approx(
        [nan, 20.0], nan_ok=True
    )


def test_the_highest_is_found_again_when_it_leaves_even_among_equals():
    closes = [3.0, 5.0, 5.0, 1.0, 2.0, 0.0, 0.0]
    bars = bars_at(closes)
    for length in (1, 2, 3):
        windows = [closes[max(0, end - length) : end] for end in range(length, len(closes) + 1)]
        assert computed(lambda chart: Highest(chart.high, length), bars)[length - 1 :] == list(map(max, windows))  # noqa: B023 - called at once
        assert computed(lambda chart: Lowest(chart.low, length), bars)[length - 1 :] == list(map(min, windows))  # noqa: B023 - called at once


@pytest.mark.parametrize(
    "make",
    [
        lambda source: Sma(source, 2),
        lambda source: Rma(source, 2),
        lambda source: Ema(source, 2),
        lambda source: Rsi(source, 2),
        lambda source: Highest(source, 2),
        lambda source: Kama(source, 2),
        lambda source: EfficiencyRatio(source, 2),
        lambda source: Deviation(source, 2),
    ],
)
def test_a_bar_without_a_source_is_passed_over(make: Callable[[Series], Series]):
    with_holes, without = Given(), Given()
    one, other = make(with_holes), make(without)
    for value in (nan, 3.0, nan, 5.0, 4.0, nan, nan, 7.0, 6.5):
        with_holes.value = value
        one.update()
        if isnan(value):
            assert isnan(one.value)
        else:
            without.value = value
            other.update()
            assert one.value == pytest.approx(other.value, nan_ok=True)
    assert one.ready
