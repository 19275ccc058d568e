"""Nine real days: the first entry of every stock and day, found again by arithmetic on whole arrays.

Written from the definitions alone (DESIGN §3, TradingView's conventions): an EMA begins with the mean of its first n
closes and runs on across days, VWAP is that of hlc3 since the open, an entry is a bar whose close is beyond all of them
after a bar whose close was not, with every line there on both, and not in the last ten minutes.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from actors.line import Line
from actors.messages import AlertMessage, Raised
from market.clock import iso
from replay.listener import Listener
from replay.player import play
from signals.signal import SignalType
from tests.factories import ema_vwap
from tests.recordings import loaded

FILE = Path(__file__).parent.parent / "data/bars/nse178_1m_20160816_20160826.csv.gz"
MINUTES = 375
LAST_ENTRY = 365
"""Bars of a day that end by 15:20."""
LENGTHS = (9, 15, 55)

Floats = NDArray[np.float64]
Entries = dict[tuple[str, str], tuple[str, str]]
"""By symbol and date: time of the bar's start and direction."""


class Collected:
    """Stands at the alert actor's place."""

    def __init__(self) -> None:
        self.first: Entries = {}

    def tell(self, message: AlertMessage) -> None:
        assert isinstance(message, Raised)
        signal = message.transition
        if signal.type is SignalType.ENTRY:
            day, start = iso(signal.bar_start_ms)[:16].split("T")
            self.first.setdefault((signal.symbol, day), (start, signal.direction.value))


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Garbage collection would take as long again as the replay."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_first_entries_of_every_stock_and_day_agree_with_arithmetic_on_arrays():
    collected, recording = Collected(), loaded(FILE)
    instruments = dict(enumerate(recording.instruments))
    line = Line((ema_vwap(),), instruments, lambda _: None, collected, Listener(), watermark=None)
    line.start()
    play(recording, line, lambda _: None)
    assert line.router.over.wait(60)
    assert line.stop()
    expected = first_entries()
    assert len(expected) == 166 * 9  # every stock has one each day; the indices have no volume, so no VWAP
    assert collected.first == expected


def first_entries() -> Entries:
    table = pd.read_csv(FILE).pivot_table(index="Date", columns="Code", sort=True)
    high, low, close, volume = (table[name].to_numpy(float) for name in ("High", "Low", "Close", "Volume"))
    symbols = [f"NSE:{code}" for code in table["Close"].columns]
    # One row a minute, one column a symbol.
    lines = np.array([*(ema(close, length) for length in LENGTHS), vwap((high + low + close) / 3, volume)])
    is_there = ~np.isnan(lines).any(axis=0)
    beyond = {"LONG": (close > lines).all(axis=0), "SHORT": (close < lines).all(axis=0)}
    first: Entries = {}
    for minute, stamp in enumerate(table.index):
        if minute == 0 or minute % MINUTES >= LAST_ENTRY:
            continue
        day, start = stamp[:16].split(" ")
        for direction, holds in beyond.items():
            enters = is_there[minute] & is_there[minute - 1] & holds[minute] & ~holds[minute - 1]
            for column in np.flatnonzero(enters):
                first.setdefault((symbols[column], day), (start, direction))
    return first


def ema(close: Floats, length: int) -> Floats:
    value = np.full_like(close, np.nan)
    value[length - 1] = close[:length].mean(axis=0)
    weight = 2 / (length + 1)
    for minute in range(length, len(close)):
        value[minute] = weight * close[minute] + (1 - weight) * value[minute - 1]
    return value


def vwap(typical: Floats, volume: Floats) -> Floats:
    by_day = (-1, MINUTES, typical.shape[1])
    turnover = (typical * volume).reshape(by_day).cumsum(axis=1)
    traded = volume.reshape(by_day).cumsum(axis=1)
    value: Floats = np.divide(turnover, traded, out=np.full_like(turnover, np.nan), where=traded > 0)
    return value.reshape(typical.shape)
