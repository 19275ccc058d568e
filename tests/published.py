"""Indicator values that others published, and ours over the same bars."""

import csv
import gzip
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from typing import Any, TextIO, TypeAlias

from indicators.chart import Chart
from indicators.series import Series
from market.bar import MINUTE_MS, Bar
from tests.factories import DAY, at, chart

PUBLISHED = Path(__file__).parent / "data/indicators"
NEW_YORK_DAY = timedelta(hours=3)
"""The day of a currency begins at 21:00 UTC in these recordings."""
PRICES = ("open", "high", "low", "close")

RENAMED = {name.capitalize(): name for name in (*PRICES, "volume")}

Row: TypeAlias = dict[str, Any]
Make: TypeAlias = Callable[[Chart], Series]


def rows(name: str, folder: Path = PUBLISHED, *, texts: Collection[str] = ()) -> list[Row]:
    """The file's rows, as numbers but for `texts`; prices and volume in small letters. Plain or gzipped."""
    with _opened(folder / name) as file:
        return [
            {RENAMED.get(key, key): text if key in texts else _number(text) for key, text in row.items()}
            for row in csv.DictReader(file)
        ]


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _number(text: str) -> float:
    """A number, a time with its offset as epoch seconds, or nan."""
    for read in (float, lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()):
        try:
            return read(text)
        except ValueError:
            continue
    return nan


def column(name: str, published: Iterable[Row]) -> list[float]:
    return [row[name] for row in published]


def bars_of(published: Sequence[Row]) -> list[Bar]:
    """Their bars; those of a file without times in seconds are a minute apart."""
    return [_bar(row, number) for number, row in enumerate(published)]


def _bar(row: Row, number: int) -> Bar:
    open_, high, low, close = (row.get(name, nan) for name in PRICES)
    start_ms, session = at("09:15") + number * MINUTE_MS, DAY
    if "time" in row:
        start_ms = int(row["time"]) * 1000
        session = (datetime.fromtimestamp(row["time"], UTC) + NEW_YORK_DAY).date()
    return Bar(start_ms, start_ms + MINUTE_MS, session, open_, high, low, close, int(row.get("volume", 0)))


def computed(make: Make, bars: Iterable[Bar], output: str = "value", *, tick_size: float = 0.05) -> list[float]:
    """What the indicator, or one of its outputs, is after each of the bars."""
    ours = chart(tick_size=tick_size)
    indicator = ours.series("ours", lambda: make(ours))
    found = []
    for bar in bars:
        ours.take(bar)
        found.append(getattr(indicator, output))
    return found
