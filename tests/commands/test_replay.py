"""`replay` as a program of its own: what it prints, what it leaves, how it ends."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from settings.schema import PROGRAM
from tests.recordings import BARS, TICKS, written

CONFIG = """
[[strategy]]
name = "ema_vwap"
parameters = { fast = 2, middle = 3, slow = 3 }
"""
RUN = """
import sys
from pathlib import Path
from commands.replay import replay
from errors import SignalsError
options = {"sort": False, "stamp": "start", "columns": "", "signals": None, "bars_out": None, "strict": False}
files, config, given = eval(sys.argv[1])
try:
    sys.exit(replay([Path(file) for file in files], config=Path(config), **{**options, **given}))
except SignalsError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, "utf-8")
    return path


def run(
    config: Path, *files: Path, environment: Mapping[str, str] | None = None, **options: object
) -> "subprocess.CompletedProcess[str]":
    paths = {
        name: f"Path({str(value)!r})" if isinstance(value, Path) else repr(value) for name, value in options.items()
    }
    given = "{" + ", ".join(f"{name!r}: {value}" for name, value in paths.items()) + "}"
    ended = subprocess.run(
        [sys.executable, "-c", RUN, f"({[str(file) for file in files]!r}, {str(config)!r}, {given})"],
        cwd=PROGRAM,
        env={**os.environ, "PYTHONWARNINGS": "error", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended


def day_of_bars(names: str) -> list[str]:
    """Eight stocks whose prices swing out of step, so that they give signals all day."""
    rows = []
    for minute in range(120):
        for number, name in enumerate(names):
            price = 100 + ((minute + number) * (number + 3)) % 17
            clock = f"{9 + (15 + minute) // 60:02}:{(15 + minute) % 60:02}"
            rows.append(f"{name},2016-08-16 {clock},{price},{price + 1},{price - 1},{price},{minute + 1}")
    return rows


def test_a_replay_says_what_it_saw_and_leaves_bars_and_signals(tmp_path: Path, config: Path):
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress("\n".join(["Code,Date,Open,High,Low,Close,Volume", *day_of_bars("ABCD")]).encode()))
    signals, bars = tmp_path / "signals.jsonl", tmp_path / "bars.csv"
    ended = run(config, path, signals=signals, bars_out=bars)
    assert (ended.returncode, ended.stderr) == (0, "")
    shown = dict(line.strip().split(maxsplit=1)[::-1] for line in ended.stdout.splitlines()[1:])
    assert {what: shown[what] for what in ("bars played", "symbols", "trading days", "1-minute bars")} == {
        "bars played": "480",
        "symbols": "4",
        "trading days": "1",
        "1-minute bars": "480",
    }
    records = [json.loads(line) for line in signals.read_text().splitlines()]
    entries = [one for one in records if one["type"] == "ENTRY"]
    assert len(entries) == int(shown["ENTRY LONG"]) + int(shown["ENTRY SHORT"]) > 20
    assert bars.read_text().splitlines()[:2] == [BARS, "NSE:A,2016-08-16T09:15:00+05:30,100.0,101.0,99.0,100.0,1"]


def test_two_runs_leave_the_same_bytes_whatever_the_hashing(tmp_path: Path, config: Path):
    path = written(tmp_path / "bars.csv", BARS, day_of_bars("ABCDEFGH"))
    left = []
    for seed in ("1", "2"):
        signals, bars = tmp_path / f"signals{seed}", tmp_path / f"bars{seed}"
        assert run(config, path, environment={"PYTHONHASHSEED": seed}, signals=signals, bars_out=bars).returncode == 0
        left.append((signals.read_bytes(), bars.read_bytes()))
    assert left[0] == left[1]
    assert left[0][0].count(b"\n") > 100


def test_skipped_rows_are_told_and_fail_the_run_only_when_strict(tmp_path: Path, config: Path):
    path = written(tmp_path / "ticks.csv", TICKS, ["ACC,2016-08-16 09:15:01,100,5", "ACC,2016-08-16 09:1", "ACC,x,1,1"])
    for strict, code in ((False, 0), (True, 65)):
        ended = run(config, path, strict=strict)
        assert ended.returncode == code
        assert ended.stderr.splitlines() == [
            f"{path}:3: 2 cells, but 4 columns; the row is skipped",
            f"{path}:4: 'x' is no time; the row is skipped",
        ]
        assert "2  rows skipped" in ended.stdout


def test_columns_stamps_and_order_are_as_the_user_says(tmp_path: Path, config: Path):
    header = "when,name,first,top,bottom,last,qty"
    path = written(tmp_path / "odd.csv", header, ["2016-08-16 09:17,ACC,5,6,4,5,1", "2016-08-16 09:16,ACC,4,5,3,4,1"])
    mapping = "timestamp=when,symbol=name,open=first,high=top,low=bottom,close=last,volume=qty"
    bars = tmp_path / "bars.csv"
    assert run(config, path, columns=mapping, stamp="end", bars_out=bars).returncode == 0
    assert [row.split(",")[1][11:16] for row in bars.read_text().splitlines()[1:]] == ["09:15", "09:16"]


def test_ticks_are_sorted_on_request_and_otherwise_it_is_advised(tmp_path: Path, config: Path):
    rows = [f"{name},2016-08-16 09:{minute}:01,100,5" for name in "AB" for minute in range(15, 35)]
    path = written(tmp_path / "ticks.csv", TICKS, rows)
    in_file_order, by_time = run(config, path), run(config, path, sort=True)
    assert "the data looks grouped by symbol" in in_file_order.stderr
    assert "ticks after their minute was over" in in_file_order.stdout
    assert by_time.stderr == ""
    assert "40  1-minute bars" in by_time.stdout


def test_what_cannot_work_is_one_clear_line_and_its_exit_code(tmp_path: Path, config: Path):
    good = written(tmp_path / "ticks.csv", TICKS, ["ACC,2016-08-16 09:15:01,100,5"])
    wrong_settings = tmp_path / "wrong.toml"
    wrong_settings.write_text("[feed]\ngrace = 1\n")
    for ended, code, said in (
        (run(config, tmp_path / "none.csv"), 65, "none.csv: cannot be read: No such file or directory"),
        (run(config, good, columns="price=Preis"), 65, "ticks.csv: no column Preis for price"),
        (run(config, good, signals=tmp_path / "no/such/place"), 73, "cannot be written: No such file or directory"),
        (run(wrong_settings, good), 78, "feed.grace: unknown key"),
    ):
        assert (ended.returncode, ended.stdout) == (code, "")
        assert said in ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_nothing_is_left_behind_but_what_was_asked_for(tmp_path: Path, config: Path):
    path = written(tmp_path / "ticks.csv", TICKS, ["ACC,2016-08-16 09:15:01,100,5"])
    before = {*tmp_path.iterdir()}
    place = tmp_path / "temporary"
    place.mkdir()
    assert run(config, path, environment={"TMPDIR": str(place)}).returncode == 0
    assert list(place.iterdir()) == []
    assert {*tmp_path.iterdir()} == {*before, place}


def test_a_file_too_short_for_the_indicators_explains_the_silence(tmp_path: Path, config: Path):
    bars = written(tmp_path / "bars.csv", BARS, [f"ACC,2016-08-16 09:{minute},1,1,1,1,1" for minute in range(15, 30)])
    config.write_text('[[strategy]]\nname = "ema_vwap"\ntimeframe = "75m"\n', "utf-8")
    assert "1  of them still without the candles that every indicator wants" in run(config, bars).stdout
