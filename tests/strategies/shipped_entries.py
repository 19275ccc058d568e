"""What the shipped strategies enter on recorded bars, played through the product's own line."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from replay.playback import played
from settings.schema import Settings
from settings.strategy_files import shipped
from settings.strategy_schema import StrategySettings
from tests.recordings import loaded
from tests.strategies.on_paper import ON_PAPER
from tests.strategies.paper import Entry, Panel, panel

NINE_DAYS = Path(__file__).parent.parent / "data/bars/nse178_1m_20160816_20160826.csv.gz"
NSE_OPEN, NSE_MINUTES = "03:45:00", 375
"""The open in UTC, and the length of the day."""
TIMEFRAMES = dict.fromkeys(ON_PAPER, 5) | {"ema_vwap": 1, "candlestick": 15, "supertrend_flip": 15}
"""As they are shipped; but `eod_breakout`, which wants 200 bars, on a timeframe that nine days have enough of."""


def chosen(name: str, **changes: Any) -> StrategySettings:
    """A strategy as it is shipped; `changes` are keys of `[[strategy]]`."""
    return StrategySettings.model_validate(shipped(name).model_dump() | changes)


def on_stocks(name: str, **parameters: float) -> StrategySettings:
    """A strategy as it is shipped but for these parameters, asked about stocks."""
    changed = {"parameters": shipped(name).parameters | parameters}
    if name == "eod_breakout":
        return chosen(name, timeframe="5m", symbols=(), kinds=(), override=(), **changed)
    return chosen(name, **changed)


def nine_days(names: Collection[str] = ()) -> pd.DataFrame:
    """The recorded bars of these symbols, or of all, by start and symbol."""
    bars = pd.read_csv(NINE_DAYS).rename(columns=str.lower).rename(columns={"code": "symbol", "date": "start"})
    if names:
        bars = bars[bars["symbol"].isin(names)]
    start = pd.to_datetime(bars["start"]).dt.tz_localize("Asia/Kolkata").dt.tz_convert("UTC")
    return bars.assign(symbol="NSE:" + bars["symbol"], start=start).sort_values(["start", "symbol"])


def nse_panel(bars: pd.DataFrame, name: str) -> Panel:
    """NSE's bars on the timeframe a strategy is asked on."""
    return panel(bars, TIMEFRAMES[name], NSE_OPEN, NSE_MINUTES)


def played_entries(
    bars: pd.DataFrame, strategies: Iterable[StrategySettings], directory: Path
) -> dict[str, set[Entry]]:
    """By strategy: what `replay` enters on these 1-minute bars."""
    file = directory / "bars.csv"
    bars.rename(columns={"start": "timestamp"}).to_csv(file, index=False)
    recording, settings = loaded(file), Settings(strategy=tuple(strategies))
    found: dict[str, set[Entry]] = {each.name: set() for each in settings.strategy}
    with played(recording, settings, lambda _: None, keep_bars=False) as playback:
        assert playback.failures == ()
        for line in playback.store.transitions():
            record = json.loads(line)
            if record["type"] == "ENTRY":
                found[record["strategy"]].add((record["symbol"], record["direction"], record["bar_start"]))
    return found
