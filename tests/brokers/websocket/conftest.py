"""Servers that follow a script, and connections to them."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

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


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "scripted server")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    serial = x509.random_serial_number()
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), serial, start, start + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, clear = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path / "certificate.pem"
    path.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, clear))
    return path
