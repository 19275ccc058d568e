"""Work on many actors in one go: what one of them raises is its own affair."""

from datetime import date
from functools import partial
from typing import Any, cast

import pytest

from actors.jobs import STALE_MS, Bars, History, Interrupted, MinuteOver, Survey, Ticks
from actors.messages import SymbolsSurvey
from actors.outlets import Outlets
from actors.pool import PooledActor, Worker
from actors.symbol_actor import SymbolActor
from engine.study import Study
from indicators.chart import Chart
from market.bar import MINUTE_MS, Bar
from market.sessions import Phase
from rules.references import References
from signals.signal import Side
from tests.factories import NEXT_DAY, InlineWorker, Threshold, Told, at, bar, hours, instrument, plan, study

Row = tuple[str, int]


class Taker(PooledActor):
    """Writes down what it takes; a price of 13 is too much for it."""

    def __init__(self, worker: Worker, name: str, taken: list[Row]) -> None:
        super().__init__(worker)
        self.name, self.taken, self.failures = name, taken, 0

    def on_tick(self, at_ms: int, price: float, day_volume: int) -> None:
        if price == 13:
            raise ValueError(f"{self.name} at {at_ms} of {day_volume}")
        if price == 14:
            raise SystemExit
        self.taken.append((self.name, at_ms))

    def on_failure(self, *_: Any) -> None:
        self.failures += 1


class Crowd:
    def __init__(self, *names: str) -> None:
        self.taken: list[Row] = []
        worker = InlineWorker()
        self.actors = {name: Taker.launch(worker, name, self.taken) for name in names}
        self.takes = {name: actor.on_tick for name, actor in self.actors.items()}

    def run(self, *rows: tuple[str, float]) -> list[Row]:
        """Run a job of these names and prices; the rows are numbered."""
        owners = cast("Any", {take: self.actors[name] for name, take in self.takes.items()})
        names, prices = zip(*rows, strict=True)
        Ticks([self.takes[name] for name in names], range(len(rows)), prices, range(len(rows)), owners).run()
        return self.taken

    def dead(self) -> dict[str, int]:
        return {name: actor.failures for name, actor in self.actors.items() if not actor.actor_ref.is_alive()}


def test_ticks_are_taken_row_by_row():
    assert Crowd("a", "b").run(("a", 1.0), ("b", 1.0), ("a", 1.0)) == [("a", 0), ("b", 1), ("a", 2)]


@pytest.mark.parametrize("row", [0, 1, 2, 3])
@pytest.mark.parametrize("too_much", [13.0, 14.0])
def test_a_row_that_raises_ends_its_actor_and_the_others_go_on(row: int, too_much: float):
    crowd = Crowd("a", "b", "failing")
    rows = [("a", 1.0), ("b", 1.0), ("a", 1.0)]
    rows.insert(row, ("failing", too_much))
    taken = crowd.run(*rows)
    assert [name for name, _ in taken] == ["a", "b", "a"]
    assert crowd.dead() == {"failing": 1}


def test_rows_of_one_actor_that_raise_again_and_again_are_one_failure():
    crowd = Crowd("a", "failing")
    taken = crowd.run(("failing", 13.0), ("failing", 13.0), ("a", 1.0), ("failing", 13.0), ("failing", 13.0))
    assert taken == [("a", 2)]
    assert crowd.dead() == {"failing": 1}


def test_every_row_may_raise():
    crowd = Crowd("a", "b")
    assert crowd.run(("a", 13.0), ("b", 13.0)) == []
    assert crowd.dead() == {"a": 1, "b": 1}


# --- jobs of real symbols ------------------------------------------------------------------------------------------


class FailsAt(Threshold):
    """Raises on one close."""

    def __init__(self, chart: Chart, close: float) -> None:
        super().__init__(chart)
        self._close = close

    def side(self, bar: Bar) -> Side | None:
        if bar.close == self._close:
            raise ZeroDivisionError
        return super().side(bar)


class Symbols:
    """Real symbol actors, of which the middle one fails at a close of 113."""

    def __init__(self) -> None:
        self.alerts: Told[Any] = Told()
        self.health: Told[Any] = Told()
        self.outlets = Outlets(self.alerts, self.health)
        self.kept: list[tuple[str, Bar]] = []
        worker = InlineWorker()
        names = ("NSE:A", "NSE:B", "NSE:C")
        self.actors = [
            SymbolActor.launch(
                worker,
                study(plan(partial(FailsAt, close=113.0 if name == "NSE:B" else -1.0)), symbol=name),
                self.outlets,
            )
            for name in names
        ]

    def end(self, clock: str) -> None:
        MinuteOver(self.actors, at(clock), at(clock) + MINUTE_MS, self.outlets, self.kept.extend).run()

    def survey(self, **counts: int) -> SymbolsSurvey:
        said: Told[Any] = Told()
        Survey(self.actors, self.outlets, 7, counts, said).run()
        return cast("SymbolsSurvey", said[0])


