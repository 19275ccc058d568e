"""Prices that are hard to believe, and prices that no tick showed."""

import pytest

from tests.factories import NEXT_DAY, Builder, at, bar, hours, values


@pytest.fixture
def builder() -> Builder:
    """A builder of a stock, which last traded at 100."""
    builder = Builder(hours(), doubts_far_prices=True)
    builder.add(0, 99.0, 0)
    builder.tick("09:59:10", 100.0, 10)
    builder.end("09:59")
    builder.counts.clear()
    return builder


# --- bad prints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [121.0, 79.0, 0.05, 1e30])
def test_a_single_bad_print_is_in_no_bar_and_reaches_no_target(builder: Builder, bad: float):
    builder.watch(90.0, 110.0)
    builder.tick("10:00:10", 100.5, 20)
    builder.tick("10:00:20", bad, 25)
    builder.tick("10:00:30", 101.0, 30)
    assert values(builder.end("10:00")) == values([bar("10:00", 100.5, 101.0, 100.5, 101.0, 20)])
    assert builder.reached == []
    assert builder.counts == {"bad_print_held": 1, "bad_print_dropped": 1}


def test_a_bad_print_that_is_a_minutes_only_trade_makes_no_bar(builder: Builder):
    builder.tick("10:00:20", 150.0, 25)
    assert builder.end("10:00") == []
    assert builder.last_price == 100.0
    builder.tick("10:01:20", 100.0, 30)
    assert values(builder.end("10:01")) == values([bar("10:01", 100.0, volume=20)])


def test_a_price_within_a_fifth_of_the_last_is_taken_at_once(builder: Builder):
    for clock, price in (("10:00:10", 119.9), ("10:00:20", 96.0), ("10:00:30", 115.0)):
        builder.tick(clock, price, 20)
    assert values(builder.end("10:00")) == values([bar("10:00", 119.9, 119.9, 96.0, 115.0, 10)])
    assert builder.counts == {}


def test_far_is_far_from_the_last_price_wherever_the_bar_began(builder: Builder):
    for clock, price in (("10:00:10", 100.0), ("10:00:20", 92.0), ("10:00:30", 85.0), ("10:00:40", 108.0)):
        builder.tick(clock, price, 20)
    assert builder.counts == {"bad_print_held": 1}
    assert builder.last_price == 85.0


def test_a_true_gap_is_taken_with_its_second_trade_and_each_trade_is_in_its_place(builder: Builder):
    builder.watch(90.0, 110.0)
    builder.tick("10:00:58", 130.0, 20)
    builder.tick("10:01:02", 131.0, 30)
    assert values(builder.end("10:01")) == values([bar("10:00", 130.0, volume=10), bar("10:01", 131.0, volume=10)])
    assert builder.reached == [(at("10:00:58"), 130.0), (at("10:01:02"), 131.0)]
    assert builder.counts == {"bad_print_held": 1, "gap_confirmed": 1}


def test_after_a_gap_the_new_price_is_the_one_to_be_near_to(builder: Builder):
    for second, price in ((10, 130.0), (11, 131.0), (12, 125.0), (13, 99.0), (14, 132.0)):
        builder.tick(f"10:00:{second}", price, second)
    assert values(builder.end("10:00")) == values([bar("10:00", 130.0, 132.0, 125.0, 132.0, 4)])
    assert builder.counts == {"bad_print_held": 2, "gap_confirmed": 1, "bad_print_dropped": 1}


def test_the_same_trade_shown_once_more_confirms_nothing(builder: Builder):
    for _ in range(5):
        builder.tick("10:00:10", 130.0, 20)
    builder.tick("10:00:12", 100.0, 30)
    assert values(builder.end("10:00")) == values([bar("10:00", 100.0, volume=20)])


def test_two_bad_prints_that_disagree_confirm_nothing(builder: Builder):
    builder.tick("10:00:10", 130.0, 20)
    builder.tick("10:00:11", 10.0, 21)
    builder.tick("10:00:12", 100.0, 30)
    assert values(builder.end("10:00")) == values([bar("10:00", 100.0, volume=20)])
    assert builder.counts == {"bad_print_held": 2, "bad_print_dropped": 2}


def test_an_older_trade_that_comes_late_does_not_speak_against_a_gap(builder: Builder):
    builder.tick("10:00:10", 130.0, 20)
    builder.tick("10:00:09", 100.0, 15)
    builder.tick("10:00:11", 131.0, 30)
    (closed,) = builder.end("10:00")
    assert closed.values()[1:] == (100.0, 131.0, 100.0, 131.0, 20)


