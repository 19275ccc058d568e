"""What reads volume against charts, TA-Lib and plain windows, and volume at the same time of other days."""

from datetime import timedelta
from math import isnan, nan

import numpy as np
import pytest
import talib

from indicators.accumulation import Accumulation
from indicators.mfi import Mfi
from indicators.money_flow import MoneyFlow
from indicators.obv import Obv
from indicators.relative_volume import RelativeVolume
from indicators.volume_average import VolumeAverage
from indicators.volume_ratio import VolumeRatio
from market.bar import Bar
from tests.factories import DAY, NEXT_DAY, bar, bars_at, chart
from tests.published import Make, bars_of, column, computed, rows


@pytest.fixture(scope="module")
def days() -> list[Bar]:
    return bars_of(rows("stock_quotes_default.csv"))


def arrays(bars: list[Bar], *names: str) -> list[np.ndarray]:
    return [np.array([getattr(each, name) for each in bars], float) for name in names]


def test_mfi_of_the_close_is_the_charts():
    published = rows("mfi+rsi+stoch.csv")
    ours = computed(lambda chart: Mfi(chart, chart.close, 14), bars_of(published))
    assert ours == pytest.approx(column("ta.mfi(close, 14)", published), rel=1e-9, nan_ok=True)


def test_mfi_is_talibs_once_the_first_bar_is_out_of_it(days: list[Bar]):
    theirs = talib.MFI(*arrays(days, "high", "low", "close", "volume"), 14)
    ours = computed(lambda chart: Mfi(chart, chart.field("hlc3"), 14), days)
    assert ours[14:] == pytest.approx(theirs[14:].tolist(), rel=1e-9)


def test_mfi_without_a_falling_bar_is_100_and_without_any_move_unknown():
    def mfi(closes: list[float]) -> float:
        return computed(lambda chart: Mfi(chart, chart.close, 3), bars_at(closes))[-1]

    assert mfi([1.0, 2.0, 3.0, 4.0]) == 100.0
    assert isnan(mfi([1.0, 1.0, 1.0, 1.0]))


def test_obv_is_talibs_but_for_the_first_bar(days: list[Bar]):
    close, volume = arrays(days, "close", "volume")
    assert computed(Obv, days) == (talib.OBV(close, volume) - volume[0]).tolist()


def test_accumulation_is_talibs(days: list[Bar]):
    theirs = talib.AD(*arrays(days, "high", "low", "close", "volume"))
    assert computed(Accumulation, days) == pytest.approx(theirs.tolist(), rel=1e-9)


def test_money_flow_is_talibs(days: list[Bar]):
    theirs = talib.CMF(*arrays(days, "high", "low", "close", "volume"), 20)
    assert computed(MoneyFlow, days) == pytest.approx(theirs.tolist(), rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("make", [Accumulation, lambda chart: MoneyFlow(chart, 3)])
def test_a_bar_without_range_moves_no_money(make: Make):
    assert computed(make, bars_at([100.0, 101.0, 102.0]))[-1] == 0.0


@pytest.mark.parametrize(
    "make",
    [lambda chart: MoneyFlow(chart, 3), lambda chart: Mfi(chart, chart.close, 3), lambda chart: VolumeRatio(chart, 3)],
)
def test_an_index_has_no_money_flow_and_no_volume_ratio(make: Make):
    assert all(isnan(value) for value in computed(make, bars_at([24_000.0, 24_001.0, 24_002.0, 24_003.0], volume=0)))


def test_average_volume_is_talibs(days: list[Bar]):
    (volume,) = arrays(days, "volume")
    theirs = talib.SMA(volume, 20)
    assert computed(VolumeAverage, days) == pytest.approx(theirs.tolist(), rel=1e-9, nan_ok=True)
    assert computed(VolumeRatio, days) == pytest.approx((volume / theirs).tolist(), rel=1e-9, nan_ok=True)


def test_average_volume_does_not_drift():
    huge, small = bars_at([1.0] * 3, volume=10**18), bars_at([1.0] * 3, volume=1)
    assert computed(lambda chart: VolumeAverage(chart, 3), [*huge, *small])[-1] == 1.0


# --- relative volume -----------------------------------------------------------------------------------------------


def week(*volumes: dict[str, int]) -> list[Bar]:
    """Days on end from Monday, each as volumes by time."""
    return [
        bar(clock, 100.0, volume=volume, day=DAY + timedelta(days=number))
        for number, day in enumerate(volumes)
        for clock, volume in day.items()
    ]


def relative(*volumes: dict[str, int], days: int = 2) -> list[float]:
    return computed(lambda chart: RelativeVolume(chart, days), week(*volumes))


def test_relative_volume_is_against_the_same_minutes_of_the_last_days():
    before = {"09:15": 1000, "09:16": 100}, {"09:15": 3000, "09:16": 300}
    assert relative(*before, {"09:15": 5000, "09:16": 100})[-2:] == [2.5, 0.5]


def test_older_days_do_not_count():
    assert relative({"09:15": 10**6}, {"09:15": 100}, {"09:15": 100}, {"09:15": 300})[-1] == 3.0


def test_relative_volume_waits_for_all_its_days():
    assert all(isnan(value) for value in relative({"09:15": 100}, {"09:15": 100}))
    assert relative({"09:15": 100}, {"09:15": 100}, days=1) == pytest.approx([nan, 1.0], nan_ok=True)


def test_a_minute_without_trades_on_another_day_counts_as_nothing_traded():
    silent = {"09:15": 500, "09:17": 500}
    assert relative(silent, {"09:15": 500, "09:16": 100, "09:17": 500}, {"09:16": 100})[-1] == 2.0


def test_what_is_not_known_of_another_day_is_left_out():
    late, early = {"09:17": 100, "09:18": 100}, {"09:15": 100, "09:16": 100}
    ours = relative(late, early, {"09:15": 300, "09:17": 200, "09:19": 500})[-3:]
    assert ours == pytest.approx([3.0, 2.0, nan], nan_ok=True)


def test_minutes_that_never_trade_have_no_relative_volume():
    never = {"09:15": 500, "09:17": 500}
    assert isnan(relative(never, never, {"09:16": 100})[-1])


def test_other_sessions_are_compared_from_their_open():
    # On the evening of Diwali 2025 trading began at 13:45.
    opened = {"09:15": 100, "09:16": 700}
    bars = [
        *[bar(clock, 1.0, volume=volume, day=DAY - timedelta(days=31)) for clock, volume in opened.items()],
        bar("13:46", 1.0, volume=1400, day=DAY - timedelta(days=27)),
    ]
    assert bars[-1].session.isoformat() == "2025-10-21"
    assert computed(lambda chart: RelativeVolume(chart, 1), bars)[-1] == 2.0


def test_relative_volume_remembers_days_of_its_timeframe():
    ours = chart(minutes=75)
    assert RelativeVolume(ours, 5).settles_after == 25
    assert VolumeAverage(ours, 20).settles_after == 20


def test_relative_volume_runs_over_a_change_of_day():
    assert (
        computed(
            lambda chart: RelativeVolume(chart, 1),
            [
                bar("15:29", 1.0, volume=10),
                bar("09:15", 1.0, volume=10, day=NEXT_DAY),
                bar("15:29", 1.0, volume=30, day=NEXT_DAY),
            ],
        )[-1]
        == 3.0
    )
