from pathlib import Path

import pytest

from errors import InputError
from market.instrument import Kind
from replay.symbols import UNUSABLE, Symbols, instrument_of


def test_a_name_without_an_exchange_is_nses():
    symbols = Symbols()
    assert symbols["M&M"] == symbols["NSE:M&M"] == symbols[" M&M "]
    assert [one.symbol for one in symbols.instruments] == ["NSE:M&M"]


@pytest.mark.parametrize("name", ["J&KBANK", "BAJAJ-AUTO", "360ONE", "NIFTY 50", "Nifty_Bank", "BSE:TCS"])
def test_names_survive_as_they_are_written(name: str):
    symbols = Symbols()
    assert symbols[name] == 0
    assert symbols.instruments[0].symbol.endswith(name)


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("NSE:RELIANCE", Kind.EQUITY),
        ("NSE:ACE", Kind.EQUITY),
        ("NSE:NIFTY-30JUN2026-FUT", Kind.FUTURE),
        ("NSE:NIFTY26JUNFUT", Kind.FUTURE),
        ("NSE:NIFTY-30JUN2026-24000-CE", Kind.OPTION),
        ("NSE:NIFTY26JUN24000PE", Kind.OPTION),
        ("MCX:CRUDEOIL", Kind.FUTURE),
    ],
)
def test_a_name_tells_futures_and_options_whose_hours_differ(symbol: str, kind: Kind):
    assert instrument_of(symbol).kind is kind


@pytest.mark.parametrize(
    ("text", "fault"),
    [("", "no symbol"), ("a,b", "no symbol"), ("NASDAQ:AAPL", "no hours for NASDAQ"), ("é", "no symbol")],
)
def test_what_cannot_be_followed_is_unusable_and_says_why(text: str, fault: str):
    symbols = Symbols()
    assert symbols[text] == UNUSABLE
    assert fault in str(symbols.fault(text))
    assert not symbols.instruments


def test_a_column_of_something_else_is_not_taken_for_a_hundred_thousand_symbols():
    symbols = Symbols()
    assert [symbols[f"S{number}"] for number in range(25_000)] == list(range(25_000))
    with pytest.raises(InputError, match=r"more than 25,000 symbols, such as NSE:101.5"):
        symbols["101.5"]


def test_a_file_of_one_symbol_is_named_by_its_stem():
    symbols = Symbols()
    assert symbols.number_of_file(Path("/x/M&M.csv.gz")) == symbols["NSE:M&M"]
    with pytest.raises(InputError, match=r"bars\(1\).csv: it has no column for the symbol, and its name tells none"):
        symbols.number_of_file(Path("bars(1).csv"))
