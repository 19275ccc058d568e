import pytest

from delivery.dedupe import Dedupe, Repeat, repeats_of
from settings.schema import Alerts
from settings.strategy_schema import StrategySettings
from signals.signal import Side
from tests.transitions import entry, exit_of


@pytest.fixture
def dedupe() -> Dedupe:
    return Dedupe(Repeat(minutes=5.0, move_percent=0.3))


@pytest.mark.parametrize(
    ("time", "price", "news"),
    [
        ("10:32", 1000.0, False),
        ("10:35", 1002.9, False),
        ("10:35", 997.1, False),
        ("10:35", 1003.0, True),
        ("10:35", 997.0, True),
        ("10:36", 1000.0, True),
        ("10:36", 1050.0, True),
    ],
)
def test_an_entry_repeats_when_it_is_soon_and_near_the_last_one(dedupe: Dedupe, time: str, price: float, *, news: bool):
    assert dedupe.is_news(entry(time="10:31", price=1000.0))
    assert dedupe.is_news(entry(time=time, price=price)) is news


def test_another_symbol_strategy_or_direction_is_always_news(dedupe: Dedupe):
    assert dedupe.is_news(entry())
    assert dedupe.is_news(entry("NSE:TCS"))
    assert dedupe.is_news(entry(strategy="gap_and_go", time="10:32"))
    assert dedupe.is_news(entry(direction=Side.SHORT, time="10:32"))
    assert not dedupe.is_news(entry(time="10:33"))


def test_time_and_price_count_from_the_last_alert_that_was_sent(dedupe: Dedupe):
    assert dedupe.is_news(entry(time="10:31", price=1000.0))
    assert not dedupe.is_news(entry(time="10:34", price=1002.0))
    assert dedupe.is_news(entry(time="10:36", price=1002.0)), "five minutes after the one that was sent"


def test_the_exit_goes_where_its_entry_went(dedupe: Dedupe):
    sent, kept = entry(time="10:31"), entry(time="10:33")
    assert dedupe.is_news(sent)
    assert dedupe.is_news(exit_of(sent, time="10:32", price=3010.0))
    assert not dedupe.is_news(kept)
    assert not dedupe.is_news(exit_of(kept, time="10:34", price=3010.0))


def test_the_exit_of_an_entry_from_before_is_news(dedupe: Dedupe):
    assert dedupe.is_news(exit_of(entry(), time="10:32", price=3010.0))


def test_a_transition_raised_again_gets_the_same_answer(dedupe: Dedupe):
    sent, kept = entry(time="10:31"), entry(time="10:33")
    for _ in range(3):
        assert dedupe.is_news(sent)
        assert not dedupe.is_news(kept)


def test_decisions_of_an_earlier_run_hold():
    dedupe = Dedupe(Repeat(5.0, 0.3))
    sent, kept = entry(time="10:31"), entry(time="10:33")
    dedupe.remember(sent, was_sent=True)
    dedupe.remember(exit_of(sent, time="10:32", price=3010.0), was_sent=True)
    dedupe.remember(kept, was_sent=False)
    assert not dedupe.is_news(entry(time="10:35"))
    assert not dedupe.is_news(exit_of(kept, time="10:36", price=3010.0))


def test_an_entry_found_late_does_not_hide_the_next_one(dedupe: Dedupe):
    assert dedupe.is_news(entry(time="10:31", price=1000.0))
    assert dedupe.is_news(entry(time="10:20", price=1000.0)), "older than the last alert: found again after a gap"
    assert not dedupe.is_news(entry(time="10:33", price=1000.0))


def test_with_nothing_configured_every_entry_is_news():
    dedupe = Dedupe(Repeat(0.0, 0.0))
    assert all(dedupe.is_news(entry(time=f"10:{minute}")) for minute in range(31, 40))


def test_a_strategy_has_its_own_say_in_what_repeats_an_alert():
    strategies = [
        StrategySettings(name="confluence", repeat_minutes=2.0),
        StrategySettings(name="momentum", version="2", repeat_move_percent=1.0),
        StrategySettings(name="ema_vwap"),
    ]
    of_strategy = repeats_of(Alerts(repeat_minutes=5.0, repeat_move_percent=0.3), strategies)
    assert of_strategy == {("confluence", "1"): Repeat(2.0, 0.3), ("momentum", "2"): Repeat(5.0, 1.0)}
    dedupe = Dedupe(Repeat(5.0, 0.3), of_strategy)
    for strategy in ("confluence", "ema_vwap"):
        assert dedupe.is_news(entry(time="10:31", strategy=strategy))
    assert dedupe.is_news(entry(time="10:33", strategy="confluence"))
    assert not dedupe.is_news(entry(time="10:33", strategy="ema_vwap"))
