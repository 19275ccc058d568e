"""A Parquet file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from errors import InputError, MissingLibraryError
from replay.cells import Cells

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    pa = None

BATCH = 1 << 16
HOW_TO_GET_PYARROW = (
    "Parquet needs a library of its own: "
    "python -m pip install --require-hashes --only-binary :all: -r requirements-parquet.txt"
)


class ParquetTable:
    """Columns of any type that can be written as text: numbers, texts, times."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        """Read the schema. Raises: InputError, MissingLibraryError."""
        if pa is None:
            raise MissingLibraryError(f"{path}: {HOW_TO_GET_PYARROW}")
        self._path = path
        try:
            self._file = parquet.ParquetFile(file)
        except pa.ArrowException as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
        self.header: Sequence[str] = self._file.schema_arrow.names

    def cells(self, places: Sequence[int]) -> Iterator[Cells]:
        names = [self.header[place] for place in places]
        total, read = self._file.metadata.num_rows, 0
        try:
            for batch in self._file.iter_batches(BATCH, columns=names):
                columns = [_texts(batch.column(name)) for name in names]
                first, read = read + 1, read + batch.num_rows
                yield Cells(range(first, read + 1), columns, (), read / total)
        except pa.ArrowException as error:
            raise InputError(f"{self._path}: cannot be read: {error}") from error


def _texts(column: "pa.Array") -> list[str]:
    if pa.types.is_timestamp(column.type) and column.type.tz:
        # As UTC, for which pyarrow needs no database of time zones: Windows has none.
        moments = column.cast(pa.timestamp(column.type.unit)).cast(pa.string()).to_pylist()
        return [f"{moment}+00:00" if moment else "" for moment in moments]
    return [text or "" for text in column.cast(pa.string()).to_pylist()]
