"""What the data itself says about how it should have been read."""

from collections.abc import Iterator, Sequence

import numpy as np

from actors.messages import SymbolsSurvey
from market.bar import MINUTE_MS
from market.sessions import Session, SessionTable
from replay.layout import Contents
from replay.recording import Reading, Recording

MOST_LATE = 0.01
"""Share of ticks; a live feed has a hundredth of that."""


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


def _looks_end_stamped(recording: Recording, sessions: Sequence[Session]) -> bool:
    starts = recording.rows.times_ms
    at_close = np.isin(starts, [session.close_ms for session in sessions]).any()
    return bool(at_close and not np.isin(starts, [session.open_ms for session in sessions]).any())
