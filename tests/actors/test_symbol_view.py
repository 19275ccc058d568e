"""What a real symbol actor shows of itself when it is inspected, and what its entries carry."""

from math import inf
from typing import Any

import pytest

from actors.messages import Inspect
from actors.views import StrategyView, SymbolView
from engine.blocks import ALREADY
from engine.playbook import Playbook
from settings.strategy_schema import StrategySettings
from signals.record import from_json, to_json, to_record
from tests.factories import Desk, instrument, rule_plan

RULES: dict[str, Any] = {
    "long": {"entry": ("close > 100", "close > 50 or close > 200")},
    "short": {"entry": ("close < 80",)},
    "score": "close / 10",
    "report": {"stop_percent": "(entry - stop) / entry * 100"},
    "stop": "1 %",
}


@pytest.fixture
def desk() -> Desk:
    return Desk(rule_plan(**RULES))


def viewed(desk: Desk) -> StrategyView:
    view = desk.actor.actor_ref.ask(Inspect(), timeout=10)
    assert isinstance(view, SymbolView)
    (only,) = view.strategies
    return only


def test_each_direction_tells_what_it_lacks_and_how_far_it_is(desk: Desk):
    desk.minute("09:20", 99.0)
    long, short = viewed(desk).sides
    assert (long.direction, len(long.unmet), long.blocked) == ("LONG", 1, ())
    assert long.distance_percent == pytest.approx(1.0)
    assert (short.direction, short.unmet[0].condition.left, short.unmet[0].condition.right) == ("SHORT", 99.0, 80.0)


def test_before_the_first_bar_only_that_is_told(desk: Desk):
    strategy = viewed(desk)
    assert strategy.conditions == {}
    assert [(side.unmet, side.blocked[0]) for side in strategy.sides] == [((), "no 1m candle has closed yet")] * 2


def test_what_holds_already_waits_for_an_edge(desk: Desk):
    desk.minute("09:20", 101.0)
    long, short = viewed(desk).sides
    assert (long.unmet, long.distance_percent, long.blocked) == ((), 0.0, (ALREADY,))
    assert short.blocked == ()


def test_an_entry_carries_its_score_what_is_reported_and_the_parts_of_its_conditions(desk: Desk):
    desk.minute("09:20", 99.0)
    desk.minute("09:21", 101.0)
    (entry,) = desk.transitions
    assert (entry.score, entry.reported) == (10.1, ("stop_percent",))
    assert dict(entry.indicators)["stop_percent"] == pytest.approx(0.99, abs=0.01)
    assert [part.ok for part in entry.conditions[1].parts] == [True, False]
    assert all(condition.ok for condition in entry.conditions)
    back = from_json(to_json(entry))
    assert (back.score, back.reported, back.conditions) == (entry.score, entry.reported, entry.conditions)
    assert to_record(entry)["conditions"][0]["margin_percent"] == 1.0


def test_the_side_a_signal_is_in_and_the_other_say_so(desk: Desk):
    desk.minute("09:20", 99.0)
    desk.minute("09:21", 101.0)
    assert [side.blocked for side in viewed(desk).sides] == [("in this signal",), ("in a LONG signal",)]


def test_a_distance_that_cannot_be_told_is_infinite():
    desk = Desk(rule_plan(long={"entry": ("close > sma(9)",)}))
    desk.minute("09:20", 99.0)
    (long,) = viewed(desk).sides
    assert (long.distance_percent, long.unmet[0].condition.ok) == (inf, None)


def test_strategies_for_others_are_known_with_whom_they_are_for():
    long: Any = {"long": {"entry": ("close > 100",)}}
    playbook = Playbook(
        [
            StrategySettings.model_validate({"name": name} | whom | long)
            for name, whom in (
                ("gold", {"symbols": ("MCX:GOLD*", "MCX:SILVER*")}),
                ("indices", {"kinds": ("INDEX",)}),
                ("all", {}),
            )
        ],
        (),
    )
    assert playbook.unasked(instrument("NSE:TCS")) == ("gold (only MCX:GOLD*, MCX:SILVER*)", "indices (only INDEX)")
