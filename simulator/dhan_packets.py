"""Dhan's price packets for many ticks at once: rows of numpy tables that lie as `brokers.dhan.packets` says."""

import re
from collections.abc import Callable, Iterable, Mapping
from struct import Struct

import numpy as np
from numpy.typing import DTypeLike, NDArray

from brokers.dhan.packets import (
    DEPTH_LEVEL,
    DEPTH_LEVELS,
    FULL,
    FULL_OFFSETS,
    OPEN_INTEREST,
    OPEN_INTEREST_OFFSETS,
    PREVIOUS_CLOSE,
    PREVIOUS_CLOSE_OFFSETS,
    QUOTE,
    QUOTE_OFFSETS,
    SEGMENTS,
    TICKER,
    TICKER_OFFSETS,
    DepthLevel,
    ResponseCode,
)
from brokers.listing import Listing
from simulator.quotes import Quotes

Table = NDArray[np.void]

DERIVATIVES = tuple(SEGMENTS[name] for name in ("NSE_FNO", "NSE_CURRENCY", "MCX_COMM", "BSE_CURRENCY", "BSE_FNO"))
"""Segments that have open interest."""
FIRST_OPEN_INTEREST = 100_000
"""The recordings have no open interest: it starts here and grows with the volume."""
FIELDS: Mapping[str, DTypeLike] = {"B": "u1", "H": "<u2", "I": "<u4", "f": "<f4"}
"""Little endian, as the wire is, whatever this machine is."""


def _layout(struct: Struct, names: Iterable[str], fields: Mapping[str, DTypeLike] = FIELDS) -> np.dtype[np.void]:
    codes = re.findall(r"\d*[a-zA-Z]", struct.format)
    return np.dtype([(name, fields[code]) for name, code in zip(names, codes, strict=True)])


DEPTH = np.dtype((_layout(DEPTH_LEVEL, DepthLevel._fields), DEPTH_LEVELS))
LAYOUTS = {
    ResponseCode.TICKER: _layout(TICKER, TICKER_OFFSETS),
    ResponseCode.QUOTE: _layout(QUOTE, QUOTE_OFFSETS),
    ResponseCode.OPEN_INTEREST: _layout(OPEN_INTEREST, OPEN_INTEREST_OFFSETS),
    ResponseCode.PREVIOUS_CLOSE: _layout(PREVIOUS_CLOSE, PREVIOUS_CLOSE_OFFSETS),
    ResponseCode.FULL: _layout(FULL, FULL_OFFSETS, {**FIELDS, "100s": DEPTH}),
}


class PacketTables:
    """Encodes quotes of known symbols; a symbol that is not listed has segment and id 0."""

    def __init__(self, listings: Iterable[Listing | None], shift_s: int) -> None:
        """`listings` in the order of the quotes' symbols; `shift_s` is added to trade times."""
        found = list(listings)
        self._shift_s = shift_s
        self.segment = np.array([one.segment if one else 0 for one in found], np.uint8)
        self._security_id = np.array([one.security_id if one else 0 for one in found], np.uint32)
        self._tick = np.array([one.instrument.tick_size if one else 0.05 for one in found])
        self._fill: Mapping[int, Callable[[Table, Quotes], None]] = {
            ResponseCode.TICKER: self._fill_ticker,
            ResponseCode.QUOTE: self._fill_quote,
            ResponseCode.OPEN_INTEREST: self._fill_open_interest,
            ResponseCode.PREVIOUS_CLOSE: self._fill_previous_close,
            ResponseCode.FULL: self._fill_full,
        }

    def packets(self, code: int, quotes: Quotes) -> list[bytes]:
        """One packet with this response code for each row."""
        layout = LAYOUTS[ResponseCode(code)]
        table = np.zeros(len(quotes), layout)
        table["code"], table["length"] = code, layout.itemsize
        table["segment"], table["security_id"] = self.segment[quotes.symbol], self._security_id[quotes.symbol]
        self._fill[code](table, quotes)
        packets: list[bytes] = table.view(f"V{layout.itemsize}").tolist()
        return packets

    def _fill_ticker(self, table: Table, quotes: Quotes) -> None:
        table["price"] = quotes.price
        table["trade_time"] = np.where(quotes.times_ms > 0, quotes.times_ms // 1000 + self._shift_s, 0)

    def _fill_quote(self, table: Table, quotes: Quotes) -> None:
        self._fill_ticker(table, quotes)
        table["last_quantity"] = quotes.quantity & 0xFFFF  # wraps on the wire
        table["average_price"] = quotes.average
        table["day_volume"] = quotes.volume & 0xFFFF_FFFF
        table["total_buy"], table["total_sell"] = quotes.to_buy, quotes.to_sell
        table["day_open"], table["day_high"], table["day_low"] = quotes.day_open, quotes.day_high, quotes.day_low
        table["previous_close"] = quotes.previous_close

    def _fill_full(self, table: Table, quotes: Quotes) -> None:
        self._fill_quote(table, quotes)
        has_interest = np.isin(table["segment"], DERIVATIVES)
        table["open_interest"] = table["open_interest_high"] = np.where(has_interest, _open_interest(quotes), 0)
        table["open_interest_low"] = np.where(has_interest, FIRST_OPEN_INTEREST, 0)
        level = np.arange(DEPTH_LEVELS)
        away, depth = self._tick[quotes.symbol, None] * level, table["depth"]
        depth["bid_price"] = np.maximum(quotes.price[:, None] - away, self._tick[quotes.symbol, None])
        depth["ask_price"] = quotes.price[:, None] + away + self._tick[quotes.symbol, None]
        depth["bid_quantity"] = (1 + level) * (1 + quotes.volume[:, None] % 97)
        depth["ask_quantity"] = (1 + level) * (1 + quotes.volume[:, None] % 89)
        depth["bid_orders"], depth["ask_orders"] = 1 + level, 2 + level

    def _fill_open_interest(self, table: Table, quotes: Quotes) -> None:
        table["open_interest"] = _open_interest(quotes)

    def _fill_previous_close(self, table: Table, quotes: Quotes) -> None:
        table["previous_close"] = quotes.previous_close


def _open_interest(quotes: Quotes) -> NDArray[np.int64]:
    return FIRST_OPEN_INTEREST + quotes.volume // 20
