"""What can be watched: a tradable thing under our own name, whoever brokers it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What sort of thing an instrument is; sessions and rules differ by it."""

    EQUITY = "EQUITY"
    INDEX = "INDEX"
    FUTURE = "FUTURE"
    OPTION = "OPTION"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument, the same for every broker that lists it."""

    symbol: str
    """Our name, `EXCHANGE:NAME` as traders write it: `NSE:M&M`, `NSE:NIFTY 50`."""
    exchange: str
    """`NSE`, `BSE` or `MCX`."""
    kind: Kind
    tick_size: float = 0.05
    """Smallest price step, in rupees."""
    lot: int = 1
    """Units in one lot."""
    series: str = ""
    """Exchange series of a stock: `EQ`, `BE`; empty elsewhere."""
    title: str = ""
    """Name for people: `Mahindra & Mahindra`."""
    isin: str = ""
    has_derivatives: bool = False
    """Futures or options on it are listed; its continuous phase then ends earlier since 2026-08-03."""
    underlying: str = ""
    expiry: date | None = None
    strike: float | None = None
    option_type: str = ""
    """`CE` or `PE` for an option."""
    price_band: tuple[float, float] | None = None
    """Lowest and highest price that the exchange allowed this morning, in rupees; None: not known."""
