import http.client
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from actors.views import NearView, SymbolView
from control import address
from control.routes import AskNear
from control.server import ControlServer
from tests.symbol_views import near_view, silent_view, symbol_view

SYMBOLS = ("NSE:RELIANCE", "NSE:RELINFRA", "NSE:M&M", "NSE:M&MFIN", "NSE:J&KBANK", "NSE:NIFTY 50", "BSE:TCS", "NSE:TCS")


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    answer = b""
    try:
        while more := connection.recv(65_536):
            answer += more
    except ConnectionError:
        pass
    return answer


class Program:
    """A control server on a port of the system's choice, and what it serves."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.symbols: Sequence[str] = SYMBOLS
        self.signals: list[dict[str, object]] = []
        self.inspect: Callable[[str], SymbolView | None] = self.view
        """Can be replaced while it runs, as `near`."""
        self.near: AskNear = lambda strategy, top: near_view(strategy or "ema_vwap", top)
        self.reload: Callable[[], Sequence[str]] = lambda: ["strategies added: scalper"]
        self.server = ControlServer(
            port=0,
            directory=directory,
            inspect=self._inspect,
            health=lambda: {"status": "ok", "lag": float("nan")},
            symbols=lambda: self.symbols,
            signals=lambda: iter(self.signals),
            strategies=lambda: ("ema_vwap", "opening_range"),
            near=self._near,
            reload=self._reload,
        )
        self.server.start()
        found = address.read(directory)
        assert found is not None
        self.address = found

    def _near(self, strategy: str | None, top: int) -> NearView | None:
        return self.near(strategy, top)

    def _reload(self) -> Sequence[str]:
        return self.reload()

    def _inspect(self, symbol: str) -> SymbolView | None:
        return self.inspect(symbol)

    def view(self, symbol: str) -> SymbolView | None:
        return symbol_view() if symbol == "NSE:M&M" else silent_view(symbol)

    def request(self, target: str, method: str = "GET", **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=30)
        connection.request(method, target, headers={"Authorization": f"Bearer {self.address.token}"} | headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, json.loads(text)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.address.port), timeout=30)

    def raw(self, request: bytes) -> bytes:
        """Everything that comes back for these bytes, if they were taken at all."""
        with self.connect() as connection:
            try:
                connection.sendall(request)
            except ConnectionError:
                return b""
            return everything(connection)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    running = Program(tmp_path / "state")
    yield running
    running.server.stop()
