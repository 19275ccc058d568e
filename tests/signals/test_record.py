import contextlib
import json
from math import inf, isnan, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.record import from_json, from_record, to_json, to_record
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition
from tests.transitions import at, entry, exit_of

finite = st.floats(allow_nan=False, allow_infinity=False)
simple = st.builds(
    Condition, st.text(), finite | st.just(nan), finite | st.just(nan), st.sampled_from([True, False, None])
)
conditions = st.recursive(
    simple,
    lambda parts: st.builds(
        Condition, st.text(), finite, finite, st.booleans(), st.lists(parts, max_size=3).map(tuple)
    ),
    max_leaves=6,
)
transitions = st.builds(
    Transition,
    id=st.text("0123456789abcdef", min_size=32, max_size=32),
    symbol=st.text(),
    strategy=st.text(),
    version=st.just("7"),
    direction=st.sampled_from(Side),
    type=st.sampled_from(SignalType),
    reason=st.sampled_from(Reason),
    time_ms=st.integers(0, 4_000_000_000_000),
    bar_start_ms=st.integers(0, 4_000_000_000_000),
    timeframe=st.sampled_from(["1m", "75m"]),
    price=finite,
    target=st.none() | finite,
    stop=st.none() | finite,
    indicators=st.dictionaries(st.text(), finite).map(lambda values: tuple(values.items())),
    conditions=st.lists(conditions, max_size=5).map(tuple),
    state_id=st.text("0123456789abcdef", min_size=32, max_size=32),
    quality=st.builds(Quality, st.booleans(), st.booleans(), st.booleans(), st.integers(0, 10**9)),
    score=st.none() | finite,
    reported=st.lists(st.text(), max_size=3).map(tuple),
)


def test_the_record_is_the_documented_one():
    signal = entry(
        "NSE:RELIANCE",
        time="09:31",
        price=2500.5,
        target=2525.5,
        stop=2488.0,
        conditions=(Condition("close > ema(9)", 2500.5, 2498.2, ok=True),),
        quality=Quality(age_ms=412),
    )
    assert list(to_record(signal).items()) == [
        ("id", signal.id),
        ("short_id", signal.short_id),
        ("schema", 1),
        ("symbol", "NSE:RELIANCE"),
        ("strategy", "ema_vwap"),
        ("direction", "LONG"),
        ("type", "ENTRY"),
        ("reason", "rule"),
        ("time", "2025-11-17T09:31:00+05:30"),
        ("bar_start", "2025-11-17T09:30:00+05:30"),
        ("timeframe", "1m"),
        ("price", 2500.5),
        ("target", 2525.5),
        ("stop", 2488.0),
        ("score", None),
        ("indicators", {"ema9": 3008.1, "vwap": 2999.4}),
        ("report", []),
        (
            "conditions",
            [{"text": "close > ema(9)", "left": 2500.5, "right": 2498.2, "margin_percent": 0.0921, "ok": True}],
        ),
        ("state_id", signal.id),
        ("quality", {"warm": True, "partial": False, "late": False, "age_ms": 412}),
    ]


def test_a_condition_without_two_sides_has_null_in_their_place_and_its_parts_below_it():
    never = Condition("in session 09:20-15:00", nan, nan, ok=True)
    either = Condition(
        "a or b", nan, nan, ok=True, parts=(Condition("a", 3.0, 2.0, ok=True), Condition("b", nan, 0.0, ok=None))
    )
    signal = entry(conditions=(never, either))
    nothing = {"left": None, "right": None, "margin_percent": None}
    assert to_record(signal)["conditions"] == [
        {"text": "in session 09:20-15:00", **nothing, "ok": True},
        {
            "text": "a or b",
            **nothing,
            "ok": True,
            "parts": [
                {"text": "a", "left": 3.0, "right": 2.0, "margin_percent": 50.0, "ok": True},
                {"text": "b", "left": None, "right": 0.0, "margin_percent": None, "ok": None},
            ],
        },
    ]
    assert from_json(to_json(signal)).conditions == signal.conditions


def test_a_record_of_before_there_were_scores_can_still_be_read():
    record = to_record(entry())
    del record["score"], record["report"]
    assert (from_record(record, "1").score, from_record(record, "1")) == (None, entry())


@settings(max_examples=150, deadline=None)
@given(transitions)
def test_every_transition_comes_back_from_its_record(transition: Transition):
    assert from_record(json.loads(to_json(transition)), version="7") == transition


def test_an_exit_keeps_the_id_of_its_entry_and_the_millisecond_of_its_tick():
    opened = entry()
    left = exit_of(opened, time="10:52:07.123", price=3042.65)
    back = from_json(to_json(left))
    assert back.state_id == opened.id
    assert back.time_ms == at("10:52:07.123")


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_never_reaches_the_json(value: float):
    signal = entry(target=value, conditions=(Condition("rsi(14) > 70", value, 70.0, ok=False),))
    text = to_json(signal)
    assert "NaN" not in text
    assert "Infinity" not in text
    back = from_json(text)
    assert back.target is None
    assert isnan(back.conditions[0].left)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_record_that_is_none_is_a_value_error_and_nothing_else(data: st.DataObject):
    record = to_record(entry())
    key = data.draw(st.sampled_from(sorted(record)))
    record[key] = data.draw(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))
    with contextlib.suppress(ValueError):
        from_record(record)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '{"id": 1}'])
def test_a_text_that_is_no_record_is_refused(text: str):
    with pytest.raises(ValueError, match="not a signal record"):
        from_json(text)
