"""What the data itself says about how it should have been read."""

from collections.abc import Iterator

import numpy as np

from actors.messages import SymbolsSurvey
from market.sessions import DAY_MS, IST_OFFSET_MS, Session, SessionTable
from replay.layout import Contents
from replay.recording import Reading, Recording

MOST_LATE = 0.01
"""Share of ticks; a live feed has a hundredth of that."""


def sessions_of(recording: Recording) -> list[Session]:
    """The trading days it has rows of, oldest first."""
    table = SessionTable()
    all_hours = dict.fromkeys(table.hours(instrument) for instrument in recording.instruments)
    days = np.unique((recording.rows.times_ms + IST_OFFSET_MS) // DAY_MS)
    found = {
        session.date: session
        for day in days.tolist()
        for hours in all_hours
        if (session := hours.at(day * DAY_MS)) is not None
    }
    return [found[date] for date in sorted(found)]


def advice(recording: Recording, reading: Reading, survey: SymbolsSurvey) -> Iterator[str]:
    """Sentences for people, with the option to use."""
    late = survey.counts.get("late", 0)
    if recording.contents is Contents.TICKS and late > MOST_LATE * len(recording.rows):
        yield (
            f"{late / len(recording.rows):.0%} of the ticks came after their minute was over: the data looks grouped by"
            " symbol rather than in order of arrival; --sort plays it by time"
        )
    if recording.contents is Contents.BARS and not reading.stamp_end and _looks_end_stamped(recording):
        yield "there are bars at the close but none at the open: if they are stamped with their end, use --stamp end"


def _looks_end_stamped(recording: Recording) -> bool:
    sessions = sessions_of(recording)
    starts = recording.rows.times_ms
    at_close = np.isin(starts, [session.close_ms for session in sessions]).any()
    return bool(at_close and not np.isin(starts, [session.open_ms for session in sessions]).any())
