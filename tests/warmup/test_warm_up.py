"""Warm-up and repair against a real REST service, with the market's clock by hand."""

from collections.abc import Callable

import pytest

from actors.messages import HistoryStatus
from brokers.history import DayQuote
from simulator.dhan_rest import CANDLES
from simulator.rest_faults import Empty, Refuse
from tests.factories import at, real_bars
from tests.warmup.conftest import DAY, SYMBOLS, Morning

TCS = SYMBOLS[0]
MakeMorning = Callable[[str], Morning]


def started(morning: Morning) -> Morning:
    morning.start()
    morning.warm_up.plan()
    return morning


def test_a_start_before_the_open_is_warm_and_asks_once_for_each_symbol(morning: Morning):
    started(morning)
    assert morning.view().warm == "no"
    assert morning.fetch() == len(SYMBOLS)
    for symbol in SYMBOLS:
        view = morning.view(symbol)
        assert (view.warm, view.bars_wanted) == ("yes", 220)
        assert view.bars_seen > 300
    assert morning.warm_up.left == 0


def test_a_second_start_the_same_day_asks_for_no_history(morning: Morning):
    started(morning)
    morning.fetch()
    asked = morning.rest.counts[CANDLES]
    morning.watch("09:40:20")
    morning.stop()
    started(morning)
    assert morning.fetch() == 0
    assert morning.rest.counts[CANDLES] == asked
    assert [morning.view(symbol).warm for symbol in SYMBOLS] == ["yes"] * len(SYMBOLS)


def test_the_first_bar_after_a_start_before_the_open_can_make_a_signal(morning: Morning):
    started(morning)
    morning.fetch()
    morning.watch("09:30")
    assert morning.transitions
    assert all(each.quality.warm and not each.quality.late for each in morning.transitions)


def test_a_start_at_ten_stands_where_one_before_the_open_does(make_morning: MakeMorning):
    whole, late = make_morning("whole"), make_morning("late")
    started(whole)
    whole.fetch()
    whole.watch("10:05:05")
    late.miss_before_start("10:00:20")
    started(late)
    late.fetch()
    late.watch("10:05:05")
    late.fetch()
    for symbol in SYMBOLS:
        assert late.bars(symbol) == whole.bars(symbol) == list(real_bars()[symbol][:50])
        ours, theirs = late.view(symbol).strategies[0], whole.view(symbol).strategies[0]
        assert [each.value for each in ours.indicators] == [each.value for each in theirs.indicators]
        assert late.view(symbol).warm == "yes"
    assert all(each.time_ms > at("10:00", DAY) for each in late.transitions if each.type == "ENTRY")


@pytest.mark.parametrize(
    ("begin", "end"), [("10:10:10", "10:10:40"), ("10:10:10", "10:15:10"), ("10:10:10", "10:30:10")]
)
def test_after_a_cut_the_bars_equal_those_of_an_uncut_run(make_morning: MakeMorning, begin: str, end: str):
    whole, cut = make_morning("whole"), make_morning("cut")
    for morning in (whole, cut):
        started(morning)
        morning.fetch()
        morning.watch(begin)
    whole.watch("10:40")
    in_signal = {symbol for symbol in SYMBOLS if cut.actor(symbol).in_signal}
    cut.cut(end)
    before = len(cut.transitions)
    cut.watch("10:35:05")
    is_long = end != "10:10:40"
    assert [cut.actor(symbol).held for symbol in SYMBOLS] == [is_long] * len(SYMBOLS)
    meanwhile = [each for each in cut.transitions[before:] if each.type == "ENTRY"]
    assert not (is_long and meanwhile)
    assert not any(each.quality.warm for each in meanwhile)
    assert cut.fetch() >= len(SYMBOLS)
    cut.watch("10:40")
    assert not any(cut.actor(symbol).held for symbol in SYMBOLS)
    for symbol in SYMBOLS:
        assert cut.bars(symbol) == whole.bars(symbol)
        assert not any(bar.partial for bar in cut.bars(symbol))
        ours, theirs = cut.view(symbol).strategies[0], whole.view(symbol).strategies[0]
        assert ours.indicators == theirs.indicators
        if symbol not in in_signal:  # an exit that the hole swallowed came late, at another bar
            assert ours == theirs
            assert cut.said_of(symbol) == whole.said_of(symbol)


