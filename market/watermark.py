"""Market time read from the data itself: which minutes are over, for replay and for the local exchange."""

from collections.abc import Iterator, Sequence

from market.bar import MINUTE_MS
from market.sessions import DAY_MS, IST_OFFSET_MS

JUMP_MS = 3_600_000
"""A trade time this far ahead of all others needs the next one to be believed."""


class Watermark:
    """The latest trade time seen over all symbols, and the minutes that are over by it.

    A minute is over when the watermark has passed its end by the grace time. One stray stamp far in the future does not
    move it: a jump of over an hour is believed only if the next row of the data does not fall back by over a minute.
    """

    def __init__(self, grace_ms: int) -> None:
        self._grace_ms = grace_ms
        self.now_ms = 0
        """Latest believed trade time, epoch milliseconds UTC; 0 before the first."""
        self._boundary = 0
        """Watermark at which the next minute is over."""

    def advance(self, times_ms: Sequence[int]) -> Iterator[tuple[int, int, int | None]]:
        """Split rows where a minute ends: yields `(start, stop, minute)` for each run of rows `[start, stop)`.

        `minute` is the start of the last minute that is over once these rows are handled and before the next row is,
        or None when no further minute is over. A row between two runs is a stray. Rows after the last run can not be
        judged yet: give them again, in front of the next ones.
        """
        newest = max(times_ms, default=0)
        if newest < min(self._boundary, self.now_ms + JUMP_MS):
            self.now_ms = max(self.now_ms, newest)
            yield 0, len(times_ms), None
            return
        start = 0
        for row, at_ms in enumerate(times_ms):
            if at_ms <= self.now_ms:
                continue
            if at_ms > self.now_ms + JUMP_MS:
                following_ms = next(filter(None, times_ms[row + 1 :]), None)
                if following_ms is None or following_ms < at_ms - MINUTE_MS:
                    yield start, row, None
                    if following_ms is None:
                        return
                    start = row + 1
                    continue
            first, self.now_ms = not self.now_ms, at_ms
            if at_ms >= self._boundary:
                over = self._pass()
                if not first:
                    yield start, row, over
                    start = row
        yield start, len(times_ms), None

    def believes_at_the_end(self, at_ms: int) -> bool:
        """Whether the data's last row, a jump of over an hour that nothing follows, is market time: on the same day."""
        return not self.now_ms or (at_ms + IST_OFFSET_MS) // DAY_MS == (self.now_ms + IST_OFFSET_MS) // DAY_MS

    def finish(self) -> int | None:
        """The data is over: the start of the minute the watermark stands in, or None before the first tick."""
        return self.now_ms - self.now_ms % MINUTE_MS if self.now_ms else None

    def _pass(self) -> int:
        """The last minute that is over by now."""
        reached = self.now_ms - self._grace_ms
        over = reached - reached % MINUTE_MS - MINUTE_MS
        self._boundary = over + 2 * MINUTE_MS + self._grace_ms
        return over
