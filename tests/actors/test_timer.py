"""The clock's thread, turn by turn, by a clock that the test sets."""

import threading
from typing import Any

import pykka
import pytest

from actors.messages import HealthTick, SymbolsSurvey
from actors.outlets import Outlets
from actors.router import Router
from actors.symbol_actor import SymbolActor
from actors.timer import SURVEY_EVERY, Timer
from tests.factories import ClockByHand, InlineWorker, Told, at, plan, study

GRACE_MS = 1500


class Hours:
    """A timer over a router with one symbol, and what it said."""

    def __init__(self, clock: str = "10:00:30", *, wall_minutes: bool = True) -> None:
        self.clock = ClockByHand(at(clock))
        self.health: Told[Any] = Told()
        outlets, worker = Outlets(Told(), self.health), InlineWorker()
        self.actor = SymbolActor.launch(worker, study(plan()), outlets)
        self.router = Router(worker, {1: self.actor}, outlets, lambda _: None, None)
        self.over: list[tuple[int, int]] = []
        tell_all = self.router.minute_ended

        def minute_ended(minute: int, watermark: int) -> None:
            self.over.append((minute, watermark))
            tell_all(minute, watermark)

        self.router.minute_ended = minute_ended  # type: ignore[method-assign] # listened to, not replaced
        self.timer = Timer(self.clock, self.router, self.health, GRACE_MS, wall_minutes=wall_minutes)
        self.turns = self.timer._turns()

    def turn(self) -> float:
        """One turn; the seconds until the next is due."""
        return next(self.turns)

    def pass_ms(self, span_ms: int) -> float:
        self.clock.pass_ms(span_ms)
        return self.turn()


def test_a_minute_ends_a_grace_period_after_it():
    day = Hours("10:00:30")
    day.turn()
    day.pass_ms(30_000 + GRACE_MS - 1)
    assert day.over == []
    day.pass_ms(1)
    assert day.over == [(at("10:00"), at("10:01:01.500"))]


def test_it_wakes_when_the_next_second_or_the_end_of_a_minute_is_due():
    day = Hours("10:00:30")
    assert day.turn() == 1.0
    assert day.pass_ms(400) == pytest.approx(0.6)
    day = Hours("10:01:01")
    assert day.turn() == pytest.approx(0.5)
    assert day.pass_ms(500) == pytest.approx(0.5)  # the second began half a second ago
    assert len(day.over) == 1


def test_minutes_that_were_slept_through_end_together():
    day = Hours("10:00:30")
    day.turn()
    day.pass_ms(10 * 60_000)
    assert [minute for minute, _ in day.over] == [at("10:09")]


def test_no_minute_ends_twice_when_the_wall_clock_steps_back():
    day = Hours("10:00:30")
    day.turn()
    day.pass_ms(60_000)
    day.clock.ms -= 3_600_000
    for _ in range(5):
        day.pass_ms(60_000)
    assert [minute for minute, _ in day.over] == [at("10:00")]
    day.pass_ms(3_600_000)
    assert [minute for minute, _ in day.over] == [at("10:00"), at("10:05")]


def test_at_the_start_the_minutes_before_are_over_so_that_an_old_snapshot_opens_no_bar():
    day = Hours("10:00:30")
    day.timer.start()
    day.timer.stop()
    assert day.over == [(at("09:58"), at("10:00:30"))] or day.over == [(at("09:59"), at("10:00:30"))]
    day.actor.on_tick(at("09:58:59"), 100.0, 10)
    assert day.actor.bars.open_bars() == []


def test_health_gets_a_tick_a_second_and_a_survey_every_ten():
    day = Hours()
    for _ in range(2 * SURVEY_EVERY + 1):
        day.turn()
        day.clock.pass_ms(1000)
    ticks = [told for told in day.health if isinstance(told, HealthTick)]
    surveys = [told for told in day.health if isinstance(told, SymbolsSurvey)]
    assert [tick.monotonic for tick in ticks] == [1000.0 + second for second in range(21)]
    assert len(surveys) == 3


def test_when_the_data_tells_the_time_no_minute_ends_by_the_wall():
    day = Hours(wall_minutes=False)
    day.turn()
    for _ in range(5):
        assert day.pass_ms(60_000) <= 1.0
    assert day.over == []
    assert len([told for told in day.health if isinstance(told, HealthTick)]) == 6


def test_minutes_end_also_without_anybody_at_health():
    class Dead:
        def tell(self, message: object) -> None:
            raise pykka.ActorDeadError(f"nobody there for {message}")

    day = Hours()
    day.timer._health = Dead()
    day.turn()
    day.pass_ms(60_000)
    assert len(day.over) == 1


def test_its_thread_ends_when_told_and_its_heart_beats_meanwhile():
    day = Hours(wall_minutes=False)
    day.timer.start()
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "timer"]
    assert thread.daemon
    day.timer.stop()
    assert not thread.is_alive()
    assert day.timer.heartbeat.name == "timer"
