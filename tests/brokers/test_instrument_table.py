from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brokers.dhan.instruments import read_master
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from market.instrument import Instrument, Kind

COMPACT = Path(__file__).parents[1] / "data" / "instruments" / "compact.csv"


@pytest.fixture(scope="module")
def table() -> InstrumentTable:
    return read_master(COMPACT, names=["NSE:NIFTY-28JUL2026-24650-CE"])


def test_nothing_is_found_under_an_unknown_symbol_or_key(table: InstrumentTable) -> None:
    assert table.find("NSE:RELIANC") is None
    assert table.find("RELIANCE") is None
    assert table.at(1 << 32 | 1) is None


def test_a_series_lists_stocks_with_derivatives_first_then_by_symbol(table: InstrumentTable) -> None:
    symbols = [listing.instrument.symbol.partition(":")[2] for listing in table.in_series("NSE", "EQ")]

    assert symbols == [
        *("BAJAJ-AUTO", "RELIANCE"),
        *("360ONE", "CHOLAFIN", "INFY", "J&KBANK", "M&M", "SBIN", "UMIYA-MRO"),
    ]
    assert table.in_series("NSE", "ZZ") == []


@pytest.mark.parametrize(
    ("written", "likeliest"),
    [
        ("NSE:RELAINCE", "NSE:RELIANCE"),
        ("NSE:RELIANC", "NSE:RELIANCE"),
        ("BSE:RELIENCE", "BSE:RELIANCE"),
        ("reliance", "NSE:RELIANCE"),
        ("NSE:BAJAJAUTO", "NSE:BAJAJ-AUTO"),
        ("NSE:M_M", "NSE:M&M"),
        ("nse:mm", "NSE:M&M"),
        ("J&K BANK", "NSE:J&KBANK"),
        ("NSE:INFOSYS", "NSE:INFY"),
        ("state bank", "NSE:SBIN"),
        ("NIFTY", "NSE:NIFTY 50"),
        ("banknifty", "NSE:NIFTY BANK"),
        ("NSE:SENSEX", "BSE:SENSEX"),
        ("NSE:INDIAVIX", "NSE:INDIA VIX"),
        ("NSE:RELIANCE-FUT", "NSE:RELIANCE-28JUL2026-FUT"),
        ("NSE:NIFTY-28JUL2026-24600-CE", "NSE:NIFTY-28JUL2026-24650-CE"),
    ],
)
def test_the_likeliest_symbol_comes_first_however_it_was_written(
    table: InstrumentTable, written: str, likeliest: str
) -> None:
    assert table.closest(written)[0] == likeliest


@pytest.mark.parametrize("written", ["", "NSE:", "NSE:QQQQQQQQ", ":", "\x00", "NSE:QQQ-FUT"])
def test_nothing_is_suggested_when_nothing_is_like_it(table: InstrumentTable, written: str) -> None:
    assert table.closest(written) == []


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_text_may_be_asked_for(text: str) -> None:
    table = read_master(COMPACT)

    assert len(table.closest(text)) <= 3
    assert all(table.find(symbol) for symbol in table.closest(text))


def test_as_many_names_as_asked_for_are_suggested_and_never_a_bond(table: InstrumentTable) -> None:
    assert len(table.closest("NSE:RELI", n=2)) == 2
    assert "NSE:656MH32" not in table.closest("NSE:656MH32", n=50)


def test_a_table_without_rows_answers_too() -> None:
    empty = InstrumentTable([])

    assert (len(empty), empty.closest("NSE:TCS"), empty.rejects.total) == (0, [], 0)


def test_an_alias_never_hides_a_symbol_of_the_same_name() -> None:
    share = Listing(Instrument("NSE:NIFTY", "NSE", Kind.EQUITY), 1, 7)

    assert InstrumentTable([share], {"NSE:NIFTY": "NSE:NIFTY 50"}).find("NSE:NIFTY") is share
