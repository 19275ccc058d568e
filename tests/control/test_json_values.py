import json
from dataclasses import dataclass
from math import inf, isnan, nan

import pytest

from actors.views import BarView, IndicatorView, SymbolView
from control.json_values import from_json, to_json
from tests.symbol_views import silent_view, symbol_view


@pytest.mark.parametrize("view", [symbol_view(), silent_view("NSE:TCS")])
def test_a_symbols_view_survives_the_way_through_json(view: SymbolView) -> None:
    text = json.dumps(to_json(view), allow_nan=False)
    assert repr(from_json(SymbolView, json.loads(text))) == repr(view)


def test_nan_and_infinity_travel_as_null() -> None:
    assert to_json({"a": nan, "b": [inf, -inf, 1.5]}) == {"a": None, "b": [None, None, 1.5]}
    assert isnan(from_json(IndicatorView, {"name": "ema9", "value": None, "ready": False}).value)


def test_whole_numbers_stand_for_floats_and_unknown_fields_are_left_out() -> None:
    indicator = from_json(IndicatorView, {"name": "ema9", "value": 3000, "ready": True, "colour": "red"})
    assert indicator == IndicatorView("ema9", 3000.0, ready=True)
    assert isinstance(indicator.value, float)


@dataclass(frozen=True)
class Pair:
    both: tuple[int, str]


def test_a_tuple_of_fixed_length_keeps_its_kinds() -> None:
    assert from_json(Pair, {"both": [1, "a"]}) == Pair((1, "a"))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"name": 1, "value": 1.0, "ready": True},
        {"name": "ema9", "value": "high", "ready": True},
        {"name": "ema9", "value": 1.0, "ready": "yes"},
    ],
)
def test_what_is_something_else_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_json(IndicatorView, value)


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(TypeError):
        from_json(BarView, {"start_ms": 1})
