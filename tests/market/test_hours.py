"""What trades when: dated cases of every kind of day, and the phases of a session."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from market.clock import IST
from market.hours import Hours, Phase, Session
from market.instrument import Kind
from tests.factories import at, hours

STOCK = hours("NSE:TCS")
WITH_DERIVATIVES = hours("NSE:RELIANCE", has_derivatives=True)
INDEX = hours("NSE:NIFTY 50", kind=Kind.INDEX, has_derivatives=True)
FUTURE = hours("NSE:RELIANCE-30NOV2026-FUT", kind=Kind.FUTURE, underlying="NSE:RELIANCE")
BSE_STOCK = hours("BSE:TCS")
BSE_FUTURE = hours("BSE:SENSEX-26NOV2026-FUT", kind=Kind.FUTURE, underlying="BSE:SENSEX")
CURRENCY = hours("NSE:USDINR-27NOV2026-FUT", kind=Kind.FUTURE, underlying="NSE:USDINR")
GOLD = hours("MCX:GOLD-04DEC2026-FUT", kind=Kind.FUTURE, underlying="MCX:GOLD")
COTTON = hours("MCX:COTTONCNDY-30NOV2026-FUT", kind=Kind.FUTURE, underlying="MCX:COTTONCNDY")
MENTHA = hours("MCX:MENTHAOIL-30NOV2026-FUT", kind=Kind.FUTURE)  # a recording tells no underlying
BITCOIN = hours("BINANCE:BTCUSDT")


def clock(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%H:%M")


def shown(trading: Hours, day: str) -> str:
    """`09:15-10:00 11:30-12:30`, with ? where it is not confirmed; empty without a session."""
    zone = trading.calendar.zone
    return " ".join(
        f"{clock(one.open_ms, zone)}-{clock(one.close_ms, zone)}{'' if one.confirmed else '?'}"
        for one in trading.on(date.fromisoformat(day))
    )


@pytest.mark.parametrize(
    ("trading", "day", "expected"),
    [
        # ordinary days, and the closing auction of August 2026
        (STOCK, "2016-09-30", "09:15-15:30"),
        (STOCK, "2010-10-15", ""),  # before the table begins
        (STOCK, "2026-07-31", "09:15-15:30"),
        (STOCK, "2026-08-03", "09:15-15:30"),
        (WITH_DERIVATIVES, "2026-07-31", "09:15-15:30"),
        (WITH_DERIVATIVES, "2026-08-03", "09:15-15:15"),
        (INDEX, "2026-08-03", "09:15-15:30"),
        (FUTURE, "2026-07-31", "09:15-15:30"),
        (FUTURE, "2026-08-03", "09:15-15:40"),
        (BSE_STOCK, "2026-08-03", "09:15-15:30"),
        (BSE_FUTURE, "2026-08-03", "09:15-15:30"),
        # the years of old recordings
        (STOCK, "2014-03-22", "11:15-12:45"),  # a drill on a Saturday
        (STOCK, "2014-12-25", ""),
        (STOCK, "2015-02-28", "09:15-15:30"),  # the budget on a Saturday
        (STOCK, "2015-03-07", ""),
        (STOCK, "2015-11-11", "17:45-18:45"),
        (STOCK, "2016-10-30", "18:30-19:30"),
        # holidays, foreseen and late
        (STOCK, "2019-04-29", ""),  # polling in Mumbai
        (STOCK, "2020-05-25", ""),
        (STOCK, "2020-07-31", "09:15-15:30"),
        (STOCK, "2023-06-28", "09:15-15:30"),  # Bakri Id was moved to the day after
        (STOCK, "2023-06-29", ""),
        (STOCK, "2024-01-22", ""),  # told three days before
        (STOCK, "2024-11-20", ""),
        (STOCK, "2025-12-25", ""),
        (STOCK, "2026-01-15", ""),
        (WITH_DERIVATIVES, "2026-01-26", ""),
        (FUTURE, "2026-03-03", ""),
        (INDEX, "2026-11-24", ""),
        (STOCK, "2025-11-15", ""),  # a Saturday
        (STOCK, "2025-11-16", ""),  # a Sunday
        # Muhurat
        (STOCK, "2019-10-27", "18:15-19:15"),
        (FUTURE, "2020-11-14", "18:15-19:15"),
        (STOCK, "2021-11-04", "18:15-19:15"),
        (CURRENCY, "2022-10-24", "18:15-19:15"),
        (STOCK, "2023-11-12", "18:15-19:15"),
        (STOCK, "2024-11-01", "18:00-19:00"),
        (STOCK, "2025-10-21", "13:45-14:45"),
        (GOLD, "2025-10-21", "13:45-14:45"),
        (STOCK, "2026-11-08", ""),  # its hours are not known
        # weekends with a session, and a day cut in two
        (STOCK, "2020-02-01", "09:15-15:30"),
        (GOLD, "2020-02-01", ""),
        (STOCK, "2024-01-20", "09:15-15:30"),
        (STOCK, "2024-03-02", "09:15-10:00 11:30-12:30"),
        (FUTURE, "2024-03-02", "09:15-10:00 11:30-12:30"),
        (CURRENCY, "2024-03-02", ""),
        (STOCK, "2024-05-18", "09:15-10:00 11:45-12:40?"),
        (STOCK, "2025-02-01", "09:15-15:30"),
        (WITH_DERIVATIVES, "2026-02-01", "09:15-15:30"),
        (STOCK, "2026-01-25", ""),
        (STOCK, "2021-02-24", "09:15-11:40 15:45-17:00"),  # the NSE failed
        (BSE_STOCK, "2021-02-24", "09:15-17:00"),
        # currency
        (CURRENCY, "2020-04-06", ""),
        (CURRENCY, "2020-04-07", "10:00-14:00"),
        (CURRENCY, "2020-11-09", "10:00-15:30"),
        (CURRENCY, "2022-04-18", "09:00-15:30"),
        (CURRENCY, "2026-08-03", "09:00-17:00"),
        # commodities: the close follows New York, holidays of the stock exchanges leave the evening
        (GOLD, "2026-03-06", "09:00-23:55"),
        (GOLD, "2026-03-09", "09:00-23:30"),
        (GOLD, "2026-10-30", "09:00-23:30"),
        (GOLD, "2026-11-02", "09:00-23:55"),
        (GOLD, "2019-11-01", "09:00-23:30"),
        (GOLD, "2019-11-04", "09:00-23:55"),
        (GOLD, "2021-03-15", "09:00-23:30"),
        (COTTON, "2026-03-06", "09:00-21:00"),
        (COTTON, "2026-03-09", "09:00-21:00"),
        (MENTHA, "2026-03-09", "09:00-17:00"),
        (GOLD, "2026-03-03", "17:00-23:55"),
        (GOLD, "2026-05-28", "17:00-23:30"),
        (COTTON, "2026-05-28", "17:00-21:00"),
        (MENTHA, "2026-05-28", ""),  # its day would be over
        (GOLD, "2026-04-03", ""),
        (GOLD, "2025-01-01", "09:00-17:00"),  # no evening on New Year
        (GOLD, "2024-11-20", "17:00-23:55?"),
        (GOLD, "2020-04-02", ""),  # the lockdown left no evening
        (GOLD, "2020-04-15", "09:00-17:00"),
        (GOLD, "2020-04-23", "09:00-23:30"),
        (COTTON, "2020-04-23", "09:00-17:00"),
        # crypto, and beyond the table
        (BITCOIN, "2026-08-01", "00:00-00:00"),
        (BITCOIN, "2026-12-25", "00:00-00:00"),
        (STOCK, "2027-01-26", ""),  # by law
        (STOCK, "2027-01-25", "09:15-15:30"),
        (WITH_DERIVATIVES, "2027-01-04", "09:15-15:15"),
        (STOCK, "2027-01-02", ""),
    ],
)
def test_when_it_trades_depends_on_the_class_and_the_date(trading: Hours, day: str, expected: str):
    assert shown(trading, day) == expected


def phases(trading: Hours, day: date) -> list[tuple[str, Phase]]:
    """Time and phase wherever the phase changes, from midnight to midnight."""
    start, found = at("00:00", day), [("00:00", trading.phase(at("00:00", day)))]
    for minute in range(1, 24 * 60):
        phase = trading.phase(start + minute * 60_000)
        if phase is not found[-1][1]:
            found.append((clock(start + minute * 60_000, IST), phase))
    return found


def test_a_stock_with_derivatives_has_every_phase():
    assert phases(WITH_DERIVATIVES, date(2026, 8, 3)) == [
        ("00:00", Phase.CLOSED),
        ("09:00", Phase.PRE_OPEN),
        ("09:15", Phase.CONTINUOUS),
        ("15:15", Phase.CLOSING_AUCTION),
        ("15:35", Phase.CLOSED),
        ("15:40", Phase.POST_CLOSE),
        ("16:00", Phase.CLOSED),
    ]


def test_a_day_cut_in_two_has_two_pre_open_sessions_and_nothing_between():
    assert phases(STOCK, date(2024, 3, 2)) == [
        ("00:00", Phase.CLOSED),
        ("09:00", Phase.PRE_OPEN),
        ("09:15", Phase.CONTINUOUS),
        ("10:00", Phase.CLOSED),
        ("11:15", Phase.PRE_OPEN),
        ("11:30", Phase.CONTINUOUS),
        ("12:30", Phase.CLOSED),
    ]


def test_an_evening_only_day_has_no_pre_open_session():
    assert phases(GOLD, date(2026, 5, 28)) == [
        ("00:00", Phase.CLOSED),
        ("17:00", Phase.CONTINUOUS),
        ("23:30", Phase.CLOSED),
    ]


def test_a_day_without_a_session_is_closed_throughout():
    assert phases(STOCK, date(2026, 1, 26)) == [("00:00", Phase.CLOSED)]


def test_crypto_never_closes_and_its_day_begins_at_midnight_utc():
    noon = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()) * 1000
    session = BITCOIN.at(noon)
    assert session.date == date(2026, 11, 21)
    assert (session.open_ms, session.close_ms) == (noon - 12 * 3_600_000, noon + 12 * 3_600_000)
    assert BITCOIN.at(session.close_ms - 1) is session
    assert BITCOIN.at(session.close_ms).date == date(2026, 11, 22)
    assert BITCOIN.phase(session.close_ms) is Phase.CONTINUOUS
    assert BITCOIN.day(session.close_ms) == BITCOIN.day(noon) + 1


def test_the_continuous_phase_includes_its_first_moment_and_not_its_end():
    times = ("09:14:59.999", "09:15", "15:29:59.999", "15:30")
    assert [STOCK.continuous(at(each)) for each in times] == [False, True, True, False]
    session = STOCK.at(at("10:00"))
    assert (session.pre_open_ms, session.open_ms) == (at("09:00"), at("09:15"))


def test_a_moment_belongs_to_the_exchanges_calendar_day_whatever_the_day_elsewhere():
    assert STOCK.at(at("00:00")).date == STOCK.at(at("23:59:59.999")).date == date(2025, 11, 17)
    assert STOCK.at(at("00:00") - 1) is None  # Sunday
    assert STOCK.at(at("23:59:59.999") + 1).date == date(2025, 11, 18)


def test_the_same_session_is_given_each_time():
    assert STOCK.at(at("10:00")) is STOCK.at(at("11:00"))


def test_on_a_day_of_two_sessions_a_moment_belongs_to_the_one_under_way_or_to_come():
    day = date(2024, 3, 2)
    first, second = STOCK.on(day)
    assert [STOCK.at(at(each, day)) for each in ("00:00", "09:59", "10:00", "11:31", "23:00")] == [
        first, first, second, second, second,
    ]  # fmt: skip


def test_muhurat_has_its_pre_open_session_before_it():
    session = STOCK.at(at("12:00", date(2025, 10, 21)))
    assert session.name == "Muhurat"
    assert session.pre_open_ms == at("13:30", date(2025, 10, 21))
    assert STOCK.phase(at("14:45", date(2025, 10, 21))) is Phase.CLOSED


def test_no_entry_in_the_last_minutes_and_none_at_all_while_the_hours_are_not_confirmed():
    session = Session(date(2025, 11, 17), at("09:00"), at("09:15"), at("15:30"))
    assert session.takes_entries(at("15:20"), 10)
    assert not session.takes_entries(at("15:21"), 10)
    second = STOCK.on(date(2024, 5, 18))[1]
    assert not second.takes_entries(second.open_ms + 60_000, 0)


def test_every_day_of_the_table_is_a_session_of_its_own_date_within_its_calendar_day():
    day = date(2019, 1, 1)
    while day.year < 2028:
        for trading in (STOCK, WITH_DERIVATIVES, FUTURE, CURRENCY, GOLD, COTTON, MENTHA):
            for one in trading.on(day):
                assert one.date == day
                assert at("00:00", day) < one.pre_open_ms <= one.open_ms < one.close_ms <= one.end_ms < at("23:59", day)
        day += timedelta(days=1)
