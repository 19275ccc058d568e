"""Ticks become bars: every way a tick can come, and what must hold however they come."""

import pytest

from tests.factories import NEXT_DAY, Builder, at, bar, hours, values

MARKET = hours()


# --- one minute ----------------------------------------------------------------------------------------------------


def test_the_first_trade_opens_the_last_closes_the_extremes_are_kept_and_volume_is_the_growth(builder: Builder):
    builder.tick("09:15:10", 100.0, 500)
    builder.tick("09:15:20", 104.0, 700)
    builder.tick("09:15:30", 98.0, 800)
    builder.tick("09:15:59.999", 101.0, 900)
    assert builder.end("09:15") == [bar("09:15", 100.0, 104.0, 98.0, 101.0, 900)]


def test_a_bar_belongs_to_the_minute_of_the_trade_not_of_its_arrival(builder: Builder):
    builder.tick("09:15:59.999", 100.0, 10)
    builder.tick("09:16:00", 101.0, 30)
    assert values(builder.end("09:16")) == values([bar("09:15", 100.0, volume=10), bar("09:16", 101.0, volume=20)])


def test_a_bar_closes_when_its_minute_is_over_and_not_because_a_later_tick_came(builder: Builder):
    builder.tick("09:15:10", 100.0, 10)
    builder.tick("09:17:10", 101.0, 20)
    assert builder.end("09:14") == []
    assert [each.start_ms for each in builder.end("09:16")] == [at("09:15")]
    assert [each.start_ms for each in builder.end("09:17")] == [at("09:17")]
    assert builder.end("09:18") == []


def test_a_minute_without_a_trade_makes_no_bar(builder: Builder):
    builder.tick("09:15:10", 100.0, 10)
    assert len(builder.end("09:15")) == 1
    assert builder.end("09:16") == []
    builder.tick("09:17:10", 100.0, 20)
    assert values(builder.end("09:17")) == values([bar("09:17", 100.0, volume=10)])


def test_several_bars_that_are_due_close_oldest_first_whatever_order_they_were_opened_in(builder: Builder):
    builder.tick("09:17:10", 103.0, 30)
    builder.tick("09:15:10", 101.0, 10)
    builder.tick("09:16:10", 102.0, 20)
    assert [each.open for each in builder.end("09:17")] == [101.0, 102.0, 103.0]


def test_an_earlier_trade_that_arrives_later_opens_the_bar(builder: Builder):
    builder.tick("09:15:20", 101.0, 20)
    builder.tick("09:15:10", 100.0, 10)
    assert builder.end("09:15") == [bar("09:15", 100.0, 101.0, 100.0, 101.0, 20)]
    assert builder.counts == {"not_traded": 1, "out_of_order": 1}


def test_a_trade_between_those_known_moves_the_extremes_alone(builder: Builder):
    builder.tick("09:15:10", 100.0, 10)
    builder.tick("09:15:30", 101.0, 30)
    builder.tick("09:15:20", 105.0, 20)
    assert builder.end("09:15") == [bar("09:15", 100.0, 105.0, 100.0, 101.0, 30)]


def test_trades_of_the_same_time_are_ordered_by_day_volume(builder: Builder):
    builder.tick("09:15:10", 101.0, 20)
    builder.tick("09:15:10", 102.0, 30)
    builder.tick("09:15:10", 100.0, 10)
    assert builder.end("09:15") == [bar("09:15", 100.0, 102.0, 100.0, 102.0, 30)]


def test_trades_of_the_same_time_and_volume_are_ordered_by_arrival(builder: Builder):
    builder.tick("09:15:10", 101.0, 20)
    builder.tick("09:15:10", 103.0, 20)
    assert builder.end("09:15") == [bar("09:15", 101.0, 103.0, 101.0, 103.0, 20)]


def test_of_trades_alike_the_first_to_arrive_opens_and_the_last_closes(builder: Builder):
    """Also where the ticks of a later minute came in between."""
    builder.tick("09:15:10", 100.0, 10)
    builder.tick("09:16:00", 105.0, 30)
    builder.tick("09:15:10", 99.0, 10)
    builder.tick("09:15:20", 101.0, 20)
    builder.tick("09:15:20", 102.0, 20)
    builder.tick("09:15:10", 98.0, 10)
    assert builder.end("09:15") == [bar("09:15", 100.0, 102.0, 98.0, 102.0, 20)]


def test_ticks_in_their_order_are_nothing_out_of_the_ordinary_though_a_later_minute_has_begun(builder: Builder):
    builder.tick("09:15:10", 100.0, 10)
    builder.tick("09:16:00", 105.0, 30)
    builder.tick("09:15:10", 100.0, 10)
    builder.tick("09:15:20", 101.0, 20)
    assert builder.counts == {"not_traded": 1}


def test_an_earlier_time_with_a_higher_volume_is_out_of_order_too(builder: Builder):
    builder.tick("09:15:20", 100.0, 10)
    builder.tick("09:15:10", 101.0, 20)
    assert builder.counts == {"not_traded": 1, "out_of_order": 1}
    assert builder.end("09:15") == [bar("09:15", 101.0, 101.0, 100.0, 100.0, 20)]