def test_a_stock_that_trades_seldom_is_not_silenced_by_a_gap(builder: Builder):
    """The second trade after it speaks for itself; the first is too old to be given a place."""
    builder.tick("10:00:10", 50.0, 20)
    assert builder.end("10:03") == []
    builder.tick("10:04:10", 50.5, 30)
    builder.tick("10:09:10", 51.0, 40)
    assert values(builder.end("10:09")) == values([bar("10:04", 50.5, volume=20), bar("10:09", 51.0, volume=10)])
    assert builder.counts == {"bad_print_held": 1, "gap_confirmed": 1, "bad_print_dropped": 1}


def test_a_gap_at_the_open_waits_for_the_second_trade_and_no_longer(builder: Builder):
    builder.tick("09:15:01", 50.0, 20, NEXT_DAY)
    builder.tick("09:15:03", 50.5, 30, NEXT_DAY)
    assert values(builder.end("09:15", NEXT_DAY)) == values([bar("09:15", 50.0, 50.5, 50.0, 50.5, 30, day=NEXT_DAY)])


def test_the_auction_tells_where_a_day_begins(builder: Builder):
    builder.tick("09:08:01", 50.0, 20, NEXT_DAY)
    builder.tick("09:15:03", 50.5, 30, NEXT_DAY)
    assert builder.counts == {"pre_open": 1}
    assert builder.last_price == 50.5


def test_the_first_price_ever_is_believed():
    builder = Builder(hours(), doubts_far_prices=True)
    builder.tick("10:00:10", 100.0, 20)
    assert builder.last_price == 100.0
    assert builder.counts == {}


def test_a_stock_of_a_few_paise_may_move_by_its_own_steps():
    builder = Builder(hours(), doubts_far_prices=True)
    for second, price in ((10, 0.05), (11, 0.10), (12, 0.05), (13, 0.15)):
        builder.tick(f"10:00:{second}", price, second)
    assert (builder.last_price, builder.counts) == (0.15, {})


def test_nothing_is_doubted_where_prices_jump_by_nature():
    builder = Builder(hours())
    builder.tick("10:00:10", 1.0, 10)
    builder.tick("10:00:20", 40.0, 20)
    assert builder.last_price == 40.0


# --- the day's circuit limits --------------------------------------------------------------------------------------


@pytest.fixture
def limited() -> Builder:
    """A builder of a stock that may trade from 95 to 105 today, and has not yet."""
    return Builder(hours(), doubts_far_prices=True, price_band=(95.0, 105.0))


@pytest.mark.parametrize("bad", [94.95, 105.05, 1.0])
def test_a_bad_print_at_the_open_is_known_by_the_limits(limited: Builder, bad: float):
    limited.tick("09:15:01", bad, 5)
    limited.tick("09:15:02", 100.0, 10)
    limited.tick("09:15:03", bad, 15)
    limited.tick("09:15:04", 101.0, 20)
    assert values(limited.end("09:15")) == [(at("09:15"), 100.0, 101.0, 100.0, 101.0, 10)]
    assert limited.counts == {"bad_print_held": 2, "bad_print_dropped": 2}


@pytest.mark.parametrize("limit", [95.0, 105.0])
def test_a_stock_locked_at_its_limit_trades_there_without_a_doubt(limited: Builder, limit: float):
    for minute in ("09:15", "09:16"):
        limited.tick(f"{minute}:01", limit, 10)
        limited.tick(f"{minute}:09", limit, 20)
        assert [bar.close for bar in limited.end(minute)] == [limit]
    assert limited.counts == {}


def test_a_band_that_was_widened_is_left_with_the_second_trade_and_crossed_again_like_any_price(limited: Builder):
    for second, price in ((1, 104.0), (2, 106.0), (3, 106.5), (4, 107.0), (5, 104.0)):
        limited.tick(f"09:15:0{second}", price, second)
    assert values(limited.end("09:15")) == [(at("09:15"), 104.0, 107.0, 104.0, 104.0, 4)]
    assert limited.counts == {"bad_print_held": 1, "gap_confirmed": 1}


def test_a_days_high_beyond_the_limits_that_no_tick_showed_is_not_believed(limited: Builder):
    limited.tick("09:15:01", 104.0, 10)
    limited.tick("09:15:02", 104.5, 20)
    limited.add_unseen(at("09:15:02"), 106.0, 20)
    assert [bar.high for bar in limited.end("09:15")] == [104.5]


