"""Two sets of 1-minute bars of one day, ours and the broker's, brought side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from market.bar import MINUTE_MS
from market.days import start_of_day
from market.instrument import Instrument
from market.sessions import DAY_MS, Session, SessionTable
from replay.recording import Recording
from replay.rows import Flags, Integers, Rows

Known = Callable[[str], Instrument | None]
"""What the broker lists under a name, which may be one of several that people use."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What both sides have of one day's continuous trading; the rows of each are by time, then by symbol."""

    day: date
    instruments: tuple[Instrument, ...]
    """On both sides, by name; a row's symbol is a position here."""
    ours: Rows
    theirs: Rows
    only_ours: tuple[str, ...]
    """Symbols that the broker's side lacks altogether, by name."""
    only_theirs: tuple[str, ...]
    filled: int
    """Bars without a trade that were left out of theirs, as we have none there."""
    table: SessionTable
    close_ms: int
    """Where the last of these instruments ends its continuous trading, epoch milliseconds UTC; 0 on a day without."""


def pair_up(day: date, ours: Recording, theirs: Recording, known: Known, table: SessionTable) -> Pair:
    """Keep what can be compared: symbols of both sides, minutes of the day's continuous trading as `table` has it.

    Where the broker lists nothing under a name, the name and the prices must do.
    """
    mine, foreign = _of_day(ours, day, known), _of_day(theirs, day, known)
    common = sorted(mine.keys() & foreign.keys())
    instruments = tuple(known(name) or foreign[name] for name in common)
    sessions = [table.hours(instrument).on(day) for instrument in instruments]
    places = {name: place for place, name in enumerate(common)}
    our_rows = _continuous(ours, places, sessions, known)
    their_rows = _continuous(theirs, places, sessions, known)
    fills = _fills(day, our_rows, their_rows)
    return Pair(
        day,
        instruments,
        our_rows,
        their_rows.take(~fills),
        tuple(sorted(mine.keys() - foreign.keys())),
        tuple(sorted(foreign.keys() - mine.keys())),
        int(fills.sum()),
        table,
        max((session.close_ms for day_of_one in sessions for session in day_of_one), default=0),
    )


def minutes(rows: Rows, day: date) -> Integers:
    """Symbol and minute of the day in one number: what is the same on both sides of a bar."""
    numbers: Integers = rows.symbol.astype(np.int64) * (DAY_MS // MINUTE_MS)
    numbers += (rows.times_ms - start_of_day(day)) // MINUTE_MS
    return numbers


def _name(instrument: Instrument, known: Known) -> str:
    listed = known(instrument.symbol)
    return listed.symbol if listed else instrument.symbol


def _of_day(recording: Recording, day: date, known: Known) -> dict[str, Instrument]:
    """The instruments with bars of that day, by name."""
    start, rows = start_of_day(day), recording.rows
    today: Flags = (rows.times_ms >= start) & (rows.times_ms < start + DAY_MS)
    present = [recording.instruments[place] for place in np.unique(rows.symbol[today]).tolist()]
    return {_name(instrument, known): instrument for instrument in present}


def _continuous(
    recording: Recording, places: dict[str, int], sessions: Sequence[Sequence[Session]], known: Known
) -> Rows:
    """The rows that lie in a continuous phase of their symbol, numbered by `places` and in order."""
    names = (_name(instrument, known) for instrument in recording.instruments)
    # One without a place gets the last, in which nothing is inside.
    numbers = np.array([places.get(name, len(places)) for name in names], np.int32)
    rows = replace(recording.rows, symbol=numbers[recording.rows.symbol])
    inside: Flags = np.zeros(len(rows), np.bool_)
    for number in range(max(map(len, sessions), default=0)):
        spans = [(one[number].open_ms, one[number].close_ms) if number < len(one) else (0, 0) for one in sessions]
        opens, closes = np.array([*spans, (0, 0)]).T
        inside |= (rows.times_ms >= opens[rows.symbol]) & (rows.times_ms < closes[rows.symbol])
    rows = rows.take(inside)
    return rows.take(np.lexsort((rows.symbol, rows.times_ms)))


def _fills(day: date, ours: Rows, theirs: Rows) -> Flags:
    """Bars of theirs that only fill a minute without a trade: of volume 0, though their symbol has volume that day."""
    most = np.zeros(int(theirs.symbol.max(initial=-1)) + 1, np.int64)
    np.maximum.at(most, theirs.symbol, theirs.volumes)
    fills: Flags = (theirs.volumes == 0) & (most[theirs.symbol] > 0)
    return fills & ~np.isin(minutes(theirs, day), minutes(ours, day), assume_unique=True)
