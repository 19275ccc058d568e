"""`run.py archive [DATE]`: the candles of a day as a Parquet file."""

from datetime import date
from pathlib import Path

from errors import InputError
from logs import start_logging
from settings.loader import load
from store.archive import archive_path, write_day
from store.days import day_rows, days
from store.store import FILE_NAME

_SHOWN_DAYS = 5


def archive(day: date | None, config: Path) -> int:
    """Write the day's file, by default that of the newest day in the store; returns 0. Raises: SignalsError."""
    settings = load(config)
    start_logging("WARNING", None)
    directory = settings.state_directory
    database = directory / FILE_NAME
    known = days(database) if database.exists() else []
    if not known:
        raise InputError(f"{database}: no candles yet")
    chosen = day or known[-1]
    if chosen not in known:
        newest = ", ".join(map(str, known[-_SHOWN_DAYS:]))
        raise InputError(f"{database}: no candles of {chosen}; the newest days in it are {newest}")
    written = write_day(archive_path(directory, chosen), day_rows(database, chosen))
    news = f"{written.added:,} of them new" if written.added else "nothing new"
    megabytes = written.path.stat().st_size / 1e6
    print(f"{written.path}: {written.bars:,} candles of {written.symbols:,} symbols, {news}; {megabytes:.1f} MB")
    return 0
