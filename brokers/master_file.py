"""A broker's instrument master, fetched once a day and kept: a bad or missing download never costs yesterday's copy."""

import os
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

import requests
from loguru import logger

from brokers.instrument_table import InstrumentTable
from errors import InputError, StorageError, UnavailableError
from market.clock import IST, Clock, exchange_time
from market.instrument import Kind

DUE = time(8, 30)
"""Exchange time of day by which brokers have published the day's list."""
LARGEST_BYTES = 200_000_000
LEAST_KEPT = 0.95
"""Share of yesterday's stocks and indices that today's list must still have."""
CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
WHOLE_TIMEOUT_S = 180.0
CHUNK_BYTES = 1 << 16

Read = Callable[[Path], InstrumentTable]


def current_table(source: str, directory: Path, clock: Clock, read: Read, *, offline: bool = False) -> InstrumentTable:
    """The table in `source`: a path is read; a web address is copied to `directory` and fetched anew each day at 08:30.

    A download that fails, cannot be read, or has lost over 5 % of the stocks and indices of the copy before is refused
    with a warning, and the copy stays in use. With `offline` the copy serves, however old it is.

    Raises:
        InputError: the file is unreadable and there is no copy that is not.
        UnavailableError: the address does not answer, or must not be asked, and there is no copy.
        StorageError: the directory cannot be written.
    """
    if not source.startswith(("http://", "https://")):
        return _told(source, read(Path(source)))
    shown = _without_query(source)
    if offline:
        kept = _kept(_copy_path(source, directory), read)
        if kept is None:
            raise UnavailableError(f"{shown}: not fetched yet")
        return kept
    try:
        return _told(shown, _downloaded(source, shown, _copy_path(source, directory), clock, read))
    except OSError as error:
        raise StorageError(f"{directory}: cannot keep the instrument master: {error.strerror or error}") from error


def _downloaded(address: str, shown: str, copy: Path, clock: Clock, read: Read) -> InstrumentTable:
    copy.parent.mkdir(parents=True, exist_ok=True)
    kept = _kept(copy, read)
    if kept is not None and _is_fresh(copy, clock.now_ms()):
        return kept
    fresh = copy.with_suffix(f".{os.getpid()}.new")
    try:
        _download(address, shown, fresh, clock)
        table = read(fresh)
        _compare(shown, table, kept)
    except (InputError, UnavailableError) as error:
        reason = str(error).replace(str(fresh), shown)
        if kept is None:
            raise type(error)(reason) from error
        logger.warning("{}; keeping the instrument list of {} (delete {} to do without it)", reason, _day(copy), copy)
        return kept
    else:
        os.utime(fresh, ns=(clock.now_ms() * 1_000_000,) * 2)
        fresh.replace(copy)
        return table
    finally:
        fresh.unlink(missing_ok=True)


def _without_query(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise InputError(f"{address.partition('?')[0]}: not an address: {error}") from error
    return f"{parts.scheme}://{parts.hostname}{parts.path}"


def _copy_path(address: str, directory: Path) -> Path:
    """One file per address, so that changing the setting never compares two different lists."""
    stem = re.sub(r"[^A-Za-z0-9-]+", "-", Path(urlsplit(address).path).stem)[:60] or "master"
    return directory / f"{stem}-{blake2b(address.encode(), digest_size=4).hexdigest()}.csv"


def _kept(copy: Path, read: Read) -> InstrumentTable | None:
    if not copy.exists():
        return None
    try:
        return read(copy)
    except InputError as error:
        logger.warning("{}; it is fetched anew", error)
        return None


def _is_fresh(copy: Path, now_ms: int) -> bool:
    """Whether the copy was fetched since the last 08:30 IST; one from the future says nothing."""
    now = exchange_time(now_ms)
    due = datetime.combine(now.date(), DUE, IST)
    if now < due:
        due -= timedelta(days=1)
    return due.timestamp() * 1000 <= copy.stat().st_mtime_ns // 1_000_000 <= now_ms


def _day(copy: Path) -> str:
    return exchange_time(copy.stat().st_mtime * 1000).strftime("%Y-%m-%d")


def _download(address: str, shown: str, target: Path, clock: Clock) -> None:
    deadline = clock.monotonic() + WHOLE_TIMEOUT_S
    try:
        with requests.get(address, stream=True, timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S)) as response:
            if response.status_code != requests.codes.ok:
                raise UnavailableError(f"{shown}: the server answered {response.status_code} {response.reason}")
            size = 0
            with target.open("wb") as file:
                for chunk in response.iter_content(CHUNK_BYTES):
                    size += len(chunk)
                    if size > LARGEST_BYTES:
                        raise InputError(f"{shown}: over {LARGEST_BYTES:,} bytes, too long for an instrument master")
                    if clock.monotonic() > deadline:
                        raise UnavailableError(f"{shown}: not complete after {WHOLE_TIMEOUT_S:.0f} s")
                    file.write(chunk)
    except requests.RequestException as error:
        raise UnavailableError(f"{shown}: cannot be fetched: {_cause(error)}") from error


def _cause(error: requests.RequestException) -> str:
    """What went wrong, without the address: requests repeats it with its query."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate was not accepted"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke before the end"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__


def _compare(shown: str, table: InstrumentTable, kept: InstrumentTable | None) -> None:
    """Contracts expire by the thousand, so only stocks and indices count."""
    if kept is None:
        return
    before = [one.instrument.symbol for one in kept if one.instrument.kind in {Kind.EQUITY, Kind.INDEX}]
    left = sum(table.find(symbol) is not None for symbol in before)
    if left < LEAST_KEPT * len(before):
        raise InputError(f"{shown}: has only {left:,} of the {len(before):,} stocks and indices known so far")


def _told(shown: str, table: InstrumentTable) -> InstrumentTable:
    logger.info("{}: {:,} instruments", shown, len(table))
    if table.rejects.total:
        rows = "; ".join(table.rejects.first)
        logger.warning("{}: {:,} rows could not be used, first {}", shown, table.rejects.total, rows)
    return table
