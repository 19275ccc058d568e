"""What Dhan's REST answers mean: the client's dicts, with the HTTP reply beside them, become candles and quotes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from math import isfinite
from typing import Any, Protocol, Self

from brokers.dhan.packets import SEGMENTS
from brokers.history import Candle, Candles, DayQuote, Found
from brokers.websocket.retry_after import retry_after_s
from market.bar import MINUTE_MS

TOKEN_CODES = frozenset({"DH-901", "DH-906", "807", "808", "809", "810"})
TOO_MANY_CODES = frozenset({"DH-904", "805"})
NO_DATA_CODES = frozenset({"DH-905"})
"""Dhan's "input exception", which it also says when it has no candles."""
COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")


class HttpReply(Protocol):
    """What is needed of the reply as the HTTP library has it."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RestAnswer:
    """One answer, classified."""

    found: Found
    data: Any = None
    """JSON of a good one."""
    detail: str = ""
    retry_after_s: float | None = None

    @classmethod
    def of(cls, result: Mapping[str, Any], reply: HttpReply | None) -> Self:
        """From the client's dict, and the HTTP reply if there was one."""
        if result["status"] == "success":
            return cls(Found.GIVEN, result["data"])
        remarks = result["remarks"]
        code = str(remarks.get("error_code") or "") if isinstance(remarks, dict) else ""
        message = str(remarks.get("error_message") or "") if isinstance(remarks, dict) else str(remarks)
        status = reply.status_code if reply is not None else 0
        detail = " ".join(filter(None, (f"HTTP {status}" if status else "", code, message)))
        wait_s = retry_after_s({name.lower(): value for name, value in reply.headers.items()}) if reply else None
        codes = {code, *_numbers(reply)}
        if codes & TOO_MANY_CODES or status == HTTPStatus.TOO_MANY_REQUESTS:
            return cls(Found.TOO_MANY, None, detail, wait_s)
        if codes & TOKEN_CODES or status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return cls(Found.TOKEN, None, detail)
        return cls(Found.NO_DATA if codes & NO_DATA_CODES else Found.ERROR, None, detail)


def candles_of(data: object, tick_size: float, since_ms: int, until_ms: int) -> Candles:
    """Candles of `[since_ms, until_ms)` on the tick grid, each minute once; rows that cannot be are left out."""
    columns = [data.get(name) for name in COLUMNS] if isinstance(data, dict) else []
    if not columns or not all(isinstance(column, list) for column in columns):
        return Candles(Found.ERROR, (), "the answer has no candles")
    if len({len(column) for column in columns if column is not None}) > 1:
        return Candles(Found.ERROR, (), "the answer's columns are of different length")
    rows = {
        row[0]: row
        for row in _rows(zip(*(column for column in columns if column is not None), strict=True), tick_size)
        if since_ms <= row[0] < until_ms
    }
    return Candles(Found.GIVEN if rows else Found.EMPTY, [rows[start] for start in sorted(rows)])


def quotes_of(data: object) -> Iterator[tuple[int, DayQuote]]:
    """The day so far by key; an instrument whose quote cannot be read is left out."""
    segments = data.get("data") if isinstance(data, dict) else None
    for name, quotes in segments.items() if isinstance(segments, dict) else ():
        for number, quote in quotes.items() if name in SEGMENTS and isinstance(quotes, dict) else ():
            try:
                close = float(quote.get("ohlc", {}).get("close") or 0)
                day = DayQuote(float(quote["last_price"]), int(quote.get("volume") or 0), close)
                yield SEGMENTS[name] << 32 | int(number), day
            except (KeyError, TypeError, ValueError, AttributeError):
                continue


def _rows(rows: Iterator[tuple[Any, ...]], tick_size: float) -> Iterator[Candle]:
    for stamp, *prices, volume in rows:
        try:
            open_, high, low, close = (round(round(float(price) / tick_size) * tick_size, 4) for price in prices)
            start, traded = int(stamp) * 1000, int(volume or 0)
        except (TypeError, ValueError, OverflowError):
            continue
        if isfinite(open_) and 0 < low <= min(open_, close) <= max(open_, close) <= high and traded >= 0:
            yield start - start % MINUTE_MS, open_, high, low, close, traded


def _numbers(reply: HttpReply | None) -> Iterator[str]:
    """Data endpoints may put a bare number where the others put a code: `{"data": {"805": "..."}}`."""
    if reply is None or len(reply.text) > 10_000:
        return
    yield from (number for number in TOO_MANY_CODES | TOKEN_CODES if f'"{number}"' in reply.text)
