"""ISO-8601 texts become epoch milliseconds."""

from datetime import UTC, datetime, timedelta
from typing import Final

from market.clock import IST

UNREADABLE: Final = -(1 << 62)
"""Stands for a text that is no time."""
YEARS: Final = range(1970, 2101)
"""1970 is what recorders write for "no trade yet": a sound row, for the line to judge."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_KEPT: Final = 200_000


class Stamps(dict[str, int]):
    """Epoch milliseconds UTC by text, each text read once: the rows of a minute or second repeat it.

    Without an offset it is exchange local time. A part of a millisecond is cut off, so that no trade moves on into the
    next minute.
    """

    def __missing__(self, text: str) -> int:
        if len(self) >= _KEPT:
            self.clear()
        self[text] = at_ms = _read(text.strip())
        return at_ms


def _read(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return UNREADABLE
    if moment.year not in YEARS:
        return UNREADABLE
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=IST)
    return (moment - _EPOCH) // _MILLISECOND
