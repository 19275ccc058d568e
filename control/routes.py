"""What can be asked: an address's path and query in, a status and plain JSON values out."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

from actors.views import NearView, SymbolView
from control.json_values import to_json
from control.symbol_search import find, nearest
from control.why import why
from errors import SignalsError
from nearest import nearest as nearest_names

_SIGNALS = 500
"""So many of the newest are given."""
_MOST_FIELDS = 8
MOST_NEAR = 200
_TOP_DIGITS = 3
_ADDRESSES = (
    "/health, /symbols, /debug?symbol=NSE:TCS, /why?symbol=NSE:TCS, /near?strategy=ema_vwap&top=20, /signals"
    " and /reload"
)

AskNear: TypeAlias = Callable[[str | None, int], NearView | None]
"""Who is closest to an entry of a strategy, or of any: so many; None when that is not answered in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the JSON value that goes with it."""

    status: HTTPStatus
    value: object
    allow: str = "GET"
    """What is, where the method is not allowed."""


def refusal(status: HTTPStatus, why: str, **more: object) -> Answer:
    """An answer that says in one sentence why there is no other."""
    return Answer(status, {"error": why, **more})


class Routes:
    """`/health`, `/symbols`, `/debug?symbol=NSE:M%26M`, `/why?symbol=TCS`, `/near?top=20`, `/signals`, `/reload`."""

    def __init__(
        self,
        inspect: Callable[[str], SymbolView | None],
        health: Callable[[], Mapping[str, object]],
        symbols: Callable[[], Sequence[str]],
        signals: Callable[[], Iterable[Mapping[str, object]]],
        strategies: Callable[[], Sequence[str]],
        near: AskNear,
        reload: Callable[[], Sequence[str]],
    ) -> None:
        self._reload = reload
        self._inspect, self._health, self._symbols, self._signals = inspect, health, symbols, signals
        self._strategies, self._near = strategies, near

    def answer(self, method: str, target: str) -> Answer:
        """The answer to a request for a target, `/debug?symbol=NSE:TCS`."""
        if target == "/reload":
            return self._reloaded(method)
        if method != "GET":
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, "this address can only be read: GET")
        return self._read(target)

    def _read(self, target: str) -> Answer:  # noqa: PLR0911 - one case for each address
        try:
            address = urlsplit(target)
            query = parse_qs(address.query, errors="strict", max_num_fields=_MOST_FIELDS)
        except ValueError:
            return refusal(HTTPStatus.BAD_REQUEST, "the address cannot be read")
        match address.path:
            case "/health":
                return Answer(HTTPStatus.OK, to_json(self._health()))
            case "/symbols":
                return Answer(HTTPStatus.OK, {"symbols": list(self._symbols())})
            case "/signals":
                return Answer(HTTPStatus.OK, {"signals": to_json(list(deque(self._signals(), _SIGNALS)))})
            case "/debug":
                return self._of_symbol(query.get("symbol", [""])[-1], to_json)
            case "/why":
                return self._of_symbol(query.get("symbol", [""])[-1], lambda view: to_json(why(view)))
            case "/near":
                return self._nearest_to_entry(query.get("strategy", [""])[-1], query.get("top", ["20"])[-1])
            case _:
                return refusal(HTTPStatus.NOT_FOUND, f"there are {_ADDRESSES}")

    def _reloaded(self, method: str) -> Answer:
        if method != "POST":
            why = "this address changes something: POST"
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"error": why}, allow="POST")
        try:
            return Answer(HTTPStatus.OK, {"changes": list(self._reload())})
        except SignalsError as error:
            return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), exit_code=error.exit_code)

    def _of_symbol(self, typed: str, shown: Callable[[SymbolView], object]) -> Answer:
        symbols = self._symbols()
        symbol = find(typed, symbols)
        if symbol is None:
            return refusal(HTTPStatus.NOT_FOUND, "no such symbol is watched", nearest=nearest(typed, symbols))
        view = self._inspect(symbol)
        if view is None:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"{symbol} does not answer; see the log")
        return Answer(HTTPStatus.OK, shown(view))

    def _nearest_to_entry(self, strategy: str, top: str) -> Answer:
        names = self._strategies()
        if strategy and strategy not in names:
            return refusal(HTTPStatus.NOT_FOUND, "no such strategy runs", nearest=nearest_names(strategy, names))
        if not (top.isascii() and top.isdigit() and len(top) <= _TOP_DIGITS and 1 <= int(top) <= MOST_NEAR):
            return refusal(HTTPStatus.BAD_REQUEST, f"top is a whole number from 1 to {MOST_NEAR}")
        view = self._near(strategy or None, int(top))
        if view is None:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the symbols are too busy to answer; try again")
        return Answer(HTTPStatus.OK, to_json(view))
