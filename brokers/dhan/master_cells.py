"""Single cells of Dhan's instrument master: text in, a value that can be trusted out."""

import unicodedata
from datetime import date
from functools import lru_cache
from math import inf, isfinite

FINEST_TICK = 0.01
"""One paisa: snapping to it never moves a true price, so it stands in for a tick that is missing or absurd."""
FINEST_CURRENCY_TICK = 0.0025
COARSEST_TICK = 100.0

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
TITLE_LENGTH = 80


class RowError(ValueError):
    """A row does not say what it must; the text is the reason."""


@lru_cache(maxsize=4096)
def tick_size(text: str, letter: str) -> float:
    """Tick in rupees of an instrument in segment `letter`.

    The column is in paise. Only for indices it holds 0.05 in rupees, and not even that is true of all: INDIA VIX moves
    by the paisa (2,707 of its 3,375 minute closes in August 2016 were off the 0.05 grid), so an index gets a paisa.
    """
    finest = FINEST_CURRENCY_TICK if letter == "C" else FINEST_TICK
    if letter == "I":
        return finest
    try:
        rupees = float(text) / 100
    except ValueError:
        return finest
    if rupees < finest:
        rupees *= 100  # no exchange has so fine a step, so this file gives rupees
    return round(rupees, 4) if finest <= rupees <= COARSEST_TICK else finest


@lru_cache(maxsize=4096)
def lot_size(text: str) -> int:
    """Units in one lot; 1 when the cell holds nothing of the sort."""
    try:
        value = float(text)
    except ValueError:
        return 1
    return int(value) if isfinite(value) and 1 <= value < 2**31 else 1


def price_band(lowest: str, highest: str) -> tuple[float, float] | None:
    """The day's circuit limits in rupees; None when the cells hold none, such as the 0 of an index."""
    try:
        low, high = float(lowest), float(highest)
    except ValueError:
        return None
    return (low, high) if 0 < low < high < inf else None


@lru_cache(maxsize=4096)
def strike_price(text: str) -> float:
    """Strike in rupees. Raises: RowError."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and 0 < value < 1e9):
        raise RowError(f"strike {text[:20]!r} is not a price")
    return value


@lru_cache(maxsize=4096)
def expiry_day(text: str) -> tuple[date, str]:
    """The day, and how it stands in symbols: `30JUN2026`, as the month alone would not tell weeklies apart.

    Raises: RowError.
    """
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        day = date.min
    if day.year < 2000:
        raise RowError(f"expiry {text[:20]!r} is not a date")
    return day, f"{day.day:02d}{MONTHS[day.month - 1]}{day.year}"


def title(text: str) -> str:
    """Text for people, safe to print, to mail and to open in a spreadsheet, which runs what starts like a formula."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(c for c in unicodedata.normalize("NFC", text) if not unicodedata.category(c).startswith("C"))
    return text.lstrip("=+-@ ")[:TITLE_LENGTH].strip()
