"""Checks on recorded data that may not be given on: `make verify DATA=DIR`. Without the data they are left out."""

import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if "BELLWETHER_DATA" in os.environ else ["test_*.py"]


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the recorded data."""
    return Path(os.environ["BELLWETHER_DATA"])
