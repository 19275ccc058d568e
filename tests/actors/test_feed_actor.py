"""The feed against the local exchange: everything a live connection can suffer, and that it heals by itself."""

import logging
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any

import pytest
from loguru import logger

from actors.feed_actor import FeedActor
from actors.feed_reader import MANY, FeedReader
from actors.messages import FeedStatus, HealthMessage, StopFeed, Watch
from brokers.broker import Decoded, Decoder
from brokers.cooldowns import Cooldowns
from brokers.dhan import Credentials
from brokers.dhan.connection import DhanFeed
from brokers.dhan.credentials import read_credentials
from brokers.dhan.packets import encode_quote
from brokers.listing import Listing
from brokers.reconnect import Delays
from brokers.websocket.deadlines import Deadlines
from market.clock import SystemClock
from market.instrument import Instrument, Kind
from market.tick import TickBatch
from settings.schema import Dhan
from settings.secrets import Secret
from simulator.dhan import DhanWire
from simulator.faults import Close, Fault, Faults, Garbage, HalfFrame, Kick, Mute, NoData, Reset
from simulator.handshakes import NoAnswer, Refuse
from simulator.pace import ConstantPace, Pace
from simulator.server import LocalExchange
from simulator.session import Session
from simulator.synthetic import synthetic_session

START_MS = 1_763_351_100_000
"""Monday 17 November 2025, 09:15 in India."""
QUOTES = 4
"""Dhan's code of quote packets, which is the local exchange's number for their stream."""
PATIENCE_S = 20.0
TOKEN, CLIENT = "eyJhbGciOi.tok3n-of-nobody.s1gnature", "1000000001"
SLOWLY: dict[str, Any] = {"ticks": 20_000, "pace": ConstantPace(2000, 1000)}
"""A session that outlasts its test."""
QUICK = Deadlines(turn=0.02, farewell=0.2)
SOON = Delays(
    retry_first=0.01, retry_longest=0.02, cool_first=0.05, cool_longest=0.1, rejected=(0.02, 0.02), token_poll=0.02
)


Play = Callable[..., LocalExchange]


class Told:
    """Stands in for the router and for the health actor: keeps what it is told, and lets a test wait for it."""

    def __init__(self) -> None:
        self.batches: list[TickBatch] = []
        self.interruptions = 0
        self.is_finished = False
        self.messages: list[HealthMessage] = []
        self._news = threading.Condition()

    def route(self, batch: TickBatch) -> None:
        with self._news:
            self.batches.append(batch)
            self._news.notify_all()

    def interrupted(self, keys: Collection[int]) -> None:
        with self._news:
            self.interruptions += 1
            self._news.notify_all()

    def finished(self) -> None:
        with self._news:
            self.is_finished = True
            self._news.notify_all()

    def tell(self, message: HealthMessage) -> None:
        with self._news:
            self.messages.append(message)
            self._news.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S), [self.statuses[-5:], self.ticks]

    def wait_state(self, state: str, said: str = "", times: int = 1) -> FeedStatus:
        """The last of `times` changes to a state with these words."""

        def found() -> list[FeedStatus]:
            return [status for status in self.statuses if status.state == state and said in status.detail]

        self.wait(lambda: len(found()) >= times)
        return found()[times - 1]

    @property
    def statuses(self) -> list[FeedStatus]:
        return [message for message in self.messages if isinstance(message, FeedStatus)]

    @property
    def states(self) -> list[str]:
        return [status.state for status in self.statuses]

    @property
    def ticks(self) -> int:
        return sum(map(len, self.batches))


def session_of(count: int, ticks: int) -> Session:
    return synthetic_session([f"NSE:S{number}" for number in range(count)], ticks, 1000, START_MS)


def listings_of(count: int) -> list[Listing]:
    return [Listing(Instrument(f"NSE:S{number}", "NSE", Kind.EQUITY), 1, number + 1) for number in range(count)]


def fixed_credentials() -> Credentials:
    return Credentials(Secret(CLIENT), Secret(TOKEN))


@pytest.fixture
def exchange() -> Iterator[Play]:
    """Start a local exchange that plays so many ticks of so many stocks."""
    with ExitStack() as stack:

        def start(
            faults: Faults | None = None, *, count: int = 4, ticks: int = 400, pace: Pace | None = None, port: int = 0
        ) -> LocalExchange:
            session = session_of(count, ticks)
            wire = DhanWire(session.symbols, listings_of(count))
            return stack.enter_context(LocalExchange(session, wire, faults=faults, pace=pace, port=port, settle_s=0.05))

        yield start


