from datetime import UTC, datetime

from market.clock import SystemClock, clock_text, iso
from tests.factories import at


def test_writes_times_as_the_exchange_shows_them():
    assert iso(at("09:31:00")) == "2025-11-17T09:31:00+05:30"
    assert iso(at("09:31:00.250")) == "2025-11-17T09:31:00.250+05:30"
    assert clock_text(at("09:31:07.999")) == "09:31:07"
    assert clock_text(0) == "05:30:00"


def test_reads_the_machines_clocks():
    clock = SystemClock()
    assert datetime.fromtimestamp(clock.now_ms() / 1000, UTC).year >= 2025
    before = clock.monotonic()
    assert clock.monotonic() >= before
