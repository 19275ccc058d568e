"""Ticks find their symbols, and with a data clock every minute ends in its place."""

import threading
from datetime import date, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.messages import HealthMessage, Ref, SymbolsSurvey
from actors.outlets import Outlets
from actors.pool import Worker
from actors.router import ROOM, Router
from actors.symbol_actor import SymbolActor
from market.bar import Bar
from market.tick import TickBatch, VolumeKind
from market.watermark import Watermark
from signals.signal import Transition
from tests.factories import (
    NEXT_DAY,
    InlineWorker,
    Told,
    at,
    plan,
    real_bars,
    said,
    study,
)

GRACE_MS = 1500
NAMES = ("NSE:A", "NSE:B", "NSE:C")
FAR = date(2026, 4, 1)
Row = tuple[int, int, float, int]
"""Key, trade time, price, day volume."""


class Market:
    """Three symbols behind a router; keys are 1 to 3."""

    def __init__(self, *, data_clock: bool = True, worker: Worker | None = None) -> None:
        self.alerts: Told[Any] = Told()
        self.health: Told[Any] = Told()
        self.kept: list[tuple[str, Bar]] = []
        outlets = Outlets(self.alerts, self.health)
        worker = worker or InlineWorker()
        self.actors = {
            key: SymbolActor.launch(worker, study(plan(target="2", stop="1", cooldown_bars=1), symbol=name), outlets)
            for key, name in enumerate(NAMES, start=1)
        }
        self.router = Router(
            worker, self.actors, outlets, self.kept.extend, Watermark(GRACE_MS) if data_clock else None
        )

    def route(self, *rows: Row) -> None:
        keys, times_ms, prices, volumes = map(list, zip(*rows, strict=True))
        self.router.route(TickBatch(0, keys, times_ms, prices, volumes))

    @property
    def transitions(self) -> list[Transition]:
        return [raised.transition for raised in self.alerts]

    def survey(self) -> SymbolsSurvey:
        told: Told[SymbolsSurvey] = Told()
        self.router.survey(cast("Ref[HealthMessage]", told))
        return told[0]


def test_every_tick_goes_to_its_symbol():
    market = Market(data_clock=False)
    market.route((1, at("10:00"), 100.0, 10), (3, at("10:00"), 300.0, 30), (1, at("10:00:01"), 101.0, 20))
    assert [actor.bars.last_price for actor in market.actors.values()] == [101.0, None, 300.0]
    assert market.router.ticks == 3


def test_ticks_of_keys_nobody_watches_are_counted_and_the_rest_goes_on():
    market = Market(data_clock=False)
    market.route((9, at("10:00"), 1.0, 1), (1, at("10:00"), 100.0, 10), (8, at("10:00"), 1.0, 1))
    market.route((9, at("10:00"), 1.0, 1))
    assert market.actors[1].bars.last_price == 100.0
    assert (market.router.ticks, market.router.unknown) == (4, 3)
    assert market.survey().counts["unknown_key"] == 3


def test_keys_of_other_segments_with_the_same_id_are_other_keys():
    market = Market(data_clock=False)
    market.route((1 << 32 | 1, at("10:00"), 5.0, 10))
    assert market.router.unknown == 1
    assert market.actors[1].bars.last_price is None


def test_quantities_of_single_trades_are_refused():
    with pytest.raises(AssertionError, match="day's volume"):
        Market().router.route(TickBatch(0, [1], [at("10:00")], [1.0], [1], VolumeKind.TRADE))


def test_an_empty_batch_is_nothing():
    market = Market()
    market.router.route(TickBatch(0))
    assert market.router.ticks == 0


def test_by_the_wall_minutes_end_when_told_and_bars_are_kept():
    market = Market(data_clock=False)
    market.route((1, at("10:00"), 100.0, 10), (2, at("10:05"), 200.0, 10))
    assert market.kept == []
    market.router.minute_ended(at("10:00"), at("10:01:02"))
    assert [(name, each.close) for name, each in market.kept] == [("NSE:A", 100.0)]
    assert market.router.bars_closed == 1
    assert market.actors[3].market_ms == at("10:01:02")


