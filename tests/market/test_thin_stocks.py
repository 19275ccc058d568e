"""Stocks that are traded in a third of the minutes: every bar that has a trade is there, on every timeframe."""

from pathlib import Path

import pandas as pd
import pytest

from tests.thin_stocks import (
    TIMEFRAMES,
    as_a_chart_has_them,
    as_the_program_makes_them,
    chart_values,
    read_days,
    trading_hours,
    values,
)

THINNEST = Path(__file__).parents[1] / "data/bars/nse_4stk_1m_thinnest_days.csv.gz"


@pytest.mark.parametrize("minutes", TIMEFRAMES)
def test_the_thinnest_days_have_every_bar_that_a_chart_has(minutes: int):
    hours, thin = trading_hours(), set[int]()
    for _, day, bars in read_days(THINNEST):
        thin.add(len(bars))
        chart = as_a_chart_has_them(minutes, day, bars)
        assert values(as_the_program_makes_them(minutes, hours, day, bars)) == chart_values(chart)
    assert min(thin) == 104
    assert len(thin) > 20


def test_in_many_of_these_bars_the_last_minute_had_no_trade():
    """Or the comparison would show little: these are the bars that are lost without a clock."""
    last = pd.Timedelta(minutes=4)
    charts = [(as_a_chart_has_them(5, day, bars), bars) for _, day, bars in read_days(THINNEST)]
    assert sum(start + last not in bars.index for chart, bars in charts for start in chart.index) > 300
