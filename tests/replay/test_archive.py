"""What the store archives is played as the store's own bars are."""

from pathlib import Path

import pytest

from market.bar import Bar
from market.clock import iso
from replay.rows import Rows
from store.archive import write_day
from store.days import day_rows
from store.store import FILE_NAME, Store
from tests.factories import DAY, ClockByHand, bars_at, real_bars
from tests.recordings import BARS, loaded, replayed, written

pytest.importorskip("pyarrow")
WITH_EXCHANGE = "Symbol,Exchange,Timestamp,Open,High,Low,Close,Volume,Partial"


def archived(directory: Path, bars: list[tuple[str, Bar]]) -> Path:
    store = Store(directory / "state", ClockByHand())
    store.start()
    store.write_bars(bars)
    store.stop()
    path = directory / "day.parquet"
    write_day(path, day_rows(directory / "state" / FILE_NAME, bars[0][1].session))
    return path


def test_a_real_day_comes_back_bar_by_bar_with_the_same_signals(tmp_path: Path):
    chosen = ("NSE:ACC", "NSE:MARUTI", "NSE:M&M", "NSE:PAGEIND")
    bars = sorted(((name, bar) for name in chosen for bar in real_bars()[name]), key=lambda each: each[1].start_ms)
    out = replayed(archived(tmp_path, bars))
    text = [
        f"{name},{iso(bar.start_ms)},{bar.open},{bar.high},{bar.low},{bar.close},{bar.volume}" for name, bar in bars
    ]
    assert out.faults == []
    assert out.signals.count("\n") > 100
    table = replayed(written(tmp_path / "same.csv", BARS, text))
    assert (table.signals, table.bars) == (out.signals, out.bars)


def test_a_bar_that_lacks_trades_is_as_silent_as_it_was(tmp_path: Path):
    bars = [("NSE:TCS", bar) for bar in bars_at([100.0, 99.0, 98.0, 97.0, 110.0, 111.0])]
    whole = replayed(archived(tmp_path / "whole", bars))
    assert "ENTRY" in whole.signals
    bars[4][1].partial = True
    torn = replayed(archived(tmp_path / "torn", bars))
    assert torn.bars == whole.bars
    assert torn.signals != whole.signals


def rows(tmp_path: Path, *lines: str) -> tuple[list[str], Rows, list[str]]:
    faults: list[str] = []
    recording = loaded(written(tmp_path / "export.csv", WITH_EXCHANGE, lines), faults=faults)
    return [instrument.symbol for instrument in recording.instruments], recording.rows, faults


def test_a_column_of_exchanges_completes_names_without_one(tmp_path: Path):
    day = f"{DAY}T09:15"
    symbols, _, faults = rows(
        tmp_path,
        f"TCS,NSE,{day},1,1,1,1,1,",
        f"TCS,BSE,{day},1,1,1,1,1,",
        f"INFY,nse_eq,{day},1,1,1,1,1,",
        f"BSE:RELIANCE,NSE,{day},1,1,1,1,1,",
        f"ITC,,{day},1,1,1,1,1,",
    )
    assert symbols == ["BSE:RELIANCE", "BSE:TCS", "NSE:INFY", "NSE:ITC", "NSE:TCS"]
    assert faults == []


def test_a_column_says_which_bars_are_partial(tmp_path: Path):
    marks = ["true", "False", "1", "0", "", "TRUE"]
    _, found, faults = rows(tmp_path, *(f"TCS,NSE,{DAY}T09:{15 + n},1,1,1,1,1,{mark}" for n, mark in enumerate(marks)))
    assert found.partial.tolist() == [True, False, True, False, False, True]
    assert faults == []