class Feeds:
    """Starts feeds; ends them all with the test."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self._stack = stack

    def protocol(
        self, url: str, count: int = 4, market_clock: str = "wall", credentials: Callable[[], Credentials] | None = None
    ) -> DhanFeed:
        settings = Dhan(url=url).model_copy(update={"market_clock": market_clock})
        return DhanFeed("dhan-1", settings, listings_of(count), credentials or fixed_credentials)

    def start(
        self,
        protocol: DhanFeed,
        told: Told,
        market_clock: Any = "wall",
        deadlines: Deadlines = QUICK,
        delays: Delays = SOON,
        *,
        data_expected: bool = False,
    ) -> FeedReader:
        clock = SystemClock()
        reader = FeedReader(
            protocol,
            told,
            clock,
            told,
            Cooldowns(self.directory, clock),
            market_clock,
            lambda: data_expected,
            deadlines,
            delays,
            Random(1),
        )
        actor = FeedActor.start(reader)
        self._stack.callback(lambda: actor.stop(timeout=PATIENCE_S) if actor.is_alive() else None)
        return reader


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[Feeds]:
    with ExitStack() as stack:
        yield Feeds(tmp_path, stack)


@pytest.fixture
def told() -> Told:
    return Told()


def is_running(reader: FeedReader) -> bool:
    return any(thread.name == reader.heartbeat.name for thread in threading.enumerate())


# --- a session ---------------------------------------------------------------------------------------------------


def test_a_session_comes_whole_and_its_end_is_the_end_of_the_data(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(ticks=5000)
    reader = feeds.start(feeds.protocol(local.url, market_clock="data"), told, "data")
    told.wait(lambda: told.is_finished)
    assert told.states == ["connecting", "streaming", "finished"]
    assert told.statuses[1].detail == "4 instruments"
    assert told.ticks == local.packets_sent == 5004  # with a snapshot of each on subscribing
    assert told.interruptions == 0
    totals = reader.totals()
    assert (totals.ticks, totals.reconnects, totals.errors) == (told.ticks, 0, 0)
    assert totals.counts["quote"] == told.ticks
    assert totals.frames > told.ticks
    assert totals.last_frame_age_s is not None
    assert reader.heartbeat.beats > 0


def test_the_heartbeat_is_given_to_health_and_nothing_is_told_twice(exchange: Play, feeds: Feeds, told: Told):
    local = exchange()
    reader = feeds.start(feeds.protocol(local.url, market_clock="data"), told, "data")
    told.wait_state("finished")
    assert told.messages[0] == Watch((reader.heartbeat,))
    assert reader.heartbeat.backlog() == 0
    assert len(told.messages) == 1 + len(set(told.states))


def test_a_live_market_that_closes_in_order_is_connected_to_again(exchange: Play, feeds: Feeds, told: Told):
    local = exchange()
    feeds.start(feeds.protocol(local.url), told)
    told.wait_state("streaming", times=2)
    assert not told.is_finished
    assert "closed by the server: 1000 end of session" in told.wait_state("waiting").detail


# --- losses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Reset(), "Connection reset"),
        (Close(1011, "keepalive"), "1011 keepalive"),
        (Kick(800), "800 internal server error"),
        (Mute(), "no frame for"),
        (HalfFrame(20), "half a message"),
        (Garbage(b"", b"\x04", bytes(50), "text", b"\xff" * 500), None),
    ],
    ids=["reset", "close", "kick", "mute", "half a frame", "garbage"],
)
def test_after_any_loss_everything_is_asked_for_again(
    exchange: Play, feeds: Feeds, told: Told, fault: Fault, why: str | None
):
    local = exchange(Faults().after(300, fault), count=250, **SLOWLY)
    deadlines = replace(QUICK, frame=0.4, quiet_frame=0.4, half_frame=0.2)
    protocol = feeds.protocol(local.url, count=250)
    assert len(protocol.subscriptions()) == 3
    reader = feeds.start(protocol, told, deadlines=deadlines)
    if why is None:
        told.wait(lambda: told.ticks >= 1000)
        assert reader.totals().counts["rejected_length"] + reader.totals().counts["rejected_code"] >= 3
        return
    assert why in told.wait_state("waiting").detail
    told.wait(lambda: "streaming" in told.states[told.states.index("waiting") :])
    assert local.wait_until(
        lambda: any(len(one.subscriptions.get(QUOTES, ())) == 250 for one in local.connections[-1:]), PATIENCE_S
    )
    assert told.interruptions >= 1
    assert reader.totals().reconnects >= 1


def test_a_first_connection_that_fails_is_like_any_other(exchange: Play, feeds: Feeds, told: Told):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    feeds.start(feeds.protocol(f"ws://127.0.0.1:{port}"), told)
    assert "Connection refused" in told.wait_state("waiting").detail
    assert told.interruptions == 0
    exchange(port=port)
    told.wait_state("streaming")


def test_connected_but_mute_is_noticed_only_where_data_is_due(exchange: Play, feeds: Feeds, told: Told):
    deadlines = replace(QUICK, data=0.2, data_again=0.2)
    local = exchange(Faults().after(200, NoData()), count=MANY, ticks=100_000)
    feeds.start(feeds.protocol(local.url, count=MANY), told, deadlines=deadlines, data_expected=True)
    assert told.wait_state("waiting").detail.startswith("connected, but no data for")
    told.wait_state("streaming", times=2)


@pytest.mark.parametrize("why", ["few listings", "market closed", "data clock"])
def test_silence_is_no_fault_where_no_data_is_due(exchange: Play, feeds: Feeds, told: Told, why: str):
    count = MANY - 1 if why == "few listings" else MANY
    clock = "data" if why == "data clock" else "wall"
    local = exchange(Faults().after(200, NoData()), count=count, ticks=100_000)
    protocol = feeds.protocol(local.url, count, clock)
    deadlines = replace(QUICK, data=0.05, data_again=0.05)
    reader = feeds.start(protocol, told, clock, deadlines, data_expected=why != "market closed")
    told.wait(lambda: told.ticks >= 200)
    beats = reader.heartbeat.beats
    while reader.heartbeat.beats < beats + 8:
        threading.Event().wait(0.01)
    assert told.states == ["connecting", "streaming"]


# --- refusals ----------------------------------------------------------------------------------------------------


def test_too_many_connections_are_met_with_patience_that_other_feeds_share(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(Faults().next_handshake(Kick(805)), **SLOWLY)
    feeds.start(feeds.protocol(local.url), told, delays=replace(SOON, cool_first=3600.0, cool_longest=3600.0))
    waiting = told.wait_state("waiting", "805 too many connections")
    assert waiting.retry_in_s is not None
    assert waiting.retry_in_s >= 3600
    second = Told()
    feeds.start(feeds.protocol(local.url), second)
    assert second.wait_state("waiting").detail == "the server asked this account to stay away"
    assert local.attempts == 1


def test_a_429_is_waited_out_even_across_a_restart(exchange: Play, feeds: Feeds, told: Told):
    clock = SystemClock()
    local = exchange(Faults().next_handshake(Refuse(429, retry_after_s=1)), **SLOWLY)
    first = feeds.start(feeds.protocol(local.url), told)
    told.wait_state("waiting", "HTTP 429")
    first.stop()
    until = clock.monotonic() + Cooldowns(feeds.directory, clock).left("dhan")
    again = Told()
    feeds.start(feeds.protocol(local.url), again)
    again.wait_state("waiting", "stay away")
    assert local.attempts == 1
    again.wait_state("streaming")
    assert local.attempts == 2
    assert clock.monotonic() >= until - 0.01


def test_a_new_token_in_the_file_heals_an_expired_one_without_a_restart(
    exchange: Play, feeds: Feeds, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "token"
    put(file, "yesterday")
    monkeypatch.setenv("DHAN_CLIENT_ID", CLIENT)
    local = exchange(Faults().token("yesterday", Kick(807)), **SLOWLY)
    settings = Dhan(access_token_file=file)
    feeds.start(feeds.protocol(local.url, credentials=lambda: read_credentials(settings)), told)
    told.wait_state("waiting", "807 access token expired; waiting for another token")
    assert told.statuses[-1].retry_in_s is None
    assert local.attempts == 3
    put(file, "today")
    told.wait_state("streaming")
    assert local.attempts == 4
    assert local.connections[-1].account.token == "today"


def put(file: Path, token: str) -> None:
    """Replace a token file as a careful person would."""
    draft = file.with_suffix(".new")
    draft.write_text(token)
    draft.chmod(0o600)
    draft.replace(file)


def test_a_missing_token_is_waited_for(exchange: Play, feeds: Feeds, told: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DHAN_CLIENT_ID", CLIENT)
    monkeypatch.delenv("DHAN_ACCESS_TOKEN", raising=False)
    local = exchange(**SLOWLY)
    feeds.start(feeds.protocol(local.url, credentials=lambda: read_credentials(Dhan())), told)
    told.wait_state("waiting", "DHAN_ACCESS_TOKEN is not set")
    monkeypatch.setenv("DHAN_ACCESS_TOKEN", TOKEN)
    told.wait_state("streaming")
    assert told.states.count("waiting") == 1


def test_a_token_that_is_taken_and_then_cut_off_is_suspected(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(Faults().next_handshake(Reset(), Reset(), Reset()))
    feeds.start(feeds.protocol(local.url), told)
    told.wait_state("waiting", "is the token dead?")
    told.wait_state("streaming")


def test_what_would_be_refused_again_stops_the_feed(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(Faults().next_handshake(Kick(806)))
    reader = feeds.start(feeds.protocol(local.url), told)
    assert told.wait_state("stopped").detail == "806 the account has no data API subscription"
    assert reader.stop()
    assert local.attempts == 1


# --- our own faults ----------------------------------------------------------------------------------------------


class Poisoned:
    """A decoder with a bug: some packets make it raise."""

    def __init__(self, decoder: Decoder, poison: bytes) -> None:
        self.counts = decoder.counts
        self._decoder, self._poison = decoder, poison

    def decode(self, frames: Sequence[bytes], received_ms: int) -> Decoded:
        if self._poison in frames:
            raise ZeroDivisionError("poison")
        return self._decoder.decode(frames, received_ms)


class PoisonedFeed(DhanFeed):
    poison = encode_quote(segment=1, security_id=1, price=6.66, trade_time=START_MS // 1000, day_volume=666)

    def decoder(self) -> Any:
        return Poisoned(super().decoder(), self.poison)


def test_a_bug_in_decoding_costs_the_message_and_is_counted(exchange: Play, feeds: Feeds, told: Told):
    faults = Faults()
    for number in range(7):
        faults.after(100 * number, Garbage(PoisonedFeed.poison))
    local = exchange(faults, ticks=2000)
    protocol = PoisonedFeed("dhan-1", Dhan(url=local.url), listings_of(4), fixed_credentials)
    reader = feeds.start(protocol, told, "data")
    told.wait(lambda: told.is_finished)
    assert reader.totals().errors == 7
    assert reader.totals().last_error == "ZeroDivisionError: poison"
    assert told.ticks == 2004
    assert told.states == ["connecting", "streaming", "finished"]


def test_a_router_that_raises_does_not_end_the_feed(exchange: Play, feeds: Feeds):
    class Broken(Told):
        def route(self, batch: TickBatch) -> None:
            super().route(batch)
            raise RuntimeError("no room")

    told = Broken()
    reader = feeds.start(feeds.protocol(exchange().url, market_clock="data"), told, "data")
    told.wait(lambda: told.is_finished)
    assert reader.totals().errors == len(told.batches)


def test_a_protocol_that_raises_is_tried_again(exchange: Play, feeds: Feeds, told: Told):
    local = exchange()

    class Shy(DhanFeed):
        asked = 0

        def subscriptions(self) -> list[str]:
            self.asked += 1
            if self.asked == 1:
                raise KeyError("not yet")
            return super().subscriptions()

    reader = feeds.start(Shy("dhan-1", Dhan(url=local.url), listings_of(4), fixed_credentials), told)
    assert told.wait_state("waiting").detail == "the reader failed: KeyError"
    told.wait_state("streaming")
    assert reader.totals().errors == 1


def test_a_hole_torn_by_our_own_bug_is_a_hole(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(**SLOWLY)
    clock, asked = SystemClock(), SimpleQueue[str]()

    def data_expected() -> bool:
        if told.ticks and asked.empty():
            asked.put("once")
            raise ZeroDivisionError("of a calendar")
        return False

    protocol = feeds.protocol(local.url, MANY)
    reader = FeedReader(
        protocol,
        told,
        clock,
        told,
        Cooldowns(feeds.directory, clock),
        "wall",
        data_expected,
        replace(QUICK, turn=0.001),
        SOON,
    )
    reader.start()
    assert told.wait_state("waiting").detail == "the reader failed: ZeroDivisionError"
    told.wait_state("streaming", times=2)
    assert told.interruptions == 1
    assert reader.totals().last_error == "ZeroDivisionError: of a calendar"
    reader.stop()


# --- stopping ----------------------------------------------------------------------------------------------------


def test_a_stop_says_goodbye_and_ends_the_thread(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(**SLOWLY)
    reader = feeds.start(feeds.protocol(local.url), told)
    told.wait(lambda: told.ticks > 10)
    assert reader.stop()
    assert not is_running(reader)
    assert told.statuses[-1] == FeedStatus("dhan-1", "stopped", "asked to stop")
    assert told.interruptions == 0
    assert local.wait_until(lambda: not local.connections, PATIENCE_S)


def test_the_actor_stops_when_told(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(**SLOWLY)
    clock = SystemClock()
    reader = FeedReader(
        feeds.protocol(local.url), told, clock, told, Cooldowns(feeds.directory, clock), "wall", lambda: False, QUICK
    )
    actor = FeedActor.start(reader)
    told.wait_state("streaming")
    actor.tell(StopFeed())
    assert actor.actor_stopped.wait(PATIENCE_S)
    told.wait_state("stopped")
    assert not is_running(reader)


@pytest.mark.parametrize("moment", ["handshake", "cool-down", "no token", "retry"])
def test_a_stop_does_not_wait_for_what_the_feed_waits_for(exchange: Play, feeds: Feeds, told: Told, moment: str):
    faults, token = Faults(), "good"
    delays = Delays(retry_first=3600.0, retry_longest=3600.0, token_poll=3600.0)
    match moment:
        case "handshake":
            faults.next_handshake(NoAnswer())
        case "cool-down":
            faults.next_handshake(Refuse(429, retry_after_s=3600))
        case "no token":
            faults.token(token, Kick(807))
        case "retry":
            faults.next_handshake(Reset())
    local = exchange(faults)
    credentials = Credentials(Secret(CLIENT), Secret(token))
    reader = feeds.start(feeds.protocol(local.url, credentials=lambda: credentials), told, delays=delays)
    if moment == "handshake":
        while not local.attempts:
            threading.Event().wait(0.01)
    else:
        told.wait_state("waiting")
    assert reader.stop()
    assert told.states[-1] == "stopped"


# --- secrets -----------------------------------------------------------------------------------------------------


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    lines: list[str] = []
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(lambda record: not record.name.startswith("websockets"))  # the server's side
    sink = logger.add(lines.append, level=0, format="{message} {extra} {exception}", diagnose=False)
    yield lines
    logger.remove(sink)


def test_the_token_is_in_no_log_line_and_no_message_whatever_goes_wrong(
    exchange: Play, feeds: Feeds, told: Told, everything_logged: list[str], caplog: pytest.LogCaptureFixture
):
    shown = f"bad token {TOKEN} of {CLIENT}"
    faults = Faults().next_handshake(
        *(Refuse(status, body=shown) for status in (500, 404, 403)), Close(4001, shown), Kick(807), Reset()
    )
    faults.after(100, Reset()).after(150, Garbage(shown)).after(200, Close(1011, shown))
    local = exchange(faults, ticks=5000)
    reader = feeds.start(feeds.protocol(local.url), told)
    told.wait_state("waiting", "1011")
    told.wait_state("streaming", times=2)
    reader.stop()
    text = "".join([*everything_logged, caplog.text, *map(repr, told.messages), repr(reader.totals())])
    assert "HTTP 403" in text
    for secret in (TOKEN, CLIENT, "tok3n"):
        assert secret not in text


def test_the_first_error_of_a_kind_is_logged_with_its_traceback_and_its_repeats_are_not(
    exchange: Play, feeds: Feeds, told: Told, everything_logged: list[str]
):
    faults = Faults().after(10, *[Garbage(PoisonedFeed.poison)] * 5)
    local = exchange(faults)
    protocol = PoisonedFeed("dhan-1", Dhan(url=local.url), listings_of(4), fixed_credentials)
    feeds.start(protocol, told, "data")
    told.wait(lambda: told.is_finished)
    assert sum("could not be handled" in line for line in everything_logged) == 1
    assert any("ZeroDivisionError: poison" in line for line in everything_logged)


def test_many_reconnects_leave_no_thread_and_no_socket_behind(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(Faults().after(10, *[Reset()] * 30), ticks=10_000)
    feeds.start(feeds.protocol(local.url), told, delays=replace(SOON, cool_first=0.001, cool_longest=0.001))
    told.wait_state("streaming", times=2)
    sockets, threads = open_sockets(), threading.active_count()
    told.wait_state("streaming", times=25)
    assert open_sockets() <= sockets + 3
    assert threading.active_count() <= threads + 3


def open_sockets() -> int:
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found += str(link.readlink()).startswith("socket")
    return found
