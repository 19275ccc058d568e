"""Who is closest to an entry, asked of real symbol actors on their worker's thread."""

import threading
from collections.abc import Iterator
from math import isfinite
from queue import SimpleQueue
from typing import Any

import pytest

from actors.line import Line
from actors.near import SLICE, Near
from actors.pool import Job
from actors.views import NearView
from settings.strategy_schema import StrategySettings
from tests.factories import Desk, Told, bars_at, instrument, rule_plan

LONG_S = 30.0
ABOVE = {"entry": ("close > 100", "volume > 50")}


class Market:
    """Symbols whose only bars are at the closes given; a worker of its own."""

    def __init__(self, closes: dict[str, list[float]], *strategies: StrategySettings) -> None:
        instruments = {key: instrument(symbol) for key, symbol in enumerate(closes)}
        self.line = Line(strategies, instruments, lambda _: None, Told[Any](), Told[Any](), None)
        self.line.start()
        rows = [(symbol, bar) for symbol, prices in closes.items() for bar in bars_at(prices)]
        self.line.recall(rows, today_ms=rows[0][1].start_ms)

    def near(self, strategy: str | None = None, top: int = 20) -> NearView:
        answers: SimpleQueue[NearView] = SimpleQueue()
        self.line.router.near(strategy, top, answers.put)
        return answers.get(timeout=LONG_S)


def strategy(name: str = "above", **changes: Any) -> StrategySettings:
    plain = {"name": name, "long": ABOVE, "target": "", "stop": "", "exit": "none"}
    return StrategySettings.model_validate(plain | changes)


def desk_at(clock: str, price: float, symbol: str = "NSE:TCS") -> Desk:
    """An actor whose last bar is a whole one of that minute, without a thread."""
    desk = Desk(rule_plan(long={"entry": ("close > 100",)}), symbol=symbol)
    desk.minute(clock, price)
    return desk


@pytest.fixture
def market() -> Iterator[Any]:
    opened: list[Market] = []

    def open_market(closes: dict[str, list[float]], *strategies: StrategySettings) -> Market:
        opened.append(Market(closes, *strategies))
        return opened[-1]

    yield open_market
    for each in opened:
        assert each.line.stop(LONG_S)


def test_the_closest_come_first_with_what_they_lack_and_how_far_it_is(market: Any):
    view = market({"NSE:FAR": [50.0], "NSE:NEAR": [99.0], "NSE:NEXT": [98.0]}, strategy()).near()
    assert [(row.symbol, row.price) for row in view.rows] == [("NSE:NEAR", 99.0), ("NSE:NEXT", 98.0), ("NSE:FAR", 50.0)]
    first = view.rows[0]
    assert (first.strategy, first.direction, first.timeframe, first.of) == ("above", "LONG", "1m", 2)
    (unmet,) = first.unmet
    assert (unmet.condition.text, unmet.condition.left, unmet.condition.right) == ("close > 100", 99.0, 100.0)
    assert unmet.distance_percent == first.distance_percent == pytest.approx(1.0)
    assert (view.symbols, view.candidates, view.left_out) == (3, 3, {})


def test_fewer_conditions_unmet_go_before_a_smaller_distance(market: Any):
    two = strategy(long={"entry": ("close > 100", "close > 99.9")})
    view = market({"NSE:TWO": [99.89], "NSE:ONE": [99.95]}, two).near()
    assert [(row.symbol, len(row.unmet)) for row in view.rows] == [("NSE:ONE", 1), ("NSE:TWO", 2)]


def test_what_has_no_distance_comes_last_of_those_that_lack_as_many(market: Any):
    crossing = strategy(long={"entry": ("close crosses above 100",)})
    view = market({"NSE:BEYOND": [101.0, 102.0], "NSE:BELOW": [90.0, 80.0]}, crossing).near()
    assert [(row.symbol, isfinite(row.distance_percent)) for row in view.rows] == [
        ("NSE:BELOW", True),
        ("NSE:BEYOND", False),
    ]


def test_who_cannot_enter_whatever_comes_next_is_left_out_and_counted(market: Any):
    closes = {"NSE:IN": [99.0, 101.0], "NSE:TRUE": [101.0], "NSE:OUT": [99.0], "NSE:OVER": [99.0, 101.0, 90.0]}
    over = strategy(long=ABOVE | {"exit": ("close < 95",)}, cooldown_bars=3)
    view = market(closes, over).near()
    assert [row.symbol for row in view.rows] == ["NSE:OUT"]
    assert view.left_out == {"in a signal": 1, "already true": 1, "cooling down": 1}
    unready = strategy(long={"entry": ("close > sma(9)",)})
    assert market(closes, unready).near().left_out == {"not warm": 4}


def test_one_strategy_can_be_asked_about_and_only_so_many_are_given(market: Any):
    both = (strategy(), strategy("below", directions=("SHORT",), long={}, short={"entry": ("close < 50",)}))
    open_market = market({f"NSE:S{number}": [60.0 + number] for number in range(30)}, *both)
    assert {row.strategy for row in open_market.near(top=60).rows} == {"above", "below"}
    only = open_market.near("below", top=3)
    assert [(row.symbol, row.direction) for row in only.rows] == [(f"NSE:S{number}", "SHORT") for number in range(3)]
    assert only.candidates == 30


def test_ticks_and_other_jobs_get_their_turn_between_two_slices():
    desks = [desk_at("09:20", 90.0) for _ in range(2 * SLICE + 1)]
    queue: list[Job] = []
    answers: list[NearView] = []
    near = Near([desk.actor for desk in desks], None, 5, queue.append, answers.append)
    near.run()
    assert (queue, answers) == ([near], [])
    queue.pop().run()
    assert (queue, answers) == ([near], [])
    queue.pop().run()
    (view,) = answers
    assert (view.symbols, view.candidates, len(view.rows), queue) == (101, 101, 5, [])


def test_a_symbol_that_fails_meanwhile_is_left_out_alone():
    desks = [desk_at("09:20", 90.0, f"NSE:S{number}") for number in range(3)]
    del desks[1].actor.runners[0].judge
    answers: list[NearView] = []
    Near([desk.actor for desk in desks], None, 5, lambda _: None, answers.append).run()
    assert [row.symbol for row in answers[0].rows] == ["NSE:S0", "NSE:S2"]
    assert desks[1].actor.actor_stopped.is_set()
    assert [told.symbol for told in desks[1].health] == ["NSE:S1"]


def test_what_else_is_in_the_way_is_told_of_each():
    answers: list[NearView] = []
    Near([desk_at("15:24", 90.0).actor], None, 5, lambda _: None, answers.append).run()
    assert answers[0].rows[0].blocked == ("no entry in the last 10 minutes",)


def test_it_is_answered_from_the_workers_thread(market: Any):
    opened = market({"NSE:TCS": [99.0]}, strategy())
    threads: SimpleQueue[str] = SimpleQueue()
    opened.line.router.near(None, 1, lambda _: threads.put(threading.current_thread().name))
    assert threads.get(timeout=LONG_S) == "symbols"
