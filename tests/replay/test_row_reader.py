"""Every way a row can be malformed, as the user reads it."""

from pathlib import Path

import pytest

from errors import InputError
from tests.recordings import BARS, TICKS, loaded, ms, written

GOOD_BAR = "ACC,2016-08-16 09:15:00,100,102,99,101,500"
GOOD_TICK = "ACC,2016-08-16 09:15:00,100.05,500"


def faults_of(path: Path, header: str, *rows: str) -> list[str]:
    faults: list[str] = []
    recording = loaded(written(path, header, rows), faults=faults)
    assert len(recording.rows) == len(rows) - len(faults)
    return faults


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("ACC,2016-08-16 09:16:00,100,102,99,101", "6 cells, but 7 columns"),
        (",2016-08-16 09:16:00,100,102,99,101,500", "no symbol"),
        ("ACC,soon,100,102,99,101,500", "'soon' is no time"),
        ("ACC,2016-08-16 09:16:00,abc,102,99,101,500", "open 'abc' is no price"),
        ("ACC,2016-08-16 09:16:00,100,nan,99,101,500", "high 'nan' is no price"),
        ("ACC,2016-08-16 09:16:00,100,inf,99,101,500", "high 'inf' is no price"),
        ("ACC,2016-08-16 09:16:00,100,102,0,101,500", "low '0' is no price"),
        ("ACC,2016-08-16 09:16:00,100,102,99,-1,500", "close '-1' is no price"),
        ("ACC,2016-08-16 09:16:00,100,102,99,,500", "close '' is no price"),
        ("ACC,2016-08-16 09:16:00,100,1e300,99,101,500", "high '1e300' is no price"),
        (
            "ACC,2016-08-16 09:16:00,100,99,102,101,500",
            "open 100.0 and close 101.0 are not within low 102.0 and high 99.0",
        ),
        (
            "ACC,2016-08-16 09:16:00,103,102,99,101,500",
            "open 103.0 and close 101.0 are not within low 99.0 and high 102.0",
        ),
        ("ACC,2016-08-16 09:16:00,100,102,99,101,-5", "volume '-5' is no number of units"),
        ("ACC,2016-08-16 09:16:00,100,102,99,101,0.5", "volume '0.5' is no number of units"),
        ("ACC,2016-08-16 09:16:00,100,102,99,101,many", "volume 'many' is no number of units"),
        (
            "ACC,2016-08-16 09:16:30,100,102,99,101,500",
            "'2016-08-16 09:16:30': a 1-minute bar begins on a whole minute",
        ),
        (GOOD_BAR, "a second bar of NSE:ACC for 2016-08-16T09:15:00+05:30"),
    ],
)
def test_a_malformed_bar_is_told_with_its_line_and_skipped(tmp_path: Path, row: str, reason: str):
    path = tmp_path / "bars.csv"
    after = "ACC,2016-08-16 09:17:00,100,102,99,101,500"
    assert faults_of(path, BARS, GOOD_BAR, row, after) == [f"{path}:3: {reason}; the row is skipped"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("ACC,2016-08-16 09:15:01,100.05,5", None),
        ("ACC,1970-01-01 05:30:00,100.05,5", None),
        ("ACC,2016-08-16 09:15:01,0,5", "price '0' is no price"),
        ("ACC,2016-08-16 09:15:01,x,5", "price 'x' is no price"),
        ("ACC,2016-08-16 09:15:01,100.05,", "volume '' is no number of units"),
        ("A" * 41 + ",2016-08-16 09:15:01,100.05,5", f"{'A' * 41!r} is no symbol"),
    ],
)
def test_a_malformed_tick_is_told_and_a_strange_one_is_left_to_the_line(tmp_path: Path, row: str, reason: str | None):
    path = tmp_path / "ticks.csv"
    expected = [f"{path}:3: {reason}; the row is skipped"] if reason else []
    assert faults_of(path, TICKS, GOOD_TICK, row) == expected


def test_the_first_twenty_are_told_in_the_order_of_the_file_and_the_rest_counted(tmp_path: Path):
    rows = [GOOD_TICK, *("ACC,2016-08-16 09:15:01,0,5", "torn") * 15]
    path = written(tmp_path / "ticks.csv", TICKS, rows)
    faults: list[str] = []
    loaded(path, faults=faults)
    assert [fault.split(":")[1] for fault in faults[:20]] == [str(line) for line in range(3, 23)]
    assert faults[20:] == ["10 more rows were skipped"]


def test_a_long_cell_is_cut_where_it_is_told(tmp_path: Path):
    (fault,) = faults_of(tmp_path / "ticks.csv", TICKS, GOOD_TICK, f"ACC,{'9' * 5000},1,1")
    assert len(fault) < 200


def test_volumes_may_be_written_as_floats(tmp_path: Path):
    path = written(tmp_path / "a.csv", TICKS, ["ACC,2016-08-16 09:15:00,100.05,47159.0"])
    assert loaded(path).rows.volumes.tolist() == [47159]


def test_a_bar_stamped_with_its_end_covers_the_minute_before(tmp_path: Path):
    path = written(tmp_path / "bars.csv", BARS, ["ACC,2016-08-16 09:16:00,100,102,99,101,500"])
    assert loaded(path, stamp_end=True).rows.times_ms.tolist() == [ms("2016-08-16T09:15")]


def test_ticks_have_no_end_to_be_stamped_with(tmp_path: Path):
    path = written(tmp_path / "ticks.csv", TICKS, [GOOD_TICK])
    assert loaded(path, stamp_end=True).rows.times_ms.tolist() == [ms("2016-08-16T09:15")]


def test_a_date_and_a_time_of_day_are_read_together(tmp_path: Path):
    header = "code,date,time,open,high,low,close,volume"
    path = written(tmp_path / "bars.csv", header, ["FSL,20141218,09:16:00,36.2,36.3,36.1,36.2,100.0"])
    assert loaded(path).rows.times_ms.tolist() == [ms("2014-12-18T09:16")]


def test_a_file_without_a_sound_row_cannot_be_used(tmp_path: Path):
    with pytest.raises(InputError, match=r"none.csv: no row of it can be used"):
        loaded(written(tmp_path / "none.csv", TICKS, ["ACC,soon,1,1"]))
    with pytest.raises(InputError, match=r"head.csv: it has no rows"):
        loaded(written(tmp_path / "head.csv", TICKS, []))
