"""In which order files are played, and what is known of their symbols."""

import random
from pathlib import Path

import pytest

from errors import InputError
from market.instrument import Instrument, Kind
from replay.layout import Contents
from replay.recording import Recording
from tests.recordings import BARS, TICKS, loaded, written


def tick(symbol: str, clock: str, price: float = 100.0) -> str:
    return f"{symbol},2016-08-16 {clock},{price},1"


def bar(symbol: str, clock: str) -> str:
    return f"{symbol},2016-08-16 {clock}:00,100,100,100,100,1"


def order(recording: Recording) -> list[tuple[str, str]]:
    """Symbol and time of day of each row."""
    minutes = [(at_ms // 1000 + 19_800) % 86_400 for at_ms in recording.rows.times_ms.tolist()]
    names = [recording.instruments[number].symbol[4:] for number in recording.rows.symbol.tolist()]
    return [(name, f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}") for name, s in zip(names, minutes, strict=True)]


def test_ticks_are_played_in_the_order_of_the_file_which_is_that_of_arrival(tmp_path: Path):
    rows = [tick("B", "09:15:02"), tick("A", "09:15:01"), tick("B", "09:15:03")]
    recording = loaded(written(tmp_path / "t.csv", TICKS, rows))
    assert order(recording) == [("B", "09:15:02"), ("A", "09:15:01"), ("B", "09:15:03")]


def test_sorted_ticks_keep_their_order_within_one_stamp(tmp_path: Path):
    rows = [tick("B", "09:15:02"), tick("B", "09:15:01", 5), tick("A", "09:15:01", 6), tick("B", "09:15:01", 7)]
    recording = loaded(written(tmp_path / "t.csv", TICKS, rows), sort=True)
    assert recording.rows.prices[0].tolist() == [5, 6, 7, 100]


def test_several_files_are_merged_by_time_and_each_keeps_its_late_rows_where_they_came(tmp_path: Path):
    first = written(tmp_path / "a.csv", TICKS, [tick("A", "09:15:01"), tick("A", "09:15:05"), tick("A", "09:15:02")])
    second = written(tmp_path / "b.csv", TICKS, [tick("B", "09:15:00"), tick("B", "09:15:04"), tick("B", "09:15:06")])
    assert order(loaded(first, second)) == [
        ("B", "09:15:00"),
        ("A", "09:15:01"),
        ("B", "09:15:04"),
        ("A", "09:15:05"),
        ("A", "09:15:02"),
        ("B", "09:15:06"),
    ]


def test_one_stray_stamp_in_the_future_does_not_hold_up_the_rest_of_its_file(tmp_path: Path):
    rows = [tick("A", "09:15:01"), "A,2016-08-20 10:00:00,100,1", tick("A", "09:15:03")]
    first = written(tmp_path / "a.csv", TICKS, rows)
    second = written(tmp_path / "b.csv", TICKS, [tick("B", "09:15:02"), tick("B", "09:20:00")])
    assert [symbol for symbol, _ in order(loaded(first, second))] == ["A", "B", "A", "A", "B"]


def test_bars_are_played_by_time_however_they_lie_in_the_file(tmp_path: Path):
    rows = [bar(symbol, f"09:{minute}") for symbol in ("B", "A") for minute in range(15, 35)]
    plain = loaded(written(tmp_path / "a.csv", BARS, rows))
    random.Random(7).shuffle(rows)
    mixed = loaded(written(tmp_path / "b.csv", BARS, rows))
    assert order(plain) == order(mixed) == [(name, f"09:{at}:00") for at in range(15, 35) for name in ("A", "B")]


def test_bars_of_one_symbol_a_file_become_one_recording(tmp_path: Path):
    header = BARS.removeprefix("symbol,")
    files = [written(tmp_path / f"{name}.csv", header, [bar("", "09:15")[1:]]) for name in ("TCS", "ACC")]
    assert order(loaded(*files)) == [("ACC", "09:15:00"), ("TCS", "09:15:00")]


def test_a_bar_that_two_files_have_is_told_of_the_second(tmp_path: Path):
    first = written(tmp_path / "a.csv", BARS, [bar("A", "09:15"), bar("A", "09:16")])
    second = written(tmp_path / "b.csv", BARS, [bar("A", "09:17"), bar("A", "09:16")])
    faults: list[str] = []
    assert len(loaded(first, second, faults=faults).rows) == 3
    assert faults == [f"{second}:3: a second bar of NSE:A for 2016-08-16T09:16:00+05:30; the row is skipped"]


def test_bars_and_ticks_do_not_mix(tmp_path: Path):
    bars = written(tmp_path / "bars.csv", BARS, [bar("A", "09:15")])
    ticks = written(tmp_path / "ticks.csv", TICKS, [tick("A", "09:15:01")])
    assert (loaded(bars).contents, loaded(ticks).contents) == (Contents.BARS, Contents.TICKS)
    with pytest.raises(InputError, match=r"ticks.csv: ticks, but .*bars.csv has bars"):
        loaded(bars, ticks)


def test_symbols_are_numbered_by_name_so_that_the_order_of_rows_cannot_show(tmp_path: Path):
    recording = loaded(written(tmp_path / "t.csv", TICKS, [tick(name, "09:15:01") for name in ("C", "A", "B")]))
    assert [one.symbol for one in recording.instruments] == ["NSE:A", "NSE:B", "NSE:C"]
    assert recording.rows.symbol.tolist() == [2, 0, 1]


def test_the_tick_is_the_coarsest_that_all_prices_of_a_symbol_lie_on(tmp_path: Path):
    prices = {"A": (100.05, 99999.95), "B": (100.05, 100.01), "C": (83.0025, 83.5), "D": (0.1234,), "E": (250.0,)}
    rows = [tick(name, "09:15:01", price) for name, seen in prices.items() for price in seen]
    recording = loaded(written(tmp_path / "t.csv", TICKS, rows))
    assert [one.tick_size for one in recording.instruments] == [0.05, 0.01, 0.0025, 0.0001, 0.05]


def test_what_is_known_of_a_symbol_decides_its_hours_and_its_tick_if_its_prices_lie_on_it(tmp_path: Path):
    listed = {
        "NSE:A": Instrument("NSE:A", "NSE", Kind.EQUITY, tick_size=0.1, has_derivatives=True),
        "NSE:B": Instrument("NSE:B", "NSE", Kind.INDEX, tick_size=0.1),
        "NSE:D": Instrument("NSE:DHAN'S D", "NSE", Kind.FUTURE, tick_size=0.01),
    }
    rows = [tick("A", "09:15:01", 100.2), tick("B", "09:15:01", 100.25), tick("C", "09:15:01"), tick("D", "09:15:01")]
    recording = loaded(written(tmp_path / "t.csv", TICKS, rows), known=listed.get)
    assert [(one.symbol, one.kind, one.has_derivatives, one.tick_size) for one in recording.instruments] == [
        ("NSE:A", Kind.EQUITY, True, 0.1),
        ("NSE:B", Kind.INDEX, False, 0.05),
        ("NSE:C", Kind.EQUITY, False, 0.05),
        ("NSE:D", Kind.FUTURE, False, 0.01),
    ]
