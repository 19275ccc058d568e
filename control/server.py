"""The local address that `debug`, `why`, `near` and health scripts ask."""

import errno
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from actors.heartbeat import Heartbeat
from actors.views import SymbolView
from control import address
from control.address import LOOPBACK, ControlAddress
from control.client import ask
from control.loopback import LoopbackServer
from control.request import Request
from control.routes import AskNear, Routes
from errors import BusyError, UnavailableError
from settings.secrets import Secret

_TOKEN_BYTES = 32


class ControlServer:
    """HTTP on 127.0.0.1 for who may read `control.json`; only `reload` changes anything, never in the way of the feed.

    The callables are called from the threads of requests: `inspect` gives None for a symbol that does not answer in
    time, `signals` gives the signal records, oldest first, `strategies` the names of those that run. `reload` has the
    settings read again and tells what it has changed; it raises a SignalsError when it has changed nothing.
    """

    def __init__(
        self,
        port: int,
        directory: Path,
        inspect: Callable[[str], SymbolView | None],
        health: Callable[[], Mapping[str, object]],
        symbols: Callable[[], Sequence[str]],
        signals: Callable[[], Iterable[Mapping[str, object]]],
        strategies: Callable[[], Sequence[str]],
        near: AskNear,
        reload: Callable[[], Sequence[str]],
    ) -> None:
        self._wanted_port, self._directory = port, directory
        self._routes = Routes(inspect, health, symbols, signals, strategies, near, reload)
        self._server: LoopbackServer | None = None
        self._address: ControlAddress | None = None

    @property
    def port(self) -> int:
        """Where it listens; the one asked for, or of the system's choice when that was 0."""
        assert self._address is not None, "started"
        return self._address.port

    @property
    def heartbeat(self) -> Heartbeat:
        """Of the thread that accepts connections."""
        assert self._server is not None, "started"
        return self._server.heartbeat

    def start(self) -> None:
        """Listen, and say where in `control.json`. Raises: BusyError naming the port, StorageError."""
        token = Secret(secrets.token_urlsafe(_TOKEN_BYTES))
        try:
            server = LoopbackServer(self._wanted_port, partial(Request, token, self._routes.answer))
        except OSError as error:
            raise BusyError(self._why_not(error)) from error
        self._address = ControlAddress(server.server_port, token.reveal(), os.getpid())
        try:
            address.write(self._directory, self._address)
        except BaseException:
            server.server_close()
            raise
        self._server = server
        server.start()

    def stop(self) -> None:
        """Close the port and take `control.json` away."""
        assert self._server is not None, "started"
        assert self._address is not None, "started"
        self._server.stop()
        address.remove(self._directory, self._address)

    def _why_not(self, error: OSError) -> str:
        advice = "set another control.port in config.toml, 0 for any that is free"
        if error.errno != errno.EADDRINUSE:
            return f"port {self._wanted_port} of {LOOPBACK} cannot be opened: {error.strerror}; {advice}"
        holder = address.read(self._directory)
        if holder is None or holder.port != self._wanted_port or not self._answers():
            return f"port {self._wanted_port} of {LOOPBACK} is held by another program; stop it, or {advice}"
        return f"port {self._wanted_port} of {LOOPBACK} is held by this program's process {holder.pid}; stop it first"

    def _answers(self) -> bool:
        try:
            ask(self._directory, "/symbols")
        except UnavailableError:
            return False
        return True
