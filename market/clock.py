"""The only place that reads a wall clock."""

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")


class Clock(Protocol):
    """Local time, for feed, health, alerts and timer; market time travels in the data."""

    def now_ms(self) -> int:
        """Wall clock, epoch milliseconds UTC; may step."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step, for deadlines and backoff."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


def exchange_time(at_ms: float) -> datetime:
    """Epoch milliseconds as date and time on India's exchanges."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(IST)


def iso(at_ms: int) -> str:
    """Epoch milliseconds as ISO-8601 in exchange time, with milliseconds only if there are any."""
    return exchange_time(at_ms).isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds")


def clock_text(at_ms: int) -> str:
    """Epoch milliseconds as the time of day on the exchange, `09:31:00`."""
    return exchange_time(at_ms).strftime("%H:%M:%S")
