"""Rules that want more of the past than a broker gives in one request."""

from itertools import pairwise

import pytest

from actors.messages import HistoryStatus
from market.sessions import DAY_MS
from settings.strategy_schema import StrategySettings
from simulator.dhan_rest import CANDLES
from simulator.rest_faults import Empty, Refuse
from tests.factories import at, ema_vwap
from tests.warmup.conftest import DAY, SYMBOLS, Morning
from warmup.progress import PACE_S

TCS, OTHERS = SYMBOLS[0], SYMBOLS[1:]
PARTS = 4
"""Requests for 240 trading days."""
DEEP = StrategySettings.model_validate(
    {
        "name": "deep",
        "symbols": (TCS,),
        "timeframe": "75m",
        "target": "",
        "stop": "",
        "long": {"entry": ("close > ema(200)",)},
    }
)


def started(morning: Morning, *, moment: str = "") -> Morning:
    if moment:
        morning.miss_before_start(moment)
    morning.start(ema_vwap(), DEEP)
    morning.warm_up.plan()
    return morning


def span_of(morning: Morning, symbol: str = TCS) -> list[tuple[int, int]]:
    morning.settle()
    return morning.store.history_spans()[symbol]


def test_one_symbol_asks_for_its_long_past_in_parts_and_the_others_for_their_own_alone(morning: Morning):
    started(morning)
    assert morning.fetch() == len(OTHERS) + PARTS
    assert morning.rest.refused == 0
    assert morning.rest.most_in_a_second[CANDLES] <= 5
    view = morning.view()
    assert (view.warm, view.bars_of, view.bars_wanted) == ("yes", "75m", 800)
    assert view.bars_seen > 800
    assert [len(span_of(morning, symbol)) for symbol in SYMBOLS] == [1, 1, 1]
    assert span_of(morning)[0][0] < at("00:00", DAY) - 300 * DAY_MS
    assert span_of(morning, OTHERS[0])[0][0] > at("00:00", DAY) - 10 * DAY_MS
    bars = morning.store.symbol_bars(TCS, 0)
    assert all(early.start_ms < late.start_ms for early, late in pairwise(bars))
    seen = [each.warm for each in map(morning.view, OTHERS)]
    assert seen == ["yes", "yes"]


def test_the_newest_part_comes_first_so_that_shorter_rules_wait_for_no_older_one(morning: Morning):
    started(morning, moment="10:00:20")
    for _ in SYMBOLS:
        assert morning.warm_up.step()
        morning.clock.pass_ms(210)
    assert morning.warm_up.left == 1
    morning.settle()
    deep, usual = morning.actor().runners[1], morning.actor().runners[0]
    assert usual.settled
    assert not deep.settled
    assert morning.view().warm == "partial"
    assert len(morning.bars()) == 45
    assert morning.fetch() == PARTS - 1
    assert deep.settled


def test_a_second_start_the_same_day_asks_for_nothing_though_a_hole_was_repaired(morning: Morning):
    started(morning)
    morning.fetch()
    morning.watch("09:40:20")
    morning.cut("09:45:20")
    morning.watch("09:50:20")
    assert morning.fetch() == len(SYMBOLS)
    assert morning.view().warm == "yes"
    asked = morning.rest.counts[CANDLES]
    morning.stop()
    started(morning)
    assert morning.fetch() == 0
    assert morning.rest.counts[CANDLES] == asked
    assert [morning.view(symbol).warm for symbol in SYMBOLS] == ["yes"] * len(SYMBOLS)


def test_after_a_cut_in_between_it_is_taken_up_where_it_was(morning: Morning):
    started(morning)
    for _ in range(len(OTHERS) + 2):  # the newest of each, and one older part
        assert morning.warm_up.step()
        morning.clock.pass_ms(210)
    first, _ = span_of(morning)[0]
    morning.stop()
    started(morning)
    assert morning.fetch() == PARTS - 2
    assert span_of(morning)[0][0] < first
    assert morning.view().warm == "yes"


def test_a_part_that_fails_is_asked_for_again(morning: Morning):
    started(morning)
    for _ in SYMBOLS:
        assert morning.warm_up.step()
        morning.clock.pass_ms(210)
    morning.rest.faults.next_requests(Refuse(500, "DH-908"))
    assert morning.warm_up.step()
    morning.clock.pass_ms(210)
    assert "DH-908" in morning.warm_up._trouble
    assert morning.fetch() == PARTS - 1
    assert morning.view().warm == "yes"


def test_a_symbol_with_no_older_past_is_asked_for_it_twice_and_no_more(morning: Morning):
    started(morning)
    for _ in SYMBOLS:
        assert morning.warm_up.step()
        morning.clock.pass_ms(210)
    morning.rest.faults.next_requests(Empty(), Refuse(400, "DH-905"))
    assert morning.fetch() == 1
    morning.clock.pass_ms(2000)
    assert morning.fetch() == 1
    assert morning.warm_up.left == 0
    assert morning.view().warm == "partial"
    morning.stop()
    started(morning)
    assert morning.fetch() == 0


def test_the_estimate_counts_requests_not_symbols(morning: Morning):
    started(morning)
    status = [told for told in morning.health if isinstance(told, HistoryStatus)]
    assert (status[-1].left, status[-1].about_s) == (len(SYMBOLS), (len(OTHERS) + PARTS) * PACE_S)
    for _ in SYMBOLS:
        assert morning.warm_up.step()
        morning.clock.pass_ms(500)
    morning.warm_up.step()
    status = [told for told in morning.health if isinstance(told, HistoryStatus)]
    assert status[-1].left == 1
    assert status[-1].about_s == pytest.approx((PARTS - 2) * 1.5 / 4)
