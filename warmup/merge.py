"""The broker's candles and our own bars become one history."""

from collections.abc import Iterator, Sequence

from brokers.history import Candle, Candles
from market.bar import MINUTE_MS, Bar
from market.sessions import Hours

SETTLED_MS = 3 * MINUTE_MS
"""What ended longer ago is not missing any more in a broker's answer; its last minutes may be."""


def bars_of(rows: Sequence[Candle], hours: Hours) -> Iterator[Bar]:
    """Candles of continuous phases as bars; those of auctions are left out."""
    for start, open_, high, low, close, volume in rows:
        session = hours.at(start)
        if session is not None and session.open_ms <= start < session.close_ms:
            yield Bar(start, start + MINUTE_MS, session.date, open_, high, low, close, volume)


def merged(own: Sequence[Bar], theirs: Iterator[Bar]) -> tuple[list[Bar], list[Bar]]:
    """All bars, oldest first, and which of them are new: the broker's where ours is missing or lacks trades."""
    by_start = {bar.start_ms: bar for bar in own}
    new = [bar for bar in theirs if (known := by_start.get(bar.start_ms)) is None or known.partial]
    by_start.update((bar.start_ms, bar) for bar in new)
    return [by_start[start] for start in sorted(by_start)], new


def known_through(candles: Candles, since_ms: int, until_ms: int, *, has_traded: bool) -> int:
    """Up to when an answer for `[since_ms, until_ms)` tells all there was.

    An empty one tells nothing of a symbol that has traded today, and all of one that has not.
    """
    if not candles.rows:
        return since_ms if has_traded else until_ms
    newest = candles.rows[-1][0] + MINUTE_MS
    return max(newest, min(until_ms, until_ms - SETTLED_MS))
