"""Symbols whose rules read another one are given its past, too, whoever is fetched first."""

from collections.abc import Callable

from brokers.history import DayQuote
from settings.strategy_schema import StrategySettings
from simulator.rest_faults import Empty
from tests.warmup.conftest import SYMBOLS, Morning

READER, READ = SYMBOLS[0], SYMBOLS[2]
MakeMorning = Callable[[str], Morning]
STRENGTH = StrategySettings.model_validate(
    {
        "name": "strength",
        "symbols": (READER,),
        "target": "",
        "stop": "",
        "long": {"entry": (f'correlation(close, close of "{READ}", 200) > 2',)},
    }
)


def started(morning: Morning) -> Morning:
    morning.miss_before_start("10:00:20")
    morning.start(STRENGTH)
    morning.warm_up.plan()
    return morning


def told(morning: Morning) -> list[float]:
    """Both sides of the reader's condition on its last bar."""
    morning.settle()
    conditions = morning.view(READER).strategies[0].conditions["LONG"]
    return [each.left for each in conditions]


def test_whom_others_read_is_fetched_first_however_little_it_trades(morning: Morning):
    morning.miss_before_start("10:00:20")
    morning.start(STRENGTH)
    morning.warm_up._quotes = {
        morning.key_of[symbol]: DayQuote(100.0, 0 if symbol == READ else 1000, 100.0) for symbol in SYMBOLS
    }
    morning.warm_up.plan()
    assert morning.warm_up.step()
    morning.settle()
    assert list(morning.store.history_spans()) == [READ]


def test_a_reader_that_was_fetched_before_whom_it_reads_begins_anew_after_it(make_morning: MakeMorning):
    first, late = make_morning("first"), make_morning("late")
    started(first)
    first.fetch()
    started(late)
    security = next(each.security_id for each in late.listings if each.instrument.symbol == READ)
    late.rest.faults.security(security, Empty())
    late.fetch()
    assert late.warm_up.left == 1
    assert told(late) != told(first)
    late.clock.pass_ms(2000)
    late.fetch()
    assert late.warm_up.left == 0
    assert told(late) == told(first)
    assert late.view(READER).warm == first.view(READER).warm == "yes"
