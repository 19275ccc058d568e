"""The thread of one websocket connection: connects, streams, and when that ends connects again as the policy says."""

import threading
from collections.abc import Callable
from math import isinf
from random import Random
from typing import Literal

from loguru import logger

from actors.feed_meter import FeedMeter, FeedTotals
from actors.feed_stream import FeedStream, TickSink
from actors.heartbeat import Heartbeat
from actors.messages import FeedStatus, HealthMessage, Ref, Watch
from actors.tell import tell_if_alive
from brokers.broker import Address, Ending, FeedProtocol, Remedy
from brokers.cooldowns import Cooldowns
from brokers.reconnect import Delays, Life, Pause, Reconnect
from brokers.websocket.connection import NORMAL_CLOSE, Connection, connect
from brokers.websocket.deadlines import DataDeadline, Deadlines
from brokers.websocket.guard import Guard
from brokers.websocket.losses import LostError, RefusedError
from brokers.websocket.resolver import Resolver
from errors import CredentialsError
from market.clock import Clock

MANY = 50
"""With fewer listings, silence may be just that."""
END_OF_SESSION = "end of session"
"""Reason of the local exchange's normal close when all is played."""
STOP_S = 4.0
CUT_S = 1.0
"""A reader that has not ended by itself after the first has its socket cut, and the second to notice."""


