"""One row of Dhan's instrument master as a listing. Pure; any cells give a listing or a `RowError`."""

import re
from collections.abc import Iterable, Sequence

from brokers.dhan.master_cells import RowError, expiry_day, lot_size, price_band, strike_price, tick_size, title
from brokers.dhan.packets import SEGMENTS
from brokers.listing import Listing
from market.instrument import Instrument, Kind

# Source: the two public files of DhanHQ v2, api-scrip-master.csv and api-scrip-master-detailed.csv.
COLUMNS = {
    #              compact                     detailed
    "exchange": ("SEM_EXM_EXCH_ID", "EXCH_ID"),
    "segment": ("SEM_SEGMENT", "SEGMENT"),
    "security_id": ("SEM_SMST_SECURITY_ID", "SECURITY_ID"),
    "instrument": ("SEM_INSTRUMENT_NAME", "INSTRUMENT"),
    "symbol": ("SEM_TRADING_SYMBOL", "UNDERLYING_SYMBOL"),
    "series": ("SEM_SERIES", "SERIES"),
    "tick": ("SEM_TICK_SIZE", "TICK_SIZE"),
    "title": ("SEM_CUSTOM_SYMBOL", "DISPLAY_NAME"),
    "lot": ("SEM_LOT_UNITS", "LOT_SIZE"),
    "expiry": ("SEM_EXPIRY_DATE", "SM_EXPIRY_DATE"),
    "strike": ("SEM_STRIKE_PRICE", "STRIKE_PRICE"),
    "option_type": ("SEM_OPTION_TYPE", "OPTION_TYPE"),
    "isin": ("-", "ISIN"),
    "lowest": ("-", "SM_LOWER_LIMIT"),
    "highest": ("-", "SM_UPPER_LIMIT"),
}
NEEDED = ("exchange", "segment", "security_id", "instrument", "symbol", "series", "tick")
"""Without these a file is no instrument master; the others have a default."""

SEGMENT_NAMES = {
    ("NSE", "I"): "IDX_I",
    ("BSE", "I"): "IDX_I",
    ("NSE", "E"): "NSE_EQ",
    ("NSE", "D"): "NSE_FNO",
    ("NSE", "C"): "NSE_CURRENCY",
    ("BSE", "E"): "BSE_EQ",
    ("BSE", "D"): "BSE_FNO",
    ("BSE", "C"): "BSE_CURRENCY",
    ("MCX", "M"): "MCX_COMM",
}
"""The feed's segment of an exchange and a segment letter."""

INDEX_NAMES = {
    "NIFTY": "NIFTY 50",
    "BANKNIFTY": "NIFTY BANK",
    "FINNIFTY": "NIFTY FIN SERVICE",
    "MIDCPNIFTY": "NIFTY MID SELECT",
    "NIFTYNXT50": "NIFTY NEXT 50",
    "NIFTYMCAP50": "NIFTY MIDCAP 50",
    "NIFTY MID100 FREE": "NIFTY MIDCAP 100",
    "NIFTYIT": "NIFTY IT",
    "NIFTYPSE": "NIFTY PSE",
    "NIFTYINFRA": "NIFTY INFRA",
    "NIFTYCPSE": "NIFTY CPSE",
}
"""Indices that Dhan calls by the root of their contracts or an old name, as the exchange and other brokers call them.

Every other index already bears the exchange's short name in Dhan's symbol column, some in mixed case.
"""

EXCHANGES = {exchange for exchange, _ in SEGMENT_NAMES}
LETTER = re.compile("[A-Z]")
SECURITY_ID = re.compile("[0-9]{1,10}")
MOCK = "NSETEST"
"""The exchange's own securities for mock trading end so; they are listed among the shares."""
NAME = re.compile(r"[A-Z0-9][A-Z0-9&._ -]{0,31}")
CONTRACT_NAME = re.compile(r"(.+?)-(?:\d{1,2})?[A-Z]{3}\d{4}-(?:FUT|[\d.]+-(?:CE|PE))")
"""`NIFTY-JUN2026-27650-CE`, `BAJAJ-AUTO-AUG2026-FUT`, `CRUDEOIL-19OCT2026-FUT`: only here does the compact layout name
the underlying of every contract."""
SERIES = re.compile(r"[A-Z0-9]{1,4}")
ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")


class Skipped(Exception):  # noqa: N818 - a sound row is no error
    """A row is sound but nothing to watch."""


