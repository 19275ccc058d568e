"""All that a broker lists, found by symbol, by key, or by a name that is nearly right."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from brokers.listing import Listing
from brokers.symbols import SHARE_SERIES
from market.instrument import Instrument, Kind

CONTRACT = re.compile("-(FUT|CE|PE)$")
"""How our symbols of futures and options end."""

NEAR = 0.6
"""Least likeness, 0 to 1, of a name worth suggesting."""

LEAST_PREFIX = 3
"""Letters from which the beginning of a name says something."""

REASONS_KEPT = 5


class Rejects:
    """Rows of a file that could not be used: how many, and the first few with line and reason."""

    def __init__(self) -> None:
        self.total = 0
        self.first: list[str] = []
        """`line 12: security id 'x' is not a number`, at most five."""

    def add(self, line: int, reason: str) -> None:
        """Count one row; `line` starts at 1."""
        self.total += 1
        if len(self.first) < REASONS_KEPT:
            self.first.append(f"line {line}: {reason}")


class InstrumentTable:
    """One broker's listings, each under a symbol and a key of its own, in the order of its master file."""

    def __init__(
        self,
        listings: Sequence[Listing],
        aliases: Mapping[str, str] | None = None,
        rejects: Rejects | None = None,
        skipped: int = 0,
    ) -> None:
        """`listings` have distinct symbols and keys; `aliases` leads from other symbols people use to ours."""
        self._by_symbol = {listing.instrument.symbol: listing for listing in listings}
        self._by_key = {listing.key: listing for listing in listings}
        self._aliases = aliases or {}
        self.rejects = rejects or Rejects()
        self.skipped = skipped
        """Sound rows left out: options nobody asked for, segments the feed does not carry, mock securities."""

    def __len__(self) -> int:
        return len(self._by_symbol)

    def __iter__(self) -> Iterator[Listing]:
        return iter(self._by_symbol.values())

    def find(self, symbol: str) -> Listing | None:
        """The listing of `EXCHANGE:NAME`, our own symbol or an alias of it."""
        return self._by_symbol.get(symbol) or self._by_symbol.get(self._aliases.get(symbol, ""))

    def at(self, key: int) -> Listing | None:
        """The listing that ticks with this key belong to."""
        return self._by_key.get(key)

    def in_series(self, exchange: str, series: str) -> list[Listing]:
        """Equities of one exchange series: those with derivatives first, as they trade most, then by symbol."""
        found = [one for one in self if (one.instrument.exchange, one.instrument.series) == (exchange, series)]
        return sorted(found, key=lambda one: (not one.instrument.has_derivatives, one.instrument.symbol))

    def closest(self, name: str, n: int = 3) -> list[str]:
        """Up to `n` symbols somebody who wrote `name` may have meant, likeliest first.

        Case, spaces and signs do not count, the exchange may be missing, and an alias or a title ("Infosys") serves as
        well as a name. Bonds are never suggested; contracts only for a name that ends like one, of the same underlying.
        """
        exchange, _, text = name.upper().rpartition(":")
        pool = self._contracts(text) if CONTRACT.search(text) else self._cash()
        at_home = [one for one in pool if one.instrument.exchange == exchange]
        found = self._scored(_squeeze(text), at_home) or self._scored(_squeeze(text), pool)
        found.sort(key=lambda scored: (-scored[0], scored[1].exchange != "NSE", scored[1].symbol))
        return [instrument.symbol for _, instrument in found[:n]]

    def _cash(self) -> list[Listing]:
        return [one for one in self if one.instrument.kind is Kind.INDEX or one.instrument.series in SHARE_SERIES]

    def _contracts(self, text: str) -> list[Listing]:
        root = text.partition("-")[0]
        return [one for one in self if one.instrument.expiry and _name(one.instrument.symbol).startswith(root)]

    def _scored(self, wanted: str, pool: Sequence[Listing]) -> list[tuple[float, Instrument]]:
        aliases = {ours: theirs for theirs, ours in self._aliases.items()}
        matcher = SequenceMatcher(b=wanted, autojunk=False)
        found = []
        for one in pool:
            instrument = one.instrument
            names = [instrument.symbol, *filter(None, [aliases.get(instrument.symbol)])]
            likeness = max(_likeness(matcher, wanted, _squeeze(_name(name))) for name in names)
            title = _squeeze(instrument.title)
            if len(wanted) >= LEAST_PREFIX and title.startswith(wanted):
                likeness = max(likeness, 0.75 + 0.2 * len(wanted) / len(title))
            if likeness >= NEAR:
                found.append((likeness, instrument))
        return found


def _name(symbol: str) -> str:
    return symbol.partition(":")[2]


def _squeeze(text: str) -> str:
    return "".join(filter(str.isalnum, text.upper()))


def _likeness(matcher: SequenceMatcher[str], wanted: str, name: str) -> float:
    """0 to 1; the beginning of a name counts more than letters scattered over it."""
    matcher.set_seq1(name)
    is_worth_it = matcher.real_quick_ratio() >= NEAR and matcher.quick_ratio() >= NEAR
    likeness = matcher.ratio() if is_worth_it else 0.0
    if len(wanted) >= LEAST_PREFIX and name.startswith(wanted):
        likeness = max(likeness, 0.8 + 0.2 * len(wanted) / len(name))
    return likeness
