"""Directional movement, Aroon, the parabolic stop and SuperTrend against charts, Lean, TA-Lib and plain lists."""

from collections.abc import Sequence
from itertools import islice, pairwise
from math import isnan, nan

import numpy as np
import pytest
import talib

from indicators.adx import Adx
from indicators.aroon import Aroon
from indicators.parabolic_sar import ParabolicSar
from indicators.supertrend import Supertrend
from market.bar import Bar
from tests.factories import bar, bars_at, real_bars
from tests.published import bars_of, column, computed, rows


@pytest.fixture(scope="module")
def days() -> list[Bar]:
    return bars_of(rows("stock_quotes_default.csv"))


@pytest.fixture(scope="module")
def years() -> list[Bar]:
    """Eight years of SPY, each price moved a little so that no two are the same."""
    noise = np.random.default_rng(7).normal(0, 1e-4, (2100, 4)).tolist()
    bars = bars_of(rows("spy_daily.csv.gz")[-2100:])
    for each, (open_, high, low, close) in zip(bars, noise, strict=True):
        each.open += open_
        each.close += close
        each.high = max(each.high + high, each.open, each.close)
        each.low = min(each.low + low, each.open, each.close)
    return bars


def arrays(bars: Sequence[Bar], *names: str) -> list[np.ndarray]:
    return [np.array([getattr(each, name) for each in bars], float) for name in names]


# --- ADX -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("output", "name"), [("value", "ADX 14"), ("plus", "+DI14"), ("minus", "-DI14")])
def test_adx_is_leans_to_the_digits_printed(output: str, name: str):
    published = rows("spy_with_adx.txt")
    ours = computed(lambda chart: Adx(chart, 14), bars_of(published), output, tick_size=0.0001)
    theirs = column(name, published)
    assert ours == pytest.approx(theirs, rel=0, abs=5e-5, nan_ok=True)
    assert next(number for number, value in enumerate(ours) if not isnan(value)) == (27 if output == "value" else 14)


def test_adx_is_talibs_once_its_other_seed_has_faded(years: list[Bar]):
    high, low, close = arrays(years, "high", "low", "close")
    for output, function in (("value", talib.ADX), ("plus", talib.PLUS_DI), ("minus", talib.MINUS_DI)):
        ours = computed(lambda chart: Adx(chart, 14), years, output, tick_size=1e-9)
        assert ours[280:] == pytest.approx(function(high, low, close, 14)[280:].tolist(), rel=1e-6)


def test_adx_smooths_over_another_length_when_told_so(days: list[Bar]):
    dx = [
        100 * abs(plus - minus) / (plus + minus)
        for plus, minus in zip(
            computed(lambda chart: Adx(chart, 10), days, "plus", tick_size=0.01),
            computed(lambda chart: Adx(chart, 10), days, "minus", tick_size=0.01),
            strict=True,
        )
    ]
    average = sum(dx[10:15]) / 5
    expected = [nan] * 14 + [average]
    for each in dx[15:]:
        average = (4 * average + each) / 5
        expected.append(average)
    ours = computed(lambda chart: Adx(chart, 10, 5), days, tick_size=0.01)
    assert ours == pytest.approx(expected, rel=1e-9, nan_ok=True)


def adx_in_ticks(bars: Sequence[Bar], length: int) -> list[float]:
    """ADX of prices as whole ticks of five paise: plain averages of integers, then Wilder's rule."""
    ticks = [tuple(round(price * 20) for price in (each.high, each.low, each.close)) for each in bars]
    moves = []
    for (last_high, last_low, last), (high, low, _) in pairwise(ticks):
        up, down = high - last_high, last_low - low
        moves.append(
            (up if up > max(down, 0) else 0, down if down > max(up, 0) else 0, max(high, last) - min(low, last))
        )
    plus, minus, spans = [wilder(each, length) for each in zip(*moves, strict=True)]
    dx = [
        100 * abs(up - down) / (up + down) if up + down else 0.0
        for up, down, span in zip(plus, minus, spans, strict=True)
        if span
    ]
    return wilder(dx, length)


def wilder(values: Sequence[float], length: int) -> list[float]:
    averages = [sum(values[:length]) / length]
    for each in values[length:]:
        averages.append((averages[-1] * (length - 1) + each) / length)
    return averages


def test_adx_of_stocks_by_the_minute_is_that_of_whole_ticks():
    ties = 0
    for bars in islice(real_bars().values(), 0, 160, 16):
        expected = adx_in_ticks(bars, 14)
        assert computed(Adx, bars)[-len(expected) :] == pytest.approx(expected, rel=1e-9)
        ties += sum(
            round(20 * (now.high - last.high)) == round(20 * (last.low - now.low)) > 0 for last, now in pairwise(bars)
        )
    assert ties > 20  # where floats would have found one of the moves larger


def test_a_move_as_large_up_as_down_counts_as_neither():
    # In floats the high moves by 0.10000000000000853 and the low by 0.09999999999999432.
    first, second = bar("09:15", 100.0, 100.2, 99.9, 100.0), bar("09:16", 100.0, 100.3, 99.8, 100.0)
    assert second.high - first.high != first.low - second.low
    assert computed(lambda chart: Adx(chart, 1), [first, second], "plus")[-1] == 0.0
    assert computed(lambda chart: Adx(chart, 1), [first, second], "minus")[-1] == 0.0


def test_a_stock_locked_at_one_price_has_no_direction():
    for output in ("value", "plus", "minus"):
        assert all(isnan(value) for value in computed(lambda chart: Adx(chart, 3), bars_at([100.0] * 20), output))


