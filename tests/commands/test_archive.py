"""`run.py archive` as it is called."""

from datetime import date
from pathlib import Path

import pytest
from pyarrow import parquet

from commands.archive import archive
from errors import InputError
from store.store import Store
from tests.factories import DAY, NEXT_DAY, ClockByHand, bars_at


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[store]\ndirectory = "state"\n', "utf-8")
    return path


def fill(tmp_path: Path) -> Path:
    directory = tmp_path / "state" / "simulator"
    store = Store(directory, ClockByHand())
    store.start()
    for day in (DAY, NEXT_DAY):
        store.write_bars([("NSE:TCS", each) for each in bars_at([100.0, 100.5, 101.0], day=day)])
    store.stop()
    return directory / "archive"


def test_the_newest_day_is_written_and_said(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = fill(tmp_path)
    assert archive(None, config) == 0
    assert "2025-11-18.parquet: 3 candles of 1 symbols, 3 of them new; 0.0 MB" in capsys.readouterr().out
    assert archive(None, config) == 0
    assert "nothing new" in capsys.readouterr().out
    assert [file.name for file in folder.iterdir()] == ["2025-11-18.parquet"]


def test_another_day_is_written_when_it_is_named(config: Path, tmp_path: Path):
    folder = fill(tmp_path)
    assert archive(DAY, config) == 0
    assert parquet.read_table(folder / "2025-11-17.parquet").column("close").to_pylist() == [100.0, 100.5, 101.0]


def test_a_day_without_candles_is_refused_with_those_there_are(config: Path, tmp_path: Path):
    fill(tmp_path)
    with pytest.raises(InputError, match="no candles of 2025-11-16; the newest days in it are 2025-11-17, 2025-11-18"):
        archive(date(2025, 11, 16), config)


def test_before_the_first_run_there_is_nothing_to_archive(config: Path):
    with pytest.raises(InputError, match="no candles yet"):
        archive(None, config)
