"""Rows that cannot be used: the first are told one by one, all are counted."""

from collections.abc import Callable
from pathlib import Path

TOLD = 20


class Faults:
    """What is wrong with the input, row by row."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` takes one line for people."""
        self._say = say
        self.total = 0

    @property
    def is_telling(self) -> bool:
        """Whether the next one is told, so that its reason is worth finding out."""
        return self.total < TOLD

    def add(self, path: Path, line: int, reason: str) -> None:
        """Count one row, and tell it if it is among the first; `line` counts from 1."""
        if self.is_telling:
            self._say(f"{path}:{line}: {reason}; the row is skipped")
        self.total += 1

    def finish(self) -> None:
        """Say how many there were beyond those told."""
        if self.total > TOLD:
            self._say(f"{self.total - TOLD:,} more rows were skipped")
