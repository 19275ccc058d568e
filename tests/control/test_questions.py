"""What can be asked about what lacks for a signal, over real HTTP."""

import pytest

from actors.views import NearView
from control.json_values import from_json
from control.why import WhyView, why
from tests.control.conftest import Program
from tests.symbol_views import near_view, symbol_view


def test_why_a_symbol_is_silent_is_answered(program: Program) -> None:
    status, value = program.request("/why?symbol=m%26m")
    assert status == 200
    # By their texts, for nan is not equal to itself; an infinite distance travels as null too.
    assert repr(from_json(WhyView, value)) == repr(why(symbol_view())).replace("inf", "nan")


def test_why_of_an_unknown_symbol_gets_the_nearest_names(program: Program) -> None:
    status, value = program.request("/why?symbol=RELIANC")
    assert (status, value["nearest"][0]) == (404, "NSE:RELIANCE")


def test_who_is_closest_is_answered_for_one_strategy_or_for_all(program: Program) -> None:
    asked: list[tuple[str | None, int]] = []

    def near(strategy: str | None, top: int) -> NearView:
        asked.append((strategy, top))
        return near_view("ema_vwap", top)

    program.near = near
    status, value = program.request("/near?strategy=opening_range&top=1")
    assert (status, [row["symbol"] for row in value["rows"]]) == (200, ["NSE:M&M"])
    status, value = program.request("/near")
    assert [row["distance_percent"] for row in value["rows"]] == [0.0348, None]
    assert from_json(NearView, value).left_out == {"in a signal": 12, "not warm": 880}
    assert asked == [("opening_range", 1), (None, 20)]


@pytest.mark.parametrize("top", ["0", "-1", "201", "x", "1e3", "1" * 5000, "%D9%A3"])
def test_a_number_that_makes_no_sense_is_refused(program: Program, top: str) -> None:
    status, value = program.request(f"/near?top={top}")
    assert (status, value["error"]) == (400, "top is a whole number from 1 to 200")


def test_a_strategy_that_does_not_run_gets_the_nearest_name(program: Program) -> None:
    status, value = program.request("/near?strategy=ema_vwp")
    assert (status, value["nearest"]) == (404, ["ema_vwap"])


def test_symbols_that_do_not_answer_in_time_are_said_so(program: Program) -> None:
    program.near = lambda *_: None
    status, value = program.request("/near")
    assert (status, value["error"]) == (503, "the symbols are too busy to answer; try again")
