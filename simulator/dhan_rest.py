"""Dhan's REST answers about the past: minute candles and quotes (DhanHQ v2).

Source: DhanHQ v2 historical data and market quote documentation; its quirks as users report them: the current day's
end is ignored, the running minute is among the candles, a minute that has just ended may be missing.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from brokers.dhan.packets import SEGMENTS
from brokers.listing import Listing
from market.bar import MINUTE_MS
from market.clock import IST
from market.sessions import DAY_MS, IST_OFFSET_MS, SessionTable
from simulator.candles import Candles
from simulator.rest_faults import Body, RestFaults
from simulator.session import Session

CANDLES, QUOTES = "/v2/charts/intraday", "/v2/marketfeed/quote"
LIMITS: Mapping[str, int] = {CANDLES: 5, QUOTES: 1}
"""Requests a second."""
LONGEST_DAYS = 90
"""The first and the last day counted."""
MOST_QUOTES = 1000
INTERVALS = ("1", "5", "15", "25", "60")

Reply = tuple[int, Body]


class DhanRest:
    """Answers for the symbols of one session."""

    limits = LIMITS

    def __init__(self, candles: Candles, symbols: Iterable[str], listings: Iterable[Listing]) -> None:
        by_symbol = {listing.instrument.symbol: listing for listing in listings}
        found = [by_symbol.get(symbol) for symbol in symbols]
        self._index = {listing.key: index for index, listing in enumerate(found) if listing}
        self._candles = candles

    def security(self, path: str, wish: Mapping[str, Any]) -> int | None:
        """The instrument whose candles are asked for."""
        number = str(wish.get("securityId", ""))
        return int(number) if path == CANDLES and number.isascii() and number.isdigit() else None

    def answer(self, path: str, wish: Mapping[str, Any], faults: RestFaults) -> Reply:
        """Status and body for a request that is allowed."""
        if path == CANDLES:
            return self._minutes(wish, faults.hidden_minutes)
        return self._quotes(wish) if path == QUOTES else refusal(404, "DH-906", "no such endpoint")

    def _minutes(self, wish: Mapping[str, Any], hidden: int) -> Reply:
        try:
            key = SEGMENTS[wish["exchangeSegment"]] << 32 | int(wish["securityId"])
            since, until = _moment(wish["fromDate"]), _moment(wish["toDate"])
        except (KeyError, ValueError, TypeError):
            return refusal(400, "DH-905", "missing or malformed fields")
        if str(wish.get("interval", "1")) not in INTERVALS or not wish.get("instrument"):
            return refusal(400, "DH-905", "missing or malformed fields")
        if str(wish.get("interval", "1")) != "1":
            return refusal(400, "DH-905", "the local exchange has candles of one minute only")
        if (until + IST_OFFSET_MS) // DAY_MS - (since + IST_OFFSET_MS) // DAY_MS >= LONGEST_DAYS:
            return refusal(400, "DH-905", "more than 90 days")
        now = self._candles.now_ms
        today = (now + IST_OFFSET_MS) // DAY_MS * DAY_MS - IST_OFFSET_MS
        if until >= today:
            until = now + MINUTE_MS
        if hidden:
            until = min(until, now - now % MINUTE_MS - hidden * MINUTE_MS)
        index = self._index.get(key)
        if index is None:
            return refusal(400, "DH-905", "no data for these parameters")
        found = self._candles.of(index, since, until)
        opens, highs, lows, closes = found.prices.T.tolist()
        return 200, {
            "open": opens, "high": highs, "low": lows, "close": closes, "volume": found.volumes.tolist(),
            "timestamp": (found.starts_ms // 1000).tolist(), "open_interest": [],
        }  # fmt: skip

    def _quotes(self, wish: Mapping[str, Any]) -> Reply:
        asked = [
            (name, int(number)) for name, ids in wish.items() if name in SEGMENTS and isinstance(ids, list)
            for number in ids
        ]  # fmt: skip
        if len(asked) > MOST_QUOTES:
            return refusal(400, "DH-905", "more than 1,000 instruments")
        data: dict[str, dict[str, object]] = {}
        for name, number in asked:
            index = self._index.get(SEGMENTS[name] << 32 | number)
            quote = self._candles.quote(index) if index is not None else None
            if quote is None:
                continue
            data.setdefault(name, {})[str(number)] = {
                "last_price": quote.price, "last_trade_time": _stamp(quote.at_ms), "volume": quote.volume,
                "ohlc": {"open": quote.day_open, "close": quote.previous_close, "high": quote.day_high,
                         "low": quote.day_low},
            }  # fmt: skip
        return 200, {"data": data, "status": "success"}


def refusal(status: int, code: str, message: str) -> Reply:
    """An error as Dhan words it."""
    return status, {"errorType": "Input_Exception", "errorCode": code, "errorMessage": message}


def rest_of(
    session: Session, listings: Iterable[Listing], played: Callable[[], int], table: SessionTable | None = None
) -> DhanRest:
    """Dhan's answers about a session that is being played; `played` tells how many ticks have been sent.

    `table` is the one with the user's days; without it the shipped one.
    """
    table, known = table or SessionTable(), list(listings)
    hours = {listing.instrument.symbol: table.hours(listing.instrument) for listing in known}
    candles = Candles(session, [hours.get(symbol) for symbol in session.symbols], played)
    return DhanRest(candles, session.symbols, known)


def _moment(text: str) -> int:
    """A date, or date and time, in Indian time as epoch milliseconds UTC. Raises: ValueError."""
    return round(datetime.fromisoformat(text).replace(tzinfo=IST).timestamp() * 1000)


def _stamp(at_ms: int) -> str:
    """A trade time in Indian time as quotes spell it; 1 January 1980 for never."""
    if not at_ms:
        return "01/01/1980 00:00:00"
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(IST).strftime("%d/%m/%Y %H:%M:%S")
