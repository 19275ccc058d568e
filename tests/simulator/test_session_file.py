import gzip
from pathlib import Path

import pytest

from errors import InputError
from simulator.session_file import load_session

BARS = "Code,Date,Open,High,Low,Close,Volume\nM&M,2016-09-30 09:15:00,10,12,9,11,40\n"
TICKS = """symbol,seq,timestamp,ltp,volume
NSE:TCS,0,2021-05-14T09:15:02+05:30,10,5
NSE:TCS,1,2021-05-14T09:15:04+05:30,11,9
NSE:TCS,2,2021-05-14T09:15:03+05:30,12,8
NSE:TCS,3,1970-01-01T05:30:00+05:30,12,8
NSE:TCS,4,2021-05-14T09:15:09+05:30,13,10
INFY,0,2021-05-14 09:15:01,20,1
INFY,1,2021-05-14 09:15:05,21,2
"""


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_bars_are_read_in_the_bundled_layout_and_in_that_of_replay(tmp_path: Path):
    bundled = load_session(written(tmp_path / "a.csv", BARS))
    replay = (
        BARS.replace("Code,Date", "symbol,timestamp").replace("M&M", "NSE:M&M").lower().replace("nse:m&m", "NSE:M&M")
    )
    standard = load_session(written(tmp_path / "b.csv", "\ufeff" + replay))
    for session in (bundled, standard):
        assert session.symbols == ("NSE:M&M",)
        assert session.prices.tolist() == [10, 9, 12, 11]
        assert session.volumes[-1] == 40
        assert session.times_ms[0] // 60_000 * 60 == 1_475_207_100  # 09:15 in India


def test_ticks_of_several_symbols_are_mixed_by_time_and_late_ones_stay_late(tmp_path: Path):
    session = load_session(written(tmp_path / "ticks.csv", TICKS))
    assert session.symbols == ("NSE:TCS", "NSE:INFY")
    assert session.prices.tolist() == [20, 10, 11, 12, 12, 21, 13]
    seconds = [at_ms // 1000 for at_ms in session.times_ms.tolist()]
    base = seconds[0]
    assert [0 if second == 0 else second - base for second in seconds] == [0, 1, 3, 2, 0, 4, 8]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("M&M,2016-09-30 09:16:00,10,12,9,11", "6 cells"),
        (",2016-09-30 09:16:00,10,12,9,11,40", "no symbol"),
        ("M&M,yesterday,10,12,9,11,40", "Invalid isoformat string: 'yesterday'"),
        ("M&M,2016-09-30 09:16:00,nan,12,9,11,40", "not a price"),
        ("M&M,2016-09-30 09:16:00,10,12,0,11,40", "not a price"),
        ("M&M,2016-09-30 09:16:00,10,12,9,11,-4", "not a volume"),
        ("M&M,2016-09-30 09:16:00,10,12,9,11,4.5", "not a volume"),
        ("M&M,2016-09-30 09:16:00,10,12,9,13,40", "not within"),
        ("M&M,2016-09-30 09:16:30,10,12,9,11,40", "whole minute"),
        ("M&M,2016-09-30 09:15:00,10,12,9,11,40", "second bar"),
    ],
)
def test_a_row_that_is_not_sound_is_named_with_file_line_and_reason(tmp_path: Path, row: str, reason: str):
    path = written(tmp_path / "bars.csv", BARS + row + "\n")
    with pytest.raises(InputError, match=reason) as caught:
        load_session(path)
    assert str(caught.value).startswith(f"{path}:3: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_session_says_so_in_one_line(tmp_path: Path):
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(BARS.encode())[:-12])
    not_gzip = written(tmp_path / "plain.csv.gz", BARS)
    other = written(tmp_path / "other.csv", "a,b\n1,2\n")
    empty = written(tmp_path / "empty.csv", BARS.splitlines()[0] + "\n")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(BARS.encode() + b"\xff\xfe")
    for path in (torn, not_gzip, other, empty, binary, tmp_path / "absent.csv"):
        with pytest.raises(InputError) as caught:
            load_session(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)
