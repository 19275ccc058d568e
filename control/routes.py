"""What can be asked: an address's path and query in, a status and plain JSON values out."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from actors.messages import SymbolView
from control.json_values import to_json
from control.symbol_search import find, nearest

_SIGNALS = 500
"""So many of the newest are given."""
_MOST_FIELDS = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the JSON value that goes with it."""

    status: HTTPStatus
    value: object


def refusal(status: HTTPStatus, why: str, **more: object) -> Answer:
    """An answer that says in one sentence why there is no other."""
    return Answer(status, {"error": why, **more})


class Routes:
    """`/health`, `/symbols`, `/debug?symbol=NSE:M%26M`, `/signals`; read only."""

    def __init__(
        self,
        inspect: Callable[[str], SymbolView | None],
        health: Callable[[], Mapping[str, object]],
        symbols: Callable[[], Sequence[str]],
        signals: Callable[[], Iterable[Mapping[str, object]]],
    ) -> None:
        self._inspect, self._health, self._symbols, self._signals = inspect, health, symbols, signals

    def answer(self, target: str) -> Answer:
        """The answer to a request's target, `/debug?symbol=NSE:TCS`."""
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
                return self._debug(query.get("symbol", [""])[-1])
            case _:
                return refusal(HTTPStatus.NOT_FOUND, "there are /health, /symbols, /debug?symbol=NSE:TCS and /signals")

    def _debug(self, typed: str) -> Answer:
        symbols = self._symbols()
        symbol = find(typed, symbols)
        if symbol is None:
            return refusal(HTTPStatus.NOT_FOUND, "no such symbol is watched", nearest=nearest(typed, symbols))
        view = self._inspect(symbol)
        if view is None:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, f"{symbol} does not answer; see the log")
        return Answer(HTTPStatus.OK, to_json(view))
