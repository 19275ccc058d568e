"""A symbol that begins anew from its history while it runs."""

from collections.abc import Sequence
from functools import partial

import pytest

from actors.jobs import Rebuild
from actors.messages import Inspect
from actors.symbol_actor import SymbolActor
from actors.symbol_view import warmth
from actors.views import SymbolView
from engine.plan import Plan
from indicators.atr import Atr
from indicators.chart import Chart
from indicators.ema import Ema
from indicators.vwap import Vwap
from market.bar import Bar
from tests.factories import NEXT_DAY, Desk, Ready, Threshold, at, bar, bars_at, chart, plan, said

TODAY = at("00:00")


def rebuilt(desk: Desk, bars: Sequence[Bar], today_ms: int = TODAY) -> None:
    desk.worker.put(Rebuild(desk.actor, bars, today_ms))


def view_of(desk: Desk) -> SymbolView:
    view = desk.actor.on_receive(Inspect())
    assert view is not None
    return view


class Settling(Ready):
    """Wants four bars."""

    @property
    def settles_after(self) -> int:
        return 4


class Patient(Threshold):
    def __init__(self, on: Chart) -> None:
        super().__init__(on)
        self.shown = {"settling": on.series("settling", lambda: Settling(on))}


class Holes(list[tuple[str, int, int]]):
    def __call__(self, actor: SymbolActor, since_ms: int, until_ms: int) -> None:
        self.append((actor.instrument.symbol, since_ms, until_ms))


def watched(*plans: Plan) -> tuple[Desk, Holes]:
    """A desk whose holes somebody repairs, in the middle of an ordinary minute."""
    desk, holes = Desk(*plans), Holes()
    desk.outlets.on_hole = holes
    desk.tick("09:10", 100.0, 0)  # before the open, so that the first bar is whole
    return desk, holes


def test_indicators_are_ready_after_a_rebuild_and_what_they_would_have_said_comes_as_late():
    desk = Desk(plan(partial(Threshold, warm_after=5)))
    desk.tick("09:10", 100.0, 0)
    desk.minute("09:15", 100.0)
    desk.minute("09:16", 101.0)
    assert desk.transitions == []
    yesterday = bars_at([99.0] * 10)
    today = [bar("09:15", 100.0, day=NEXT_DAY), bar("09:16", 101.0, day=NEXT_DAY)]
    desk = Desk(plan(partial(Threshold, warm_after=5)))
    desk.end("09:16", day=NEXT_DAY)
    rebuilt(desk, [*yesterday, *today], at("00:00", NEXT_DAY))
    assert said(desk.transitions) == [("ENTRY", "LONG", "09:17:00", 101.0)]
    assert desk.transitions[0].quality.late


def test_what_was_said_is_not_said_again_and_the_signal_stands():
    desk = Desk(plan())
    desk.tick("09:10", 99.0, 0)
    desk.minute("09:15", 99.0)
    desk.minute("09:16", 101.0)
    desk.minute("09:17", 102.0)
    before = list(desk.transitions)
    assert len(before) == 1
    rebuilt(desk, bars_at([99.0, 101.0, 102.0]))
    assert desk.transitions == before
    assert desk.actor.runners[0].in_signal


@pytest.mark.parametrize("again", [1, 2])
def test_a_cooldown_is_not_counted_twice(again: int):
    desk = Desk(plan(stop="0.5", cooldown_bars=3))
    desk.tick("09:10", 99.0, 0)
    for clock, price in (("09:15", 99.0), ("09:16", 101.0), ("09:17", 100.0), ("09:18", 100.0), ("09:19", 100.0)):
        desk.minute(clock, price)
    assert [each.type for each in desk.transitions] == ["ENTRY", "EXIT"]
    left = desk.actor.runners[0].machine.cooldown_left
    assert left > 0
    for _ in range(again):
        rebuilt(desk, bars_at([99.0, 101.0, 100.0, 100.0, 100.0]))
    assert desk.actor.runners[0].machine.cooldown_left == left
    assert len(desk.transitions) == 2


def test_bars_that_closed_after_the_history_was_read_are_kept_and_open_ones_come_by_themselves():
    desk = Desk(plan(partial(Threshold, warm_after=3)))
    desk.tick("09:10", 100.0, 0)
    for clock in ("09:15", "09:16", "09:17"):
        desk.minute(clock, 100.0)
    desk.tick("09:18:10", 100.0, 1000)
    rebuilt(desk, [*bars_at([100.0, 100.0]), bar("09:18", 7.0)])
    assert desk.actor.runners[0].seen == 3
    desk.end("09:18")
    assert desk.actor.runners[0].seen == 4
    assert [each.close for each in view_of(desk).bars] == [100.0] * 4


