"""The local exchange at work on one event loop: takes connections in and plays to them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np

from simulator.client import Client
from simulator.faults import Fault, Faults
from simulator.handshakes import Answer, opening
from simulator.pace import Pace
from simulator.player import Player
from simulator.wire import Goodbye, RefusedError, Subscribe, Unsubscribe, Wire

END_OF_SESSION = "end of session"
"""Reason of the close, code 1000, that every client gets when all is played."""
LARGEST_TURN = 1000
"""Steps played at once: more would make the connections' own traffic wait."""
SHORTEST_TURN_S = 0.002
"""Ticks due within so short a time go out together: finer steps cost more processor than they show."""


class Service:
    """Connections, and the play that each of them watches from its own subscription on."""

    def __init__(self, player: Player, wire: Wire, pace: Pace, faults: Faults, on_news: Callable[[], None]) -> None:
        """`on_news` is called after everything that happens."""
        self.clients: list[Client] = []
        """Those whose handshake is done, oldest first."""
        self.attempts = 0
        """Handshakes asked for."""
        self.is_over = False
        """Everything has been played."""
        self.played = 0
        """Ticks or frames played so far."""
        self._counts: list[Counter[str]] = []
        """Messages sent to each client there ever was."""
        self._player, self._wire, self._pace, self._faults = player, wire, pace, faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._on_news = on_news

    @property
    def counts(self) -> Counter[str]:
        """Messages sent to all clients, by kind; callable from any thread."""
        return sum((counts.copy() for counts in list(self._counts)), Counter())

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a new connection in."""
        self.work(self._serve(reader, writer))

    def work(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a job until it ends or the service does; an error in it goes to the loop's exception handler."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = None
        try:
            client = await self._admit(reader, writer)
            if client is not None:
                await client.listen()
        except ConnectionError:
            pass  # it left during the handshake
        finally:
            writer.transport.abort()
            if client is not None:
                self.clients.remove(client)
            self._tell()

    async def gather(self, settle_s: float) -> None:
        """Return when clients want all there is, or want something and nothing new came for `settle_s`."""
        while True:
            listening = [client.wanted for client in self.clients if client.is_listening]
            if listening and self._player.is_all_wanted(listening):
                return
            try:
                async with asyncio.timeout(settle_s if listening else None):
                    await self._wait()
            except TimeoutError:
                return

    async def play(self) -> None:
        """Play the session once. Returns when every client has been told that it is over and has left."""
        for client in self.clients:
            client.send_messages(self._player.opening())
        schedule = self._pace.schedule(self._player.due_ms)
        steps = len(self._player.due_ms if schedule is None else schedule)
        clock = asyncio.get_running_loop().time
        began, at = clock(), 0
        while at < steps:
            stop = min(steps, at + LARGEST_TURN)
            if schedule is None:
                await self._audience()
            else:
                now = clock() - began
                stop = min(stop, int(np.searchsorted(schedule, now, side="right")))
                if stop <= at:
                    await asyncio.sleep(max(SHORTEST_TURN_S, schedule[at] - now))
                    continue
            await self._turn(at, stop)
            at = stop
        self.is_over = True
        await asyncio.gather(*(client.finish(END_OF_SESSION) for client in self.clients))
        while not all(client.is_open for client in self.clients):
            await self._wait()

    async def end(self, within_s: float) -> None:
        """Close every connection and end all jobs; those that take longer than `within_s` are cut off."""
        for client in self.clients:
            client.leave()
        if self.clients:
            await asyncio.wait(self._tasks, timeout=within_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _turn(self, start: int, stop: int) -> None:
        self._player.turn(start, stop)
        self.played = stop
        for client in self.clients:
            if client.is_subscribed:
                client.send_ticks(self._player.messages(client.wanted))
        self._tell()
        for client in list(self.clients):
            await client.drained()
        await asyncio.sleep(0)  # hear the clients

    async def _audience(self) -> None:
        """As fast as the clients take it means: not at all without one."""
        while not any(client.is_listening for client in self.clients):
            await self._wait()

    async def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Client | None:
        first = await opening(reader, writer)
        if first is None:
            return None
        self.attempts += 1
        try:
            account = self._wire.account(first.request.path)
        except RefusedError as error:
            await first.refuse(error.status, str(error))
            return None
        fate = self._faults.fate(account.token)
        if isinstance(fate, Answer):
            await fate.give(first)
            return None
        if not first.accept():
            first.flush()
            return None
        client = Client(account, first, self._wire, self._faults, self._hear)
        self._make_room(account.name)
        self._counts.append(client.counts)
        self.clients.append(client)  # before it learns that it is accepted
        first.flush()
        if isinstance(fate, Fault):
            fate.strike(client)
        self._tell()
        return client

    def _make_room(self, account: str) -> None:
        """The oldest connection of an account goes when it opens one too many."""
        open_ones = [client for client in self.clients if client.account.name == account and client.is_open]
        if len(open_ones) >= self._wire.connections_per_account:
            open_ones[0].kick(self._wire.too_many_connections)

    def _hear(self, client: Client, message: bytes) -> None:
        match self._wire.request(message):
            case Subscribe() as request:
                self._subscribe(client, request)
            case Unsubscribe(streams):
                client.unsubscribe(streams)
            case Goodbye():
                client.close(1000, "")
        self._tell()

    def _subscribe(self, client: Client, request: Subscribe) -> None:
        if not self._faults.hears():
            return
        client.subscribe(request.streams)
        if client.instruments > self._wire.instruments_per_connection:
            client.kick(self._wire.too_many_instruments)
            return
        client.send_messages(self._player.welcome(request))
        if self.is_over:
            client.close(1000, END_OF_SESSION)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            task.get_loop().call_exception_handler(
                {"message": "a job of the local exchange failed", "exception": error}
            )

    def _tell(self) -> None:
        self._news.set()
        self._on_news()

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()
