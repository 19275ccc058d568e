"""Two sides' bars for tests, hand-made."""

from collections.abc import Mapping, Sequence

import numpy as np

from market.bar import Bar
from reconciliation.pair import Pair, pair_up
from replay.layout import Contents
from replay.recording import Recording
from replay.rows import Rows
from replay.symbols import instrument_of
from tests.factories import DAY, session_table

Side = Mapping[str, Sequence[Bar]]


def recording(side: Side) -> Recording:
    """In the order given, which is no particular one."""
    rows = [(place, bar) for place, bars in enumerate(side.values()) for bar in bars]
    prices = [[bar.open, bar.high, bar.low, bar.close] for _, bar in rows]
    return Recording(
        Contents.BARS,
        tuple(instrument_of(symbol) for symbol in side),
        Rows(
            np.array([place for place, _ in rows], np.int32),
            np.array([bar.start_ms for _, bar in rows], np.int64),
            np.array(prices, np.float64).reshape(len(rows), 4).T,
            np.array([bar.volume for _, bar in rows], np.int64),
            np.zeros(len(rows), np.int32),
            np.array([bar.partial for _, bar in rows], np.bool_),
        ),
    )


def unlisted(_: str) -> None:
    """A broker that lists nothing."""


def paired(ours: Side, theirs: Side) -> Pair:
    return pair_up(DAY, recording(ours), recording(theirs), unlisted, session_table())