def test_a_trend_without_a_step_back_has_an_adx_of_100():
    assert computed(lambda chart: Adx(chart, 3), bars_at([100.0 + number for number in range(20)]))[-1] == 100.0


# --- Aroon ---------------------------------------------------------------------------------------------------------


def test_aroon_counts_back_as_the_chart_does():
    published = rows("highest+lowest.csv")
    bars = bars_of(published)
    for output, name in (("up", "ta.highestbars(10)"), ("down", "ta.lowestbars(10)")):
        ours = computed(lambda chart: Aroon(chart, 9), bars, output)
        assert ours == pytest.approx([100 * (9 + back) / 9 for back in column(name, published)], rel=1e-9, nan_ok=True)


def test_aroon_is_talibs_where_no_two_highs_are_the_same(years: list[Bar]):
    down, up = talib.AROON(*arrays(years, "high", "low"), 14)
    for output, theirs in (("up", up), ("down", down), ("value", up - down)):
        ours = computed(lambda chart: Aroon(chart, 14), years, output)
        assert ours == pytest.approx(theirs.tolist(), rel=1e-9, abs=1e-9, nan_ok=True)


def test_the_oldest_of_equal_highs_counts():
    bars = bars_at([1.0, 3.0, 3.0, 2.0])
    assert computed(lambda chart: Aroon(chart, 2), bars, "up")[2:] == [50.0, 0.0]


# --- parabolic SAR -------------------------------------------------------------------------------------------------


def plain_sar(bars: Sequence[Bar], start: float = 0.02, increment: float = 0.02, maximum: float = 0.2) -> list[float]:
    """The stop by its definition, over lists: one list for each trend, its extreme and speed found anew each bar."""
    highs, lows = [each.high for each in bars], [each.low for each in bars]
    rising = bars[1].close > bars[0].close
    stop, begun = (lows if rising else highs)[0], 1
    stops = [nan]
    for now in range(1, len(bars)):
        # Extremes of the trend before this bar; its first bar's own extreme does not speed it up.
        before = (highs if rising else lows)[begun : max(now, begun + 1)]
        best = [(max if rising else min)(before[: number + 1]) for number in range(len(before))]
        steps = sum(later != earlier for earlier, later in pairwise(best))
        stop += min(start + steps * increment, maximum) * (best[-1] - stop)
        if stop > lows[now] if rising else stop < highs[now]:
            # On the first bar of all, the trend that ends has no bar but this.
            stop = max(highs[now], best[-1]) if rising else min(lows[now], best[-1])
            rising, begun = not rising, now
        last_two = slice(max(now - 2, 0), now)
        stop = min(stop, *lows[last_two]) if rising else max(stop, *highs[last_two])
        stops.append(stop)
    return stops


@pytest.mark.parametrize("parameters", [(0.02, 0.02, 0.2), (0.05, 0.01, 0.1)])
def test_the_parabolic_stop_follows_its_definition(years: list[Bar], days: list[Bar], parameters: tuple[float, ...]):
    for bars in (years[:700], days):
        ours = computed(lambda chart: ParabolicSar(chart, *parameters), bars)
        assert ours == pytest.approx(plain_sar(bars, *parameters), rel=1e-9, nan_ok=True)


def test_the_parabolic_stop_is_mostly_talibs(years: list[Bar]):
    # Wilder's book and TA-Lib keep the stop out of the last two ranges before they look whether it was hit, TradingView
    # after it: a few trends turn a bar earlier or later, and then both go on as one again.
    theirs = talib.SAR(*arrays(years, "high", "low"), 0.02, 0.2)
    ours = np.array(computed(ParabolicSar, years))
    assert np.isclose(ours, theirs, rtol=1e-9, atol=0).mean() > 0.9


# --- SuperTrend ----------------------------------------------------------------------------------------------------


def test_supertrend_is_the_charts():
    published = rows("supertrend.csv")
    bars = bars_of(published)
    up, down = column("ta.supertrend(3, 10).up", published), column("ta.supertrend(3, 10).down", published)
    down[0] = nan  # the export has a zero there
    line = [below if isnan(above) else above for above, below in zip(up, down, strict=True)]
    assert computed(lambda chart: Supertrend(chart, 10, 3.0), bars) == pytest.approx(line, rel=1e-9, nan_ok=True)
    sides = [nan if isnan(value) else -1 if isnan(above) else 1 for above, value in zip(up, line, strict=True)]
    ours = computed(lambda chart: Supertrend(chart, 10, 3.0), bars, "direction")
    assert ours == pytest.approx(sides, nan_ok=True)
    assert {-1, 1} <= set(sides)


def test_supertrend_turns_602_times_as_the_exported_strategy_does():
    bars = bars_of(rows("strategy_EURUSD_60m_ohlcv.csv.gz"))
    directions = computed(Supertrend, bars, "direction")[9:]
    assert len(bars) == 23_054
    assert sum(before != now for before, now in pairwise(directions)) == 602


def test_supertrend_is_talibs_once_both_have_turned(years: list[Bar]):
    line, direction = talib.SUPERTREND(*arrays(years, "high", "low", "close"), 10, 3.0)
    assert computed(Supertrend, years)[300:] == pytest.approx(line[300:].tolist(), rel=1e-6)
    assert computed(Supertrend, years, "direction")[300:] == direction[300:].tolist()


def test_supertrend_of_a_stock_locked_at_one_price_lies_on_it():
    bars = bars_at([100.0] * 20)
    assert computed(Supertrend, bars)[9:] == [100.0] * 11
    assert computed(Supertrend, bars, "direction")[9:] == [-1] * 11
