"""An HTTP server that only this machine reaches, with few connections at a time."""

import sys
import threading
from contextlib import suppress
from functools import partial
from http.server import HTTPServer
from socket import create_connection, socket
from socketserver import TCPServer
from typing import Any

from loguru import logger

from actors.heartbeat import Heartbeat
from control.address import LOOPBACK
from control.request import Request

MOST_CONNECTIONS = 10
"""At a time; further ones wait unaccepted."""
_PAUSE_S = 0.2


class LoopbackServer(HTTPServer):
    """Each connection has a thread of its own, so a slow client holds up nobody but itself."""

    request_queue_size = 128
    allow_reuse_address = sys.platform != "win32"
    """After a restart; on Windows it would let two programs share the port."""
    allow_reuse_port = False

    def __init__(self, port: int, handler: "partial[Request]") -> None:
        self._free = threading.Condition()
        self._connections = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._accept, name="control", daemon=True)
        self.heartbeat = Heartbeat("control")
        super().__init__((LOOPBACK, port), handler)

    def server_bind(self) -> None:
        # HTTPServer would look its own name up, which takes long where there is no network.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def start(self) -> None:
        self._thread.start()

    def get_request(self) -> tuple[socket, Any]:
        try:
            return super().get_request()
        except OSError:
            # Out of file descriptors the connection stays in the queue: without a pause this would be a busy loop.
            with self._free:
                self._free.wait(_PAUSE_S)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._free:
            self._free.wait_for(lambda: self._connections < MOST_CONNECTIONS or self._stopping)
            self._connections += 1
        try:
            threading.Thread(
                target=self._serve, args=(request, client_address), name="control-request", daemon=True
            ).start()
        except RuntimeError:  # the system gives no more threads
            self._leave()
            raise

    def stop(self) -> None:
        """Accept nobody any more; those being answered get five seconds each, on threads nobody waits for."""
        with self._free:
            self._stopping = True
            self._free.notify_all()
        with suppress(OSError):  # refused when the loop has ended already
            create_connection((LOOPBACK, self.server_port), timeout=1).close()  # wakes the loop
        self._thread.join(5)
        self.server_close()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:  # noqa: ARG002
        logger.exception("control: a request failed")

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:  # noqa: BLE001 - one request's failure is told, and is no other's
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)
            self._leave()

    def _leave(self) -> None:
        with self._free:
            self._connections -= 1
            self._free.notify()

    def _accept(self) -> None:
        while not self._stopping:
            self.handle_request()
            self.heartbeat.beat()
