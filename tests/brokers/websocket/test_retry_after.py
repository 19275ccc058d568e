"""What servers say about when to come back."""

import pytest

from brokers.websocket.retry_after import retry_after_s

DATE = "Fri, 21 Nov 2025 04:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 120 "}, 120.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "9" * 400}, 86_400.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": "\u0663"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 21 Nov 2025 04:01:30 GMT", "date": DATE}, 90.0),
        ({"retry-after": "Fri, 21 Nov 2025 03:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Fri, 21 Nov 2025 04:01:30 GMT"}, None),
        ({"retry-after": "Fri, 21 Nov 2025 04:01:30 GMT", "date": "Fri, 21 Nov 2025 04:00:00 -0000"}, None),
    ],
)
def test_seconds_and_dates_are_understood_and_anything_else_is_nothing(headers: dict[str, str], seconds: float | None):
    assert retry_after_s(headers) == seconds
