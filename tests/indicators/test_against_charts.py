"""Our numbers against those of TradingView's charts and of Lean, from the first value on."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import isnan
from pathlib import Path

import pytest

from indicators.atr import Atr
from indicators.ema import Ema
from indicators.indicator import Indicator
from indicators.vwap import Vwap
from market.bar import Bar

DATA = Path(__file__).parent.parent / "data/indicators"
NEW_YORK_DAY = timedelta(hours=3)
"""The day of a currency begins at 21:00 UTC in these recordings."""
PRICES = ("open", "high", "low", "close")

Row = dict[str, float]


def rows(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [{column: float(value) for column, value in row.items()} for row in csv.DictReader(file)]


def bar(row: Row, source: float | None = None) -> Bar:
    """The row's bar, or a flat one at `source` for an indicator of another source than ours."""
    start_ms = int(row["time"]) * 1000
    session = (datetime.fromtimestamp(row["time"], UTC) + NEW_YORK_DAY).date()
    open_, high, low, close = [row.get(name, 0.0) if source is None else source for name in PRICES]
    return Bar(start_ms, start_ms + 60_000, session, open_, high, low, close, int(row.get("Volume", 0)))


def computed(indicator: Indicator, bars: Sequence[Bar]) -> list[float]:
    values = []
    for each in bars:
        indicator.update(each)
        assert indicator.ready is not isnan(indicator.value)
        values.append(indicator.value)
    return values


def ohlc4(row: Row) -> float:
    return (row["open"] + row["high"] + row["low"] + row["close"]) / 4


def test_ema_of_the_close_is_the_charts():
    chart = rows("ma.csv")
    ours = computed(Ema(20), [bar(row) for row in chart])
    assert ours == pytest.approx([row["ta.ema(close, 20)"] for row in chart], rel=1e-9, nan_ok=True)
    assert [isnan(value) for value in ours[:20]] == [True] * 19 + [False]


def test_ema_of_another_length_and_source_is_the_charts():
    chart = rows("ma.csv")
    ours = computed(Ema(10), [bar(row, ohlc4(row)) for row in chart])
    assert ours == pytest.approx([row["ta.ema(ohlc4, 10)"] for row in chart], rel=1e-9, nan_ok=True)


def test_ema_of_monthly_closes_is_leans():
    chart = rows("spy_ema.csv")
    ours = computed(Ema(14), [bar(row, row["close"]) for row in chart])
    assert ours == pytest.approx([row["EMA14"] for row in chart], rel=1e-9, nan_ok=True)


def test_atr_is_the_charts():
    chart = rows("tr.csv")
    ours = computed(Atr(14), [bar(row) for row in chart])
    assert ours == pytest.approx([row["ta.atr(14)"] for row in chart], rel=1e-9, nan_ok=True)
    assert [isnan(value) for value in ours[:14]] == [True] * 13 + [False]


def test_vwap_is_the_charts_over_several_days():
    chart = rows("vwap.csv")
    ours = computed(Vwap(), [bar(row, row["close"]) for row in chart])
    assert ours == pytest.approx([row["ta.vwap(close)"] for row in chart], rel=1e-9)
    assert len({bar(row).session for row in chart}) == 4