def test_repeats_change_nothing(builder: Builder):
    for _ in range(3):
        builder.tick("09:15:10", 100.0, 10)
        builder.tick("09:15:20", 101.0, 20)
    assert builder.end("09:15") == [bar("09:15", 100.0, 101.0, 100.0, 101.0, 20)]


def test_two_minutes_stay_open_side_by_side_and_take_what_is_theirs(builder: Builder):
    builder.tick("09:15:58", 100.0, 10)
    builder.tick("09:16:00", 102.0, 30)
    builder.tick("09:15:59", 99.0, 20)  # within the grace time
    builder.tick("09:16:01", 103.0, 40)
    assert builder.end("09:15") == [bar("09:15", 100.0, 100.0, 99.0, 99.0, 20)]
    assert builder.end("09:16") == [bar("09:16", 102.0, 103.0, 102.0, 103.0, 20)]


def test_an_index_makes_its_bars_from_prices_alone(builder: Builder):
    builder.tick("09:15:10", 24_000.0)
    builder.tick("09:15:20", 24_010.5)
    assert builder.end("09:15") == [bar("09:15", 24_000.0, 24_010.5, 24_000.0, 24_010.5, 0)]


# --- volume --------------------------------------------------------------------------------------------------------


def test_a_step_back_of_the_day_volume_is_clamped_and_counted(builder: Builder):
    builder.tick("09:15:10", 100.0, 500)
    builder.tick("09:15:20", 101.0, 300)
    builder.tick("09:15:30", 102.0, 600)
    assert builder.end("09:15") == [bar("09:15", 100.0, 102.0, 100.0, 102.0, 600)]
    assert builder.counts["volume_steps_back"] == 1


@pytest.mark.parametrize("clock", ["09:15:30", "09:15:20"])
def test_a_step_back_from_where_it_had_grown_to_is_clamped_too(builder: Builder, clock: str):
    builder.tick("09:15:10", 100.0, 100)
    builder.tick("09:15:20", 100.0, 500)
    builder.tick(clock, 100.0, 200)
    assert builder.counts == {"not_traded": 1, "volume_steps_back": 1}
    assert [each.volume for each in builder.end("09:15")] == [500]


def test_a_step_back_across_minutes_gives_no_negative_volume_and_is_not_counted_again(builder: Builder):
    builder.tick("09:15:10", 100.0, 500)
    builder.end("09:15")
    builder.tick("09:16:10", 100.0, 450)
    assert [each.volume for each in builder.end("09:16")] == [0]
    builder.tick("09:17:10", 100.0, 520)
    assert [each.volume for each in builder.end("09:17")] == [20]


def test_a_step_back_within_a_minute_does_not_lower_what_the_next_minute_counts_from(builder: Builder):
    builder.tick("09:15:10", 100.0, 500)
    builder.tick("09:15:20", 100.0, 100)
    assert [each.volume for each in builder.end("09:15")] == [500]
    builder.tick("09:16:10", 100.0, 510)
    assert [each.volume for each in builder.end("09:16")] == [10]


def test_a_late_tick_is_counted_and_moves_nothing_but_its_volume_is_in_the_next_bar(builder: Builder):
    builder.tick("09:15:10", 100.0, 10)
    builder.end("09:15")
    builder.tick("09:15:50", 150.0, 25)
    builder.tick("09:16:10", 101.0, 40)
    assert builder.end("09:16") == [bar("09:16", 101.0, volume=30)]
    assert builder.counts["late"] == 1
    assert builder.last_price == 101.0


@pytest.mark.parametrize("clocks", [["10:01:10"], ["10:00:10", "10:01:10"]])
def test_a_closed_bar_is_not_touched_any_more(builder: Builder, clocks: list[str]):
    for clock in clocks:
        builder.tick(clock, 100.0, 10)
    closed = builder.end("10:01")[-1]
    builder.tick("10:01:50", 120.0, 90)
    assert (closed.high, closed.close) == (100.0, 100.0)
    assert builder.counts["late"] == 1


def test_the_last_trade_shown_once_more_with_a_changed_book_is_neither_late_nor_anything(builder: Builder):
    builder.tick("09:15:10", 100.0, 10)
    builder.end("09:15")
    for _ in range(5):
        builder.tick("09:15:10", 100.0, 10)
    assert builder.counts == {"not_traded": 1}
    assert builder.end("09:16") == []


@pytest.mark.parametrize(("clock", "day_volume"), [("09:15:10", 11), ("09:15:11", 10)])
def test_a_late_tick_that_is_only_half_like_the_last_one_is_late(builder: Builder, clock: str, day_volume: int):
    builder.tick("09:15:10", 100.0, 10)
    builder.end("09:15")
    builder.tick(clock, 100.0, day_volume)
    assert builder.counts["late"] == 1


# --- bars as given -------------------------------------------------------------------------------------------------


def test_a_given_bar_is_taken_as_it_is_zero_volume_included(builder: Builder):
    assert builder.put(at("10:00"), 100.0, 102.0, 99.0, 101.0, 0)
    assert builder.end("10:00") == [bar("10:00", 100.0, 102.0, 99.0, 101.0, 0)]


