"""How bars begin and end with the day, what lies outside of it, and what a hole in the feed costs."""

from datetime import date

import pytest

from tests.factories import NEXT_DAY, Builder, bar, hours

MARKET = hours()


# --- what lies outside the continuous phase ------------------------------------------------------------------------


def test_what_was_traded_before_the_open_is_in_no_bar(builder: Builder):
    builder.tick("09:07:59", 99.0, 300)
    builder.tick("09:15:10", 100.0, 350)
    assert builder.end("09:15") == [bar("09:15", 100.0, volume=50)]
    assert builder.counts["pre_open"] == 1


@pytest.mark.parametrize("clock", ["09:00:00", "09:14:59.999"])
def test_the_pre_open_phase_has_its_first_moment_and_not_that_of_the_open(builder: Builder, clock: str):
    builder.tick(clock, 99.0, 300)
    assert builder.counts["pre_open"] == 1
    builder.tick("09:15:00", 100.0, 350)
    assert builder.end("09:15") == [bar("09:15", 100.0, volume=50)]


def test_the_auction_counts_the_same_however_its_ticks_are_ordered(builder: Builder):
    builder.tick("09:07:59", 99.0, 300)
    builder.tick("09:07:58", 98.0, 200)
    builder.tick("09:15:10", 100.0, 350)
    assert [each.volume for each in builder.end("09:15")] == [50]


def test_an_auction_print_that_arrives_after_the_first_trade_still_counts(builder: Builder):
    builder.tick("09:15:00", 100.0, 350)
    builder.tick("09:14:59", 99.0, 300)
    assert builder.end("09:15") == [bar("09:15", 100.0, volume=50)]


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ("08:59:59", date(2025, 11, 17)),
        ("15:30:00", date(2025, 11, 17)),
        ("15:45:00", date(2025, 11, 17)),
        ("10:00:00", date(2025, 11, 16)),  # a Sunday
        ("10:00:00", date(2025, 12, 25)),
        ("05:30:01", date(1970, 1, 1)),
    ],
)
def test_a_tick_outside_the_continuous_phase_makes_no_bar(builder: Builder, clock: str, day: date):
    builder.tick(clock, 100.0, 10, day)
    assert builder.end("23:59", date(2025, 12, 31)) == []
    assert builder.counts["outside_session"] == 1


def test_the_last_bar_ends_with_the_session_and_prints_after_it_do_not_touch_it(builder: Builder):
    builder.tick("15:29:59", 100.0, 10)
    builder.tick("15:30:00", 120.0, 30)
    assert builder.end("15:30") == [bar("15:29", 100.0, volume=10)]
    assert builder.counts["outside_session"] == 1


# --- how a day begins ----------------------------------------------------------------------------------------------


def test_a_start_in_mid_session_without_a_snapshot_gives_a_partial_bar_and_counts_from_its_first_tick():
    builder = Builder(MARKET)
    builder.tick("11:02:10", 100.0, 5000)
    builder.tick("11:02:30", 101.0, 5200)
    assert builder.end("11:02") == [bar("11:02", 100.0, 101.0, 100.0, 101.0, 200, partial=True)]
    builder.tick("11:03:10", 101.0, 5300)
    assert builder.end("11:03") == [bar("11:03", 101.0, volume=100)]


def test_a_start_in_mid_session_counts_from_the_lowest_volume_whatever_came_first():
    builder = Builder(MARKET)
    builder.tick("11:02:30", 101.0, 5200)
    builder.tick("11:02:10", 100.0, 5000)
    assert builder.end("11:02") == [bar("11:02", 100.0, 101.0, 100.0, 101.0, 200, partial=True)]


def test_a_snapshot_of_a_symbol_that_has_not_traded_today_gives_a_whole_first_bar():
    builder = Builder(MARKET)
    builder.end("09:05")
    builder.add(0, 99.0, 0)
    builder.tick("09:15:10", 100.0, 50)
    assert builder.end("09:15") == [bar("09:15", 100.0, volume=50)]


