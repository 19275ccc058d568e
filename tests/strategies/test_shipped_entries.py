"""Real days played with every shipped strategy: the same entries as by arithmetic on whole arrays.

All is compared: symbol, side and bar of every entry, with targets, stops, exits, rests and the day's last minutes as
they are shipped; tests/strategies/paper.py works all of it out once more. `tests/outside` does it for all 178 symbols.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from tests.strategies.on_paper import ON_PAPER, eod_breakout
from tests.strategies.paper import Entry, panel
from tests.strategies.shipped_entries import (
    NSE_MINUTES,
    NSE_OPEN,
    chosen,
    nine_days,
    nse_panel,
    on_stocks,
    played_entries,
)

NAMES = ("ASIANPAINT", "IDBI", "JPASSOCIAT", "MARUTI", "NIFTYIT", "PAGEIND", "PFC", "RECLTD", "SUNTV")
"""With gaps in both directions, minutes without trades, two price steps, and an index."""
ENTRIES = {
    "candlestick": 94,
    "confluence": 160,
    "ema_vwap": 1579,
    "eod_breakout": 45,
    "gap_and_go": 8,
    "momentum": 54,
    "opening_range": 20,
    "supertrend_flip": 35,
    "vwap_reclaim": 44,
}
OPTIONS: Mapping[str, Mapping[str, float]] = {
    "confluence": {"factors": 5},
    "ema_vwap": {"distance_percent": 0.2, "capture_points": 2},
    "eod_breakout": {"roc_percent": 1},
}
"""What is off, or weaker, as shipped."""
INDICES = Path(__file__).parent.parent / "data/bars/nifty_banknifty_75m_201412_201609.csv.gz"


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    return nine_days(NAMES)


@pytest.fixture(scope="module")
def entered(bars: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[Entry]]:
    return played_entries(bars, map(on_stocks, ON_PAPER), tmp_path_factory.mktemp("nine_days"))


@pytest.mark.parametrize("name", ON_PAPER)
def test_a_shipped_strategy_enters_as_on_paper(name: str, bars: pd.DataFrame, entered: Mapping[str, set[Entry]]):
    assert entered[name] == ON_PAPER[name](nse_panel(bars, name))
    assert len(entered[name]) == ENTRIES[name]


def test_what_is_off_as_shipped_enters_as_on_paper_when_it_is_on(bars: pd.DataFrame, tmp_path: Path):
    entered = played_entries(bars, [on_stocks(name, **options) for name, options in OPTIONS.items()], tmp_path)
    on_paper = {name: ON_PAPER[name](nse_panel(bars, name), **options) for name, options in OPTIONS.items()}
    assert entered == on_paper
    assert {name: len(each) for name, each in on_paper.items()} == {
        "confluence": 36,
        "ema_vwap": 276,
        "eod_breakout": 20,
    }


def test_eod_breakout_enters_as_on_paper_in_22_months_of_both_indices(tmp_path: Path):
    # A 75-minute bar is told as a bar of its first minute.
    bars = pd.read_csv(INDICES)
    bars = bars.assign(start=pd.to_datetime(bars["start"]).dt.tz_convert("UTC"))
    strategy = chosen("eod_breakout", symbols=("NSE:NIFTY", "NSE:BANKNIFTY"))
    entered = played_entries(bars, [strategy], tmp_path)["eod_breakout"]
    on_paper = [eod_breakout(panel(each, 75, NSE_OPEN, NSE_MINUTES)) for _, each in bars.groupby("symbol")]
    assert entered == set.union(*on_paper)
    assert [len(each) for each in on_paper] == [31, 32]
