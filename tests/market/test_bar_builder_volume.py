"""A day volume that falls and stays low, or begins anew at the end of its 32 bits; and the auction's volume."""

import pytest

from market.sessions import SessionTable
from market.volume_steps import WRAP
from tests.factories import NEXT_DAY, Builder, bar, hours, instrument


def lower(builder: Builder, *ticks: tuple[str, int]) -> None:
    for clock, volume in ticks:
        builder.tick(clock, 100.0, volume)


# --- corrections by the exchange -----------------------------------------------------------------------------------

CORRECTION = (("10:00:20", 900), ("10:00:28", 910), ("10:00:36", 920), ("10:00:44", 930), ("10:00:51", 940))


def test_five_lower_volumes_in_a_row_that_rise_over_half_a_minute_are_a_correction(builder: Builder):
    lower(builder, ("10:00:10", 1500), *CORRECTION, ("10:00:55", 1000))
    (closed,) = builder.end("10:00")
    assert closed == bar("10:00", 100.0, volume=1500 + 60, partial=True)
    assert builder.counts["exchange_correction"] == 1


def test_after_a_correction_volume_is_counted_from_what_the_exchange_says_now(builder: Builder):
    lower(builder, ("10:00:10", 1500), *CORRECTION)
    builder.end("10:00")
    lower(builder, ("10:01:10", 1000), ("10:01:20", 1040))
    lower(builder, ("10:02:10", 1100))
    assert builder.end("10:02") == [bar("10:01", 100.0, volume=100), bar("10:02", 100.0, volume=60)]
    builder.tick("10:02:10", 100.0, 1100)
    assert "late" not in builder.counts  # the last trade once more


def test_a_correction_that_begins_with_a_minute_is_found_too(builder: Builder):
    lower(builder, ("10:00:10", 1500))
    builder.end("10:00")
    lower(builder, ("10:01:01", 900), ("10:01:10", 910), ("10:01:20", 920), ("10:01:30", 930), ("10:01:32", 940))
    lower(builder, ("10:01:50", 960))
    assert builder.end("10:01") == [bar("10:01", 100.0, volume=20, partial=True)]
    assert builder.counts["exchange_correction"] == 1


def test_a_correction_across_a_minute_that_is_still_open_leaves_that_its_volume(builder: Builder):
    lower(builder, ("10:00:10", 1500), ("10:00:40", 900), ("10:00:50", 910))
    lower(builder, ("10:01:00", 920), ("10:01:01", 930))
    assert [each.volume for each in builder.end("10:00")] == [1500]
    lower(builder, ("10:01:20", 940), ("10:01:30", 970))
    assert builder.end("10:01") == [bar("10:01", 100.0, volume=30, partial=True)]


@pytest.mark.parametrize(
    "ticks",
    [
        CORRECTION[:4],  # too few
        [*CORRECTION[:4], ("10:00:50", 940)],  # not over more than 30 s
        [*CORRECTION[:2], ("10:00:38", 1500), *CORRECTION[3:]],  # not in a row
        [*CORRECTION[:4], ("10:00:51", 925)],  # not rising
        [("10:00:20", 900), *[("10:00:51", 940)] * 9],  # repeats
        [("10:00:20", 900), *[("10:00:51", volume) for volume in (900, 900, 900, 900)]],
    ],
)
def test_anything_less_is_a_slip_of_the_feed(builder: Builder, ticks: list[tuple[str, int]]):
    lower(builder, ("10:00:10", 1500), *ticks, ("10:00:58", 1510))
    assert builder.end("10:00") == [bar("10:00", 100.0, volume=1510)]
    assert "exchange_correction" not in builder.counts


def test_a_hole_ends_what_looked_like_a_correction(builder: Builder):
    lower(builder, ("10:00:10", 1500), *CORRECTION[:3])
    builder.interrupted()
    lower(builder, *CORRECTION[3:], ("10:00:58", 1510))
    assert [each.volume for each in builder.end("10:00")] == [1510]
    assert "exchange_correction" not in builder.counts


def test_a_late_tick_of_before_a_correction_brings_no_volume_back(builder: Builder):
    lower(builder, ("10:00:10", 1500), *CORRECTION)
    builder.end("10:00")
    lower(builder, ("10:00:15", 1500), ("10:01:10", 950))
    assert [each.volume for each in builder.end("10:01")] == [10]


def test_bars_that_close_before_a_correction_is_recognised_lack_volume_and_say_so(builder: Builder):
    builder.tick("09:15:30", 100.0, 5000)
    builder.end("09:15")
    closed = []
    for number, minute in enumerate(range(16, 23)):
        builder.tick(f"09:{minute}:10", 100.0, 3000 + 100 * number)
        closed += builder.end(f"09:{minute}")
    assert [bar.volume for bar in closed] == [0, 0, 0, 0, 0, 100, 100]
    assert [bar.partial for bar in closed] == [False, True, True, True, True, False, False]
    assert builder.counts["exchange_correction"] == 1


def test_a_minute_of_lower_day_volumes_that_rise_lacks_volume(builder: Builder):
    builder.tick("09:15:30", 100.0, 5000)
    builder.end("09:15")
    builder.tick("09:16:10", 100.0, 3000)
    builder.tick("09:16:12", 100.0, 3100)
    assert [(bar.volume, bar.partial) for bar in builder.end("09:16")] == [(0, True)]


