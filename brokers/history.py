"""What a broker knows of the past: minute candles and the day so far, asked for one request at a time."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from brokers.listing import Listing

Candle: TypeAlias = tuple[int, float, float, float, float, int]
"""Start (epoch milliseconds UTC), open, high, low, close in rupees on the tick grid, volume in units."""


class Found(Enum):
    """How a broker took a request."""

    GIVEN = "given"
    EMPTY = "empty"
    """All is well, and there is nothing: of a symbol that traded it means "not yet"."""
    NO_DATA = "no data"
    """It says that it has none."""
    TOKEN = "token"  # noqa: S105 - an answer, not a secret
    """Nothing will help until the token changes."""
    TOO_MANY = "too many"
    """Too many requests; the account's limiter has been told to wait."""
    ERROR = "error"
    """Anything else: the network, the server, or an answer that is none."""


@dataclass(frozen=True, slots=True)
class Candles:
    """Minute candles of one listing, oldest first; minutes without a trade have none."""

    found: Found
    rows: Sequence[Candle] = ()
    detail: str = ""
    """Why there are none, in the broker's words."""


@dataclass(frozen=True, slots=True)
class DayQuote:
    """One listing's day so far."""

    price: float
    """Last trade, in rupees."""
    volume: int
    """Traded today, in units."""
    previous_close: float
    """In rupees; 0 where the broker says none."""


@dataclass(frozen=True, slots=True)
class DayQuotes:
    """Days so far by the key that ticks carry; listings that the broker left out are missing."""

    found: Found
    by_key: Mapping[int, DayQuote] = field(default_factory=dict)
    detail: str = ""


class History(ABC):
    """One account's access to the past. Every request waits for its turn within the broker's limits, on any thread."""

    longest_days: int
    """Calendar days that one request for candles may touch."""

    @abstractmethod
    def minutes(self, listing: Listing, since_ms: int, until_ms: int) -> Candles:
        """Candles that start in `[since_ms, until_ms)` and are over. Never raises for an answer."""

    @abstractmethod
    def quotes(self, listings: Sequence[Listing]) -> DayQuotes:
        """The day so far of any number of listings, in as few requests as there may be."""

    @abstractmethod
    def stop(self) -> None:
        """Whoever waits for his turn goes away with an error, now and from now on."""
