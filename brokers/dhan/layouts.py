"""What the codec reads of the packets that carry ticks, one layout for each mode of subscription."""

from collections.abc import Mapping
from struct import Struct
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from brokers.dhan.packets import FULL, FULL_OFFSETS, QUOTE, QUOTE_OFFSETS, TICKER, TICKER_OFFSETS, ResponseCode

Mode: TypeAlias = Literal["ticker", "quote", "full"]


class TickLayout(NamedTuple):
    """A packet that carries ticks, ready to be read in three ways."""

    code: int
    kind: str
    """What it is counted as."""
    size: int
    """Bytes, header included; under 256."""
    signature: int
    """First three bytes, code and length, as an integer."""
    fields: Struct
    """From behind the header: price, trade time and, unless it is a ticker, average, day volume, and `extremes`."""
    packet: Struct
    """A whole packet of exactly `size`: first four bytes, security id, then as `fields` but without the average."""
    rows: np.dtype[np.void]
    """The same of many packets laid end to end."""
    price_top: int
    """Offset of the price's highest byte, which holds its sign and most of its exponent."""
    trade_time_top: int
    """Offset of the trade time's highest byte, 0 in 1970 and for an instrument that has not traded."""


def _layout(code: ResponseCode, size: int, offsets: Mapping[str, int], fields: str) -> TickLayout:
    """A layout; `fields` is the format from the price on, which the offsets must agree with.

    The day's high and low, two floats in a row, are read as one integer, `extremes`: that tells whether they changed.
    """
    places = {**offsets, "extremes": offsets["day_high"]} if "day_high" in offsets else offsets
    types = {
        "security_id": "<u4", "price": "<f4", "trade_time": "<u4", "average_price": "<f4", "day_volume": "<u4",
        "extremes": "<u8",
    }  # fmt: skip
    names = [name for name in types if name in places]
    rows = np.dtype(
        {
            "names": names,
            "formats": [types[name] for name in names],
            "offsets": [places[name] for name in names],
            "itemsize": size,
        }
    )
    short = fields.replace("If", "I4x")
    return TickLayout(
        code.value,
        code.name.lower(),
        size,
        size << 8 | code,
        Struct(f"<{fields}"),
        Struct(f"<II{short}{size - 8 - Struct(f'<{fields}').size}x"),
        rows,
        offsets["price"] + 3,
        offsets["trade_time"] + 3,
    )


TICK_LAYOUTS: Final[Mapping[Mode, TickLayout]] = {
    "ticker": _layout(ResponseCode.TICKER, TICKER.size, TICKER_OFFSETS, "fI"),
    "quote": _layout(ResponseCode.QUOTE, QUOTE.size, QUOTE_OFFSETS, "f2xIfI16xQ"),
    "full": _layout(ResponseCode.FULL, FULL.size, FULL_OFFSETS, "f2xIfI28xQ"),
}
