"""What of two sides can be compared."""

from market.instrument import Instrument
from reconciliation.pair import pair_up
from tests.factories import CLOSE, DAY, NEXT_DAY, at, bar, instrument, session_table
from tests.reconciliation.sides import paired, recording


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
