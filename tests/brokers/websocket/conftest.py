"""Servers that follow a script, and connections to them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from brokers.broker import Address
from brokers.websocket.connection import Connection, Traffic, connect
from brokers.websocket.deadlines import Deadlines
from brokers.websocket.guard import Guard
from brokers.websocket.resolver import Resolver
from market.clock import SystemClock
from tests.brokers.websocket.scripted_server import PATIENT, QUERY, Dial, Script, ScriptedServer, Serve


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve connections, each by its script; gives the address. The test raises what a script raised."""
    with ExitStack() as stack:
        servers: list[ScriptedServer] = []

        def start(*scripts: Script) -> str:
            server = ScriptedServer(scripts)
            servers.append(server)
            stack.callback(server.end)
            return f"ws://127.0.0.1:{server.port}"

        yield start
        stack.close()
        for server in servers:
            if server.failure is not None:
                raise server.failure


@pytest.fixture
def dial() -> Iterator[Dial]:
    """Connect to an address, token and all; closes what is left open."""
    with ExitStack() as stack:

        def start(
            url: str,
            deadlines: Deadlines = PATIENT,
            resolver: Resolver | None = None,
            *,
            data_expected: bool = True,
            traffic: Traffic | None = None,
        ) -> Connection:
            guard = Guard(deadlines.connect, SystemClock(), "test watchdog")
            stack.callback(guard.release)
            connection = connect(
                Address(url + QUERY, url),
                resolver or Resolver(),
                guard,
                deadlines,
                SystemClock(),
                traffic or Traffic(),
                lambda: data_expected,
            )
            stack.callback(connection.close)
            return connection

        yield start
