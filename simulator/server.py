"""The local exchange: a websocket server on loopback that speaks a broker's wire format and plays a session."""

import asyncio
import os
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

from errors import BusyError
from simulator.client import Client
from simulator.faults import Fault, Faults
from simulator.pace import Pace
from simulator.player import RecordingPlayer, SessionPlayer
from simulator.recorder import Recording
from simulator.service import Service
from simulator.session import Session
from simulator.wire import Wire

HOST = "127.0.0.1"
SETTLE_S = 0.5
"""Clients subscribe in several messages: play begins when none has come for so long, or when all is wanted."""
GOODBYE_S = 1.0
"""How long a stop waits for clients to take what they were sent."""


class LocalExchange:
    """A server in a thread of its own. Play begins when the first client has subscribed.

    Every client sees the session from its own subscription on. With `Pace()`, as fast as clients take it, play stands
    still while there is no client; any other pace goes on without. At every pace play waits for a client that reads
    slowly, and then catches up with its schedule. At the end clients get close code 1000 and the reason "end of
    session", and so does everyone who subscribes later.
    """

    def __init__(
        self,
        source: Session | Recording,
        wire: Wire,
        *,
        pace: Pace | None = None,
        faults: Faults | None = None,
        port: int = 0,
        at_once: bool = False,
        settle_s: float = SETTLE_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Port 0 takes a free one; `at_once` begins play without waiting for a client; `tls` makes it `wss`."""
        self.faults = faults or Faults()
        """May be added to while the exchange runs."""
        player = SessionPlayer(source, wire) if isinstance(source, Session) else RecordingPlayer(source)
        self._wire = wire
        self._service = Service(player, wire, pace or Pace(), self.faults, self._notify)
        self._port = port
        self._at_once = at_once
        self._settle_s = settle_s
        self._tls = tls
        self._listening: Future[int] = Future()
        self._changed = threading.Condition()
        self._is_finished = False
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="local exchange", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens: `ws://127.0.0.1:40123`."""
        return f"ws{'s' if self._tls else ''}://{HOST}:{self._port}"

    @property
    def connections(self) -> list[Client]:
        """Clients connected now, oldest first."""
        return list(self._service.clients)

    @property
    def attempts(self) -> int:
        """Handshakes asked for so far, refused ones included."""
        return self._service.attempts

    @property
    def counts(self) -> Counter[str]:
        """Messages sent so far by kind, as the wire names them; `""` is garbage."""
        return self._service.counts

    @property
    def played(self) -> int:
        """Ticks, or frames of a recording, played so far."""
        return self._service.played

    @property
    def packets_sent(self) -> int:
        """Price packets sent so far, welcomes included."""
        counts = self.counts
        return sum(counts[kind] for kind in self._wire.price_kinds)

    def start(self) -> None:
        """Listen. Returns when clients can connect. Raises: BusyError when the port cannot be had."""
        self._thread.start()
        self._port = self._listening.result()

    def stop(self) -> None:
        """Close every connection and end the thread. Raises what went wrong inside, if anything did."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self.check()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait_finished(self, timeout_s: float) -> bool:
        """Wait until all is played and the clients that saw the end have left; False after the timeout."""
        return self.wait_until(lambda: self._is_finished, timeout_s)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until something that happens makes `condition` true; False after the timeout."""
        with self._changed:
            met = self._changed.wait_for(lambda: self._failure is not None or condition(), timeout_s)
        self.check()
        return met

    def strike(self, fault: Fault) -> None:
        """Let a fault befall every connection now."""
        assert self._loop is not None  # started
        done: Future[None] = Future()

        def strike() -> None:
            for client in self.connections:
                fault.strike(client)
            done.set_result(None)

        self._loop.call_soon_threadsafe(strike)
        done.result()

    def _work(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: self._fail(context))
        try:
            server = await asyncio.start_server(self._service.connected, HOST, self._port, ssl=self._tls)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            self._listening.set_exception(BusyError(f"the local exchange cannot listen on port {self._port}: {reason}"))
            return
        play = self._service.work(self._play())
        self._listening.set_result(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        server.close()
        play.cancel()
        await self._service.end(GOODBYE_S)

    async def _play(self) -> None:
        if not self._at_once:
            await self._service.gather(self._settle_s)
        await self._service.play()
        self._is_finished = True
        self._notify()

    def _fail(self, context: dict[str, Any]) -> None:
        """A task of the loop ended in an error that nobody awaits: it is raised in the caller's thread instead."""
        error = context.get("exception")
        self._failure = error if isinstance(error, Exception) else RuntimeError(context["message"])
        self._notify()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def check(self) -> None:
        """Raise what went wrong inside, if anything did."""
        if self._failure is not None:
            raise self._failure