def test_nothing_and_200_of_a_symbol_that_trades_means_not_yet(morning: Morning):
    morning.miss_before_start("10:00:20")
    started(morning)
    security = next(each.security_id for each in morning.listings if each.instrument.symbol == TCS)
    morning.rest.faults.security(security, Empty(), Refuse(400, "DH-905"))
    morning.fetch()
    assert morning.view().warm == "no"
    assert morning.warm_up.left == 1
    for too_early_ms in (1000, 4500):
        morning.clock.pass_ms(too_early_ms)
        assert morning.fetch() == 0
        morning.clock.pass_ms(1000)
        assert morning.fetch() == 1
    assert morning.warm_up.left == 0
    assert len(morning.bars()) == 45


def test_a_broker_that_never_has_anything_is_given_up_after_three_minutes_and_the_symbol_is_not_warm(morning: Morning):
    morning.miss_before_start("10:00:20")
    started(morning)
    security = next(each.security_id for each in morning.listings if each.instrument.symbol == TCS)
    morning.rest.faults.security(security, *[Empty()] * 100)
    while morning.warm_up.left:
        morning.fetch()
        morning.clock.pass_ms(10_000)
    assert at("10:03", DAY) < morning.clock.ms < at("10:04", DAY)
    assert morning.view().warm == "no"


def test_minutes_that_the_broker_has_not_got_yet_are_asked_for_again(morning: Morning):
    morning.miss_before_start("10:00:20")
    started(morning)
    morning.rest.faults.hidden_minutes = 2
    morning.fetch()
    assert len(morning.bars()) == 43
    assert morning.view().warm == "yes"
    assert morning.warm_up.left == len(SYMBOLS)
    morning.rest.faults.hidden_minutes = 0
    morning.clock.pass_ms(2000)
    morning.fetch()
    assert len(morning.bars()) == 45
    assert morning.warm_up.left == 0


def test_a_symbol_in_a_signal_goes_first_then_the_most_traded(morning: Morning):
    started(morning)
    morning.fetch()
    morning.watch("10:00:10")
    morning.warm_up._quotes = {
        morning.key_of[symbol]: DayQuote(100.0, volume, 100.0)
        for symbol, volume in zip(SYMBOLS, (1, 3, 2), strict=True)
    }
    for symbol in SYMBOLS:
        morning.warm_up.hole(morning.actor(symbol), at("09:50", DAY), at("09:51", DAY))
    order = []
    while (need := morning.warm_up._needs.take(morning.clock.seconds)) is not None:
        order.append(need.key)
        morning.warm_up._needs.done(need)
    ranks = [(not morning.line.actors[key].in_signal, -morning.warm_up._quotes[key].volume) for key in order]
    assert ranks == sorted(ranks)


def test_a_split_overnight_drops_the_history_and_warms_anew(morning: Morning):
    started(morning)
    morning.fetch()
    stored = morning.store.symbol_bars(TCS, 0)
    halved = [
        type(bar)(
            bar.start_ms, bar.end_ms, bar.session, bar.open / 2, bar.high / 2, bar.low / 2, bar.close / 2, bar.volume
        )
        for bar in stored
    ]
    morning.store.write_bars([(TCS, bar) for bar in halved])
    morning.stop()
    started(morning)
    morning.settle()
    assert morning.view().warm == "no"
    assert morning.fetch() == 1
    assert morning.store.symbol_bars(TCS, 0) == stored
    assert morning.view().warm == "yes"


def test_a_refused_token_stops_the_asking_and_loses_nothing(morning: Morning):
    morning.rest.faults.token("token-of-a-test", Refuse(401, "DH-901"))
    started(morning)
    assert morning.warm_up.step()
    assert morning.warm_up._pause_until > morning.clock.seconds
    assert morning.warm_up.left == len(SYMBOLS)
    status = [told for told in morning.health if isinstance(told, HistoryStatus)][-1]
    assert "DH-901" in status.detail


def test_on_its_own_threads_it_warms_everyone(morning: Morning):
    morning.start()
    morning.warm_up.start()
    while morning.warm_up.left or not morning.rest.counts[CANDLES]:
        morning.clock.pass_ms(250)
        morning.settle()
    morning.settle()
    assert [morning.view(symbol).warm for symbol in SYMBOLS] == ["yes"] * len(SYMBOLS)
