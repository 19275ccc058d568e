import pytest

from control.symbol_search import find, nearest

SYMBOLS = [
    "NSE:RELIANCE",
    "NSE:RELINFRA",
    "NSE:M&M",
    "NSE:M&MFIN",
    "NSE:J&KBANK",
    "NSE:BAJAJ-AUTO",
    "NSE:360ONE",
    "NSE:NIFTY 50",
    "NSE:TCS",
    "BSE:TCS",
    "BSE:ONLYHERE",
]


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("NSE:M&M", "NSE:M&M"),
        ("m&m", "NSE:M&M"),
        ("bajaj-auto", "NSE:BAJAJ-AUTO"),
        ("360one", "NSE:360ONE"),
        (" nifty 50 ", "NSE:NIFTY 50"),
        ("tcs", "NSE:TCS"),
        ("bse:tcs", "BSE:TCS"),
        ("onlyhere", "BSE:ONLYHERE"),
    ],
)
def test_a_symbol_is_found_in_any_case_and_without_its_exchange(typed: str, symbol: str) -> None:
    assert find(typed, SYMBOLS) == symbol


@pytest.mark.parametrize("typed", ["", " ", ":", "NSE:", "TCS\n", "TCS\x00", "../TCS", "MCX:TCS", "A" * 41, "टीसीएस"])
def test_nothing_else_is_found(typed: str) -> None:
    assert find(typed, SYMBOLS) is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("NSE:RELIANC", "NSE:RELIANCE"),
        ("RELAINCE", "NSE:RELIANCE"),
        ("REL", "NSE:RELIANCE"),
        ("M&", "NSE:M&M"),
        ("MM", "NSE:M&M"),
        ("JKBANK", "NSE:J&KBANK"),
        ("bajajauto", "NSE:BAJAJ-AUTO"),
        ("NIFTY", "NSE:NIFTY 50"),
        ("360-ONE", "NSE:360ONE"),
    ],
)
def test_the_nearest_names_come_first(typed: str, first: str) -> None:
    assert nearest(typed, SYMBOLS)[0] == first


@pytest.mark.parametrize("typed", ["", "\x00", "ZZZZZZ", "NSE:", "टीसीएस"])
def test_what_is_near_to_nothing_gets_no_names(typed: str) -> None:
    assert nearest(typed, SYMBOLS) == []


def test_few_names_are_given() -> None:
    many = [f"NSE:BANK{number}" for number in range(100)]
    assert nearest("BANK", many) == ["NSE:BANK0", "NSE:BANK1", "NSE:BANK2", "NSE:BANK3", "NSE:BANK4"]
