"""Our bars, from the database or from the archive."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from errors import InputError
from market.bar import Bar
from market.days import start_of_day
from reconciliation.our_side import days_before, newest_day, stored_day, watched_since
from replay.recording import Recording
from store.archive import archive_path, write_day
from store.days import day_rows
from store.store import FILE_NAME, Store
from tests.factories import DAY, NEXT_DAY, ClockByHand, at, bars_at

FRIDAY = date(2025, 11, 14)
PRICES = [100.0, 100.5]


def stored(directory: Path, days: Iterable[date], prune: Iterable[date] = ()) -> None:
    store = Store(directory, ClockByHand())
    store.start()
    for day in days:
        for symbol in ("NSE:TCS", "BSE:TCS"):
            bars = bars_at(PRICES, day=day)
            bars[1].partial = True
            store.write_bars([(symbol, each) for each in bars])
    store.prune(list(prune), 0)
    store.stop()


def shown(recording: Recording) -> list[tuple[str, float, bool]]:
    rows = recording.rows
    return sorted(
        (recording.instruments[place].symbol, price, partial)
        for place, price, partial in zip(
            rows.symbol.tolist(), rows.prices[3].tolist(), rows.partial.tolist(), strict=True
        )
    )


EVERYTHING = [
    ("BSE:TCS", 100.0, False), ("BSE:TCS", 100.5, True), ("NSE:TCS", 100.0, False), ("NSE:TCS", 100.5, True),
]  # fmt: skip


def test_a_day_of_the_database_with_every_field(tmp_path: Path):
    stored(tmp_path, [DAY, NEXT_DAY])
    found = stored_day(tmp_path, DAY)
    assert shown(found) == EVERYTHING
    assert set(found.rows.times_ms.tolist()) == {each.start_ms for each in bars_at(PRICES)}
    assert newest_day(tmp_path) == NEXT_DAY


def test_a_day_that_the_database_has_forgotten_comes_from_the_archive(tmp_path: Path):
    stored(tmp_path, [DAY])
    write_day(archive_path(tmp_path, DAY), day_rows(tmp_path / FILE_NAME, DAY))
    stored(tmp_path, [NEXT_DAY], prune=[DAY])
    assert shown(stored_day(tmp_path, DAY)) == EVERYTHING


def test_a_day_that_is_nowhere_is_named(tmp_path: Path):
    with pytest.raises(InputError, match="no candles yet"):
        newest_day(tmp_path)
    stored(tmp_path, [DAY])
    with pytest.raises(InputError, match="no candles of 2025-11-18, neither in the database nor in the archive"):
        stored_day(tmp_path, NEXT_DAY)


def test_the_days_before_come_oldest_first_without_the_day_itself(tmp_path: Path):
    stored(tmp_path, [NEXT_DAY, DAY, FRIDAY])
    bars = [each for piece in days_before(tmp_path, NEXT_DAY, {"NSE:TCS": start_of_day(FRIDAY)}) for each in piece]
    assert [bar.session for _, bar in bars] == [FRIDAY] * 4 + [DAY] * 4
    assert [bar for symbol, bar in bars if symbol == "BSE:TCS"][2:] == stored_bars(DAY)


def test_the_days_before_begin_in_the_minute_that_is_asked_for(tmp_path: Path):
    stored(tmp_path, [NEXT_DAY, DAY, FRIDAY])
    bars = [bar for piece in days_before(tmp_path, NEXT_DAY, {"NSE:TCS": at("09:16", FRIDAY)}) for _, bar in piece]
    assert [bar.start_ms for bar in bars][:3] == [*[at("09:16", FRIDAY)] * 2, at("09:15")]


def test_since_when_a_day_was_watched_is_known_as_far_as_somebody_did(tmp_path: Path):
    assert watched_since(tmp_path, DAY) == 0
    store = Store(tmp_path, ClockByHand())
    store.start()
    store.watch(start_of_day(DAY), at("11:00"))
    store.stop()
    assert watched_since(tmp_path, DAY) == at("11:00")
    assert watched_since(tmp_path, NEXT_DAY) == 0


def stored_bars(day: date) -> list[Bar]:
    bars = bars_at(PRICES, day=day)
    bars[1].partial = True
    return bars


def test_without_a_database_there_are_no_days_before(tmp_path: Path):
    assert list(days_before(tmp_path, DAY, {"NSE:TCS": 0})) == []