class FeedReader:
    """Owns the socket; everything it does, it does on its own thread."""

    def __init__(
        self,
        protocol: FeedProtocol,
        sink: TickSink,
        clock: Clock,
        health: Ref[HealthMessage],
        cooldowns: Cooldowns,
        market_clock: Literal["data", "wall"],
        data_expected: Callable[[], bool],
        deadlines: Deadlines | None = None,
        delays: Delays | None = None,
        random: Random | None = None,
    ) -> None:
        """Prepare; nothing is connected before `start`.

        Args:
            protocol: what the broker says and understands.
            sink: the router: gets every batch; told of holes, and of the end where the data tells the time.
            clock: for deadlines, and for the stamp on what arrives.
            health: told of the heartbeat, and of every change of state.
            cooldowns: when the broker asked the account to stay away; shared by all feeds.
            market_clock: `data` for the local exchange, whose orderly close ends the run; `wall` for a live market.
            data_expected: whether the market trades continuously now, by the wall; not asked with `data`.
            deadlines: how long the connection may keep us waiting.
            delays: how long to wait between connections.
            random: spreads these delays.
        """
        self._meter = FeedMeter(protocol.name, len(protocol.listings))
        deadlines, delays = deadlines or Deadlines(), delays or Delays()
        random = random or Random()  # noqa: S311 - no secret depends on it
        self.heartbeat = Heartbeat(f"{protocol.name} reader", self._backlog)
        self._protocol, self._sink, self._clock, self._health = protocol, sink, clock, health
        self._cooldowns, self._policy = cooldowns, Reconnect(random, delays)
        self._deadlines, self._delays = deadlines, delays
        self._is_replay = market_clock == "data"
        self._data_expected = _never if self._is_replay else data_expected
        is_judged = len(protocol.listings) >= MANY
        self._data_deadline = DataDeadline(deadlines, self._data_expected if is_judged else _never)
        self._resolver = Resolver()
        self._address: Address | None = None
        """The last one tried; another token makes it another address."""
        self._told: tuple[str, str] | None = None
        self._guard: Guard | None = None
        self._stream: FeedStream | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.heartbeat.name, daemon=True)

    def start(self) -> None:
        self._health.tell(Watch((self.heartbeat,)))
        self._thread.start()

    def stop(self) -> bool:
        """Say goodbye, close, end the thread; True when it has ended, at the latest after five seconds."""
        self._stopping.set()
        if self._guard is not None and self._stream is None:
            self._guard.cut()
        self._thread.join(STOP_S)
        if self._guard is not None and self._thread.is_alive():
            self._guard.cut()
            self._thread.join(CUT_S)
        return not self._thread.is_alive()

    def totals(self) -> FeedTotals:
        """What this feed did up to now; from any thread."""
        return self._meter.totals(self._clock.monotonic())

    def _backlog(self) -> int:
        """1 while something is being handled: a reader that then stands still is stuck, one that waits is not."""
        stream = self._stream
        return int(stream is not None and stream.is_handling)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._attempt():
                    return
            except Exception as error:  # noqa: BLE001 - whatever our code does wrong, the market goes on
                self._meter.count_error(error)
                self._rest(Pause(self._delays.retry_longest, f"the reader failed: {type(error).__name__}"))
        self._tell("stopped", "asked to stop")

    def _attempt(self) -> bool:
        """Live one connection's life and rest after it; False when there shall be no other."""
        address = self._next_address()
        if address is None:
            return True
        self._tell("connecting", address.shown)
        ending, life = self._live(address)
        if self._stopping.is_set():
            return True
        if self._is_end_of_data(ending):
            self._tell("finished", ending.detail)
            self._sink.finished()
            return False
        pause = self._policy.after(ending, life)
        if pause is None:
            self._tell("stopped", ending.detail)
            return False
        self._rest(pause)
        return True

    def _next_address(self) -> Address | None:
        """Where to connect, with the token as it is now; None after a wait: too early, or no token."""
        left = self._cooldowns.left(self._protocol.account)
        if left > 0:
            self._tell("waiting", "the server asked this account to stay away", left)
            self._stopping.wait(left)
            return None
        try:
            address = self._protocol.address()
        except CredentialsError as error:
            self._tell("waiting", str(error), self._delays.token_poll)
            self._stopping.wait(self._delays.token_poll)
            return None
        if address != self._address:
            self._policy.token_changed()
            self._address = address
        return address

    def _live(self, address: Address) -> tuple[Ending, Life]:
        """One connection from the look-up of its name to its end."""
        guard = self._guard = Guard(self._deadlines.connect, self._clock, f"{self._protocol.name} watchdog")
        try:
            if self._stopping.is_set():  # `stop` may have come too early to find this guard
                guard.cut()
            connection = connect(
                address, self._resolver, guard, self._deadlines, self._clock, self._meter.traffic, self._data_expected
            )
        except RefusedError as refused:
            return self._protocol.handshake_refused(refused.status, refused.headers), Life()
        except LostError as failed:
            return failed.ending, Life()
        self._meter.connections += 1
        try:
            return self._streaming(connection)
        finally:
            self._stream = None
            connection.close()

    def _streaming(self, connection: Connection) -> tuple[Ending, Life]:
        stream = self._stream = FeedStream(
            self._protocol,
            connection,
            self._sink,
            self._clock,
            self._deadlines,
            self._data_deadline,
            self._meter,
            self.heartbeat,
        )
        ending = Ending(Remedy.RETRY, "asked to stop")
        try:
            while not self._stopping.is_set():
                stream.turn()
                if stream.is_alive:
                    self._tell("streaming", f"{len(self._protocol.listings)} instruments")
            connection.close(self._protocol.goodbye())
        except LostError as ended:
            ending = ended.ending
        finally:
            is_hole = not self._stopping.is_set() and not self._is_end_of_data(ending)
            if is_hole and stream.life().ticks_s is not None:
                self._sink.interrupted([listing.key for listing in self._protocol.listings])
        return ending, stream.life()

    def _is_end_of_data(self, ending: Ending) -> bool:
        return self._is_replay and ending.code == NORMAL_CLOSE and END_OF_SESSION in ending.detail

    def _rest(self, pause: Pause) -> None:
        """Wait, unless asked to stop or a new token makes waiting pointless."""
        if pause.is_for_account:
            self._cooldowns.hold(self._protocol.account, pause.seconds)
        self._tell("waiting", pause.detail, None if isinf(pause.seconds) else pause.seconds)
        until = self._clock.monotonic() + pause.seconds
        while (left := until - self._clock.monotonic()) > 0:
            if self._stopping.wait(min(left, self._delays.token_poll)):
                return
            if pause.until_new_token and self._has_new_token():
                return

    def _has_new_token(self) -> bool:
        try:
            return self._protocol.address() != self._address
        except CredentialsError:
            return False  # being replaced just now

    def _tell(self, state: str, detail: str, retry_in_s: float | None = None) -> None:
        """Tell health, and the log, if that is news."""
        if self._told == (state, detail):
            return
        self._told = (state, detail)
        level, again = "INFO", ""
        if state == "waiting" and retry_in_s is not None:
            level, again = "WARNING", f"; next try in {retry_in_s:.1f} s"
        elif state in {"waiting", "stopped"} and not self._stopping.is_set():
            level = "ERROR"  # a person must act
        logger.bind(broker=self._protocol.name).log(level, "{}: {}: {}{}", self._protocol.name, state, detail, again)
        tell_if_alive(self._health, FeedStatus(self._protocol.name, state, detail, retry_in_s))


def _never() -> bool:
    return False
