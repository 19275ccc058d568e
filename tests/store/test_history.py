from collections.abc import Iterator
from pathlib import Path

import pytest

from market.clock import SystemClock
from store.store import Store
from tests.factories import NEXT_DAY, at, bars_at

A, B = "NSE:A", "NSE:B"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    running = Store(tmp_path, SystemClock())
    running.start()
    yield running
    running.stop()


def written(store: Store) -> None:
    assert store.flush(10)


def test_bars_of_one_symbol_come_oldest_first_whoever_wrote_them(store: Store):
    live, past = bars_at([3, 4], "09:20"), bars_at([1, 2], "09:15")
    store.write_bars([(A, live[0]), (B, live[0]), (A, live[1])])
    store.write_history(A, past, (at("09:15"), at("09:17")))
    written(store)
    assert store.symbol_bars(A, 0) == [*past, *live]
    assert store.symbol_bars(A, at("09:16")) == [past[1], *live]
    assert store.symbol_bars(B, 0) == live[:1]
    assert store.symbol_bars("NSE:C", 0) == []


@pytest.mark.parametrize(
    ("then", "now", "both"),
    [
        ((10, 20), (20, 30), [(10, 30)]),
        ((10, 20), (5, 12), [(5, 20)]),
        ((10, 20), (12, 15), [(10, 20)]),
        ((10, 20), (5, 40), [(5, 40)]),
        ((10, 20), (21, 30), [(10, 20), (21, 30)]),
        ((10, 20), (1, 9), [(1, 9), (10, 20)]),
    ],
)
def test_spans_that_touch_become_one_and_others_stay_apart(
    store: Store, then: tuple[int, int], now: tuple[int, int], both: list[tuple[int, int]]
):
    store.write_history(A, [], then)
    store.write_history(A, [], now)
    written(store)
    assert store.history_spans() == {A: both}


def test_a_dropped_history_leaves_other_symbols_and_today(store: Store):
    yesterday, today = bars_at([1, 2]), bars_at([3], day=NEXT_DAY)
    store.write_bars([(B, yesterday[0])])
    store.write_history(A, [*yesterday, *today], (at("09:15"), at("09:16", NEXT_DAY)))
    store.drop_history(A, at("00:00", NEXT_DAY))
    written(store)
    assert store.symbol_bars(A, 0) == today
    assert store.symbol_bars(B, 0) == yesterday[:1]
    assert store.history_spans() == {}


def test_a_day_is_watched_since_the_first_run_of_it(store: Store):
    assert store.watch(at("00:00"), at("10:00")) == at("10:00")
    written(store)
    assert store.watch(at("00:00"), at("11:00")) == at("10:00")
    assert store.watch(at("00:00", NEXT_DAY), at("09:00", NEXT_DAY)) == at("09:00", NEXT_DAY)
