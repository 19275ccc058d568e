"""A symbol that begins anew from its history while it runs."""

from collections.abc import Sequence

import pytest

from actors.jobs import Rebuild
from actors.messages import Inspect, SymbolView
from actors.symbol_actor import SymbolActor
from actors.symbol_view import warmth
from indicators.atr import Atr
from indicators.ema import Ema
from indicators.vwap import Vwap
from market.bar import Bar
from tests.factories import NEXT_DAY, Desk, Ready, Threshold, at, bar, bars_at, runner, said

TODAY = at("00:00")


def rebuilt(desk: Desk, bars: Sequence[Bar], today_ms: int = TODAY, warm_after: int = 1) -> None:
    desk.worker.put(Rebuild(desk.actor, bars, today_ms, [lambda: Threshold(warm_after) for _ in desk.actor.runners]))


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
    def __init__(self) -> None:
        super().__init__()
        self.indicators = (Settling(1),)


class Holes(list[tuple[str, int, int]]):
    def __call__(self, actor: SymbolActor, since_ms: int, until_ms: int) -> None:
        self.append((actor.instrument.symbol, since_ms, until_ms))


def watched(*runners_: object) -> tuple[Desk, Holes]:
    """A desk whose holes somebody repairs, in the middle of an ordinary minute."""
    desk, holes = Desk(*runners_), Holes()  # type: ignore[arg-type]
    desk.outlets.on_hole = holes
    desk.tick("09:10", 100.0, 0)  # before the open, so that the first bar is whole
    return desk, holes


def test_indicators_are_ready_after_a_rebuild_and_what_they_would_have_said_comes_as_late():
    desk = Desk(runner(Threshold(warm_after=5)))
    desk.tick("09:10", 100.0, 0)
    desk.minute("09:15", 100.0)
    desk.minute("09:16", 101.0)
    assert desk.transitions == []
    yesterday = bars_at([99.0] * 10)
    today = [bar("09:15", 100.0, day=NEXT_DAY), bar("09:16", 101.0, day=NEXT_DAY)]
    desk = Desk(runner(Threshold(warm_after=5)))
    desk.end("09:16", day=NEXT_DAY)
    rebuilt(desk, [*yesterday, *today], at("00:00", NEXT_DAY), warm_after=5)
    assert said(desk.transitions) == [("ENTRY", "LONG", "09:17:00", 101.0)]
    assert desk.transitions[0].quality.late


def test_what_was_said_is_not_said_again_and_the_signal_stands():
    desk = Desk(runner())
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
    desk = Desk(runner(stop="0.5", cooldown_bars=3))
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
    desk = Desk(runner(Threshold(warm_after=3)))
    desk.tick("09:10", 100.0, 0)
    for clock in ("09:15", "09:16", "09:17"):
        desk.minute(clock, 100.0)
    desk.tick("09:18:10", 100.0, 1000)
    rebuilt(desk, [*bars_at([100.0, 100.0]), bar("09:18", 7.0)], warm_after=3)
    assert desk.actor.runners[0].seen == 3
    desk.end("09:18")
    assert desk.actor.runners[0].seen == 4
    assert [each.close for each in view_of(desk).bars] == [100.0] * 4


def test_a_timeframe_bar_in_the_making_goes_on():
    desk = Desk(runner(Threshold(), minutes=5))
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
    made = runner()
    made.quiet_until_ms = at("09:18")
    desk = Desk(made)
    desk.end("09:20")
    rebuilt(desk, bars_at([99.0, 101.0, 101.0, 99.0, 101.0, 101.0]))
    assert said(desk.transitions) == [("ENTRY", "SHORT", "09:19:00", 99.0)]


def test_a_short_hole_is_told_and_marks_signals():
    desk, holes = watched(runner())
    desk.minute("09:15", 99.0)
    desk.tick("09:16:05", 99.0, 150)
    desk.actor.bars.interrupted()
    desk.tick("09:16:40", 101.0, 170)
    desk.end("09:16")
    assert said(desk.transitions) == [("ENTRY", "LONG", "09:17:00", 101.0)]
    assert (desk.transitions[0].quality.partial, desk.transitions[0].quality.warm) == (True, False)
    assert holes == [("NSE:TCS", at("09:16"), at("09:17"))]


def test_a_hole_of_a_whole_bar_keeps_entries_back_until_it_is_repaired():
    desk, holes = watched(runner())
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
    desk, _ = watched(runner(minutes=75))
    desk.minute("09:15", 99.0)
    desk.actor.bars.interrupted()
    desk.tick("09:35:10", 101.0, 500)
    desk.end("09:35")
    assert not desk.actor.held


def test_nobody_to_repair_a_hole_means_nothing_is_held_back():
    desk = Desk(runner())
    desk.tick("09:10", 99.0, 0)
    desk.minute("09:15", 99.0)
    desk.actor.bars.interrupted()
    desk.tick("09:18:10", 101.0, 500)
    desk.end("09:18")
    assert len(desk.transitions) == 1


def test_a_rebuild_on_bars_that_still_have_a_hole_does_not_ask_again():
    desk, holes = watched(runner())
    desk.end("09:20")
    rebuilt(desk, [bar("09:15", 99.0), bar("09:19", 99.0, partial=True)])
    assert holes == []
    assert warmth(desk.actor) == "partial"


def test_warmth_counts_bars_and_a_signal_says_whether_it_was_there():
    desk = Desk(runner(Patient()))
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
    assert (Ema(55).settles_after, Atr(14).settles_after, Vwap().settles_after) == (220, 98, 0)
    short, long = Ema(55), Ema(55)
    closes = [100 + 0.01 * number for number in range(-1000, 220)]
    for each in bars_at([110.0] * 55):  # seeded a tenth too high, which no real day does
        short.update(each)
    for each in bars_at([round(close, 2) for close in closes[-165:]]):
        short.update(each)
    for each in bars_at([round(close, 2) for close in closes]):
        long.update(each)
    assert short.value == pytest.approx(long.value, abs=0.05)
