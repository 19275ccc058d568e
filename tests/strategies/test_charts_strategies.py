"""Strategies of TradingView's charts, written as rule files: the same entries on 23,054 hours of EURUSD.

The export has the trades of the RSI strategy one by one; of the other two it is known how many there are, and that the
bars are those on which the line turns and the histogram changes its sign.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from market.bar import Bar
from settings.strategy_schema import StrategySettings
from settings.toml_file import read_toml
from signals.signal import SignalType
from tests.factories import DAY, plan_from, study
from tests.published import bars_of, rows
from tests.strategies.arithmetic import Floats, crosses_above, crosses_below, ema, supertrend

FOLDER = Path(__file__).parent / "charts"
HOURS = "strategy_EURUSD_60m_ohlcv.csv.gz"


@cache
def hours() -> Sequence[Bar]:
    """The recorded hours as bars of one endless day: positions are held over night."""
    bars = bars_of(rows(HOURS))
    for bar in bars:
        bar.session = DAY
    return bars


def columns() -> Mapping[str, Floats]:
    return {
        name: np.array([[getattr(bar, name)] for bar in hours()]) for name in ("open", "high", "low", "close", "volume")
    }


def entries(name: str) -> list[tuple[str, int]]:
    """Side, and position of the bar, of every entry of a rule file.

    A strategy of the chart turns on one bar; a signal of ours ends on a bar and another begins on a later one. So long
    and short are asked as two.
    """
    _, table = read_toml(FOLDER / f"{name}.toml")
    chosen = [
        plan_from(StrategySettings.model_validate(table | {"name": name, "version": side, "directions": (side,)}))
        for side in ("LONG", "SHORT")
    ]
    asked = study(*chosen, symbol="BINANCE:EURUSD")
    found = []
    for position, bar in enumerate(hours()):
        for runner in asked.take(bar):
            transition = runner.on_bar(bar)
            if transition is not None and transition.type is SignalType.ENTRY:
                found.append((transition.direction.value, position))
    return found


def turns(up: Floats, down: Floats) -> list[tuple[str, int]]:
    long, short = (np.flatnonzero(where[:, 0] == 1).tolist() for where in (up, down))
    return sorted([*(("LONG", row) for row in long), *(("SHORT", row) for row in short)], key=lambda one: one[1])


def test_rsi_leaving_30_and_70_enters_where_the_exported_strategy_did():
    exported = [
        (row["Type"], int(row["Date/Time"]) * 1000, row["Price USD"])
        for row in rows("strategy_rsi_trades.csv", texts=("Type",))
        if row["Type"].startswith("Entry")
    ]
    # The chart enters at the open of the bar after the signal's.
    filled = [(side, hours()[position + 1]) for side, position in entries("rsi")]
    assert [(f"Entry {side.lower()}", bar.start_ms, bar.open) for side, bar in filled] == exported
    assert len(exported) == 194


def test_supertrend_enters_where_the_line_turns():
    bars = columns()
    direction = supertrend(bars["high"], bars["low"], bars["close"], 10, 3)[1]
    ours = entries("supertrend")
    assert ours == turns(crosses_above(direction, 0), crosses_below(direction, 0))
    assert len(ours) == 602


def test_macd_enters_where_it_crosses_its_signal():
    close = columns()["close"]
    line = ema(close, 12) - ema(close, 26)
    signal = np.full_like(line, np.nan)
    signal[25:] = ema(line[25:], 9)
    ours = entries("macd")
    assert ours == turns(crosses_above(line, signal), crosses_below(line, signal))
    assert len(ours) == 1808


@pytest.mark.parametrize("name", ["rsi", "supertrend", "macd"])
def test_long_and_short_take_turns(name: str):
    sides = [side for side, _ in entries(name)]
    assert all(before != after for before, after in pairwise(sides))
