"""A place for what the bench writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from settings.schema import PROGRAM


@contextmanager
def place() -> Iterator[Path]:
    """A folder where a run keeps its state, gone afterwards: the system's own for such things may be no disk at all."""
    state = PROGRAM / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=state) as name:
        yield Path(name)
