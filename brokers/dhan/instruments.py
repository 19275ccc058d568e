"""Dhan's instrument master: read, and kept up to date."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import IO, cast

from brokers.dhan.master_cells import RowError
from brokers.dhan.master_rows import COLUMNS, INDEX_NAMES, NEEDED, RowReader, Skipped
from brokers.instrument_table import InstrumentTable, Rejects
from brokers.listing import Listing
from brokers.master_file import current_table
from brokers.symbols import unique_symbols
from errors import InputError
from market.clock import Clock
from market.instrument import Kind

OPTION = re.compile("-(CE|PE)$")
GZIP_MAGIC = b"\x1f\x8b"
LONGEST_LINE = 4096
"""Characters; a real line has at most 300."""
LONGEST_FILE = 400_000_000
"""Characters when unpacked; a full master of both exchanges has some 60 million."""


def load_master(
    source: str, directory: Path, clock: Clock, names: Iterable[str] = (), *, offline: bool = False
) -> InstrumentTable:
    """The instrument master from a path, or from a web address with a daily copy under `directory`.

    Of options only those on the underlyings of `names`, the symbols a user asks for, are in the table.

    Raises: InputError, UnavailableError, StorageError (see `brokers.master_file`).
    """
    return current_table(source, directory, clock, partial(read_master, names=tuple(names)), offline=offline)


def read_master(path: Path, names: Iterable[str] = ()) -> InstrumentTable:
    """Read a master file in either layout, plain or gzip; unusable rows are counted in the table's `rejects`.

    Of options only those on the underlyings of `names` are kept: `NSE:NIFTY-30JUN2026-24000-CE` asks for NIFTY's.

    Raises: InputError when the file cannot be read, lacks a needed column or holds no usable row.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
            with TextIOWrapper(unpacked, encoding="utf-8-sig", errors="replace") as text:
                return _read(path, names, _lines(path, text))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or f"broken or truncated gzip ({error})"
        raise InputError(f"{path}: cannot read the instrument master: {reason}") from error


def _read(path: Path, names: Iterable[str], lines: Iterator[tuple[int, str]]) -> InstrumentTable:
    _, header = next(lines, (1, ""))
    reader = _reader(path, [name.strip() for name in _cells(header)], names)
    rejects, skipped = Rejects(), 0
    listings: dict[int, Listing] = {}
    for number, line in lines:
        if not line.strip():
            continue
        if len(line) >= LONGEST_LINE:
            rejects.add(number, f"longer than {LONGEST_LINE} characters")
            continue
        try:
            listing = reader.listing(_cells(line))
        except RowError as error:
            rejects.add(number, str(error))
        except Skipped:
            skipped += 1
        else:
            if listings.setdefault(listing.key, listing) is not listing:
                rejects.add(number, f"security id {listing.security_id} is already listed in its segment")
    if not listings:
        detail = f"; {rejects.first[0]}" if rejects.first else ""
        raise InputError(f"{path}: no usable row in the instrument master{detail}")
    return InstrumentTable(_marked(unique_symbols(listings.values()), reader.underlyings), _aliases(), rejects, skipped)


def _reader(path: Path, header: list[str], names: Iterable[str]) -> RowReader:
    places = {name: place for place, name in reversed(list(enumerate(header))) if name}
    layouts = [{ours: places[names[i]] for ours, names in COLUMNS.items() if names[i] in places} for i in (0, 1)]
    layout = max((0, 1), key=lambda i: len(layouts[i]))
    missing = [COLUMNS[ours][layout] for ours in NEEDED if ours not in layouts[layout]]
    if missing:
        raise InputError(f"{path}: not an instrument master of Dhan: no column {', '.join(missing)}")
    roots = {name.rsplit("-", 3)[0] for name in names if OPTION.search(name)}
    return RowReader(layouts[layout], max(places.values()) + 1, roots)


def _lines(path: Path, text: TextIOWrapper) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, each cut at `LONGEST_LINE` characters."""
    number = total = 0
    is_start = True
    while piece := text.readline(LONGEST_LINE):
        total += len(piece)
        if total > LONGEST_FILE:
            raise InputError(f"{path}: over {LONGEST_FILE:,} characters, too long for an instrument master")
        if is_start:
            number += 1
            yield number, piece
        is_start = piece.endswith("\n")


def _cells(line: str) -> list[str]:
    """Cells of one physical line: no cell spans lines in a master, so a stray quote cannot swallow the next rows."""
    return next(csv.reader([line])) if '"' in line else line.rstrip("\n").split(",")


def _marked(listings: list[Listing], underlyings: set[tuple[Kind, str]]) -> list[Listing]:
    """The same listings, told whether this master holds futures or options on them."""
    return [
        replace(one, instrument=replace(one.instrument, has_derivatives=True))
        if (one.instrument.kind, one.instrument.symbol) in underlyings
        else one
        for one in listings
    ]


def _aliases() -> dict[str, str]:
    """What Dhan and many traders call an index: `NSE:BANKNIFTY` finds `NSE:NIFTY BANK`."""
    return {f"NSE:{theirs}": f"NSE:{ours}" for theirs, ours in INDEX_NAMES.items()}
