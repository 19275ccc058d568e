from collections.abc import Sequence
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.alert import Alert
from delivery.message import LONGEST, Message, compose, digest
from signals.record import to_json
from signals.signal import Condition, Quality, Reason, Side, Transition
from tests.loopback_services import HtmlReader
from tests.transitions import entry, exit_of

NASTY = ["M&M", "J&KBANK", "a<b", "x_y_z", "<b>bold</b>", "&amp;", "[x](http://y)", "*s*", "`c`", "</b>", "<a href=x>"]
texts = st.text() | st.sampled_from(NASTY) | st.lists(st.sampled_from(NASTY)).map(" ".join)


def alert(
    transition: Transition, entered: Transition | None = None, *, repeat: bool = False, overdue: bool = False
) -> Alert:
    return Alert(transition, to_json(transition), entered, repeat=repeat, overdue=overdue)


def test_an_entry_says_everything_a_trader_wants_on_one_screen():
    signal = entry(quality=Quality(age_ms=412))
    assert compose(alert(signal)).text.split("\n") == [
        "🟢 LONG M&M ₹3,012.50 · ema_vwap · 10:31 IST",
        f"1m bar 10:30\N{EN DASH}10:31, 17 Nov 2025 · price 0.4 s old · #{signal.short_id}",
        "✓ close > ema(9): 3,012.50 vs 3,008.10 (+0.15%)",
        "✓ close > vwap: 3,012.50 vs 2,999.40 (+0.44%)",
        "Entry ₹3,012.50 · Stop ₹2,997.45 · Target ₹3,042.65",
        "Risk ₹15.05 a share · R:R 2.0",
    ]


def test_an_exit_says_what_became_of_its_entry():
    opened = entry()
    left = exit_of(opened, time="10:52:07", price=3042.65)
    assert compose(alert(left, opened)).text.split("\n") == [
        "⚪ EXIT LONG M&M ₹3,042.65 · target hit · ema_vwap · 10:52:07 IST · +1.00%",
        f"1m bar 10:52, 17 Nov 2025 · #{left.short_id}",
        f"Entry #{opened.short_id} ₹3,012.50 at 10:31",
        "Result +30.15 a share (+1.00%) · +2.0R",
    ]


def test_a_short_that_went_wrong_is_a_loss():
    opened = entry("NSE:SBIN", direction=Side.SHORT, price=800.0, stop=804.0, target=None)
    text = compose(alert(exit_of(opened, time="11:00", price=804.0, reason=Reason.STOP), opened)).text
    assert "EXIT SHORT SBIN ₹804.00 · stop hit" in text
    assert "Result -4.00 a share (-0.50%) · -1.0R" in text
    assert compose(alert(opened)).text.startswith("🔴 SHORT SBIN ₹800.00")


def test_an_exit_whose_entry_is_not_known_names_it():
    opened = entry()
    text = compose(alert(exit_of(opened, time="11:00", price=804.0, reason=Reason.MARKET_END))).text
    assert f"Entry #{opened.short_id}" in text
    assert "market end" in text


@pytest.mark.parametrize(
    "symbol", ["NSE:M&M", "NSE:360ONE", "NSE:BAJAJ-AUTO", "NSE:MCDOWELL-N", "MCX:CRUDEOILM25DECFUT"]
)
@pytest.mark.parametrize("direction", Side)
def test_the_lock_screen_shows_side_symbol_price_rule_and_time(symbol: str, direction: Side):
    opened = entry(symbol, direction=direction, price=12_345.5)
    first = compose(alert(opened)).lines[0]
    exit_ = exit_of(opened, time="10:52:33", price=12_445.5, reason=Reason.TARGET)
    for line in (first, compose(alert(exit_, opened)).lines[0]):
        shown = line[:72]
        assert direction in shown
        assert symbol.removeprefix("NSE:") in shown
        assert "₹12,3" in shown or "₹12,4" in shown
        assert "ema_vwap" in shown
    assert "10:31 IST" in first[:70]


def test_doubts_about_the_data_are_shown_before_the_reasons():
    lines = compose(alert(entry(quality=Quality(warm=False, partial=True, late=True)))).lines
    assert lines[2].startswith("⚠ LATE")
    assert "partial bar" in lines[2]
    assert "not warm" in lines[2]


def test_a_possible_repeat_says_so_with_its_id():
    signal = entry()
    assert f"(possible repeat #{signal.short_id})" in compose(alert(signal, repeat=True)).text
    assert f"#{signal.short_id} (possible repeat)" in digest([alert(signal, repeat=True)], 0).text


def test_the_subject_of_a_mail_is_the_headline_with_the_id():
    signal = entry()
    assert compose(alert(signal)).subject == f"🟢 LONG M&M ₹3,012.50 · ema_vwap · 10:31 IST #{signal.short_id}"


def test_a_condition_without_a_number_has_no_margin():
    text = compose(alert(entry(conditions=(Condition("roc(15) > 2", nan, 0.0, ok=False),)))).text
    assert "✗ roc(15) > 2: — vs 0.00\n" in text


