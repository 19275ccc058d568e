"""Opens a file of rows, whatever its format."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import InputError
from replay.cells import Table
from replay.csv_table import CsvTable

GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC = b"PAR1"


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV file, plain or gzip, or a Parquet file.

    Raises: InputError, also while it is read; MissingLibraryError.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if not start:
                raise InputError(f"{path}: the file is empty")
            if start == PARQUET_MAGIC:
                from replay.parquet_table import ParquetTable  # its library is large, and an extra

                yield ParquetTable(path, file)
            else:
                yield CsvTable(path, file, packed=start.startswith(GZIP_MAGIC))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or f"broken or truncated ({error})"
        raise InputError(f"{path}: cannot be read: {reason}") from error
