from itertools import permutations

from brokers.listing import Listing
from brokers.symbols import unique_symbols
from market.instrument import Instrument, Kind


def listing(security_id: int, series: str, kind: Kind = Kind.EQUITY, symbol: str = "NSE:ABC") -> Listing:
    return Listing(Instrument(symbol, "NSE", kind, series=series), 0 if kind is Kind.INDEX else 1, security_id)


def names(listings: list[Listing]) -> dict[int, str]:
    return {one.key: one.instrument.symbol for one in unique_symbols(listings)}


def test_listings_of_different_symbols_are_left_alone() -> None:
    listings = [listing(2, "D1"), listing(1, "EQ", symbol="NSE:XYZ")]

    assert unique_symbols(listings) == listings


def test_the_share_keeps_the_name_whatever_the_order_of_rows() -> None:
    listings = [listing(1, "D1"), listing(2, "W1"), listing(3, "BE"), listing(4, "EQ"), listing(5, "", Kind.INDEX)]
    expected = {
        1 << 32 | 4: "NSE:ABC",
        1 << 32 | 3: "NSE:ABC-BE",
        1 << 32 | 1: "NSE:ABC-D1",
        1 << 32 | 2: "NSE:ABC-W1",
        5: "NSE:ABC-INDEX",
    }

    assert all(names(list(order)) == expected for order in permutations(listings))


def test_among_equals_the_lower_id_keeps_the_name() -> None:
    assert names([listing(9, "EQ"), listing(8, "EQ")]) == {1 << 32 | 8: "NSE:ABC", 1 << 32 | 9: "NSE:ABC-EQ"}


def test_a_name_made_up_for_one_listing_never_takes_the_name_of_another() -> None:
    listings = [listing(1, "EQ"), listing(2, "BE"), listing(3, "EQ", symbol="NSE:ABC-BE"), listing(4, "BE")]

    assert names(listings) == {
        1 << 32 | 1: "NSE:ABC",
        1 << 32 | 2: "NSE:ABC-BE-2",
        1 << 32 | 3: "NSE:ABC-BE",
        1 << 32 | 4: "NSE:ABC-BE-4",
    }