def test_a_condition_that_compares_nothing_has_no_values_and_one_that_is_not_known_says_so():
    conditions = (
        Condition("in session 09:20-15:00", nan, nan, ok=True),
        Condition("pattern(DOJI)", nan, nan, ok=None),
        Condition("close > ema(200)", 3012.5, nan, ok=None),
    )
    assert compose(alert(entry(conditions=conditions))).lines[2:5] == (
        "✓ in session 09:20-15:00",
        "? pattern(DOJI) (not known)",
        "? close > ema(200) (not known): 3,012.50 vs —",
    )


def test_what_a_condition_is_made_of_stands_below_it():
    turn = Condition("ema(9) crosses above ema(21)", 100.0, 99.0, ok=False)
    conditions = (
        Condition("count(a, b) >= 1", 1.0, 1.0, ok=True, parts=(
            Condition("a", 2.0, 1.0, ok=True),
            Condition("b within 2 bars", nan, nan, ok=False, parts=(turn,)),
        )),
        Condition("close > vwap", 3012.5, 2999.4, ok=True),
    )  # fmt: skip
    assert compose(alert(entry(conditions=conditions))).lines[2:7] == (
        "✓ count(a, b) >= 1: 1.00 vs 1.00 (+0.00%)",
        "↳ ✓ a: 2.00 vs 1.00 (+100.00%)",
        "↳ ✗ b within 2 bars",
        "↳ ↳ ✗ ema(9) crosses above ema(21): 100.00 vs 99.00 (+1.01%)",
        "✓ close > vwap: 3,012.50 vs 2,999.40 (+0.44%)",
    )


def test_an_entry_tells_what_its_strategy_reports_and_its_score():
    signal = entry(reported={"confidence": 4.0, "stop_percent": 0.4996}, score=2.1)
    assert compose(alert(signal)).lines[-1] == "confidence 4 · stop percent 0.4996 · score 2.10"
    assert f"10:31 · score 2.10 · #{signal.short_id}" in digest([alert(signal)], 0).text


def test_an_entry_without_levels_has_no_empty_lines():
    assert compose(alert(entry(target=None, stop=None))).lines[-1].startswith("✓ close > vwap")


def test_a_digest_has_one_line_for_each_signal_and_says_how_many_follow():
    signals = [entry(f"NSE:S{n}", direction=Side.LONG if n % 3 else Side.SHORT) for n in range(30)]
    lines = digest([alert(signal) for signal in signals], 270).text.split("\n")
    assert lines[0] == "📋 10:31 IST · 30 signals · 10 short, 20 long"
    assert lines[1] == "270 more follow"
    assert lines[2] == f"SHORT S0 ₹3,012.50 · ema_vwap · 10:31 · #{signals[0].short_id}"
    assert len(lines) == 32


def test_a_digest_of_old_signals_says_late_and_over_which_time():
    opened = entry(time="10:02")
    left = exit_of(opened, time="10:07", price=3030.0)
    text = digest([alert(opened, overdue=True), alert(left, opened, overdue=True)], 0).text
    assert text.startswith("⏰ LATE 10:02\N{EN DASH}10:07 IST · 2 signals · 1 long, 1 exit")
    assert "EXIT LONG M&M ₹3,030.00 · target hit · ema_vwap · 10:07 · +0.58%" in text


def test_no_message_is_longer_than_telegram_takes_and_what_is_left_out_is_counted():
    wordy = tuple(Condition("close > ema(9) & more <than> that " * 9, 100.0, 99.0, ok=True) for _ in range(80))
    message = compose(alert(entry(conditions=wordy)))
    assert len(message.html) <= LONGEST
    assert any(line.startswith("… and ") and line.endswith(" more conditions") for line in message.lines)
    assert message.lines[-1].startswith("Risk")
    longest_names = [alert(entry(f"NSE:{'M&' * 20}{n}", strategy="s" * 32)) for n in range(30)]
    assert len(digest(longest_names, 5).html) <= LONGEST


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_name_and_no_text_ever_becomes_markup(data: st.DataObject):
    conditions = data.draw(st.lists(st.builds(Condition, texts, st.just(1.0), st.just(2.0), st.booleans())))
    signals = [
        entry(data.draw(texts), strategy=data.draw(texts), conditions=tuple(conditions), time=f"10:{minute}")
        for minute in (31, 32)
    ]
    for message in (compose(alert(signals[0], repeat=True)), digest([alert(signal) for signal in signals], 3)):
        assert_only_our_markup(message)


def test_the_worst_names_survive_word_for_word():
    for name in NASTY:
        message = compose(alert(entry(f"NSE:{name}", strategy=name)))
        assert_only_our_markup(message)
        assert f"LONG {name} ₹" in HtmlReader(message.html).text


def assert_only_our_markup(message: Message) -> None:
    reader = HtmlReader(message.html)
    assert reader.fault is None
    assert set(reader.tags) <= {"b", "br"}
    assert reader.tags.count("b") == 1
    assert reader.attributes == []
    assert reader.text.split("\n") == list(message.lines)
    assert_one_line_each(message.lines)


def assert_one_line_each(lines: Sequence[str]) -> None:
    assert all(len(line.splitlines()) <= 1 for line in lines)
