"""The symbols of a recording, numbered as they appear."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from errors import InputError, SettingsError
from market.instrument import Instrument, Kind
from market.sessions import SessionTable

UNUSABLE: Final = -1
"""Stands for a text that is no symbol we can follow."""
MOST: Final = 25_000
_SYMBOL: Final = re.compile(r"[A-Z]{2,8}:[\w&.+ -]{1,40}", re.ASCII)
_FUTURE: Final = re.compile(r"(-|\d[A-Z]{0,3})FUT$")
_OPTION: Final = re.compile(r"\d-?(CE|PE)$")
_COMMODITIES: Final = {"MCX", "NCDEX"}

Known = Callable[[str], Instrument | None]
"""What else is known of a symbol: its hours and its tick, above all."""


def nothing_known(symbol: str) -> None:
    """Every symbol is what its name alone tells."""


class Symbols(dict[str, int]):
    """Number by the text of a cell; a name without an exchange is NSE's."""

    def __init__(self, known: Known = nothing_known) -> None:
        super().__init__()
        self._known = known
        self.instruments: list[Instrument] = []
        """By number."""
        self._numbers: dict[str, int] = {}
        self._sessions = SessionTable()

    def __missing__(self, text: str) -> int:
        name = text.strip()
        symbol = name if ":" in name else f"NSE:{name}"
        if self.fault(text):
            number = UNUSABLE
        elif symbol in self._numbers:
            number = self._numbers[symbol]
        elif len(self._numbers) == MOST:
            raise InputError(f"more than {MOST:,} symbols, such as {symbol}: is this the right column?")
        else:
            number = self._numbers[symbol] = len(self._numbers)
            self.instruments.append(self._instrument(symbol))
        self[text] = number
        return number

    def number_of_file(self, path: Path) -> int:
        """The symbol that a file is named by: `RELIANCE.csv.gz` is NSE's RELIANCE. Raises: InputError."""
        stem = path.name.split(".")[0]
        fault = self.fault(stem)
        if fault is not None:
            raise InputError(f"{path}: it has no column for the symbol, and its name tells none: {fault}")
        return self[stem]

    def fault(self, text: str) -> str | None:
        """Why a cell names nothing we can follow."""
        name = text.strip()
        symbol = name if ":" in name else f"NSE:{name}"
        if not name:
            return "no symbol"
        if not _SYMBOL.fullmatch(symbol):
            return f"{name[:60]!r} is no symbol"
        try:
            self._sessions.hours(self._instrument(symbol))
        except SettingsError as error:
            return str(error)
        return None

    def _instrument(self, symbol: str) -> Instrument:
        known = self._known(symbol)
        return instrument_of(symbol) if known is None else replace(known, symbol=symbol)


def instrument_of(symbol: str) -> Instrument:
    """What a name alone tells: its exchange, and whether it is a future or an option."""
    exchange, _, name = symbol.partition(":")
    if _OPTION.search(name):
        kind = Kind.OPTION
    elif _FUTURE.search(name) or exchange in _COMMODITIES:
        kind = Kind.FUTURE
    else:
        kind = Kind.EQUITY
    return Instrument(symbol, exchange, kind)
