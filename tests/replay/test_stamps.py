import pytest

from replay.stamps import UNREADABLE, Stamps

OPEN_MS = 1_471_319_100_000
"""2016-08-16 09:15 IST."""


@pytest.mark.parametrize(
    "text",
    [
        "2016-08-16 09:15:00",
        "2016-08-16T09:15",
        "2016-08-16T09:15:00+05:30",
        "2016-08-16T03:45:00Z",
        "2016-08-15 23:45:00-0400",
        "20160816 09:15:00",
        " 2016-08-16 09:15:00 ",
    ],
)
def test_a_moment_may_be_written_with_its_offset_or_in_exchange_time(text: str):
    assert Stamps()[text] == OPEN_MS


def test_a_part_of_a_millisecond_never_moves_a_trade_on():
    assert Stamps()["2016-08-16 09:14:59.999999"] == OPEN_MS - 1
    assert Stamps()["2016-08-16 09:15:00.250"] == OPEN_MS + 250


def test_the_zero_of_unix_time_is_a_stamp_for_the_line_to_judge():
    assert Stamps()["1970-01-01 05:30:00"] == 0
    assert Stamps()["1970-01-01 00:00:00"] == -19_800_000


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "1471319100", "2016-13-01", "0001-01-01 00:00:00", "9999-12-31 23:59:59-12:00", "09:15:00x"],
)
def test_what_is_no_time_near_ours_is_unreadable(text: str):
    assert Stamps()[text] == UNREADABLE


def test_memory_stays_bounded_however_many_stamps_differ():
    stamps = Stamps()
    for number in range(250_000):
        assert stamps[f"2016-08-16 09:15:00.{number:06}"] == OPEN_MS + number // 1000
    assert len(stamps) <= 200_000
