"""A broker's REST interface on loopback, beside the local exchange: requests are counted and limited, and can fail."""

import json
import threading
from collections import Counter, deque
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self

from errors import BusyError
from market.clock import Clock, SystemClock
from simulator.rest_faults import Body, RestFaults

HOST = "127.0.0.1"
TOKEN = "access-token"  # noqa: S105 - the header's name
LARGEST_REQUEST = 1 << 20
SECOND_S = 1.0


class Endpoints(Protocol):
    """One broker's REST answers."""

    limits: Mapping[str, int]
    """Requests a second, by path."""

    def security(self, path: str, wish: Mapping[str, Any]) -> int | None:
        """The one instrument that is asked about, if it is one."""
        ...

    def answer(self, path: str, wish: Mapping[str, Any], faults: RestFaults) -> tuple[int, Body]:
        """Status and body for a request that is allowed."""
        ...


class RestService:
    """An HTTP server in threads of its own. Use as a context manager."""

    def __init__(self, endpoints: Endpoints, *, port: int = 0, clock: Clock | None = None) -> None:
        """Port 0 takes a free one; `clock` tells the seconds that limits count in."""
        self.faults = RestFaults()
        """May be added to while the service runs."""
        self.counts: Counter[str] = Counter()
        """Requests so far by path, refused ones included."""
        self.refused = 0
        """Requests above the limit."""
        self.most_in_a_second: Counter[str] = Counter()
        """Most requests within any second, by path."""
        self._endpoints, self._port = endpoints, port
        self._clock = clock or SystemClock()
        self._recent: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it answers, in place of `https://api.dhan.co/v2`."""
        return f"http://{HOST}:{self._port}/v2"

    def start(self) -> None:
        """Listen. Raises: BusyError when the port cannot be had."""
        service = self

        class Handler(_Handler):
            def reply(self, token: str, wish: Mapping[str, Any]) -> tuple[int, Body]:
                return service._reply(self.path, token, wish)

        try:
            self._server = ThreadingHTTPServer((HOST, self._port), Handler)
        except OSError as error:
            raise BusyError(f"the REST service cannot listen on port {self._port}: {error.strerror}") from error
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="rest service", args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _reply(self, path: str, token: str, wish: Mapping[str, Any]) -> tuple[int, Body]:
        with self._lock:
            is_allowed = self._count(path)
            fate = self.faults.fate(token, self._endpoints.security(path, wish))
        if not is_allowed:
            return 429, {"errorType": "Rate_Limit", "errorCode": "DH-904", "errorMessage": "too many requests"}
        if not token:
            return 401, {"errorType": "Invalid_Authentication", "errorCode": "DH-901", "errorMessage": "no token"}
        proper = self._endpoints.answer(path, wish, self.faults)
        return fate.give(proper) if fate else proper

    def _count(self, path: str) -> bool:
        """Count a request; whether the limit allows it."""
        now = self._clock.monotonic()
        recent = self._recent.setdefault(path, deque())
        while recent and now - recent[0] >= SECOND_S:
            recent.popleft()
        recent.append(now)
        self.counts[path] += 1
        self.most_in_a_second[path] = max(self.most_in_a_second[path], len(recent))
        if len(recent) > self._endpoints.limits.get(path, len(recent)):
            self.refused += 1
            return False
        return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def reply(self, token: str, wish: Mapping[str, Any]) -> tuple[int, Body]:
        raise NotImplementedError

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        try:
            wish = json.loads(self.rfile.read(min(size, LARGEST_REQUEST)))
        except ValueError:
            wish = None
        if not isinstance(wish, dict):
            status, body = HTTPStatus.BAD_REQUEST.value, _malformed()
        else:
            status, body = self.reply(self.headers.get(TOKEN, ""), wish)
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Requests are counted, not printed."""


def _malformed() -> Body:
    return {"errorType": "Input_Exception", "errorCode": "DH-905", "errorMessage": "not a JSON object"}
