"""A feed whose own code fails, that is told to stop, or that has something to hide."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from loguru import logger

from actors.feed_actor import FeedActor
from actors.feed_reader import MANY, FeedReader
from actors.messages import FeedStatus, StopFeed
from brokers.broker import Decoded, Decoder
from brokers.cooldowns import Cooldowns
from brokers.dhan import Credentials
from brokers.dhan.connection import DhanFeed
from brokers.dhan.packets import encode_quote
from brokers.reconnect import Delays
from market.clock import SystemClock
from market.tick import TickBatch
from settings.schema import Dhan
from settings.secrets import Secret
from simulator.faults import Close, Faults, Garbage, Kick, Reset
from simulator.handshakes import NoAnswer, Refuse
from tests.actors.feeds import (
    CLIENT,
    PATIENCE_S,
    QUICK,
    SLOWLY,
    SOON,
    START_MS,
    TOKEN,
    Feeds,
    Play,
    Told,
    fixed_credentials,
    is_running,
    listings_of,
)

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
