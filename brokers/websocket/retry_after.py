"""How long a server asks to be left alone."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_S = 86_400.0
"""Whoever asks for more than a day is taken to mean a day."""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from now, by the `retry-after` header; None without one that can be understood.

    A date counts from the answer's own `date`, so that our clock does not matter. Source: RFC 9110, section 10.2.3.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_S)
    try:
        seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, ValueError, TypeError):  # TypeError: one of the two says no time zone
        return None
    return min(max(seconds, 0.0), LONGEST_S)
