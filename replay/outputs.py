"""What a replay leaves: the signals and the bars."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from errors import StorageError
from market.bar import Bar
from market.clock import iso

BAR_HEADER = "symbol,timestamp,open,high,low,close,volume"


@contextmanager
def opened(path: Path | None) -> Iterator[IO[str] | None]:
    """The file to write to, if one is wanted. Raises: StorageError, also for what goes wrong while it is written."""
    if path is None:
        yield None
        return
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error


def write_signals(file: IO[str], records: Iterable[str]) -> None:
    """One JSON object a line."""
    file.writelines(f"{record}\n" for record in records)


def write_bars(file: IO[str], bars: Iterable[tuple[str, Bar]]) -> None:
    """CSV in the columns of replay input, each bar stamped with its start."""
    file.write(f"{BAR_HEADER}\n")
    at_ms, stamp = 0, ""
    for symbol, bar in bars:
        if bar.start_ms != at_ms:
            at_ms, stamp = bar.start_ms, iso(bar.start_ms)
        file.write(f"{symbol},{stamp},{bar.open},{bar.high},{bar.low},{bar.close},{bar.volume}\n")