class RowReader:
    """Reads rows of a master whose columns stand where `places` says."""

    def __init__(self, places: dict[str, int], width: int, roots: Iterable[str] = ()) -> None:
        """`places` maps the keys of `COLUMNS` to positions below `width`; those of `NEEDED` are present.

        `roots`: underlyings whose options are wanted. A master holds 150,000 options; the others are skipped.
        """
        self._places = places
        self._width = width
        self._roots = frozenset(roots)
        self.underlyings: set[tuple[Kind, str]] = set()
        """Kind and symbol of everything on which a contract was seen."""

    def listing(self, cells: Sequence[str]) -> Listing:
        """The listing in one row, under the symbol it wants. Raises: RowError, Skipped."""
        if len(cells) < self._width or any(cell.strip() for cell in cells[self._width :]):
            raise RowError(f"{len(cells)} cells instead of {self._width}")
        exchange, letter = self._cell(cells, "exchange"), self._cell(cells, "segment")
        segment = SEGMENT_NAMES.get((exchange, letter))
        if segment is None:
            if exchange in EXCHANGES and LETTER.fullmatch(letter):
                raise Skipped  # the feed does not carry it
            raise RowError(f"unknown exchange and segment {exchange[:20]!r} {letter[:20]!r}")
        code, name = self._cell(cells, "instrument"), self._cell(cells, "symbol").upper()
        if name.endswith(MOCK):
            raise Skipped
        security_id = self._cell(cells, "security_id")
        if not SECURITY_ID.fullmatch(security_id) or int(security_id) >= 1 << 32:
            raise RowError(f"security id {security_id[:20]!r} is not a number of 32 bits")
        make = self._contract if code.startswith(("FUT", "OPT")) else self._cash
        return Listing(make(cells, exchange, letter, code, name), SEGMENTS[segment], int(security_id))

    def _cash(self, cells: Sequence[str], exchange: str, letter: str, code: str, name: str) -> Instrument:
        if code not in {Kind.EQUITY, Kind.INDEX}:
            raise RowError(f"instrument {code[:20]!r} is no equity, index, future or option")
        if code == Kind.INDEX:
            name = INDEX_NAMES.get(name, name)
        series, isin = self._cell(cells, "series").upper(), self._cell(cells, "isin").upper()
        return Instrument(
            symbol=f"{exchange}:{_checked(name)}",
            exchange=exchange,
            kind=Kind(code),
            tick_size=tick_size(self._cell(cells, "tick"), letter),
            lot=lot_size(self._cell(cells, "lot")),
            series=series if code == Kind.EQUITY and SERIES.fullmatch(series) and series != "NA" else "",
            title=title(self._cell(cells, "title")) or name,
            isin=isin if ISIN.fullmatch(isin) else "",
            price_band=price_band(self._cell(cells, "lowest"), self._cell(cells, "highest")),
        )

    def _contract(self, cells: Sequence[str], exchange: str, letter: str, code: str, name: str) -> Instrument:
        match = CONTRACT_NAME.fullmatch(name)
        root = _checked(match[1] if match else name)
        is_on_index = code.endswith("IDX")
        underlying = f"{exchange}:{INDEX_NAMES.get(root, root) if is_on_index else root}"
        self.underlyings.add((Kind.INDEX if is_on_index else Kind.EQUITY, underlying))
        is_option = code.startswith("OPT")
        if is_option and f"{exchange}:{root}" not in self._roots:
            raise Skipped
        expiry, label = expiry_day(self._cell(cells, "expiry"))
        strike, option_type, ending = None, "", "FUT"
        if is_option:
            strike, option_type = strike_price(self._cell(cells, "strike")), self._cell(cells, "option_type").upper()
            if option_type not in {"CE", "PE"}:
                raise RowError(f"option type {option_type[:20]!r} is neither CE nor PE")
            ending = f"{strike:.4f}".rstrip("0").rstrip(".") + f"-{option_type}"
        return Instrument(
            symbol=f"{exchange}:{root}-{label}-{ending}",
            exchange=exchange,
            kind=Kind.OPTION if is_option else Kind.FUTURE,
            tick_size=tick_size(self._cell(cells, "tick"), letter),
            lot=lot_size(self._cell(cells, "lot")),
            title=title(self._cell(cells, "title")),
            price_band=price_band(self._cell(cells, "lowest"), self._cell(cells, "highest")),
            underlying=underlying,
            expiry=expiry,
            strike=strike,
            option_type=option_type,
        )

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self._places.get(column)
        return "" if place is None else cells[place].strip()


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise RowError(f"{name[:40]!r} cannot be a symbol")
    return name
