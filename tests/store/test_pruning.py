"""Old rows leave the database, and only they."""

import sqlite3
import threading
from collections.abc import Collection
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from market.bar import MINUTE_MS, Bar
from market.days import day_of, start_of_day
from market.sessions import DAY_MS
from store import pruning
from store.store import FILE_NAME, Store
from tests.factories import bars_at
from tests.transitions import HandClock, at, entry, raised

TODAY = date(2025, 11, 17)
FRIDAY = date(2025, 11, 14)


def bars_of(day: date, minutes: int = 375, symbols: int = 1) -> list[tuple[str, Bar]]:
    first = start_of_day(day) + (9 * 60 + 15) * MINUTE_MS
    return [
        (f"NSE:S{n}", Bar(start, start + MINUTE_MS, day, 99.0, 101.5, 98.5, 100.0, 1200))
        for start in range(first, first + minutes * MINUTE_MS, MINUTE_MS)
        for n in range(symbols)
    ]


def size(store: Store) -> int:
    return store._path.stat().st_size


def test_the_days_with_bars_are_told_by_the_exchanges_calendar(store: Store):
    store.write_bars([*bars_of(TODAY, 2), *bars_of(FRIDAY, 2), *bars_of(date(2025, 2, 1), 1)])
    midnight = Bar(start_of_day(FRIDAY), 0, FRIDAY, 1.0, 1.0, 1.0, 1.0, 1)
    before_midnight = Bar(start_of_day(FRIDAY) - MINUTE_MS, 0, FRIDAY, 1.0, 1.0, 1.0, 1.0, 1)
    store.write_bars([("CRYPTO:BTC", midnight), ("CRYPTO:BTC", before_midnight)])
    store.flush(10)
    assert store.days() == [date(2025, 2, 1), FRIDAY - timedelta(days=1), FRIDAY, TODAY]
    assert day_of(start_of_day(FRIDAY)) == FRIDAY
    assert day_of(start_of_day(FRIDAY) - 1) == FRIDAY - timedelta(days=1)


def test_a_store_without_bars_has_no_days(store: Store):
    assert store.days() == []


def test_the_bars_of_the_days_named_go_and_the_file_shrinks(store: Store, tmp_path: Path):
    store.write_bars(bars_of(FRIDAY, symbols=50))
    store.write_bars(bars_of(TODAY, symbols=2))
    store.flush(10)
    with closing(sqlite3.connect(store._path)) as other:
        other.execute("PRAGMA wal_checkpoint")
    whole = size(store)
    store.prune([FRIDAY], signals_before_ms=0)
    assert store.days() == [TODAY]
    assert list(store.bars_since(0)) == bars_of(TODAY, symbols=2)
    assert size(store) < whole / 5
    assert (tmp_path / "state" / f"{FILE_NAME}-wal").stat().st_size == 0


def test_nobody_takes_what_went_for_something_that_is_there(store: Store):
    friday, monday = start_of_day(FRIDAY), start_of_day(TODAY)
    store.write_history("NSE:OLD", [], (friday - DAY_MS, friday + DAY_MS))
    store.write_history("NSE:BOTH", [], (friday, monday + DAY_MS))
    store.write_history("NSE:NEW", [], (monday, monday + DAY_MS))
    store.prune([FRIDAY], 0)
    assert store.history_spans() == {
        "NSE:BOTH": [(friday + DAY_MS, monday + DAY_MS)],
        "NSE:NEW": [(monday, monday + DAY_MS)],
    }


def test_the_bars_of_some_symbols_stay_each_from_its_own_day_on(store: Store):
    friday, monday = start_of_day(FRIDAY), start_of_day(TODAY)
    for symbol in ("NSE:LONG", "NSE:SHORT", "NSE:OTHER"):
        bars = [*bars_at([1.0], day=FRIDAY), *bars_at([2.0], day=TODAY)]
        store.write_history(symbol, bars, (friday, monday + DAY_MS))
    store.flush(10)
    kept = {"NSE:LONG": friday + 1, "NSE:SHORT": monday}
    assert store.would_lose(FRIDAY, kept)
    store.prune([FRIDAY], 0, kept)
    assert [(symbol, bar.close) for symbol, bar in store.bars_since(0)] == [
        ("NSE:LONG", 1.0), ("NSE:LONG", 2.0), ("NSE:OTHER", 2.0), ("NSE:SHORT", 2.0),
    ]  # fmt: skip
    assert not store.would_lose(FRIDAY, kept)
    assert store.history_spans() == {
        "NSE:LONG": [(friday, monday + DAY_MS)],
        "NSE:OTHER": [(friday + DAY_MS, monday + DAY_MS)],
        "NSE:SHORT": [(friday + DAY_MS, monday + DAY_MS)],
    }


def test_old_signals_go_with_their_deliveries_but_never_the_newest(store: Store, clock: HandClock):
    for symbol in ("NSE:OLD", "NSE:OLDER"):
        store.write_transition(raised(entry(symbol)), ["phone", "mail"], lambda: None)
    store.flush(10)
    clock.advance(86_400)
    store.prune([], clock.now_ms())
    assert [delivery.outbox_id for delivery in store.pending("mail", 0, 10)] == [2]
    store.write_transition(raised(entry("NSE:NEW")), ["phone"], lambda: None)
    store.flush(10)
    assert [delivery.outbox_id for delivery in store.pending("phone", 0, 10)] == [2, 3]
    store.prune([], clock.now_ms())
    assert [delivery.outbox_id for delivery in store.pending("phone", 0, 10)] == [3]
    assert store.delivery_counts() == {"phone": {"new": 1}}


def test_signals_from_within_the_time_stay(store: Store):
    store.write_transition(raised(entry("NSE:A")), ["phone"], lambda: None)
    store.write_transition(raised(entry("NSE:B")), ["phone"], lambda: None)
    store.prune([], at("10:31"))
    assert len(list(store.transitions())) == 2


def test_others_get_their_turn_while_many_rows_go(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pruning, "MOST_ROWS", 50)
    store.write_bars(bars_of(FRIDAY))
    store.flush(10)
    order: list[str] = []
    forget = pruning.forget_bars

    def forget_and_tell(
        connection: sqlite3.Connection, from_ms: int, until_ms: int, kept: Collection[str] = ()
    ) -> bool:
        order.append("step")
        if len(order) == 1:  # an alert comes while the first step runs
            store.write_transition(raised(entry()), ["phone"], lambda: order.append("alert"))
        return forget(connection, from_ms, until_ms, kept)

    monkeypatch.setattr(pruning, "forget_bars", forget_and_tell)
    store.prune([FRIDAY], 0)
    assert store.days() == []
    assert order[:3] in (["step", "alert", "step"], ["step", "step", "alert"])
    assert len(order) > 5


def test_a_reader_in_the_middle_of_it_delays_only_the_cutting_of_the_log(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pruning, "_BUSY_S", 0.01)
    store.write_bars(bars_of(FRIDAY))
    store.flush(10)
    with closing(sqlite3.connect(store._path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM bar").fetchone()
        pruned = threading.Thread(target=store.prune, args=([FRIDAY], 0), name="pruning", daemon=True)
        pruned.start()
        pruned.join(10)
        assert not pruned.is_alive()
        assert reader.execute("SELECT COUNT(*) FROM bar").fetchone() == (375,)
    assert store.days() == []
