"""The archive: one Parquet file of 1-minute bars for each day, for `replay` and whatever else reads Parquet."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from errors import MissingLibraryError, StorageError
from store.database import make_private_directory
from store.days import Row

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    pa = None

FOLDER = "archive"
HOW_TO_GET_PYARROW = (
    "the archive is in Parquet, which needs a library of its own: "
    "python -m pip install --require-hashes --only-binary :all: -r requirements-parquet.txt"
)
_KEYS = ["symbol", "timestamp"]
_GROUP_ROWS = 1 << 17


@dataclass(frozen=True, slots=True)
class Archived:
    """What a day's file holds now."""

    path: Path
    bars: int
    symbols: int
    added: int
    """Bars that were not in it before."""


def archive_path(state_directory: Path, day: date) -> Path:
    """Where the day's file is, if there is one."""
    return state_directory / FOLDER / f"{day.isoformat()}.parquet"


def write_day(path: Path, pieces: Iterable[list[Row]]) -> Archived:
    """Put bars into a day's file, in place of those with the same symbol and start; what else it holds stays.

    The file is whole at every moment, and the same bars give the same bytes however often they are written.

    Raises: MissingLibraryError without pyarrow; StorageError, also when the file there is none of ours.
    """
    if pa is None:
        raise MissingLibraryError(HOW_TO_GET_PYARROW)
    kept = read_day(path) if path.exists() else _schema().empty_table()
    new = pa.Table.from_batches([_batch(rows) for rows in pieces], _schema())
    others = kept.join(new.select(_KEYS), _KEYS, join_type="left anti")
    table = pa.concat_tables([others, new]).sort_by([(key, "ascending") for key in _KEYS]).combine_chunks()
    if not table.equals(kept):
        _write(path, table)
    symbols = len(table.column("symbol").unique())
    return Archived(path, table.num_rows, symbols, table.num_rows - kept.num_rows)


def read_day(path: Path) -> "pa.Table":
    """A day's file, by symbol and then by time. Raises: MissingLibraryError, StorageError."""
    if pa is None:
        raise MissingLibraryError(HOW_TO_GET_PYARROW)
    try:
        table = parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise StorageError(f"{path}: cannot be read ({error}); move it away and archive the day again") from error
    if not table.schema.equals(_schema()):
        raise StorageError(f"{path}: is no archive of this program; move it away and archive the day again")
    return table


def _schema() -> "pa.Schema":
    prices = [(name, pa.float64()) for name in ("open", "high", "low", "close")]
    return pa.schema(
        [
            ("symbol", pa.string()),
            ("exchange", pa.string()),
            ("timestamp", pa.timestamp("ms", "Asia/Kolkata")),
            *prices,
            ("volume", pa.int64()),
            ("partial", pa.bool_()),
        ]
    )


def _batch(rows: list[Row]) -> "pa.RecordBatch":
    symbols, starts, *numbers, partial = zip(*rows, strict=True)
    exchanges = [symbol.partition(":")[0] for symbol in symbols]
    columns = (symbols, exchanges, starts, *numbers, map(bool, partial))
    schema = _schema()
    return pa.record_batch(
        [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema
    )


def _write(path: Path, table: "pa.Table") -> None:
    make_private_directory(path.parent)
    draft = path.with_suffix(f".{os.getpid()}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            parquet.write_table(table, file, compression="zstd", row_group_size=_GROUP_ROWS)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        draft.unlink(missing_ok=True)
