"""A day's Parquet file: what is in it, how often one may write it, and what happens when something is wrong with it."""

import resource
import stat
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from errors import MissingLibraryError, StorageError
from market.bar import MINUTE_MS, Bar
from market.clock import IST
from store import archive
from store.archive import Archived, archive_path, write_day
from store.days import Row, day_rows
from store.store import FILE_NAME, Store
from tests.transitions import at

DAY = date(2025, 11, 17)
FIRST: Row = ("NSE:TCS", at("09:15"), 100.05, 101.0, 99.5, 100.5, 1200, 0)
SECOND: Row = ("NSE:TCS", at("09:16"), 100.5, 100.5, 100.0, 100.0, 300, 1)
OTHER: Row = ("BSE:M&M", at("09:15"), 3012.5, 3013.0, 3012.0, 3012.45, 7, 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return archive_path(tmp_path, DAY)


def test_every_field_is_there_for_whoever_reads_parquet(path: Path):
    assert write_day(path, [[FIRST, OTHER], [SECOND]]) == Archived(path, bars=3, symbols=2, added=3)
    table = parquet.read_table(path)
    assert table.column_names == [
        "symbol", "exchange", "timestamp", "open", "high", "low", "close", "volume", "partial",
    ]  # fmt: skip
    assert table.to_pylist()[1:] == [
        {
            "symbol": "NSE:TCS",
            "exchange": "NSE",
            "timestamp": datetime(2025, 11, 17, 9, 15, tzinfo=IST),
            "open": 100.05,
            "high": 101.0,
            "low": 99.5,
            "close": 100.5,
            "volume": 1200,
            "partial": False,
        },
        {
            "symbol": "NSE:TCS",
            "exchange": "NSE",
            "timestamp": datetime(2025, 11, 17, 9, 16, tzinfo=IST),
            "open": 100.5,
            "high": 100.5,
            "low": 100.0,
            "close": 100.0,
            "volume": 300,
            "partial": True,
        },
    ]
    assert table.to_pylist()[0]["symbol"] == "BSE:M&M"
    assert table.schema.field("timestamp").type == pa.timestamp("ms", "Asia/Kolkata")
    assert parquet.ParquetFile(path).metadata.row_group(0).column(3).compression == "ZSTD"


def test_the_same_bars_give_the_same_bytes_in_whatever_order_and_pieces_they_come(path: Path, tmp_path: Path):
    write_day(path, [[FIRST, OTHER, SECOND]])
    whole = path.read_bytes()
    assert write_day(path, [[FIRST, OTHER, SECOND]]).added == 0
    assert path.read_bytes() == whole
    assert write_day(path, [[SECOND]]).bars == 3
    assert path.read_bytes() == whole
    elsewhere = tmp_path / "elsewhere.parquet"
    write_day(elsewhere, [[SECOND], [OTHER]])
    write_day(elsewhere, [[FIRST]])
    assert elsewhere.read_bytes() == whole


def test_a_bar_that_was_corrected_takes_the_place_of_the_old_one(path: Path):
    write_day(path, [[FIRST, SECOND]])
    corrected: Row = (*SECOND[:5], 100.45, 350, 0)
    assert write_day(path, [[corrected]]) == Archived(path, bars=2, symbols=1, added=0)
    rows = parquet.read_table(path).to_pylist()
    assert [(row["close"], row["volume"], row["partial"]) for row in rows] == [
        (100.5, 1200, False),
        (100.45, 350, False),
    ]


def test_bars_that_are_no_longer_in_the_store_stay_in_the_file(path: Path):
    write_day(path, [[FIRST, SECOND]])
    assert write_day(path, []).bars == 2


def test_a_day_of_the_store_becomes_its_file(store: Store, tmp_path: Path, path: Path):
    for day, clock in ((DAY, "09:15"), (DAY, "23:54"), (date(2025, 11, 16), "23:59")):
        start = at(clock) - (DAY - day).days * 86_400_000
        bar = Bar(start, start + MINUTE_MS, day, 1.0, 2.0, 0.5, 1.5, 10, partial=clock == "23:54")
        store.write_bars([("MCX:GOLD-2025-12-05-FUT", bar), ("NSE:TCS", bar)])
    store.flush(10)
    assert write_day(path, day_rows(tmp_path / "state" / FILE_NAME, DAY)).bars == 4
    rows = parquet.read_table(path).to_pylist()
    assert [(row["exchange"], f"{row['timestamp']:%H:%M}", row["partial"]) for row in rows] == [
        ("MCX", "09:15", False),
        ("MCX", "23:54", True),
        ("NSE", "09:15", False),
        ("NSE", "23:54", True),
    ]


def test_nobody_else_can_read_it_and_no_draft_is_left(path: Path):
    write_day(path, [[FIRST]])
    assert [file.name for file in path.parent.iterdir()] == ["2025-11-17.parquet"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_file_is_told_and_left_as_it_is(path: Path):
    write_day(path, [[FIRST]])
    path.write_bytes(path.read_bytes()[:-20])
    torn = path.read_bytes()
    with pytest.raises(StorageError, match=r"2025-11-17\.parquet: cannot be read .*; move it away"):
        write_day(path, [[SECOND]])
    assert path.read_bytes() == torn


def test_a_parquet_file_of_something_else_is_not_written_over(path: Path):
    path.parent.mkdir()
    parquet.write_table(pa.table({"symbol": ["NSE:TCS"], "price": [1.0]}), path)
    with pytest.raises(StorageError, match="no archive of this program"):
        write_day(path, [[FIRST]])


def test_a_full_disk_leaves_the_file_that_was_there(path: Path):
    write_day(path, [[FIRST]])
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(StorageError, match="cannot be written"):
            write_day(path, [[SECOND]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_without_its_library_it_says_how_to_get_it(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "pa", None)
    with pytest.raises(MissingLibraryError, match=r"requirements-parquet\.txt"):
        write_day(path, [[FIRST]])
    assert not path.parent.exists()