def test_a_snapshot_of_the_last_session_opens_no_bar_and_today_begins_at_nothing():
    builder = Builder(MARKET)
    builder.end("09:05", NEXT_DAY)
    builder.tick("15:29:58", 99.0, 80_000)
    builder.tick("09:15:10", 100.0, 50, NEXT_DAY)
    assert builder.end("09:15", NEXT_DAY) == [bar("09:15", 100.0, volume=50, day=NEXT_DAY)]
    assert builder.counts == {"snapshot": 1}


def test_a_snapshot_of_the_last_session_that_is_repeated_is_counted_once():
    builder = Builder(MARKET)
    builder.end("09:05", NEXT_DAY)
    for _ in range(4):
        builder.tick("15:29:58", 99.0, 80_000)
    assert builder.counts == {"snapshot": 1}


def test_a_snapshot_of_today_tells_the_volume_but_the_session_was_not_seen_from_its_open():
    builder = Builder(MARKET)
    builder.end("11:00")
    builder.tick("10:58:10", 100.0, 5000)
    builder.tick("11:02:10", 101.0, 5200)
    assert builder.end("11:02") == [bar("11:02", 101.0, volume=200, partial=True)]
    builder.tick("11:03:10", 101.0, 5300)
    assert builder.end("11:03") == [bar("11:03", 101.0, volume=100)]


def test_a_snapshot_of_the_very_first_trade_of_the_session_tells_that_it_was_missed():
    builder = Builder(MARKET)
    builder.end("09:15")
    builder.tick("09:15:00", 99.0, 300)
    builder.tick("09:16:10", 100.0, 350)
    assert builder.end("09:16") == [bar("09:16", 100.0, volume=50, partial=True)]


def test_a_snapshot_of_the_auction_leaves_the_session_whole():
    builder = Builder(MARKET)
    builder.end("09:10")
    builder.tick("09:07:59", 99.0, 300)
    builder.tick("09:15:10", 100.0, 350)
    assert builder.end("09:15") == [bar("09:15", 100.0, volume=50)]


def test_a_snapshot_of_a_symbol_that_then_rests_until_the_next_day_does_not_spoil_that_day():
    builder = Builder(MARKET)
    builder.end("15:00")
    builder.tick("14:58:10", 100.0, 5000)
    builder.tick("09:15:10", 101.0, 200, NEXT_DAY)
    assert [each.volume for each in builder.end("09:15", NEXT_DAY)] == [200]


def test_a_snapshot_without_a_trade_time_but_with_volume_is_not_believed():
    builder = Builder(MARKET)
    builder.add(0, 99.0, 700)
    builder.tick("09:15:10", 100.0, 750)
    assert builder.end("09:15") == [bar("09:15", 100.0, volume=0, partial=True)]


def test_the_volume_of_a_new_day_is_counted_from_nothing(builder: Builder):
    builder.tick("15:29:10", 100.0, 90_000)
    builder.end("15:29")
    builder.tick("09:15:10", 101.0, 40, NEXT_DAY)
    assert builder.end("09:15", NEXT_DAY) == [bar("09:15", 101.0, volume=40, day=NEXT_DAY)]


def test_a_new_day_that_begins_with_an_auction_is_counted_from_it(builder: Builder):
    builder.tick("15:29:10", 100.0, 90_000)
    builder.end("15:29")
    builder.tick("09:08:00", 101.0, 30, NEXT_DAY)
    builder.tick("09:15:10", 101.0, 40, NEXT_DAY)
    assert builder.end("09:15", NEXT_DAY) == [bar("09:15", 101.0, volume=10, day=NEXT_DAY)]


# --- holes ---------------------------------------------------------------------------------------------------------


def test_a_hole_within_a_minute_makes_that_bar_partial_with_its_whole_volume_and_no_other(builder: Builder):
    builder.tick("10:00:10", 100.0, 1000)
    builder.interrupted()
    builder.tick("10:00:50", 102.0, 1300)
    assert builder.end("10:00") == [bar("10:00", 100.0, 102.0, 100.0, 102.0, 1300, partial=True)]
    builder.tick("10:01:10", 103.0, 1400)
    assert builder.end("10:01") == [bar("10:01", 103.0, volume=100)]


