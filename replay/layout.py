"""Which column of a file is what: by the usual names, or as the user says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from errors import InputError


class Contents(StrEnum):
    """What the rows of a file are."""

    BARS = "bars"
    TICKS = "ticks"


BAR_PRICES = ("open", "high", "low", "close")
NEEDED = {
    Contents.BARS: ("timestamp", *BAR_PRICES, "volume"),
    Contents.TICKS: ("timestamp", "price", "volume"),
}
OTHER_NAMES = {
    "symbol": ("code", "ticker", "tradingsymbol", "scrip", "instrument"),
    "timestamp": ("datetime", "date", "time", "exchangetimestamp", "lasttradetime", "ltt"),
    "price": ("ltp", "lastprice", "lasttradedprice"),
    "volume": ("dayvolume", "volumetraded", "vol"),
}
"""As other programs name them; case, spaces and signs do not count."""
ROLES = tuple(dict.fromkeys(("symbol", *NEEDED[Contents.BARS], *NEEDED[Contents.TICKS], "exchange", "partial")))


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of what is needed among the columns of a file."""

    contents: Contents
    symbol: int | None
    """None: the file is one symbol, named by its stem."""
    timestamp: tuple[int, ...]
    """One column, or a date and a time of day."""
    prices: tuple[int, ...]
    """Open, high, low and close of bars; the price of ticks."""
    volume: int
    exchange: int | None = None
    """Of a symbol that does not begin with it."""
    partial: int | None = None
    """Of bars: whether some trades are missing."""

    @property
    def places(self) -> tuple[int, ...]:
        """All of them: timestamp, prices, volume, then symbol, exchange and partial as far as they are there."""
        there = (place for place in (self.symbol, self.exchange, self.partial) if place is not None)
        return (*self.timestamp, *self.prices, self.volume, *there)


def parse_columns(text: str) -> dict[str, str]:
    """What a user says of his columns, `symbol=Code,timestamp=Date`: the file's name by ours. Raises: InputError."""
    chosen: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        role, _, name = map(str.strip, part.partition("="))
        if role not in ROLES or not name:
            raise InputError(f"--columns: {part}: expected NAME=COLUMN with a NAME of {', '.join(ROLES)}")
        chosen[role] = name
    return chosen


def find_layout(path: Path, header: Sequence[str], chosen: Mapping[str, str]) -> Layout:
    """Tell bars from ticks by the columns; what a file of ticks says of its day's high and low does not count.

    Raises: InputError, naming what is missing.
    """
    places = {role: _chosen_place(path, header, role, name) for role, name in chosen.items()}
    free = {_plain(name): place for place, name in reversed(list(enumerate(header))) if place not in places.values()}
    for role in ROLES:
        names = (role, *OTHER_NAMES.get(role, ()))
        found = next((free[name] for name in names if name in free), None)
        if found is not None:
            places.setdefault(role, found)
    contents = Contents.TICKS if "price" in places else Contents.BARS
    missing = [role for role in NEEDED[contents] if role not in places]
    if missing:
        raise InputError(f"{path}: {_complaint(missing)}; its columns are {', '.join(header) or 'none'}")
    timestamp: tuple[int, ...] = (places["timestamp"],)
    if "timestamp" not in chosen and timestamp == (free.get("date"),) and "time" in free:
        timestamp = (free["date"], free["time"])
    prices = BAR_PRICES if contents is Contents.BARS else ("price",)
    return Layout(
        contents,
        places.get("symbol"),
        timestamp,
        tuple(places[price] for price in prices),
        places["volume"],
        places.get("exchange") if "symbol" in places else None,
        places.get("partial") if contents is Contents.BARS else None,
    )


def _chosen_place(path: Path, header: Sequence[str], role: str, name: str) -> int:
    for spelling in (str, _plain):
        for place, column in enumerate(header):
            if spelling(column) == spelling(name):
                return place
    raise InputError(f"{path}: no column {name} for {role}; its columns are {', '.join(header) or 'none'}")


def _complaint(missing: Sequence[str]) -> str:
    if set(BAR_PRICES) <= set(missing):
        bars, ticks = (",".join(("symbol", *NEEDED[contents])) for contents in Contents)
        return f"neither bars ({bars}) nor ticks ({ticks})"
    return f"no column for {', '.join(missing)} (--columns {missing[0]}=NAME names one)"


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
