import pytest

from tests.factories import Desk, plan


@pytest.fixture
def desk() -> Desk:
    """A symbol whose one strategy is long above 100 and short below, with target and stop close by."""
    return Desk(plan(target="2", stop="1"))


def long_at_101(desk: Desk) -> None:
    """A signal entered on the bar 10:01."""
    desk.minute("10:00", 100.0)
    desk.minute("10:01", 101.0)
