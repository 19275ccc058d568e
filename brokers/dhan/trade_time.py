"""Dhan's trade times against the wall clock: how far they are shifted, and whether they can be believed.

A trade time is the Indian wall clock written as if it were UTC. Should Dhan mend that one day, the feed will show it.
"""

from enum import Enum
from typing import Final

from loguru import logger

from market.tick import REMARKS, TickBatch

IST_SHIFT_S: Final = 19_800
"""Seconds that a raw trade time is ahead of UTC."""

WINDOW_MS: Final = 7_500
"""Two windows make a judgement: what traded in the second after it was seen in the first is trading now."""
GAP_MS: Final = 2_500
"""A window that ends later than this had a hole, such as a night, and judges nothing."""
RECHECK_MS: Final = 300_000
SYMBOLS: Final = 20
"""Symbols that must have traded in a window: one illiquid symbol's last trade is simply old."""
IGNORED: Final = 2
"""The freshest trade times are left out, so that a damaged packet cannot decide."""
BEHIND_S: Final = 120
AHEAD_S: Final = 30
"""How far the freshest trade may lie from the wall clock."""
HOUR_MS: Final = 3_600_000


class Verdict(Enum):
    """What is known of the trade times."""

    PENDING = "not judged yet"
    """Too little trades: out of hours, or too few symbols. The last known shift is used."""
    AGREES = "agrees with the clock"
    OFF = "does not agree with the clock"
    """Neither shift brings them near the clock: Dhan or this machine's clock is wrong. The last known shift is used."""


class TradeTimes:
    """Judges a live connection's trade times; keep one across reconnects, so that it keeps what it knows.

    A snapshot on subscribing shows trades of any age, at night hours old. So only symbols seen to trade count, and
    the freshest of them decide: in a live market one symbol in twenty traded just now.

    Refused is a trade an hour or more in the future, since it would end every minute before it; and every tick while
    the freshest trade is an hour or more off. A single trade long past is no fault, its instrument seldom trades, and
    bars leave it out by themselves; so is a trade time of 0, which is none.
    """

    def __init__(self) -> None:
        self.shift_s = IST_SHIFT_S
        """Seconds to take off a raw trade time; batches come decoded with it."""
        self.verdict = Verdict.PENDING
        self.ahead_s = 0
        """Freshest trade against the wall clock when last judged, seconds; negative is behind."""
        self._window_ms = 0
        """When this window began or, after a judgement, will begin."""
        self._before: dict[int, int] = {}
        """Trade time by instrument before this window, epoch milliseconds UTC."""
        self._latest: dict[int, int] = {}
        """Trade time by instrument in this window."""

    def admit(self, ticks: TickBatch) -> int:
        """Judge by these ticks, then take out those that are refused; returns how many."""
        if not ticks.keys:
            return 0
        self._observe(ticks)
        too_late_ms = ticks.received_ms + HOUR_MS
        if self.verdict is Verdict.OFF and abs(self.ahead_s) * 1000 >= HOUR_MS:
            too_late_ms = 0
        elif max(ticks.times_ms) < too_late_ms:
            return 0
        rows = [row for row, at_ms in enumerate(ticks.times_ms) if at_ms < too_late_ms]
        refused = len(ticks) - len(rows)
        ticks.keep(rows)
        return refused

    def _observe(self, ticks: TickBatch) -> None:
        now_ms = ticks.received_ms
        if self._window_ms - RECHECK_MS <= now_ms < self._window_ms:
            return
        if not self._window_ms <= now_ms <= self._window_ms + WINDOW_MS + GAP_MS:
            self._start_over(now_ms)
        self._latest.update(zip(ticks.keys, ticks.times_ms, strict=True))
        if now_ms < self._window_ms + WINDOW_MS:
            return
        before = self._before
        traded = sorted(
            at_ms for key, at_ms in self._latest.items() if at_ms > before.get(key, at_ms) and not key & REMARKS
        )
        before.update(self._latest)
        self._latest = {}
        self._window_ms = now_ms
        if len(traded) >= SYMBOLS:
            self._judge(traded[-1 - IGNORED] - now_ms, now_ms)

    def _judge(self, ahead_ms: int, now_ms: int) -> None:
        """Find the shift that brings the freshest trade near the clock; `ahead_ms` is with the present shift."""
        raw_ahead_s = ahead_ms // 1000 + self.shift_s
        for shift_s in (IST_SHIFT_S, 0):
            if -BEHIND_S <= raw_ahead_s - shift_s <= AHEAD_S:
                if shift_s != self.shift_s:
                    logger.warning("dhan: trade times are now shifted by {} s, not {} s", shift_s, self.shift_s)
                self.shift_s = shift_s
                self._start_over(now_ms + RECHECK_MS)
                verdict = Verdict.AGREES
                break
        else:
            verdict = Verdict.OFF
        self.ahead_s = raw_ahead_s - self.shift_s
        if verdict is not self.verdict:
            log = logger.error if verdict is Verdict.OFF else logger.info
            log("dhan: the trade time {}: the freshest trade is {:+} s from it", verdict.value, self.ahead_s)
        self.verdict = verdict

    def _start_over(self, at_ms: int) -> None:
        self._window_ms = at_ms
        self._before = {}
        self._latest = {}
