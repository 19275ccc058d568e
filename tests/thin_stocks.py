"""Bars of stocks that are not traded in every minute, and what a chart makes of them on higher timeframes."""

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pandas as pd

from market.bar import MINUTE_MS, Bar
from market.clock import IST
from market.sessions import AddedDay, Hours, SessionTable
from market.timeframe import Timeframe
from tests.factories import at, instrument

TIMEFRAMES = (5, 15, 75)
BUDGET = AddedDay(date(2015, 2, 28), ("NSE",), "Budget", time(9, 15), time(15, 30))
"""A Saturday before our table of sessions begins."""
PRICES = ["open", "high", "low", "close"]


def read_days(path: Path) -> Iterator[tuple[str, date, pd.DataFrame]]:
    """Symbol, day and its 1-minute bars by their start; the stamps of the file are ends."""
    rows = pd.read_csv(path, dtype={"id": str, "date": str, "time": str})
    rows.index = pd.to_datetime(rows["date"] + " " + rows["time"]).dt.tz_localize(IST) - pd.Timedelta(minutes=1)
    rows = rows.between_time("09:15", "15:29")
    for (symbol, _), bars in rows.groupby(["id", "date"]):
        yield str(symbol), bars.index[0].date(), bars


def trading_hours() -> Hours:
    return SessionTable([BUDGET]).hours(instrument())


def as_the_program_makes_them(minutes: int, hours: Hours, day: date, bars: pd.DataFrame) -> list[Bar]:
    """A day's bars, minute after minute: each goes into the timeframe, and then its minute is over."""
    timeframe = Timeframe(minutes, hours)
    found: list[Bar | None] = []
    by_start = {round(row.Index.timestamp() * 1000): row for row in bars.itertuples()}
    for start_ms in range(at("09:15", day), at("15:30", day), MINUTE_MS):
        row = by_start.get(start_ms)
        if row is not None:
            bar = Bar(start_ms, start_ms + MINUTE_MS, day, row.open, row.high, row.low, row.close, int(row.volume))
            found.append(timeframe.add(bar))
        found.append(timeframe.close_through(start_ms + MINUTE_MS))
    return [bar for bar in found if bar is not None]


def as_a_chart_has_them(minutes: int, day: date, bars: pd.DataFrame) -> pd.DataFrame:
    """The same by pandas, anchored at 09:15; spans without a trade have no bar."""
    columns = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    anchor = pd.Timestamp(f"{day} 09:15", tz=IST)
    return bars.resample(f"{minutes}min", origin=anchor).agg(columns).dropna()


def values(bars: list[Bar]) -> list[tuple[int, float, float, float, float, int]]:
    return [bar.values() for bar in bars]


def chart_values(table: pd.DataFrame) -> list[tuple[int, float, float, float, float, int]]:
    return [
        (round(start.timestamp() * 1000), *prices, int(volume))
        for start, *prices, volume in table[[*PRICES, "volume"]].itertuples()
    ]
