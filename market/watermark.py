"""Market time read from the data itself: which minutes are over, for replay and for the local exchange."""

from collections.abc import Iterator, Sequence

from market.bar import MINUTE_MS

JUMP_MS = 3_600_000
"""A trade time this far ahead of all others needs a second one before it is believed."""


class Watermark:
    """The latest trade time seen over all symbols, and the minutes that are over by it.

    A minute is over when the watermark has passed its end by the grace time. One stray stamp far in the future
    does not move it: a jump of over an hour counts only when the next row of the data is past it too.
    """

    def __init__(self, grace_ms: int) -> None:
        self._grace_ms = grace_ms
        self.now_ms = 0
        """Latest believed trade time, epoch milliseconds UTC; 0 before the first."""
        self._over: int | None = None
        """Start of the last minute that is over."""
        self._boundary = 0
        """Watermark at which the next minute is over."""
        self._suspect_ms = 0

    def advance(self, times_ms: Sequence[int]) -> Iterator[tuple[int, int | None]]:
        """Split rows where a minute ends: yields `(stop, minute)` for each run of rows `[previous stop, stop)`.

        `minute` is the start of the last minute that is over once these rows are handled and before the next row is,
        or None when no further minute is over.
        """
        newest = max(times_ms, default=0)
        if self.now_ms and newest < min(self._boundary, self.now_ms + JUMP_MS):
            self.now_ms = max(self.now_ms, newest)
            yield len(times_ms), None
            return
        for row, at_ms in enumerate(times_ms):
            if at_ms <= self.now_ms:
                continue
            if self.now_ms and at_ms > self.now_ms + JUMP_MS and not self._believe(times_ms, row):
                continue
            self.now_ms = at_ms
            if at_ms >= self._boundary:
                first = self._over is None
                over = self._pass()
                if not first:
                    yield row, over
        yield len(times_ms), None

    def finish(self) -> int | None:
        """The data is over: the start of the minute the watermark stands in, or None before the first tick."""
        if not self.now_ms:
            return None
        self._over = self.now_ms - self.now_ms % MINUTE_MS
        self._boundary = self._over + 2 * MINUTE_MS + self._grace_ms
        return self._over

    def _pass(self) -> int:
        reached = self.now_ms - self._grace_ms
        self._over = reached - reached % MINUTE_MS - MINUTE_MS
        self._boundary = self._over + 2 * MINUTE_MS + self._grace_ms
        return self._over

    def _believe(self, times_ms: Sequence[int], row: int) -> bool:
        """Whether a stamp far ahead is market time: the one before it or the one after it is as far ahead."""
        before, self._suspect_ms = self._suspect_ms, times_ms[row]
        ahead = self.now_ms + JUMP_MS
        return before > ahead or (row + 1 < len(times_ms) and times_ms[row + 1] > ahead)
