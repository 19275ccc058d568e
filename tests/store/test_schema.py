"""Databases of earlier layouts."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from errors import StorageError
from store.bars import bars_since, write_bars
from store.database import bring_up_to_date
from store.history import spans, watched_since, write_history
from store.outbox import decisions
from store.schema import MIGRATIONS
from store.store import FILE_NAME
from tests.factories import bar


def left_by_an_older_program(directory: Path, steps: int) -> Path:
    """A database as it was when the layout had so many steps, with one bar."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(directory / FILE_NAME, isolation_level=None)) as connection:
        for statement in (statement for step in MIGRATIONS[:steps] for statement in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {steps}")
        write_bars(connection, [("NSE:TCS", bar("09:15", 100.0))])
    return directory / FILE_NAME


@pytest.mark.parametrize("steps", [1, 2])
def test_what_an_older_program_left_can_be_read_once_it_is_brought_up_to_date(tmp_path: Path, steps: int):
    file = left_by_an_older_program(tmp_path / "state", steps)
    with pytest.raises(StorageError, match="no such"):
        decisions(file, 0)
    for _ in range(2):
        bring_up_to_date(file)
    assert decisions(file, 0) == []
    assert watched_since(file, 0) is None
    assert list(bars_since(file, 0)) == [("NSE:TCS", bar("09:15", 100.0))]


def test_what_the_broker_was_asked_for_is_still_known_when_a_symbol_may_have_several_spans(tmp_path: Path):
    file = left_by_an_older_program(tmp_path / "state", 3)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("INSERT INTO history VALUES ('NSE:A', 10, 20), ('NSE:B', 5, 6)")
    bring_up_to_date(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        write_history(connection, "NSE:A", [], (30, 40))
    assert spans(file) == {"NSE:A": [(10, 20), (30, 40)], "NSE:B": [(5, 6)]}


def test_processes_that_bring_it_up_to_date_at_once_do_not_hinder_each_other(tmp_path: Path):
    file = left_by_an_older_program(tmp_path / "state", 1)
    with ThreadPoolExecutor(8) as processes:
        for done in [processes.submit(bring_up_to_date, file) for _ in range(8)]:
            done.result()
    assert decisions(file, 0) == []
