"""Calendar days of India's exchanges, and the moments they begin."""

from datetime import date, timedelta

from market.hours import DAY_MS, IST_OFFSET_MS

_EPOCH = date(1970, 1, 1)


def start_of_day(day: date) -> int:
    """Midnight on the exchange, epoch milliseconds UTC."""
    return (day - _EPOCH).days * DAY_MS - IST_OFFSET_MS


def day_of(at_ms: int) -> date:
    """The exchange's calendar day of a moment in epoch milliseconds UTC."""
    return _EPOCH + timedelta(days=(at_ms + IST_OFFSET_MS) // DAY_MS)


def midnight_before(at_ms: int) -> int:
    """Where the day of a moment begins; epoch milliseconds UTC, both."""
    return at_ms - (at_ms + IST_OFFSET_MS) % DAY_MS