def test_a_timeframe_bar_in_the_making_goes_on():
    desk = Desk(plan(timeframe="5m"))
    desk.tick("09:10", 100.0, 0)
    for clock in ("09:15", "09:16", "09:17"):
        desk.minute(clock, 100.0)
    rebuilt(desk, bars_at([100.0, 100.0, 103.0]))
    desk.minute("09:18", 101.0)
    desk.end("09:19")
    (closed,) = [desk.actor.runners[0].last_bar]
    assert closed is not None
    assert (closed.high, closed.close, closed.volume) == (103.0, 101.0, 400)


def test_nothing_is_entered_on_bars_from_before_anybody_watched():
    desk = Desk(plan())
    desk.actor.runners[0].quiet_until_ms = at("09:18")
    desk.end("09:20")
    rebuilt(desk, bars_at([99.0, 101.0, 101.0, 99.0, 101.0, 101.0]))
    assert said(desk.transitions) == [("ENTRY", "SHORT", "09:19:00", 99.0)]


def test_a_short_hole_is_told_and_marks_signals():
    desk, holes = watched(plan())
    desk.minute("09:15", 99.0)
    desk.tick("09:16:05", 99.0, 150)
    desk.actor.bars.interrupted()
    desk.tick("09:16:40", 101.0, 170)
    desk.end("09:16")
    assert said(desk.transitions) == [("ENTRY", "LONG", "09:17:00", 101.0)]
    assert (desk.transitions[0].quality.partial, desk.transitions[0].quality.warm) == (True, False)
    assert holes == [("NSE:TCS", at("09:16"), at("09:17"))]


def test_a_hole_of_a_whole_bar_keeps_entries_back_until_it_is_repaired():
    desk, holes = watched(plan())
    desk.minute("09:15", 99.0)
    desk.actor.bars.interrupted()
    desk.end("09:16", "09:17")
    desk.tick("09:18:10", 101.0, 500)
    desk.end("09:18")
    desk.minute("09:19", 101.0)
    assert desk.transitions == []
    assert desk.actor.held
    assert holes == [("NSE:TCS", at("09:16"), at("09:19"))]
    rebuilt(desk, bars_at([99.0, 99.0, 99.0, 101.0]))
    assert not desk.actor.held
    assert said(desk.transitions) == [("ENTRY", "LONG", "09:19:00", 101.0)]
    assert desk.transitions[0].quality.late


def test_a_hole_shorter_than_a_bar_of_the_timeframe_holds_nothing_back():
    desk, _ = watched(plan(timeframe="75m"))
    desk.minute("09:15", 99.0)
    desk.actor.bars.interrupted()
    desk.tick("09:35:10", 101.0, 500)
    desk.end("09:35")
    assert not desk.actor.held


def test_nobody_to_repair_a_hole_means_nothing_is_held_back():
    desk = Desk(plan())
    desk.tick("09:10", 99.0, 0)
    desk.minute("09:15", 99.0)
    desk.actor.bars.interrupted()
    desk.tick("09:18:10", 101.0, 500)
    desk.end("09:18")
    assert len(desk.transitions) == 1


def test_a_rebuild_on_bars_that_still_have_a_hole_does_not_ask_again():
    desk, holes = watched(plan())
    desk.end("09:20")
    rebuilt(desk, [bar("09:15", 99.0), bar("09:19", 99.0, partial=True)])
    assert holes == []
    assert warmth(desk.actor) == "partial"


def test_warmth_counts_bars_and_a_signal_says_whether_it_was_there():
    desk = Desk(plan(Patient))
    desk.tick("09:10", 99.0, 0)
    assert warmth(desk.actor) == "no"
    desk.minute("09:15", 99.0)
    desk.minute("09:16", 101.0)
    view = view_of(desk)
    assert (view.warm, view.bars_seen, view.bars_wanted) == ("partial", 2, 4)
    desk.minute("09:17", 101.0)
    desk.minute("09:18", 101.0)
    assert warmth(desk.actor) == "yes"
    assert [each.quality.warm for each in desk.transitions] == [False]


def test_what_indicators_want_is_their_length_and_the_time_their_seed_takes_to_fade():
    short, long = chart(), chart()
    of_short, of_long = (on.series("ema", partial(Ema, on.close, 55)) for on in (short, long))
    assert (of_short.settles_after, Atr(short, 14).settles_after, Vwap(short).settles_after) == (220, 98, 0)
    closes = [100 + 0.01 * number for number in range(-1000, 220)]
    for each in bars_at([110.0] * 55):  # seeded a tenth too high, which no real day does
        short.take(each)
    for each in bars_at([round(close, 2) for close in closes[-165:]]):
        short.take(each)
    for each in bars_at([round(close, 2) for close in closes]):
        long.take(each)
    assert of_short.value == pytest.approx(of_long.value, abs=0.05)
