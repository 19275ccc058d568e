"""1-minute bars become bars of any whole number of minutes, anchored at the session open and closed by the clock."""

from market.bar import MINUTE_MS, Bar
from market.sessions import Hours


class Timeframe:
    """The bars of one symbol on one timeframe: 75 minutes on NSE are 09:15, 10:30, 11:45, 13:00 and 14:15."""

    def __init__(self, minutes: int, hours: Hours) -> None:
        self.minutes = minutes
        self._hours = hours
        self._open: Bar | None = None

    def add(self, bar: Bar) -> Bar | None:
        """Take the next closed 1-minute bar; returns the bar before, if this one is past its end."""
        finished = self.close_through(bar.start_ms)
        if self._open is None:
            start, end = self.bounds(bar.start_ms)
            self._open = Bar(
                start, end, bar.session, bar.open, bar.high, bar.low, bar.close, bar.volume,
                partial=bar.partial, last_ms=bar.last_ms, atp=bar.atp,
            )  # fmt: skip
            return finished
        whole = self._open
        whole.high = max(whole.high, bar.high)
        whole.low = min(whole.low, bar.low)
        whole.close = bar.close
        whole.volume += bar.volume
        whole.partial |= bar.partial
        whole.last_ms = bar.last_ms
        whole.atp = bar.atp
        return finished

    def close_through(self, until_ms: int) -> Bar | None:
        """The open bar, if it ends at or before `until_ms`: market time is past it, trade or no trade."""
        bar = self._open
        if bar is None or bar.end_ms > until_ms:
            return None
        self._open = None
        return bar

    def bounds(self, at_ms: int) -> tuple[int, int]:
        """Start and end of the bar that `at_ms` belongs to."""
        return bounds(at_ms, self.minutes, self._hours)


def bounds(at_ms: int, minutes: int, hours: Hours) -> tuple[int, int]:
    """Start and end of the bar of `minutes` that `at_ms` belongs to; a session's last one ends with the session."""
    session = hours.at(at_ms)
    assert session is not None, "only times of a session have bars"
    length_ms = minutes * MINUTE_MS
    start = session.open_ms + (at_ms - session.open_ms) // length_ms * length_ms
    return start, min(start + length_ms, session.close_ms)