def test_the_next_day_does_not_know_its_limits(limited: Builder):
    limited.tick("09:15:01", 104.0, 10)
    limited.end("09:15")
    limited.tick("09:15:01", 106.0, 10, NEXT_DAY)
    limited.tick("09:15:09", 120.0, 20, NEXT_DAY)
    assert [bar.open for bar in limited.end("09:15", NEXT_DAY)] == [106.0]


# --- what no tick showed -------------------------------------------------------------------------------------------


def test_a_days_high_that_no_tick_showed_is_in_the_bar_but_not_its_open_or_close(builder: Builder):
    builder.tick("10:00:10", 101.0, 20)
    builder.add_unseen(at("10:00:10"), 103.0, 20)
    builder.add_unseen(at("10:00:10"), 98.0, 20)
    builder.tick("10:00:20", 102.0, 30)
    assert values(builder.end("10:00")) == values([bar("10:00", 101.0, 103.0, 98.0, 102.0, 20)])
    assert builder.counts == {"high_not_seen": 1, "low_not_seen": 1}


def test_a_days_high_reaches_a_target(builder: Builder):
    builder.watch(90.0, 105.0)
    builder.tick("10:00:10", 104.0, 20)
    builder.add_unseen(at("10:00:10"), 105.5, 20)
    builder.tick("10:00:11", 104.0, 30)
    assert builder.reached == [(at("10:00:10"), 105.5)]


def test_a_high_that_a_tick_of_the_minute_before_showed_is_not_carried_over(builder: Builder):
    builder.tick("10:00:59", 105.0, 20)
    builder.tick("10:01:00", 103.0, 30)
    builder.add_unseen(at("10:01:00"), 105.0, 30)
    assert [each.high for each in builder.open_bars()] == [105.0, 103.0]
    builder.end("10:00")
    builder.add_unseen(at("10:01:00"), 105.0, 30)
    assert [each.high for each in builder.open_bars()] == [103.0]
    assert builder.counts == {}


def test_the_first_quote_of_a_session_tells_nothing_of_it_for_its_high_may_be_the_auctions():
    builder = Builder(hours())
    builder.add(0, 99.0, 0)
    builder.tick("09:15:01", 100.0, 350)
    builder.add_unseen(at("09:15:01"), 104.0, 350)
    builder.tick("09:15:02", 101.0, 360)
    builder.add_unseen(at("09:15:02"), 102.0, 360)
    assert values(builder.end("09:15")) == values([bar("09:15", 100.0, 102.0, 100.0, 101.0, 360)])


def test_the_auctions_price_is_never_a_high_or_low_of_a_bar():
    builder = Builder(hours())
    builder.tick("09:08:00", 104.0, 300)
    builder.tick("09:15:01", 100.0, 350)
    builder.tick("09:15:02", 100.0, 360)
    builder.add_unseen(at("09:15:02"), 104.0, 360)
    assert [each.high for each in builder.end("09:15")] == [100.0]


@pytest.mark.parametrize("clock", ["09:58:00", "15:30:10"])
def test_a_high_of_a_minute_without_an_open_bar_is_nobodys(builder: Builder, clock: str):
    builder.tick("10:00:10", 101.0, 20)
    builder.add_unseen(at(clock), 110.0, 30)
    assert [each.high for each in builder.end("15:30")] == [101.0]


def test_a_high_that_is_a_bad_print_is_not_believed(builder: Builder):
    builder.tick("10:00:10", 101.0, 20)
    builder.add_unseen(at("10:00:10"), 150.0, 20)
    assert [each.high for each in builder.end("10:00")] == [101.0]
    assert builder.counts == {"bad_print_dropped": 1}


# --- the exchange's average ----------------------------------------------------------------------------------------


def test_a_bar_carries_the_average_of_its_last_trade(builder: Builder):
    builder.tick("10:00:10", 101.0, 20)
    builder.take_average(at("10:00:10"), 100.4, 20)
    builder.tick("10:00:30", 102.0, 30)
    builder.take_average(at("10:00:30"), 100.9, 30)
    builder.tick("10:00:20", 101.5, 25)
    builder.take_average(at("10:00:20"), 100.6, 25)
    assert [each.atp for each in builder.open_bars()] == [100.9]
    assert [each.atp for each in builder.end("10:00")] == [100.9]


def test_the_average_of_a_bar_that_was_not_told_is_unknown(builder: Builder):
    builder.tick("10:00:10", 101.0, 20)
    builder.take_average(at("09:59:10"), 100.4, 20)
    (closed,) = builder.end("10:00")
    assert closed.atp != closed.atp  # nan
    assert closed == bar("10:00", 101.0, volume=10)
