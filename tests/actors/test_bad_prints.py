"""A single bad print makes no signal, a true gap does: per kind of instrument."""

from itertools import pairwise
from random import Random

import pytest

from actors.outlets import Outlets
from actors.symbol_actor import SymbolActor
from engine.study import Study
from market.bar import MINUTE_MS, Bar
from market.instrument import Kind
from rules.references import References
from signals.signal import Transition
from tests.factories import Desk, InlineWorker, Told, at, hours, instrument, plan, said, values

Tick = tuple[int, float, int]


def afternoon(chance: Random) -> list[Tick]:
    """An hour that goes up and down through 100, a trade every seven seconds."""
    price, ticks = 100.0, []
    for number in range(500):
        price = round(price + chance.choice((-0.3, -0.1, 0.1, 0.3)) + (100 - price) * 0.02, 2)
        ticks.append((at("13:00") + number * 7000, price, 1000 + number * 10))
    return ticks


def played(ticks: list[Tick]) -> tuple[list[tuple[str, Bar]], list[Transition], dict[str, int]]:
    desk = Desk(plan(target="0.6 %", stop="0.4 %"))
    for (at_ms, price, volume), (next_ms, *_) in pairwise([*ticks, (at("14:30"), 0.0, 0)]):
        desk.actor.on_tick(at_ms, price, volume)
        if next_ms // MINUTE_MS > at_ms // MINUTE_MS:
            desk.actor.on_minute_ended(at_ms // MINUTE_MS * MINUTE_MS, next_ms)
    return desk.outlets.bars, desk.transitions, dict(desk.actor.bars.counts)


@pytest.mark.parametrize("seed", range(5))
def test_bad_prints_among_the_trades_of_an_hour_change_no_bar_and_no_signal(seed: int):
    chance = Random(seed)
    ticks = afternoon(chance)
    bars, transitions, counts = played(ticks)
    assert len(transitions) >= 8
    assert counts == {}
    dirty, bad = [], 0
    for number, (at_ms, price, volume) in enumerate(ticks):
        dirty.append((at_ms, price, volume))
        if number % 9 == 4 and number < 490:
            bad += 1
            dirty.append((at_ms + 1000, price * chance.choice((0.0001, 0.3, 0.75, 1.3, 3.0, 100.0)), volume + 5))
    dirty_bars, dirty_transitions, dirty_counts = played(dirty)
    assert values([bar for _, bar in dirty_bars]) == values([bar for _, bar in bars])
    assert said(dirty_transitions) == said(transitions)
    assert dirty_counts == {"bad_print_held": bad, "bad_print_dropped": bad}


def test_a_true_gap_ends_a_signal_with_its_second_trade_at_the_price_of_its_first():
    desk = Desk(plan(target="1 %", stop="1 %"))
    desk.minute("09:59", 100.0)
    desk.minute("10:00", 100.5)
    desk.tick("10:01:10", 130.0, 300)
    assert said(desk.transitions)[1:] == []
    desk.tick("10:01:14", 130.5, 310)
    assert said(desk.transitions)[1:] == [("EXIT", "target", "10:01:10", 130.0)]


@pytest.mark.parametrize("kind", list(Kind))
def test_only_options_may_jump(kind: Kind):
    traded = instrument("NSE:X", kind=kind)
    actor = SymbolActor.launch(
        InlineWorker(), Study(traded, hours("NSE:X", kind=kind), [], References()), Outlets(Told(), Told())
    )
    actor.on_tick(at("10:00:10"), 10.0, 10)
    actor.on_tick(at("10:00:20"), 14.0, 20)
    assert actor.bars.last_price == (14.0 if kind is Kind.OPTION else 10.0)
