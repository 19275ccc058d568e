"""Which minutes are over, by the data alone."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.watermark import Watermark
from tests.factories import NEXT_DAY, at

GRACE_MS = 1500
FAR = date(2026, 4, 1)

Run = tuple[int, int, int | None]


def runs(watermark: Watermark, *times_ms: int) -> list[Run]:
    return list(watermark.advance(times_ms))


@pytest.fixture
def watermark() -> Watermark:
    """One that has believed a first trade at 09:15:10."""
    watermark = Watermark(GRACE_MS)
    assert runs(watermark, at("09:15:10"), at("09:15:10")) == [(0, 2, None)]
    return watermark


def test_a_minute_is_over_once_the_grace_time_after_it_has_passed(watermark: Watermark):
    assert runs(watermark, at("09:15:59"), at("09:16:01.499")) == [(0, 2, None)]
    assert watermark.now_ms == at("09:16:01.499")
    assert runs(watermark, at("09:16:01.500")) == [(0, 0, at("09:15")), (0, 1, None)]
    assert watermark.now_ms == at("09:16:01.500")


def test_the_row_that_ends_a_minute_is_handled_after_its_end(watermark: Watermark):
    assert runs(watermark, at("09:15:50"), at("09:16:02"), at("09:16:03")) == [
        (0, 1, at("09:15")),
        (1, 3, None),
    ]


def test_several_minutes_in_one_batch_end_one_after_the_other(watermark: Watermark):
    assert runs(watermark, at("09:16:02"), at("09:16:30"), at("09:17:02"), at("09:18:02")) == [
        (0, 0, at("09:15")),
        (0, 2, at("09:16")),
        (2, 3, at("09:17")),
        (3, 4, None),
    ]


def test_a_quiet_market_ends_all_the_minutes_between_at_once(watermark: Watermark):
    assert runs(watermark, at("09:25:30")) == [(0, 0, at("09:24")), (0, 1, None)]


def test_rows_that_are_behind_do_not_move_it(watermark: Watermark):
    assert runs(watermark, at("09:14:00"), 0, at("09:15:09")) == [(0, 3, None)]
    assert watermark.now_ms == at("09:15:10")


def test_the_first_row_ends_no_minute():
    watermark = Watermark(GRACE_MS)
    assert runs(watermark, at("11:02:03"), at("11:02:04")) == [(0, 2, None)]
    assert watermark.now_ms == at("11:02:04")


def test_rows_without_a_trade_time_alone_tell_nothing():
    watermark = Watermark(GRACE_MS)
    assert runs(watermark, 0, 0) == [(0, 2, None)]
    assert runs(watermark) == [(0, 0, None)]
    assert watermark.now_ms == 0
    assert watermark.finish() is None


def test_a_first_row_in_the_far_future_is_a_stray():
    watermark = Watermark(GRACE_MS)
    assert runs(watermark, at("10:00", FAR), at("09:15:10"), at("09:15:11")) == [(0, 0, None), (1, 3, None)]
    assert watermark.now_ms == at("09:15:11")


def test_a_first_row_of_long_ago_is_passed_by():
    watermark = Watermark(GRACE_MS)
    assert runs(watermark, 1000, at("09:15:10"), at("09:15:11"))[-1] == (1, 3, None)
    assert watermark.now_ms == at("09:15:11")


@pytest.mark.parametrize("stray", [at("10:15:11.001"), at("09:15", NEXT_DAY), at("10:00", FAR)])
def test_a_single_stamp_over_an_hour_ahead_is_a_stray(watermark: Watermark, stray: int):
    assert runs(watermark, at("09:15:11"), stray, at("09:15:12")) == [(0, 1, None), (2, 3, None)]
    assert watermark.now_ms == at("09:15:12")


def test_a_stamp_an_hour_ahead_needs_no_other_to_be_believed(watermark: Watermark):
    assert runs(watermark, at("10:15:10")) == [(0, 0, at("10:14")), (0, 1, None)]


@pytest.mark.parametrize(("following", "believed"), [("12:00:00", True), ("11:59:59.999", False)])
def test_a_jump_is_confirmed_by_a_row_that_falls_back_a_minute_at_most(
    watermark: Watermark, following: str, *, believed: bool
):
    told = runs(watermark, at("12:01:00"), at(following))
    assert (told[-1] == (0, 2, None)) is believed


def test_strays_far_apart_from_each_other_do_not_confirm_each_other(watermark: Watermark):
    for clock in ("09:15:12", "09:15:14", "09:15:16"):
        assert runs(watermark, at("10:00", FAR), at(clock))[-1] == (1, 2, None)
    assert watermark.now_ms == at("09:15:16")


def test_a_jump_that_the_next_row_confirms_is_believed(watermark: Watermark):
    assert runs(watermark, at("09:15:20"), at("09:15:02", NEXT_DAY), at("09:15:01", NEXT_DAY)) == [
        (0, 1, at("09:13", NEXT_DAY) + 60_000),
        (1, 3, None),
    ]


def test_a_jump_at_the_end_of_a_batch_waits_for_the_next_row(watermark: Watermark):
    assert runs(watermark, at("09:15:20"), at("10:00", NEXT_DAY)) == [(0, 1, None)]
    assert watermark.now_ms == at("09:15:20")
    assert runs(watermark, at("10:00", NEXT_DAY), at("10:00:01", NEXT_DAY))[-1] == (0, 2, None)
    assert watermark.now_ms == at("10:00:01", NEXT_DAY)


def test_rows_without_a_trade_time_confirm_nothing(watermark: Watermark):
    assert runs(watermark, at("10:00", NEXT_DAY), 0, 0) == [(0, 0, None)]
    assert runs(watermark, at("10:00", NEXT_DAY), 0, at("10:00", NEXT_DAY))[-1] == (0, 3, None)


def test_at_the_end_of_the_data_the_minute_it_stands_in_is_over_too(watermark: Watermark):
    runs(watermark, at("15:29:40"), at("15:29:41"))
    assert watermark.finish() == at("15:29")


def test_at_the_end_of_the_data_a_jump_is_believed_within_the_day(watermark: Watermark):
    assert watermark.believes_at_the_end(at("15:20"))
    assert not watermark.believes_at_the_end(at("09:15", NEXT_DAY))
    assert Watermark(GRACE_MS).believes_at_the_end(at("15:20"))


@st.composite
def streams(draw: st.DrawFn) -> list[int]:
    """Trade times as they arrive: mostly forward, a little out of order, nights, strays and rows without one."""
    now, made = at("09:15"), []
    days = 0
    for kind in draw(st.lists(st.sampled_from("ttttttzsnq"), max_size=60)):
        match kind:
            case "t":
                now += draw(st.integers(0, 40_000))
                made.append(now - draw(st.integers(0, 1500)))
            case "z":
                made.append(0)
            case "s":
                made.append(at("10:00", FAR) + draw(st.integers(0, 10)) * 86_400_000)
            case "n":
                days += 1
                now = at("09:15", date(2025, 11, 17) + timedelta(days=days))
            case _:
                now += 30 * 60_000
    return made


@given(streams(), st.data())
def test_any_batching_gives_the_same_minutes_before_the_same_rows(stream: list[int], data: st.DataObject):
    def told(sizes: list[int]) -> list[tuple[str, int]]:
        watermark, rest = Watermark(GRACE_MS), stream
        waiting: list[int] = []
        out: list[tuple[str, int]] = []
        while rest:
            size = sizes.pop(0) if sizes else len(rest)
            batch, rest = waiting + rest[:size], rest[size:]
            done = 0
            for start, stop, minute in watermark.advance(batch):
                out += [("row", at_ms) for at_ms in batch[start:stop]]
                done = stop
                if minute is not None:
                    out.append(("over", minute))
            waiting = batch[done:]
        return out

    sizes = data.draw(st.lists(st.integers(1, 5), max_size=60))
    assert told(sizes) == told([])


@given(streams())
def test_every_minute_ends_in_order_and_only_after_the_grace_time(stream: list[int]):
    watermark, over = Watermark(GRACE_MS), -1
    for _, _, minute in watermark.advance(stream):
        if minute is not None:
            assert minute > over
            assert minute + 60_000 + GRACE_MS <= watermark.now_ms
            over = minute
