"""One symbol, one listing: what happens when several listings would bear the same name."""

from collections.abc import Iterable
from dataclasses import replace

from brokers.listing import Listing
from market.instrument import Kind

SHARE_SERIES = ("EQ", "BE", "BZ", "SM", "ST", "SZ", "A", "B", "T", "X", "XT", "Z")
"""Series in which shares and funds trade, the most usual first: NSE's (main board, then SME), then BSE's groups.

A debenture, a warrant or a partly paid share often carries the name of its company's share in another series.
"""

RANK = {series: rank for rank, series in enumerate(SHARE_SERIES)}


def unique_symbols(listings: Iterable[Listing]) -> list[Listing]:
    """The same listings in the same order, each with a symbol of its own.

    Of those that want one symbol the share keeps it: series EQ before BE and so on as in `SHARE_SERIES`, then other
    series by name, then indices, each by ascending id. The others are called `NAME-SERIES` (`NSE:CHOLAFIN-D1`), an
    index `NAME-INDEX`; when that is taken too, the broker's id is added. So the answer does not depend on the
    order of the rows.
    """
    ordered = list(listings)
    claims: dict[str, list[int]] = {}
    for place, listing in enumerate(ordered):
        claims.setdefault(listing.instrument.symbol, []).append(place)
    taken = set(claims)
    for wanted in sorted(symbol for symbol, places in claims.items() if len(places) > 1):
        for place in sorted(claims[wanted], key=lambda place: _precedence(ordered[place]))[1:]:
            listing = ordered[place]
            symbol = f"{wanted}-{listing.instrument.series or listing.instrument.kind}"
            while symbol in taken:
                symbol = f"{symbol}-{listing.security_id}"
            taken.add(symbol)
            ordered[place] = replace(listing, instrument=replace(listing.instrument, symbol=symbol))
    return ordered


def _precedence(listing: Listing) -> tuple[bool, int, str, int, int]:
    series = listing.instrument.series
    is_index = listing.instrument.kind is Kind.INDEX
    return is_index, RANK.get(series, len(RANK)), series, listing.segment, listing.security_id
