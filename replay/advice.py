"""What the data itself says about how it should have been read."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from actors.messages import SymbolsSurvey
from market.bar import MINUTE_MS
from market.sessions import DAY_MS, IST_OFFSET_MS, Session, SessionTable
from replay.layout import Contents
from replay.recording import Reading, Recording

EPOCH = date(1970, 1, 1)
MOST_LATE = 0.01
"""Share of ticks; a live feed has a hundredth of that."""
FEWEST_OF_A_DAY = 0.01
"""Share of all rows; fewer on a day are stray stamps."""


def sessions_of(recording: Recording, table: SessionTable) -> list[Session]:
    """The sessions it has rows of, oldest first."""
    all_hours = dict.fromkeys(table.hours(instrument) for instrument in recording.instruments)
    minutes = np.unique(recording.rows.times_ms // MINUTE_MS).tolist()
    found = {
        session: None
        for minute in minutes
        for hours in all_hours
        if (session := hours.at(minute * MINUTE_MS)) and session.open_ms <= minute * MINUTE_MS < session.close_ms
    }
    return sorted(found, key=lambda session: session.open_ms)


def advice(recording: Recording, reading: Reading, survey: SymbolsSurvey, sessions: Sequence[Session]) -> Iterator[str]:
    """Sentences for people, with the option to use."""
    late = survey.counts.get("late", 0)
    if recording.contents is Contents.TICKS and late > MOST_LATE * len(recording.rows):
        yield (
            f"{late / len(recording.rows):.0%} of the ticks came after their minute was over: the data looks grouped by"
            " symbol rather than in order of arrival; --sort plays it by time"
        )
    if recording.contents is Contents.BARS and not reading.stamp_end and _looks_end_stamped(recording, sessions):
        yield "there are bars at the close but none at the open: if they are stamped with their end, use --stamp end"
    if outside := _days_outside(recording, sessions):
        days = f"{outside[0]}" + (f" and {len(outside) - 1} more" if outside[1:] else "")
        yield (
            f"no row of {days} lies within trading hours, so none made a candle: are their times of another zone? A day"
            " of trading that the calendar lacks goes into [[special_day]] of config.toml"
        )


def _days_outside(recording: Recording, sessions: Sequence[Session]) -> list[date]:
    """Days with rows, none of them in the continuous phase of a session."""
    days, rows = np.unique((recording.rows.times_ms + IST_OFFSET_MS) // DAY_MS, return_counts=True)
    traded = {(at_ms + IST_OFFSET_MS) // DAY_MS for one in sessions for at_ms in (one.open_ms, one.close_ms)}
    numbers = days[rows > FEWEST_OF_A_DAY * len(recording.rows)].tolist()
    return [EPOCH + timedelta(days=number) for number in numbers if number not in traded]


def _looks_end_stamped(recording: Recording, sessions: Sequence[Session]) -> bool:
    starts = recording.rows.times_ms
    at_close = np.isin(starts, [session.close_ms for session in sessions]).any()
    return bool(at_close and not np.isin(starts, [session.open_ms for session in sessions]).any())
