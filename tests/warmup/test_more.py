"""New rules that want a longer past than there is: the broker is asked for it."""

from reloading.past import StoredPast
from settings.strategy_schema import StrategySettings
from tests.factories import ema_vwap
from tests.warmup.conftest import SYMBOLS, Morning


def with_longer_rules(morning: Morning) -> int:
    longer = StrategySettings.model_validate(
        {"name": "longer", "target": "", "stop": "", "long": {"entry": ("close crosses above ema(150)",)}}
    )
    past = StoredPast(morning.store, morning.line, morning.clock.ms)
    return morning.line.reload((ema_vwap(), longer), past).warmed


def test_new_rules_that_want_more_are_not_warm_until_the_broker_was_asked(morning: Morning) -> None:
    morning.start()
    morning.warm_up.plan()
    morning.fetch()
    morning.watch("09:40:05")
    before = list(morning.transitions)
    assert with_longer_rules(morning) == len(SYMBOLS)
    assert morning.warm_up.want_more() == len(SYMBOLS)
    assert {morning.view(symbol).warm for symbol in SYMBOLS} == {"partial"}
    assert morning.fetch() == len(SYMBOLS)
    for symbol in SYMBOLS:
        view = morning.view(symbol)
        assert (view.warm, view.bars_wanted) == ("yes", 600)
        assert view.bars_seen > 600
    assert morning.warm_up.want_more() == 0
    assert morning.transitions == before