def test_a_given_bar_says_itself_whether_it_is_whole(builder: Builder):
    builder.tick("09:59:10", 100.0, 7000)
    builder.end("09:59")
    assert builder.put(at("10:00"), 100.0, 102.0, 99.0, 101.0, 40, partial=True)
    (closed,) = builder.end("10:00")
    assert closed == bar("10:00", 100.0, 102.0, 99.0, 101.0, 40, partial=True)
    assert closed.last_ms == at("10:01")


@pytest.mark.parametrize("clock", ["09:14", "15:30", "08:00"])
def test_a_given_bar_outside_the_continuous_phase_is_refused(builder: Builder, clock: str):
    assert not builder.put(at(clock), 100.0, 100.0, 100.0, 100.0, 1)
    assert builder.end("16:00") == []


def test_a_given_bar_of_a_minute_that_is_over_or_has_its_bar_is_refused_and_counted(builder: Builder):
    builder.end("10:00")
    assert not builder.put(at("10:00"), 100.0, 100.0, 100.0, 100.0, 1)
    assert not builder.put(at("10:00:30"), 100.0, 100.0, 100.0, 100.0, 1)
    assert builder.put(at("10:01"), 100.0, 100.0, 100.0, 100.0, 1)
    assert not builder.put(at("10:01"), 200.0, 200.0, 200.0, 200.0, 1)
    assert [each.close for each in builder.end("10:01")] == [100.0]
    assert builder.counts == {"not_traded": 1, "late": 2, "repeated_bar": 1}


# --- prices that are watched ---------------------------------------------------------------------------------------


def test_a_trade_at_or_beyond_a_watched_price_is_told_at_once(builder: Builder):
    builder.tick("10:00:10", 100.0, 10)
    builder.watch(95.0, 105.0)
    builder.tick("10:00:20", 104.95, 20)
    builder.tick("10:00:30", 105.0, 30)
    builder.tick("10:00:40", 95.0, 40)
    builder.tick("10:00:50", 94.0, 50)
    assert builder.reached == [
        (at("10:00:30"), 105.0),
        (at("10:00:40"), 95.0),
        (at("10:00:50"), 94.0),
    ]


def test_the_first_trade_of_a_minute_and_one_out_of_order_are_looked_at_too(builder: Builder):
    builder.watch(95.0, 105.0)
    builder.tick("10:00:20", 106.0, 20)
    builder.tick("10:00:10", 94.0, 10)
    builder.tick("10:00:15", 100.0, 15)
    assert builder.reached == [(at("10:00:20"), 106.0), (at("10:00:10"), 94.0)]


@pytest.mark.parametrize("price", [95.0, 105.0])
def test_the_first_trade_of_a_minute_reaches_a_price_that_it_only_touches(builder: Builder, price: float):
    builder.watch(95.0, 105.0)
    builder.tick("10:00:20", price, 20)
    assert builder.reached == [(at("10:00:20"), price)]


def test_late_ticks_and_prints_outside_the_session_reach_nothing(builder: Builder):
    builder.watch(95.0, 105.0)
    builder.end("10:00")
    builder.tick("10:00:10", 120.0, 10)
    builder.tick("15:40:00", 120.0, 10)
    assert builder.reached == []


# --- what it shows -------------------------------------------------------------------------------------------------


def test_shows_the_open_bars_as_they_stand_each_with_its_own_volume(builder: Builder):
    builder.tick("10:01:05", 101.0, 130)
    builder.tick("10:00:50", 100.0, 100)
    assert builder.open_bars() == [bar("10:00", 100.0, volume=100), bar("10:01", 101.0, volume=30)]
    assert builder.end("10:01") == [bar("10:00", 100.0, volume=100), bar("10:01", 101.0, volume=30)]


def test_shows_the_open_bars_of_a_start_in_mid_session_from_the_lowest_volume():
    builder = Builder(MARKET)
    builder.tick("10:00:50", 100.0, 5000)
    builder.tick("10:00:55", 100.0, 5100)
    builder.tick("10:01:05", 101.0, 5130)
    assert [each.volume for each in builder.open_bars()] == [100, 30]


def test_shows_the_first_bar_of_a_new_day_from_nothing(builder: Builder):
    builder.tick("15:29:10", 100.0, 90_000)
    builder.end("15:29")
    builder.tick("09:15:10", 101.0, 40, NEXT_DAY)
    assert [each.volume for each in builder.open_bars()] == [40]


def test_shows_the_last_trade_it_knows(builder: Builder):
    fresh = Builder(MARKET)
    assert (fresh.last_price, fresh.last_trade_ms, fresh.day_volume) == (None, 0, 0)
    assert builder.last_price == 99.0  # the snapshot's
    builder.tick("10:00:10", 100.0, 1000)
    for _ in range(2):
        assert (builder.last_price, builder.last_trade_ms, builder.day_volume) == (100.0, at("10:00:10"), 1000)
        builder.interrupted()  # does not make it forget
    builder.end("10:00")
    assert (builder.last_price, builder.last_trade_ms, builder.day_volume) == (100.0, 0, 1000)
