"""Every shipped strategy on whole recordings: the same entries as by arithmetic on whole arrays."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from tests.strategies.on_paper import ON_PAPER, confluence, eod_breakout
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

ENTRIES = {
    "candlestick": 1758,
    "confluence": 3302,
    "ema_vwap": 30_694,
    "eod_breakout": 938,
    "gap_and_go": 21,
    "momentum": 1036,
    "opening_range": 510,
    "supertrend_flip": 729,
    "vwap_reclaim": 908,
}
"""Of 178 symbols on nine days."""


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    return nine_days()


@pytest.fixture(scope="module")
def entered(bars: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[Entry]]:
    return played_entries(bars, map(on_stocks, ON_PAPER), tmp_path_factory.mktemp("nine_days"))


@pytest.mark.parametrize("name", ON_PAPER)
def test_a_shipped_strategy_enters_as_on_paper_on_all_stocks(
    name: str, bars: pd.DataFrame, entered: Mapping[str, set[Entry]]
):
    assert entered[name] == ON_PAPER[name](nse_panel(bars, name))
    assert len(entered[name]) == ENTRIES[name]


def test_confluence_enters_as_on_paper_in_a_month_of_bitcoin(data: Path, tmp_path: Path):
    bars = pd.read_csv(data / "crypto/btc-perp-20211231-20220201_1m.csv.gz", parse_dates=["timestamp"])
    bars = bars.rename(columns={"timestamp": "start"})
    # Units must be whole, so parts of a contract are rounded.
    bars = bars.assign(
        symbol="BINANCE:BTCUSDT", start=bars["start"].dt.tz_localize("UTC"), volume=bars["volume"].round().astype(int)
    )
    entered = played_entries(bars, [chosen("confluence")], tmp_path)["confluence"]
    assert entered == confluence(panel(bars, 5, "00:00:00", 1440))
    assert len(entered) == 297


def test_eod_breakout_enters_as_on_paper_in_22_months_of_index_minutes(data: Path, tmp_path: Path):
    bars = pd.concat([index_minutes(data, name) for name in ("NIFTY", "BANKNIFTY")]).sort_values(["start", "symbol"])
    strategy = chosen("eod_breakout", symbols=("NSE:NIFTY", "NSE:BANKNIFTY"))
    entered = played_entries(bars, [strategy], tmp_path)["eod_breakout"]
    on_paper = [eod_breakout(panel(each, 75, NSE_OPEN, NSE_MINUTES)) for _, each in bars.groupby("symbol")]
    assert entered == set.union(*on_paper)
    assert [len(each) for each in on_paper] == [31, 32]


def index_minutes(data: Path, name: str) -> pd.DataFrame:
    """The file's rows are stamped with their end, and have no volume; a Saturday that traded is left out."""
    rows = pd.read_csv(data / f"bars/{name}_1m_201412_201609_endstamp.csv.gz", dtype={"date": str})
    ends = pd.to_datetime(rows["date"] + " " + rows["time"]).dt.tz_localize("Asia/Kolkata").dt.tz_convert("UTC")
    prices = rows[["open", "high", "low", "close"]]
    bars = prices.assign(symbol=f"NSE:{name}", start=ends - pd.Timedelta(minutes=1), volume=0)
    return bars[ends.dt.day_of_week < 5]
