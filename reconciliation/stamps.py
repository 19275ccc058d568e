"""Whether the other side names its candles by the other end of their minute."""

from typing import Literal

import numpy as np

from reconciliation.pair import Pair, minutes

MOST = 0.5
"""Share of closes; a file of the same market read rightly has nearly all of them, one a minute off a seventh."""
HALF_A_PAISA = 0.005


def better_stamp(pair: Pair) -> Literal["start", "end"] | None:
    """The end of the minute that their candles seem to be named by, None when that is the one they were read by."""
    if _share_of_equal_closes(pair, 0) > MOST:
        return None
    if _share_of_equal_closes(pair, -1) > MOST:
        return "end"
    return "start" if _share_of_equal_closes(pair, 1) > MOST else None


def _share_of_equal_closes(pair: Pair, shift: int) -> float:
    """With their candles so many minutes later."""
    ours, theirs = minutes(pair.ours, pair.day), minutes(pair.theirs, pair.day) + shift
    _, here, there = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    if not len(here):
        return 0.0
    differ = np.abs(pair.ours.prices[3][here] - pair.theirs.prices[3][there])
    return float((differ < HALF_A_PAISA).mean())
