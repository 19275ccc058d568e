"""Dhan's past: minute candles and quotes through its own client, within its limits.

Source: DhanHQ v2 historical data and market quote documentation; dhanhq 2.3.0, which returns failures as dicts and
never raises.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from brokers.dhan.connection import SEGMENT_NAMES
from brokers.dhan.credentials import Credentials
from brokers.dhan.history_answers import RestAnswer, candles_of, quotes_of
from brokers.history import Candles, DayQuote, DayQuotes, Found, History
from brokers.limiter import Limiter
from brokers.listing import Listing
from errors import CredentialsError
from market.clock import IST, Clock
from market.instrument import Instrument, Kind
from settings.schema import Dhan

CANDLES_PER_S = 4.2
"""Dhan allows 5: less, so that requests that catch up with each other by up to 0.19 s are never 6 in a second."""
QUOTES_PER_S = 0.8
"""Dhan allows 1."""
QUOTES_AT_ONCE = 1000
TIMEOUT_S = 15.0
"""Answers take about a second."""
FIRST_HOLD_S, LONGEST_HOLD_S = 5.0, 60.0
"""After "too many" without a time to wait, doubling each time in a row."""
INDICES = frozenset({"NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "SENSEX", "SENSEX50", "BANKEX"})
"""Underlyings of index futures and options."""
COMMODITIES = "MCX_COMM"


class DhanHistory(History):
    """One account's candles and quotes; each thread that asks has a client, and so a connection, of its own."""

    longest_days = 90

    def __init__(
        self,
        settings: Dhan,
        credentials: Callable[[], Credentials],
        clock: Clock,
        candles_per_s: float = CANDLES_PER_S,
        quotes_per_s: float = QUOTES_PER_S,
    ) -> None:
        """`credentials` is asked before every request."""
        self._url = settings.rest_url.rstrip("/")
        self._credentials = credentials
        self._candles, self._quotes = Limiter(candles_per_s, clock), Limiter(quotes_per_s, clock)
        self._clients = threading.local()
        self._stopping = threading.Event()
        self._too_many = 0
        """Refusals in a row."""

    def minutes(self, listing: Listing, since_ms: int, until_ms: int) -> Candles:
        answer = self._ask(
            self._candles,
            lambda client: client.intraday_minute_data(
                str(listing.security_id),
                SEGMENT_NAMES[listing.segment],
                instrument_type(listing.instrument, SEGMENT_NAMES[listing.segment]),
                _text(since_ms),
                _text(until_ms - 1000),  # its day counts, too
            ),
        )
        if answer.found is not Found.GIVEN:
            return Candles(answer.found, (), answer.detail)
        return candles_of(answer.data, listing.instrument.tick_size, since_ms, until_ms)

    def quotes(self, listings: Sequence[Listing]) -> DayQuotes:
        found: dict[int, DayQuote] = {}
        for start in range(0, len(listings), QUOTES_AT_ONCE):
            asked: dict[str, list[int]] = {}
            for listing in listings[start : start + QUOTES_AT_ONCE]:
                asked.setdefault(SEGMENT_NAMES[listing.segment], []).append(listing.security_id)
            answer = self._ask(self._quotes, lambda client, asked=asked: client.quote_data(asked))  # type: ignore[misc]
            if answer.found is not Found.GIVEN:
                return DayQuotes(answer.found, found, answer.detail)
            found.update(quotes_of(answer.data))
        return DayQuotes(Found.GIVEN if found else Found.EMPTY, found)

    def stop(self) -> None:
        self._stopping.set()

    def _ask(self, limiter: Limiter, request: Callable[[Any], dict[str, Any]]) -> RestAnswer:
        if not limiter.wait(self._stopping):
            return RestAnswer(Found.ERROR, detail="stopping")
        try:
            client, replies = self._client()
        except CredentialsError as error:
            return RestAnswer(Found.TOKEN, detail=str(error))
        replies.clear()
        answer = RestAnswer.of(request(client), replies[-1] if replies else None)
        if answer.found is Found.TOO_MANY:
            self._hold(answer.retry_after_s)
        else:
            self._too_many = 0
        return answer

    def _hold(self, asked_s: float | None) -> None:
        """The account was told to slow down: all its requests do."""
        seconds = min(LONGEST_HOLD_S, FIRST_HOLD_S * 2.0 ** min(self._too_many, 10)) if asked_s is None else asked_s
        self._too_many += 1
        for limiter in (self._candles, self._quotes):
            limiter.hold(seconds)

    def _client(self) -> tuple[Any, list[Any]]:
        """This thread's client, made anew when the token changed, and where its replies are seen."""
        mine, credentials = self._clients, self._credentials()
        if getattr(mine, "credentials", None) != credentials:
            # Dhan's client brings pandas along, which takes a second: not before it is needed.
            from dhanhq import DhanContext, dhanhq

            context = DhanContext(credentials.client_id.reveal(), credentials.access_token.reveal())
            http = context.get_dhan_http()
            http.base_url, http.timeout = self._url, TIMEOUT_S
            # The client keeps status and headers to itself; they tell how long to wait.
            mine.replies = []
            http.session.hooks["response"].append(lambda reply, *_, **__: mine.replies.append(reply))
            mine.client, mine.credentials = dhanhq(context), credentials
        return mine.client, mine.replies


def instrument_type(instrument: Instrument, segment: str) -> str:
    """What Dhan calls this kind of instrument: `EQUITY`, `INDEX`, `FUTSTK`, `OPTIDX`, `FUTCOM`."""
    if instrument.kind in {Kind.EQUITY, Kind.INDEX}:
        return instrument.kind.value
    is_future = instrument.kind is Kind.FUTURE
    if segment == COMMODITIES:
        return "FUTCOM" if is_future else "OPTFUT"
    return ("FUT" if is_future else "OPT") + ("IDX" if instrument.underlying in INDICES else "STK")


def _text(at_ms: int) -> str:
    """Indian time as Dhan spells it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(IST).strftime("%Y-%m-%d %H:%M:%S")
