"""The reconciliations of the last days, one JSON file each, for whoever tells of the day later."""

import json
from datetime import date
from pathlib import Path
from typing import Final

from errors import StorageError
from private_file import write_whole
from store.database import make_private_directory

FOLDER: Final = "reconcile"


def has_report(directory: Path, day: date) -> bool:
    """Whether the day was reconciled."""
    return _path(directory, day).exists()


def kept_summary(directory: Path, day: date) -> str | None:
    """The day's reconciliation in one line; None when there was none, or its file cannot be read."""
    try:
        return str(json.loads(_path(directory, day).read_text("utf-8"))["summary"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_report(directory: Path, day: date, text: str) -> None:
    """Keep the day's report whole, in place of an older one. Raises: StorageError."""
    path = _path(directory, day)
    make_private_directory(path.parent)
    try:
        write_whole(path, text)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error


def forget_reports(directory: Path, before: date) -> None:
    """Delete those of earlier days."""
    for path in (directory / FOLDER).glob("????-??-??.json"):
        if path.stem < before.isoformat():
            path.unlink(missing_ok=True)


def _path(directory: Path, day: date) -> Path:
    return directory / FOLDER / f"{day.isoformat()}.json"