def test_the_end_of_a_minute_reaches_all_but_the_one_that_fails_and_bars_are_kept_in_one_piece():
    symbols = Symbols()
    for clock, price in (("10:00", 100.0), ("10:01", 113.0), ("10:02", 100.0)):
        for actor in symbols.actors:
            actor.on_tick(at(clock), price, 10)
        symbols.end(clock)
    assert [failed.symbol for failed in symbols.health] == ["NSE:B"]
    assert [raised.transition.symbol for raised in symbols.alerts] == ["NSE:A", "NSE:C"]
    assert [name for name, _ in symbols.kept] == ["NSE:A", "NSE:B", "NSE:C"] * 2 + ["NSE:A", "NSE:C"]
    assert symbols.outlets.bars_closed == 8


def test_a_minute_without_bars_keeps_nothing():
    symbols = Symbols()
    calls: list[object] = []
    MinuteOver(symbols.actors, at("10:00"), at("10:01"), symbols.outlets, calls.append).run()
    assert calls == []


def test_given_bars_reach_their_actors():
    symbols = Symbols()
    rows = [(actor, at("10:00"), 1.0, 2.0, 0.5, 1.5, 10, False) for actor in symbols.actors]
    Bars(rows).run()
    symbols.end("10:00")
    assert [kept.values() for _, kept in symbols.kept] == [(at("10:00"), 1.0, 2.0, 0.5, 1.5, 10)] * 3


def test_stored_bars_reach_their_actors_and_one_that_fails_leaves_the_others_alone():
    symbols = Symbols()
    days = [(bar("15:28", 100.0), False), (bar("15:29", 113.0), False), (bar("09:15", 100.0, day=NEXT_DAY), True)]
    History([(actor, each, today) for each, today in days for actor in symbols.actors]).run()
    assert [failed.symbol for failed in symbols.health] == ["NSE:B"]
    assert [actor.actor_ref.is_alive() for actor in symbols.actors] == [True, False, True]
    assert [actor.last_bar.session for actor in symbols.actors if actor.actor_ref.is_alive()] == [NEXT_DAY] * 2


def test_a_hole_reaches_everybody():
    symbols = Symbols()
    for actor in symbols.actors:
        actor.on_tick(0, 100.0, 0)
        actor.on_tick(at("10:00"), 100.0, 10)
    Interrupted(symbols.actors).run()
    symbols.end("10:00")
    assert [kept.partial for _, kept in symbols.kept] == [True] * 3


def test_a_survey_adds_up_all_symbols():
    symbols = Symbols()
    first, second, third = symbols.actors
    for actor in (first, second):
        actor.on_tick(0, 100.0, 0)
        actor.on_tick(at("10:00"), 100.0, 10)
    third.on_tick(0, 100.0, 0)
    symbols.end("10:00")
    first.on_tick(at("10:01"), 101.0, 20)
    second.on_tick(at("10:01"), 100.0, 20)
    symbols.end("10:01")
    first.on_tick(at("10:16:30"), 101.0, 30)
    told = symbols.survey(unknown_key=3, stray_time=0)
    assert told == SymbolsSurvey(
        market_ms=at("10:16:30"),
        symbols=3,
        traded=2,
        stale=("NSE:B",),
        ticks=7,
        bars=4,
        signals={"ENTRY LONG": 1},
        in_signal=1,
        counts={"unknown_key": 3, "not_traded": 3},
        warm=3,
        phases={hours().title: Phase.CONTINUOUS},
    )


def test_a_symbol_is_stale_after_a_quarter_of_an_hour_and_only_while_its_market_trades():
    symbols = Symbols()
    first, second, _ = symbols.actors
    second.on_tick(at("15:10"), 100.0, 10)
    first.on_tick(at("15:10") + STALE_MS, 100.0, 10)
    assert symbols.survey().stale == ()
    first.on_tick(at("15:10") + STALE_MS + 1, 100.0, 10)
    assert symbols.survey().stale == ("NSE:B",)
    symbols.end("15:30")
    assert symbols.survey().stale == ()


@pytest.mark.parametrize(
    ("clock", "plain", "with_derivatives"),
    [
        ("09:05", Phase.PRE_OPEN, Phase.PRE_OPEN),
        ("15:14", Phase.CONTINUOUS, Phase.CONTINUOUS),
        ("15:20", Phase.CONTINUOUS, Phase.CLOSING_AUCTION),
        ("15:32", Phase.CLOSED, Phase.CLOSING_AUCTION),
        ("20:00", Phase.CLOSED, Phase.CLOSED),
    ],
)
def test_a_survey_tells_the_phase_of_each_class_by_market_time(clock: str, plain: Phase, with_derivatives: Phase):
    outlets, said, day = Outlets(Told(), Told()), Told[Any](), date(2026, 8, 4)
    kinds = (hours(), hours(has_derivatives=True))
    actors = [
        SymbolActor.launch(InlineWorker(), Study(instrument(), each, [], References()), outlets) for each in kinds
    ]
    for actor in actors:
        actor.on_minute_ended(at(clock, day) - MINUTE_MS, at(clock, day))
    Survey(actors, outlets, 0, {}, said).run()
    assert said[0].phases == {kinds[0].title: plain, kinds[1].title: with_derivatives}


def test_a_survey_of_nobody_is_empty():
    said: Told[Any] = Told()
    Survey((), Outlets(Told(), Told()), 0, {}, said).run()
    assert (said[0].market_ms, said[0].symbols) == (0, 0)
