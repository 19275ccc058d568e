"""How a stream subscribes to a server far away, which a burst of messages might annoy."""

import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from actors.feed_meter import FeedMeter
from actors.feed_stream import FeedStream
from actors.heartbeat import Heartbeat
from brokers.broker import Address
from brokers.dhan import Credentials
from brokers.dhan.connection import DhanFeed
from brokers.listing import Listing
from brokers.websocket.connection import connect
from brokers.websocket.deadlines import DataDeadline, Deadlines
from brokers.websocket.guard import Guard
from brokers.websocket.resolver import Resolver
from market.clock import SystemClock
from market.instrument import Instrument, Kind
from market.tick import TickBatch
from settings.schema import Dhan
from settings.secrets import Secret
from simulator.dhan import DhanWire
from simulator.pace import ConstantPace
from simulator.server import LocalExchange
from simulator.synthetic import synthetic_session

COUNT = 250


def nobody() -> Credentials:
    return Credentials(Secret("client-of-a-test"), Secret("t"))


class Sink:
    ticks = 0

    def route(self, batch: TickBatch) -> None:
        self.ticks += len(batch)

    def interrupted(self, keys: Collection[int]) -> None:
        raise AssertionError("no loss here")

    def finished(self) -> None:
        raise AssertionError("no end here")


def asked_for(exchange: LocalExchange) -> int:
    return sum(len(symbols) for symbols in exchange.connections[0].subscriptions.values())


@pytest.mark.parametrize(("pace", "asked"), [(3600.0, 100), (0.001, COUNT)])
def test_messages_to_a_far_server_are_spaced_and_data_is_read_meanwhile(pace: float, asked: int, tmp_path: Path):
    listings = [Listing(Instrument(f"NSE:S{number}", "NSE", Kind.EQUITY), 1, number + 1) for number in range(COUNT)]
    session = synthetic_session([one.instrument.symbol for one in listings], 50_000, 1000, 1_763_351_100_000)
    wire = DhanWire(session.symbols, listings)
    clock, deadlines, meter, sink = SystemClock(), replace(Deadlines(), pace=pace), FeedMeter("dhan-1", COUNT), Sink()
    with LocalExchange(session, wire, pace=ConstantPace(5000, 1000), settle_s=0.05) as exchange:
        protocol = DhanFeed(
            "dhan-1", Dhan(url=exchange.url), listings, lambda: Credentials(Secret("client-of-a-test"), Secret("t"))
        )
        guard = Guard(deadlines.connect, clock, "test watchdog")
        address: Address = protocol.address()
        connection = connect(address, Resolver(), guard, deadlines, clock, meter.traffic, lambda: False)
        connection.is_local = False
        stream = FeedStream(
            protocol,
            connection,
            sink,
            clock,
            deadlines,
            DataDeadline(deadlines, lambda: False),
            meter,
            Heartbeat("test"),
        )
        for _ in range(10_000):
            if sink.ticks > 500 and asked_for(exchange) == asked:
                break
            stream.turn()
        assert asked_for(exchange) == asked
        connection.close(protocol.goodbye())
    assert [json.loads(text)["InstrumentCount"] for text in protocol.subscriptions()] == [100, 100, 50]
    assert stream.life().ticks_s is not None
