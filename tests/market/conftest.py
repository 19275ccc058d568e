import pytest

from tests.factories import Builder, hours


@pytest.fixture
def builder() -> Builder:
    """A builder that watched the market from before the open: nothing was traded yet."""
    builder = Builder(hours())
    builder.add(0, 99.0, 0)
    return builder
