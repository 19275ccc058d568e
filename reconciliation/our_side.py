"""Our own bars of a day, and those of the days before that warmed the indicators."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np

from errors import InputError
from market.bar import Bar
from market.days import start_of_day
from replay.faults import Faults
from replay.layout import Contents
from replay.recording import Reading, Recording, load_recording
from replay.rows import Rows, joined
from replay.symbols import instrument_of
from store import history
from store.archive import archive_path
from store.bars import bars_of
from store.days import Row, day_rows, days
from store.store import FILE_NAME

AT_ONCE = 20_000
"""Bars of earlier days in one piece."""


def stored_day(state_directory: Path, day: date) -> Recording:
    """The bars of a day from the database or, when it no longer has them, from the archive.

    Raises: InputError when neither has any, StorageError.
    """
    database, archived = state_directory / FILE_NAME, archive_path(state_directory, day)
    if database.exists():
        found = _recording(day_rows(database, day))
        if found is not None:
            return found
    if not archived.exists():
        raise InputError(f"{state_directory}: no candles of {day}, neither in the database nor in the archive")
    faults = Faults(lambda _: None)
    recording = load_recording([archived], Reading({}, stamp_end=False, sort=False), faults, lambda _: None)
    if faults.total:
        raise InputError(f"{archived}: {faults.total} rows cannot be used; archive the day again")
    return recording


def newest_day(state_directory: Path) -> date:
    """The newest day with bars in the database. Raises: InputError when there is none, StorageError."""
    database = state_directory / FILE_NAME
    known = days(database) if database.exists() else []
    if not known:
        raise InputError(f"{database}: no candles yet")
    return known[-1]


def days_before(state_directory: Path, day: date, sinces: Mapping[str, int]) -> Iterator[Sequence[tuple[str, Bar]]]:
    """The bars up to that day, each symbol's from a moment of its own on (epoch milliseconds UTC), oldest first.

    As far as the database goes, in pieces; a symbol that is not named has some, too.
    """
    database = state_directory / FILE_NAME
    if database.exists():
        bars = bars_of(database, sinces, start_of_day(day))
        while piece := list(islice(bars, AT_ONCE)):
            yield piece


def watched_since(state_directory: Path, day: date) -> int:
    """When the program was first started that day, epoch milliseconds UTC; 0 when nobody knows."""
    database = state_directory / FILE_NAME
    return (history.watched_since(database, start_of_day(day)) or 0) if database.exists() else 0


def _recording(pieces: Iterable[Sequence[Row]]) -> Recording | None:
    """Columns of the pieces as they come, for a day's rows as tuples are large; None when there are none."""
    places: dict[str, int] = {}
    parts = [_rows(piece, places) for piece in pieces]
    if not parts:
        return None
    return Recording(Contents.BARS, tuple(map(instrument_of, places)), joined(parts))


def _rows(piece: Sequence[Row], places: dict[str, int]) -> Rows:
    names, starts, *prices, volumes, partial = zip(*piece, strict=True)
    for name in names:
        places.setdefault(name, len(places))
    return Rows(
        np.fromiter(map(places.__getitem__, names), np.int32, len(piece)),
        np.array(starts, np.int64),
        np.array(prices, np.float64),
        np.array(volumes, np.int64),
        np.zeros(len(piece), np.int32),
        np.array(partial, np.bool_),
    )
