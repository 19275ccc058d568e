"""What every format of file is read into: text, column by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cells:
    """Some rows that follow each other; those that have no such cells are in `broken` only."""

    lines: Sequence[int]
    """Line of each row in the file, from 1; in a Parquet file the row's number."""
    columns: Sequence[Sequence[str]]
    """The cells at each place that was asked for, in that order."""
    broken: Sequence[tuple[int, str]]
    """Line and reason."""
    share: float
    """How much of the file is read now, 0 to 1."""


class Table(Protocol):
    """An open file of rows."""

    header: Sequence[str]

    def cells(self, places: Sequence[int]) -> Iterator[Cells]:
        """All rows from the first on, of the columns at `places`."""
        ...
