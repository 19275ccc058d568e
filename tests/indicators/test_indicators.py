"""When indicators are ready, and what they start over with."""

from math import isnan

import pytest

from indicators.atr import Atr
from indicators.ema import Ema
from indicators.vwap import Vwap
from tests.factories import NEXT_DAY, bar, bars_at


def test_an_ema_is_ready_with_the_mean_of_its_first_closes():
    ema = Ema(3)
    for each in bars_at([1.0, 2.0]):
        ema.update(each)
        assert not ema.ready
        assert isnan(ema.value)
    ema.update(bar("09:17", 6.0))
    assert ema.ready
    assert ema.value == 3.0
    ema.update(bar("09:18", 5.0))
    assert ema.value == 4.0  # half of the new, half of the old


def test_an_ema_of_one_bar_is_the_close():
    ema = Ema(1)
    for close in (100.0, 90.0):
        ema.update(bar("09:15", close))
        assert (ema.ready, ema.value) == (True, close)


def test_ema_and_atr_run_on_across_days():
    ema, atr = Ema(2), Atr(2)
    for each in (bar("15:29", 100.0), bar("09:15", 110.0, day=NEXT_DAY)):
        ema.update(each)
        atr.update(each)
    assert ema.value == 105.0
    assert atr.value == 5.0  # no range, then the gap of 10


def test_the_true_range_reaches_to_the_close_before():
    atr = Atr(1)
    ranges = []
    for each in (bar("09:15", 100.0, 103.0, 99.0, 102.0), bar("09:16", 105.0, 106.0, 104.0, 104.5), bar("09:17", 90.0)):
        atr.update(each)
        ranges.append(atr.value)
    assert ranges == [4.0, 4.0, 14.5]


def test_a_stock_locked_at_one_price_has_an_atr_of_nothing():
    atr = Atr(14)
    for each in bars_at([100.0] * 20):
        atr.update(each)
    assert (atr.ready, atr.value) == (True, 0.0)


def test_vwap_weighs_the_typical_price_by_volume():
    vwap = Vwap()
    vwap.update(bar("09:15", 100.0, 104.0, 96.0, 103.0, 100))
    assert vwap.value == 101.0
    vwap.update(bar("09:16", 110.0, volume=300))
    assert vwap.value == pytest.approx((101.0 * 100 + 110.0 * 300) / 400)


def test_vwap_starts_over_each_session():
    vwap = Vwap()
    vwap.update(bar("15:29", 100.0, volume=5000))
    vwap.update(bar("09:15", 200.0, volume=10, day=NEXT_DAY))
    assert vwap.value == 200.0


def test_vwap_is_not_ready_before_the_sessions_first_volume():
    vwap = Vwap()
    vwap.update(bar("15:29", 100.0, volume=5000))
    vwap.update(bar("09:15", 200.0, volume=0, day=NEXT_DAY))
    assert not vwap.ready
    assert isnan(vwap.value)
    vwap.update(bar("09:16", 201.0, volume=10, day=NEXT_DAY))
    assert (vwap.ready, vwap.value) == (True, 201.0)


def test_an_index_never_has_a_vwap():
    vwap = Vwap()
    for each in bars_at([24_000.0] * 100, volume=0):
        vwap.update(each)
    assert not vwap.ready


def test_indicators_are_named_as_alerts_show_them_and_rules_write_them():
    assert [(each.name, each.label) for each in (Ema(9), Atr(14), Vwap())] == [
        ("ema9", "ema(9)"),
        ("atr14", "atr(14)"),
        ("vwap", "vwap"),
    ]
