"""The broker's minute candles of a day, asked for symbol by symbol within its limits."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from brokers.history import Candles, Found, History
from brokers.listing import Listing
from errors import CredentialsError, UnavailableError
from replay.layout import Contents
from replay.recording import Recording
from replay.rows import Rows

AT_ONCE: Final = 8
"""Requests under way: an answer takes a second, so that fewer would not use what the broker allows."""
TRIES: Final = 4
MOST_UNANSWERED: Final = 0.2
"""Share of the symbols; with more it is the network or the broker, and comparing the rest would mislead."""


@dataclass(frozen=True, slots=True)
class TheirSide:
    """What the broker gave."""

    recording: Recording
    unanswered: tuple[str, ...]
    """Symbols that it did not answer for, with its words."""


def broker_day(
    history: History, listings: Sequence[Listing], since_ms: int, until_ms: int, on_answer: Callable[[], None]
) -> TheirSide:
    """Ask for candles that start in `[since_ms, until_ms)`; `on_answer` is told of each symbol, on any thread.

    Raises: CredentialsError when the token is refused, UnavailableError when the broker answers too seldom.
    """
    refused: list[str] = []

    def ask(listing: Listing) -> Candles:
        candles = Candles(Found.TOKEN)
        for _ in range(TRIES):
            if refused:
                return candles
            candles = history.minutes(listing, since_ms, until_ms)
            if candles.found is Found.TOKEN:
                refused.append(candles.detail)
            if candles.found not in {Found.ERROR, Found.TOO_MANY}:
                break
        on_answer()
        return candles

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="candles") as askers:
        answers = list(zip(listings, askers.map(ask, listings), strict=True))
    if refused:
        raise CredentialsError(f"the broker gives no candles: {refused[0]}")
    unanswered = tuple(
        f"{listing.instrument.symbol}: {candles.detail}"
        for listing, candles in answers
        if candles.found in {Found.ERROR, Found.TOO_MANY}
    )
    if len(unanswered) > MOST_UNANSWERED * len(listings):
        raise UnavailableError(
            f"the broker gave no candles of {len(unanswered):,} of {len(listings):,} symbols, such as {unanswered[0]}"
        )
    return TheirSide(_recording(answers), unanswered)


def _recording(answers: Sequence[tuple[Listing, Candles]]) -> Recording:
    rows = [(place, *row) for place, (_, candles) in enumerate(answers) for row in candles.rows]
    places, starts, *prices, volumes = zip(*rows, strict=True) if rows else [()] * 7
    return Recording(
        Contents.BARS,
        tuple(listing.instrument for listing, _ in answers),
        Rows(
            np.array(places, np.int32),
            np.array(starts, np.int64),
            np.array(prices, np.float64),
            np.array(volumes, np.int64),
            np.zeros(len(rows), np.int32),
            np.zeros(len(rows), np.bool_),
        ),
    )
