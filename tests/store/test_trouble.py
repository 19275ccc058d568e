"""What happens when the disk, the file or somebody else gets in the store's way."""

import os
import random
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest

from actors.messages import ChannelStatus
from errors import BusyError, StorageError
from market.bar import Bar
from store import writer
from store.bars import bars_since
from store.store import FILE_NAME, Store
from tests.transitions import MINUTE_MS, HandClock, Told, entry, raised


@contextmanager
def no_space_left(directory: Path) -> Iterator[None]:
    """No file of this process may grow beyond what the store's files have now."""
    largest = max(file.stat().st_size for file in directory.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def filled(directory: Path) -> Path:
    """A store with some content, stopped; returns its file."""
    store = Store(directory, HandClock())
    store.start()
    for n in range(200):
        store.write_transition(raised(entry(f"NSE:S{n}")), ["phone"], lambda: None)
        bar = Bar(n * MINUTE_MS, (n + 1) * MINUTE_MS, date(2025, 11, 17), 99.0, 101.5, 98.5, 100.0, n)
        store.write_bars([(f"NSE:S{n}", bar)])
    store.stop()
    return directory / FILE_NAME


@pytest.fixture
def quick_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_RETRY_S", 0.01)


@pytest.mark.usefixtures("quick_retry")
def test_a_full_disk_delays_a_commit_and_loses_nothing(store: Store, health: Told, tmp_path: Path):
    store.write_transition(raised(entry("NSE:BEFORE")), ["phone"], lambda: None)
    store.flush(10)
    with no_space_left(tmp_path / "state"):
        for n in range(500):
            store.write_transition(raised(entry(f"NSE:S{n}")), ["phone"], lambda: None)
        while not health:
            assert not store.flush(0.02), "the disk is full and yet it was committed"
        assert len(store.pending("phone", 0, 1000)) < 501
    assert store.flush(10)
    assert len(store.pending("phone", 0, 1000)) == 501
    trouble, relief = health
    assert trouble.channel == relief.channel == "store"
    assert (trouble.ok, relief.ok) == (False, True)
    assert "cannot be written" in trouble.detail


@pytest.mark.usefixtures("quick_retry")
def test_stopping_on_a_full_disk_says_how_much_was_not_written(tmp_path: Path):
    health = Told()
    store = Store(tmp_path, HandClock(), health)
    store.start()
    with no_space_left(tmp_path):
        for n in range(500):
            store.write_transition(raised(entry(f"NSE:S{n}")), [], lambda: None)
        with pytest.raises(StorageError, match=r"\d+ writes were not committed"):
            store.stop(0.1)
    again = Store(tmp_path, HandClock())
    again.start()
    assert len(list(again.transitions())) < 500
    again.stop()


def test_a_stopped_store_takes_nothing_more(tmp_path: Path):
    store = Store(tmp_path, HandClock())
    store.start()
    store.stop()
    with pytest.raises(StorageError, match="stopped"):
        store.write_transition(raised(entry()), [], lambda: None)


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 300])
def test_a_file_that_is_no_database_is_moved_aside_and_told(tmp_path: Path, health: Told, damage: bytes):
    file = filled(tmp_path)
    file.write_bytes(file.read_bytes()[:100] + damage + os.urandom(9000))
    store = Store(tmp_path, HandClock(), health)
    store.start()
    assert list(store.transitions()) == []
    store.write_transition(raised(entry()), ["phone"], lambda: None)
    assert store.flush(10)
    (told,) = health
    assert (told.channel, told.ok) == ("store", False)
    (aside,) = tmp_path.glob("*.corrupt-20251117T050100Z")
    assert str(aside) in told.detail
    store.stop()


@pytest.mark.parametrize("bytes_hit", [1, 4, 100])
def test_random_damage_keeps_the_store_neither_from_starting_nor_from_reading(tmp_path: Path, bytes_hit: int):
    sound = filled(tmp_path).read_bytes()
    chance = random.Random(bytes_hit)
    for attempt in range(40):
        directory = tmp_path / str(attempt)
        directory.mkdir()
        damaged = bytearray(sound)
        for _ in range(bytes_hit):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (directory / FILE_NAME).write_bytes(damaged)
        store = Store(directory, HandClock())
        store.start()
        assert all(isinstance(row.state, dict) for row in store.machines())
        assert len(list(store.transitions())) <= 200
        assert len(store.pending("phone", 0, 1000)) <= 200
        assert len(list(store.bars_since(0))) <= 200
        store.stop()


def test_damage_while_running_ends_the_writing_and_is_told(tmp_path: Path, health: Told):
    store = Store(tmp_path, HandClock(), health)
    store.start()
    store._begun.submit(_as_if_damaged, lambda: None)
    while not health:
        try:
            store.flush(0.05)
        except StorageError:
            break
    with pytest.raises(StorageError, match="malformed"):
        store.write_transition(raised(entry()), [], lambda: None)
    assert health == [ChannelStatus("store", ok=False, detail=health[0].detail)]
    with pytest.raises(StorageError, match="not committed"):
        store.stop(1)


def _as_if_damaged(_connection: sqlite3.Connection) -> None:
    raise sqlite3.DatabaseError("database disk image is malformed")


def test_a_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path):
    (tmp_path / "state").write_text("a file is in the way")
    with pytest.raises(StorageError, match=r"state.*must be writable") as caught:
        Store(tmp_path / "state", HandClock()).start()
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 73


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path):
    file = filled(tmp_path)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match="layout 99"):
        Store(tmp_path, HandClock()).start()
    assert list(tmp_path.glob("*.corrupt-*")) == []


def test_a_second_process_is_told_who_has_the_directory(tmp_path: Path, store: Store):
    program = (
        "import sys; from pathlib import Path; from market.clock import SystemClock; from store.store import Store\n"
        "from errors import BusyError\n"
        "try: Store(Path(sys.argv[1]), SystemClock()).start()\n"
        "except BusyError as error: print(error)"
    )
    second = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "state")], capture_output=True, text=True, timeout=60, check=True
    )
    assert f"(process {os.getpid()})" in second.stdout
    with pytest.raises(BusyError):
        Store(tmp_path / "state", HandClock()).start()


def test_a_failed_start_leaves_the_directory_to_the_next(tmp_path: Path):
    file = filled(tmp_path)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError):
        Store(tmp_path, HandClock()).start()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    store = Store(tmp_path, HandClock())
    store.start()
    store.stop()


def test_a_store_that_was_not_started_says_so(tmp_path: Path):
    with pytest.raises(StorageError, match="not started"):
        Store(tmp_path, HandClock()).flush(1)


def test_a_disk_that_is_full_at_the_start_is_told_in_one_line_and_can_be_tried_again(tmp_path: Path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "empty").touch()
    store = Store(tmp_path / "state", HandClock())
    with no_space_left(tmp_path / "state"), pytest.raises(StorageError, match="lock"):
        store.start()
    store.start()
    store.stop()


def test_a_damaged_index_of_the_bars_keeps_none_of_them_from_being_read(tmp_path: Path):
    file = filled(tmp_path)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'bar_at'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    damaged = bytearray(file.read_bytes())
    damaged[(page - 1) * size : page * size] = bytes(size)
    file.write_bytes(damaged)
    assert [bar.volume for _, bar in bars_since(file, 0)] == list(range(200))
