"""What of two sides can be compared."""

from datetime import date, time

from market.instrument import Instrument
from market.session_rows import DayRow
from market.sessions import AddedDay, Hours, SessionTable
from reconciliation.pair import pair_up
from tests.factories import CLOSE, DAY, NEXT_DAY, at, bar, instrument, session_table
from tests.reconciliation.sides import paired, recording, unlisted


def test_symbols_of_one_side_alone_are_named_and_left_out():
    pair = paired(
        {"NSE:WIPRO": [bar("09:15", 1)], "NSE:TCS": [bar("09:15", 1)], "NSE:ITC": [bar("09:15", 1)]},
        {"NSE:TCS": [bar("09:15", 1)], "BSE:TCS": [bar("09:15", 1)]},
    )
    assert [each.symbol for each in pair.instruments] == ["NSE:TCS"]
    assert pair.only_ours == ("NSE:ITC", "NSE:WIPRO")
    assert pair.only_theirs == ("BSE:TCS",)
    assert pair.ours.symbol.tolist() == pair.theirs.symbol.tolist() == [0]


def test_only_the_days_continuous_trading_counts():
    theirs = [
        bar("09:08", 99), bar("09:15", 1), bar("15:29", 2), bar("15:30", 3), bar("09:15", 4, day=NEXT_DAY),
    ]  # fmt: skip
    pair = paired({"NSE:TCS": [bar("09:15", 1)]}, {"NSE:TCS": theirs})
    assert pair.theirs.times_ms.tolist() == [at("09:15"), at("15:29")]
    assert pair.close_ms == at(CLOSE)


def test_a_symbol_that_has_bars_of_other_days_alone_is_not_there():
    pair = paired({"NSE:TCS": [bar("09:15", 1)]}, {"NSE:TCS": [bar("09:15", 1, day=NEXT_DAY)]})
    assert (pair.instruments, pair.only_ours, pair.only_theirs) == ((), ("NSE:TCS",), ())
    assert (len(pair.ours), len(pair.theirs), pair.close_ms) == (0, 0, 0)


def test_rows_come_by_time_whatever_order_the_sides_have():
    bars = {"NSE:B": [bar("09:17", 3), bar("09:15", 1)], "NSE:A": [bar("09:15", 2), bar("09:16", 4)]}
    pair = paired(bars, dict(reversed(bars.items())))
    for side in (pair.ours, pair.theirs):
        assert side.prices[0].tolist() == [2, 1, 4, 3]
        assert side.symbol.tolist() == [0, 1, 0, 1]


def test_a_minute_the_broker_fills_without_a_trade_is_left_out_of_a_stock_but_not_of_an_index():
    ours = {"NSE:TCS": [bar("09:15", 1), bar("09:17", 1, volume=0)], "NSE:NIFTY": [bar("09:15", 1, volume=0)]}
    filled = [bar("09:15", 1), bar("09:16", 1, volume=0), bar("09:17", 1, volume=0)]
    index = [bar("09:15", 1, volume=0), bar("09:16", 1, volume=0)]
    pair = paired(ours, {"NSE:TCS": filled, "NSE:NIFTY": index})
    assert pair.filled == 1
    assert len(pair.theirs) == 4


def test_the_brokers_list_joins_names_and_tells_tick_and_hours():
    listed = instrument("NSE:NIFTY 50", tick_size=0.01)

    def known(symbol: str) -> Instrument | None:
        return listed if symbol in {"NSE:NIFTY", "NSE:NIFTY 50"} else None

    ours, theirs = recording({"NSE:NIFTY 50": [bar("09:15", 1)]}), recording({"NSE:NIFTY": [bar("09:15", 1)]})
    pair = pair_up(DAY, ours, theirs, known, session_table())
    assert pair.instruments == (listed,)
    assert len(pair.theirs) == 1


SATURDAY = date(2025, 11, 15)


def test_a_day_the_user_added_is_compared_in_its_own_hours():
    table = SessionTable([AddedDay(SATURDAY, ("NSE",), "drill", time(10), time(11))])
    bars = [bar(clock, 1, day=SATURDAY) for clock in ("09:59", "10:00", "10:59", "11:00")]
    sides = recording({"NSE:TCS": bars})
    pair = pair_up(SATURDAY, sides, sides, unlisted, table)
    assert pair.theirs.times_ms.tolist() == [at("10:00", SATURDAY), at("10:59", SATURDAY)]
    assert pair.close_ms == at("11:00", SATURDAY)
    assert len(pair_up(SATURDAY, sides, sides, unlisted, session_table()).ours) == 0


class TwoSessions(SessionTable):
    """A Saturday with a session by day and one in the evening."""

    def hours(self, instrument: Instrument) -> Hours:
        rows = [
            DayRow(SATURDAY, "day", "here", open=time(10), close=time(11)),
            DayRow(SATURDAY, "Muhurat", "here", open=time(18), close=time(19)),
        ]
        return super().hours(instrument).with_days({SATURDAY: rows})


def test_both_sessions_of_a_day_are_compared_and_the_pause_between_them_is_not():
    bars = [bar(clock, 1, day=SATURDAY) for clock in ("10:59", "11:00", "17:59", "18:00", "18:59", "19:00")]
    sides = recording({"NSE:TCS": bars})
    pair = pair_up(SATURDAY, sides, sides, unlisted, TwoSessions())
    assert pair.ours.times_ms.tolist() == [at(clock, SATURDAY) for clock in ("10:59", "18:00", "18:59")]
    assert pair.close_ms == at("19:00", SATURDAY)