def test_by_the_data_a_minute_ends_for_all_before_any_later_trade_is_seen():
    market = Market()
    market.route(
        (1, at("10:00:10"), 100.0, 10),
        (1, at("10:01:10"), 101.0, 20),
        (2, at("10:02:02"), 200.0, 10),
        (1, at("10:02:05"), 103.0, 30),  # the entry of 10:01 is decided by now: this is its target
        (1, at("10:02:06"), 50.0, 40),
    )
    assert said(market.transitions) == [
        ("ENTRY", "LONG", "10:02:00", 101.0),
        ("EXIT", "target", "10:02:05", 103.0),
    ]


def test_a_stray_trade_time_reaches_nobody_and_is_counted():
    market = Market()
    market.route(
        (1, at("10:00:10"), 100.0, 10),
        (1, at("10:00", FAR), 999.0, 20),
        (1, at("10:00:20"), 101.0, 30),
        (1, at("10:00:21"), 101.5, 40),
    )
    assert market.actors[1].bars.last_price == 101.5
    assert len(market.actors[1].bars.open_bars()) == 1
    assert market.router.strays == 1
    assert market.survey().counts["stray_time"] == 1


def test_a_stray_at_the_end_of_the_data_reaches_nobody():
    market = Market()
    market.route((1, at("10:00:10"), 100.0, 10), (1, at("10:00:11"), 100.0, 10), (1, at("10:00", FAR), 999.0, 20))
    market.router.finished()
    assert [each.close for _, each in market.kept] == [100.0]
    assert market.router.strays == 1


def test_the_last_trade_of_a_thin_day_is_kept_although_nothing_confirms_its_time():
    market = Market()
    market.route((1, at("10:00:10"), 100.0, 10), (1, at("10:00:11"), 101.0, 10), (1, at("14:20"), 102.0, 20))
    assert market.kept == []
    market.router.finished()
    assert [each.close for _, each in market.kept] == [101.0, 102.0]
    assert market.router.strays == 0


def test_a_single_tick_is_a_bar_once_the_data_is_over():
    market = Market()
    market.route((1, at("10:00:10"), 100.0, 10))
    market.router.finished()
    assert [each.close for _, each in market.kept] == [100.0]
    assert market.router.over.is_set()


def test_the_end_of_the_data_closes_what_is_open_and_is_told_once_all_is_done():
    market = Market()
    market.route((1, at("15:29:58"), 100.0, 10), (2, at("15:29:59"), 200.0, 10))
    assert not market.router.over.is_set()
    market.router.finished()
    assert [name for name, _ in market.kept] == ["NSE:A", "NSE:B"]
    assert market.router.over.is_set()


@pytest.mark.parametrize("data_clock", [True, False])
def test_the_end_of_no_data_is_an_end_too(*, data_clock: bool):
    market = Market(data_clock=data_clock)
    market.router.finished()
    assert market.router.over.is_set()


def test_a_hole_is_told_to_the_symbols_of_its_connection_alone():
    market = Market()
    market.route((1, 0, 100.0, 0), (2, 0, 100.0, 0), (1, at("10:00:10"), 100.0, 10), (2, at("10:00:11"), 100.0, 10))
    market.router.interrupted([2, 3])
    market.router.finished()
    assert [each.partial for _, each in market.kept] == [False, True]


def test_a_job_of_ones_own_is_done_in_order():
    market, seen = Market(), []

    class Look:
        def run(self) -> None:
            seen.append(market.actors[1].bars.last_price)

    market.router.put(Look())
    market.route((1, at("10:00:10"), 100.0, 10), (1, at("10:00:11"), 101.0, 10))
    market.router.put(Look())
    assert seen == [None, 101.0]


