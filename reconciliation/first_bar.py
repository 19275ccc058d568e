"""Whether the broker's first candle has the volume of the auction before the open, as the day's volumes tell."""

from typing import Final

import numpy as np

from market.days import start_of_day
from reconciliation.pair import Pair
from replay.rows import Flags, Rows

FEWEST: Final = 10
"""Symbols; of fewer nothing is concluded."""
MOST: Final = 0.6
"""Share of the first candles that must differ one way. Not all stocks trade in the auction."""
FEW: Final = 0.2
"""Share of the later candles that may differ: with more it is not the auction."""


def advice(pair: Pair, ours: Rows, theirs: Rows) -> str:
    """What to set `pre_open_volume` to, and why; empty when it is right or nothing can be concluded.

    `ours` and `theirs` are the bars that both sides of `pair` have, row by row the same symbol and minute.
    """
    sessions = [pair.table.hours(instrument).at(start_of_day(pair.day)) for instrument in pair.instruments]
    opens = np.array([session.open_ms if session else 0 for session in sessions], np.int64)
    first: Flags = ours.times_ms == opens[ours.symbol]
    known: Flags = ~ours.partial & (theirs.volumes > 0)
    more = np.sign(theirs.volumes - ours.volumes)
    at_first, later = more[first & known], more[~first & known]
    if len(at_first) < FEWEST or np.count_nonzero(later) > FEW * len(later):
        return ""
    for sign, word, fits in ((1, "more", "include"), (-1, "less", "exclude")):
        count = int(np.count_nonzero(at_first == sign))
        if count >= MOST * len(at_first):
            return (
                f"{count:,} of {len(at_first):,} first candles have {word} volume there, and later ones the same:"
                f' set pre_open_volume = "{fits}" in [feed]'
            )
    return ""