def test_a_hole_across_minutes_makes_the_bars_on_both_sides_partial_and_books_no_spike(builder: Builder):
    builder.tick("10:00:10", 100.0, 1000)
    builder.interrupted()
    assert builder.end("10:00") == [bar("10:00", 100.0, volume=1000, partial=True)]
    builder.tick("10:04:10", 102.0, 9000)
    builder.tick("10:04:20", 102.0, 9100)
    assert builder.end("10:04") == [bar("10:04", 102.0, volume=100, partial=True)]
    builder.tick("10:05:10", 103.0, 9300)
    assert builder.end("10:05") == [bar("10:05", 103.0, volume=200)]


def test_a_hole_while_no_bar_is_open_makes_the_next_one_partial(builder: Builder):
    builder.tick("10:00:10", 100.0, 1000)
    builder.end("10:00")
    builder.interrupted()
    builder.interrupted()
    builder.tick("10:04:10", 102.0, 9000)
    assert builder.end("10:04") == [bar("10:04", 102.0, volume=0, partial=True)]


def test_a_snapshot_after_a_hole_tells_the_volume_of_the_trades_that_were_missed(builder: Builder):
    builder.tick("10:00:10", 100.0, 1000)
    builder.interrupted()
    builder.end("10:00")
    builder.end("10:03")
    builder.tick("10:02:30", 101.0, 4000)
    builder.tick("10:04:10", 102.0, 4100)
    assert builder.end("10:04") == [bar("10:04", 102.0, volume=100, partial=True)]


@pytest.mark.parametrize("open_at_the_cut", [True, False])
def test_a_snapshot_after_a_hole_that_shows_nothing_new_leaves_the_next_bar_whole(
    builder: Builder, *, open_at_the_cut: bool
):
    builder.tick("10:00:10", 100.0, 1000)
    if not open_at_the_cut:
        builder.end("10:00")
    builder.interrupted()
    builder.end("10:03")
    builder.tick("10:00:10", 100.0, 1000)
    builder.tick("10:04:10", 102.0, 1100)
    assert builder.end("10:04") == [bar("10:04", 102.0, volume=100)]


def test_a_snapshot_with_the_same_volume_and_another_trade_time_shows_nothing_new_either(builder: Builder):
    builder.tick("10:00:10", 100.0, 1000)
    builder.tick("10:00:20", 100.0, 900)  # a step back came last
    builder.end("10:00")
    builder.interrupted()
    builder.tick("10:00:10", 100.0, 1000)
    builder.tick("10:04:10", 102.0, 1100)
    assert builder.end("10:04") == [bar("10:04", 102.0, volume=100)]


def test_no_snapshot_can_tell_that_an_index_did_not_move_in_a_hole(builder: Builder):
    builder.tick("10:00:10", 24_000.0)
    builder.end("10:00")
    builder.interrupted()
    builder.end("10:03")
    builder.tick("10:02:30", 24_010.0)
    builder.tick("10:04:10", 24_020.0)
    assert builder.end("10:04") == [bar("10:04", 24_020.0, volume=0, partial=True)]


def test_a_hole_over_night_is_healed_by_the_snapshot_of_the_last_session(builder: Builder):
    builder.tick("15:29:10", 100.0, 90_000)
    builder.end("15:29")
    builder.interrupted()
    builder.end("08:50", NEXT_DAY)
    builder.tick("15:29:40", 100.0, 95_000)
    builder.tick("09:15:10", 101.0, 40, NEXT_DAY)
    assert builder.end("09:15", NEXT_DAY) == [bar("09:15", 101.0, volume=40, day=NEXT_DAY)]


def test_a_hole_over_night_is_healed_by_the_auction(builder: Builder):
    builder.interrupted()
    builder.tick("09:08:00", 101.0, 30, NEXT_DAY)
    builder.tick("09:15:10", 101.0, 40, NEXT_DAY)
    assert builder.end("09:15", NEXT_DAY) == [bar("09:15", 101.0, volume=10, day=NEXT_DAY)]


def test_a_hole_while_two_bars_are_open_makes_both_partial(builder: Builder):
    builder.tick("10:00:59", 100.0, 1000)
    builder.tick("10:01:00", 101.0, 1100)
    builder.interrupted()
    builder.tick("10:01:30", 102.0, 1200)
    assert [each.partial for each in builder.end("10:01")] == [True, True]
