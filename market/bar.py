"""One bar: what happened in one span of market time."""

from datetime import date
from math import nan

MINUTE_MS = 60_000


class Bar:
    """Open, high, low, close and volume of one symbol over `[start_ms, end_ms)`.

    A slotted, mutable object: while it is open the bar builder writes to it, once closed nobody does.
    """

    __slots__ = ("atp", "close", "end_ms", "high", "last_ms", "low", "open", "partial", "session", "start_ms", "volume")

    def __init__(
        self,
        start_ms: int,
        end_ms: int,
        session: date,
        open: float,  # noqa: A002 - the field's own word
        high: float,
        low: float,
        close: float,
        volume: int,
        *,
        partial: bool = False,
        last_ms: int | None = None,
        atp: float = nan,
    ) -> None:
        self.start_ms = start_ms
        """Start, epoch milliseconds UTC."""
        self.end_ms = end_ms
        """End (exclusive), epoch milliseconds UTC."""
        self.session = session
        """Trading day it belongs to."""
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        """Units traded within the bar, never negative."""
        self.partial = partial
        """Some of its inputs are missing (late start, reconnect); rules that need volume stay silent."""
        self.last_ms = end_ms if last_ms is None else last_ms
        """Trade time of the close; the bar's end when only bars are known."""
        self.atp = atp
        """The exchange's average price of the day's trades up to the close, in rupees; nan where it is not known."""

    def values(self) -> tuple[int, float, float, float, float, int]:
        """`(start_ms, open, high, low, close, volume)`."""
        return self.start_ms, self.open, self.high, self.low, self.close, self.volume

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bar) and self.values() == other.values() and self.partial == other.partial

    __hash__ = None  # type: ignore[assignment] # mutable

    def __repr__(self) -> str:
        return f"Bar({self.start_ms}, {self.open}, {self.high}, {self.low}, {self.close}, {self.volume})"
