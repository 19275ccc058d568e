"""Lists of an index's members, as the exchange publishes them: `Company Name,Industry,Symbol,Series,ISIN Code`."""

import csv
from pathlib import Path

from errors import InputError

SYMBOL, SERIES = "SYMBOL", "SERIES"


def index_members(path: Path) -> list[tuple[int, str, str]]:
    """Line number (from 1), name and series of each member, in the order of the file; the series may be empty.

    Raises: InputError, naming file and line, when the file cannot be read, has no `Symbol` column or is torn.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"{path}: cannot read the index list: {reason}") from error
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    members: list[tuple[int, str, str]] = []
    try:
        header = [name.strip().upper() for name in next(rows, [])]
        if SYMBOL not in header:
            raise InputError(f"{path}:1: an index list needs a column Symbol")
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            name = row[header.index(SYMBOL)].strip().upper() if len(row) >= len(header) else ""
            if not name:
                raise InputError(
                    f"{path}:{rows.line_num}: {len(row)} of {len(header)} cells or no symbol; is the file truncated?"
                )
            series = row[header.index(SERIES)].strip().upper() if SERIES in header else ""
            members.append((rows.line_num, name, series))
    except csv.Error as error:
        raise InputError(f"{path}:{rows.line_num}: {error}; is the file truncated?") from error
    if not members:
        raise InputError(f"{path}:1: no symbol follows the header; is the file truncated?")
    return members