def test_data_that_waits_for_nobody_waits_for_the_symbols():
    """Their thread is held; the reader may queue so many jobs ahead and no more, and none is lost."""
    worker, gate, held = Worker("held"), threading.Event(), threading.Event()

    class Hold:
        def run(self) -> None:
            held.set()
            gate.wait(10)

    market = Market(worker=worker)
    worker.start()
    worker.put(Hold())
    assert held.wait(10)
    waiting: list[int] = []

    def read() -> None:
        for number in range(4 * ROOM):
            market.route((1, at("10:00:10"), 100.0 + number, number))
            waiting.append(worker.heartbeat.backlog())
        market.router.finished()

    reader = threading.Thread(target=read, name="reader", daemon=True)
    reader.start()
    while reader.is_alive() and worker.heartbeat.backlog() < 2 * ROOM + 2:
        reader.join(0.001)
    gate.set()
    assert market.router.over.wait(10)
    assert worker.stop(10)
    reader.join(10)
    assert ROOM < max(waiting) <= 2 * ROOM + 2
    assert (market.router.ticks, market.kept[0][1].close) == (4 * ROOM, 100.0 + 4 * ROOM - 1)


# --- any batching --------------------------------------------------------------------------------------------------


@st.composite
def streams(draw: st.DrawFn) -> list[Row]:
    """Ticks in order of arrival: some out of order, quiet spells, strays, a night."""
    now, day, volumes, rows = at("15:20"), 0, dict.fromkeys((1, 2, 3, 9), 0), []
    for kind in draw(st.lists(st.sampled_from("tttttttttqsnz"), max_size=50)):
        key = draw(st.sampled_from([1, 1, 2, 3, 9]))
        price = draw(st.sampled_from([98.0, 99.0, 100.0, 101.0, 103.0]))
        at_ms = now
        match kind:
            case "t":
                now += draw(st.integers(0, 30_000))
                volumes[key] += draw(st.integers(0, 50))
                at_ms = now - draw(st.integers(0, GRACE_MS))
            case "q":
                now = at_ms = now + draw(st.integers(0, 10)) * 60_000
            case "s":
                at_ms = at("10:00", FAR)
            case "z":
                at_ms = 0
            case _:
                day += 1
                now = at_ms = at("09:15", NEXT_DAY + timedelta(days=day - 1))
                volumes = dict.fromkeys(volumes, 0)
        rows.append((key, at_ms, price, volumes[key]))
    return rows


Outcome = tuple[list[tuple[str, Any, bool]], list[Transition], dict[str, int]]


def outcome(rows: list[Row], sizes: list[int]) -> Outcome:
    market, sizes = Market(), sizes[:]
    while rows:
        size = sizes.pop(0) if sizes else len(rows)
        market.route(*rows[:size])
        rows = rows[size:]
    market.router.finished()
    assert market.health == []
    return (
        [(name, each.values(), each.partial) for name, each in market.kept],
        market.transitions,
        market.survey().counts,
    )


@settings(max_examples=150)
@given(streams(), st.data())
def test_any_batching_of_the_same_stream_gives_the_same_bars_and_transitions(rows: list[Row], data: st.DataObject):
    sizes = data.draw(st.lists(st.integers(1, 6), max_size=50))
    assert outcome(rows, sizes) == outcome(rows, [])


@pytest.mark.parametrize("size", [1, 7, 100])
def test_any_batching_of_real_trades_gives_the_same_bars_and_transitions(size: int):
    """Closes of three real stocks as ticks, around a price of 100 so that the strategy has something to say."""
    rows: list[Row] = []
    for key, symbol in enumerate(("NSE:ACC", "NSE:SBIN", "NSE:PAGEIND"), start=1):
        bars, volume = real_bars()[symbol], 0
        for each in bars:
            volume += each.volume
            rows.append((key, each.start_ms + 7000 * key, round(each.close / bars[0].open * 100, 2), volume))
    rows.sort(key=lambda row: row[1])
    whole = outcome(rows, [])
    assert outcome(rows, [size] * len(rows)) == whole
    assert len(whole[0]) == len(rows)
    assert len(whole[1]) > 10
