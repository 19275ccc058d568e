"""A CSV file, plain or gzip."""

import csv
import gzip
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from errors import InputError
from replay.cells import Cells

BLOCK = 1 << 20
"""Bytes read at a time; a line is shorter."""
_ENDS = ",\n,"
"""What a line end is made into, so that a block is cut into cells in one go and each row's end can be seen."""


class CsvTable:
    """Rows of cells between commas, each on a line of its own: a stray quote spoils one row, not those after it."""

    def __init__(self, path: Path, file: IO[bytes], *, packed: bool) -> None:
        """Read the header. Raises: InputError, OSError, EOFError, zlib.error."""
        self._path, self._file = path, file
        self._size = os.fstat(file.fileno()).st_size
        self._unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
        self._blocks = self._read()
        first = next(self._blocks, "").removeprefix("\ufeff")
        line, _, self._rest = first.partition("\n")
        if "\0" in line or "\ufffd" in line:
            raise InputError(f"{path}: neither text nor Parquet")
        self.header: Sequence[str] = [name.strip() for name in _split(line)]

    def cells(self, places: Sequence[int]) -> Iterator[Cells]:
        line = 2
        for block in self._all():
            lines = block.count("\n")
            columns = self._aligned(block, lines, places)
            rows: Sequence[int] = range(line, line + lines)
            broken: list[tuple[int, str]] = []
            if columns is None:
                rows, columns, broken = self._one_by_one(block, line, places)
            yield Cells(rows, columns, broken, self._file.tell() / self._size if self._size else 1.0)
            line += lines

    def _all(self) -> Iterator[str]:
        yield self._rest
        yield from self._blocks

    def _read(self) -> Iterator[str]:
        """Blocks of whole lines, each line with its end."""
        left = b""
        while read := self._unpacked.read(BLOCK):
            whole, end, left = (left + read).rpartition(b"\n")
            if len(left) > BLOCK:
                raise InputError(f"{self._path}: a line of over a million characters: not a CSV file")
            if end:
                yield _text(whole + end)
        if left:
            yield _text(left + b"\n")

    def _aligned(self, block: str, lines: int, places: Sequence[int]) -> list[list[str]] | None:
        """The columns, if every line has exactly the header's cells and no quotes: nearly always."""
        if '"' in block:
            return None
        width = len(self.header)
        flat = block.replace("\n", _ENDS).split(",")
        if len(flat) != lines * (width + 1) + 1 or flat[width :: width + 1].count("\n") != lines:
            return None
        flat.pop()
        return [flat[place :: width + 1] for place in places]

    def _one_by_one(
        self, block: str, first: int, places: Sequence[int]
    ) -> tuple[list[int], list[list[str]], list[tuple[int, str]]]:
        width = len(self.header)
        sound, rows, broken = [], [], []
        for line, text in enumerate(block.split("\n")[:-1], first):
            if not text or text.isspace():
                continue
            cells = _split(text)
            if len(cells) == width:
                sound.append(line)
                rows.append(cells)
            else:
                broken.append((line, f"{len(cells)} cells, but {width} columns"))
        return sound, [[cells[place] for cells in rows] for place in places], broken


def _split(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _text(block: bytes) -> str:
    return block.replace(b"\r\n", b"\n").decode(errors="replace")