def test_a_minute_with_one_slip_of_the_day_volume_lacks_nothing(builder: Builder):
    builder.tick("09:15:30", 100.0, 5000)
    for minute, volume in ((16, 4990), (17, 5010), (18, 5005), (19, 5020)):
        builder.end(f"09:{minute - 1}")
        builder.tick(f"09:{minute}:10", 100.0, volume)
        assert not any(bar.partial for bar in builder.open_bars())
        (closed,) = builder.end(f"09:{minute}")
        assert not closed.partial


def test_a_new_day_begins_without_yesterdays_correction(builder: Builder):
    lower(builder, ("10:00:10", 1500), *CORRECTION)
    builder.end("15:29")
    builder.tick("09:15:10", 100.0, 40, NEXT_DAY)
    builder.tick("09:15:20", 100.0, 90, NEXT_DAY)
    assert [each.volume for each in builder.end("09:15", NEXT_DAY)] == [90]


def test_new_highs_are_still_told_while_the_volume_is_watched(builder: Builder):
    builder.watch(90.0, 105.0)
    lower(builder, ("10:00:10", 1500), *CORRECTION[:2])
    builder.tick("10:00:40", 106.0, 915)
    assert [price for _, price in builder.reached] == [106.0]


# --- 32 bits -------------------------------------------------------------------------------------------------------


def test_a_counter_that_begins_anew_in_the_first_bar_after_a_late_start_is_counted_from_before_it():
    builder = Builder(hours())
    for clock, volume in (("10:00:10", WRAP - 100), ("10:00:20", 50), ("10:00:25", 80), ("10:00:30", 120)):
        builder.tick(clock, 100.0, volume)
    (shown,) = builder.open_bars()
    (closed,) = builder.end("10:00")
    assert (closed.volume, closed.partial) == (220, True) == (shown.volume, True)
    builder.tick("10:01:10", 100.0, 150)
    assert [bar.volume for bar in builder.end("10:01")] == [30]


def test_a_counter_of_32_bits_that_begins_anew_costs_no_volume(builder: Builder):
    lower(builder, ("10:00:10", WRAP - 1000))
    builder.end("10:00")
    lower(builder, ("10:01:10", WRAP - 100), ("10:01:20", 50), ("10:01:25", 400), ("10:01:50", 900))
    lower(builder, ("10:02:10", 1500))
    assert builder.end("10:02") == [bar("10:01", 100.0, volume=1900), bar("10:02", 100.0, volume=600)]
    assert builder.counts["volume_began_anew"] == 1
    assert builder.day_volume == WRAP + 1500


def test_a_single_packet_without_volume_is_no_new_beginning(builder: Builder):
    lower(builder, ("10:00:10", 3_000_000_000), ("10:00:20", 0), ("10:00:25", 3_000_000_100))
    assert [each.volume for each in builder.end("10:00")] == [3_000_000_100]
    assert "volume_began_anew" not in builder.counts


def test_a_new_beginning_that_was_none_is_taken_back(builder: Builder):
    lower(builder, ("10:00:10", 3_000_000_000), ("10:00:20", 0), ("10:00:25", 10), ("10:00:30", 3_000_000_100))
    lower(builder, ("10:00:40", 3_000_000_200))
    builder.end("10:00")
    lower(builder, ("10:01:10", 3_000_000_300))
    assert builder.end("10:01")[0].volume <= 300


def test_ticks_out_of_order_around_a_new_beginning_do_not_count_twice(builder: Builder):
    lower(builder, ("10:00:10", WRAP - 1000), ("10:00:20", 50), ("10:00:25", 400))
    lower(builder, ("10:00:15", WRAP - 500), ("10:00:40", 600))
    assert [each.volume for each in builder.end("10:00")] == [WRAP + 600]


# --- the auction before the open -----------------------------------------------------------------------------------


def first_bar(*, included: bool, clock: str = "09:07:59", through: str = "") -> list[int]:
    builder = Builder(SessionTable(auction_in_first_bar=included).hours(instrument()))
    if through:
        builder.end(through)
    else:
        builder.add(0, 99.0, 0)
    builder.tick(clock, 99.0, 300)
    builder.tick("09:15:10", 99.5, 350)
    builder.tick("09:16:10", 99.5, 360)
    bars = builder.end("09:16")
    assert (bars[0].open, bars[0].low) == (99.5, 99.5)  # never its price
    assert not any(each.partial for each in bars)
    return [each.volume for each in bars]


@pytest.mark.parametrize(("included", "volume"), [(False, 50), (True, 350)])
def test_the_auctions_volume_belongs_to_the_first_bar_or_to_none_as_was_chosen(*, included: bool, volume: int):
    assert first_bar(included=included) == [volume, 10]
    assert first_bar(included=included, through="09:10") == [volume, 10]  # told by a snapshot


def test_the_last_trade_of_the_auction_shown_once_more_is_nothing():
    builder = Builder(hours())
    builder.add(0, 99.0, 0)
    builder.tick("09:07:59", 99.0, 300)
    builder.end("09:10")
    builder.tick("09:07:59", 99.0, 300)
    assert builder.counts == {"not_traded": 1, "pre_open": 1}
    assert builder.last_price == 99.0
