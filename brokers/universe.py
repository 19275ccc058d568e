"""Which of a broker's listings are watched."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from brokers.index_list import index_members
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from settings.schema import Universe


@dataclass(frozen=True, slots=True)
class Missing:
    """A name in the settings or in an index list that the broker does not list."""

    name: str
    source: str
    """`universe.names`, `universe.exclude`, or file and line: `ind_nifty50list.csv:12`."""
    nearest: tuple[str, ...]
    """Up to three symbols it may have meant, likeliest first."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is watched, in order of precedence."""

    listings: tuple[Listing, ...]
    missing: tuple[Missing, ...]
    beyond_limit: int
    """Listings that were asked for but cut off by `limit`."""


def choose(universe: Universe, table: InstrumentTable) -> Chosen:
    """The listings `universe` asks for: names, then index lists, then whole series, without `exclude`, up to `limit`.

    Each listing comes once, at its first place. Within a series, stocks with derivatives come first, then by symbol.

    Raises: InputError, naming file and line, when an index list cannot be read.
    """
    missing: list[Missing] = []
    excluded = {listing.key for listing in _found(_named(universe.exclude, "universe.exclude"), table, missing)}
    wanted: dict[int, Listing] = {}
    for listing in _asked_for(universe, table, missing):
        if listing.key not in excluded:
            wanted.setdefault(listing.key, listing)
    listings = tuple(wanted.values())
    return Chosen(listings[: universe.limit], tuple(missing), max(0, len(listings) - universe.limit))


def _asked_for(universe: Universe, table: InstrumentTable, missing: list[Missing]) -> Iterator[Listing]:
    yield from _found(_named(universe.names, "universe.names"), table, missing)
    for path in universe.index_lists:
        yield from _found(_members(path, universe.exchange, table), table, missing)
    for series in universe.series:
        yield from table.in_series(universe.exchange, series)


def _named(symbols: Iterable[str], source: str) -> Iterator[tuple[str, str]]:
    return ((symbol, source) for symbol in symbols)


def _members(path: Path, exchange: str, table: InstrumentTable) -> Iterator[tuple[str, str]]:
    """Symbols of an index list; a company's debenture or warrant bears its series, unlike its share."""
    for line, name, series in index_members(path):
        other = table.find(f"{exchange}:{name}-{series}")
        is_meant = other is not None and other.instrument.series == series
        yield f"{exchange}:{name}-{series}" if is_meant else f"{exchange}:{name}", f"{path}:{line}"


def _found(names: Iterable[tuple[str, str]], table: InstrumentTable, missing: list[Missing]) -> Iterator[Listing]:
    for symbol, source in names:
        listing = table.find(symbol)
        if listing is None:
            missing.append(Missing(symbol, source, tuple(table.closest(symbol))))
        else:
            yield listing
