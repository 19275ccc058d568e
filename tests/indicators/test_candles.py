"""Doji by body and range, and TA-Lib's patterns bar by bar."""

import subprocess
import sys
from functools import partial
from itertools import islice
from math import isnan
from typing import get_args

import numpy as np
import pytest
import talib

from indicators.doji import Doji
from indicators.pattern import Pattern, PatternName
from market.bar import Bar
from tests.factories import bar, bars_at, real_bars
from tests.published import bars_of, column, computed, rows

NAMES = get_args(PatternName)


def doji(share: float, *bars: Bar) -> list[float]:
    return computed(lambda chart: Doji(chart, share), bars)


def test_a_doji_is_a_body_of_less_than_its_share_of_the_range():
    bodies = [row["candle.bodyPct"] for row in rows("stock_doji.csv")]
    days = bars_of(rows("stock_quotes_default.csv"))
    ours = computed(lambda chart: Doji(chart, 0.1), days, tick_size=0.01)
    assert ours == [1.0 if share < 0.1 else 0.0 for share in bodies]
    assert 50 < sum(ours) < 70


def test_a_body_of_exactly_the_share_is_no_doji():
    exactly = bar("09:15", 100.0, 100.6, 99.6, 100.1)  # in floats a body of 0.0999
    assert abs(exactly.close - exactly.open) < 0.1 * (exactly.high - exactly.low)
    assert doji(0.1, exactly, bar("09:15", 100.0, 100.6, 99.6, 100.05)) == [0.0, 1.0]


def test_a_bar_without_range_is_a_doji():
    assert doji(0.1, *bars_at([100.0])) == [1.0]


# --- patterns ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stocks() -> list[tuple[Bar, ...]]:
    """A few stocks by the minute."""
    return list(islice(real_bars().values(), 0, 160, 40))


def arrays(bars: tuple[Bar, ...]) -> list[np.ndarray]:
    return [np.array([getattr(each, name) for each in bars]) for name in ("open", "high", "low", "close")]


def test_the_patterns_are_talibs():
    assert [f"CDL{name}" for name in NAMES] == sorted(talib.get_function_groups()["Pattern Recognition"])
    assert len(NAMES) == 61


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_bar_by_bar_is_that_of_the_whole_history(stocks: list[tuple[Bar, ...]], name: PatternName):
    for bars in stocks:
        ours = computed(partial(Pattern, name=name), bars)
        assert ours[14:] == getattr(talib, f"CDL{name}")(*arrays(bars))[14:].tolist()
        assert all(isnan(value) for value in ours[:14])


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_is_leans_but_for_those_that_talib_has_changed(name: PatternName):
    published = rows("spy_candle_patterns.txt.gz")
    ours = computed(partial(Pattern, name=name), bars_of(published))
    theirs = column(f"CDL{name}", published)
    other = [
        number for number in range(14, len(ours)) if theirs[number] == theirs[number] and ours[number] != theirs[number]
    ]
    assert len(other) <= (1 if name == "HARAMI" else 0)


def test_talib_is_loaded_for_patterns_only():
    program = "import sys, indicators.pattern; assert 'talib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
