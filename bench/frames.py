"""Frames a second off a socket: our connection beside websocket-client's `recv`, which does nothing else either."""

import hashlib
import multiprocessing
import re
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection as Pipe
from statistics import median
from typing import Final

import websocket

from bench.result import Result
from brokers.broker import Address
from brokers.websocket.connection import Connection, Traffic, connect
from brokers.websocket.deadlines import Deadlines
from brokers.websocket.frames import FrameParser
from brokers.websocket.guard import Guard
from brokers.websocket.losses import LostError
from brokers.websocket.resolver import Resolver
from market.clock import SystemClock

RUNS: Final = 5
FRAMES: Final = 200_000
SIZES: Final = (50, 162)
"""Bytes of Dhan's quote and full packets."""
AT_LEAST: Final = 4.0


def measure() -> list[Result]:
    """Medians; ratios from the same run and the same frames."""
    results = []
    for size in SIZES:
        ours, theirs = [], []
        for _ in range(RUNS):
            with flood(burst(size), FRAMES // 1000) as url:
                theirs.append(_timed(partial(read_theirs, url)))
                ours.append(_timed(partial(read_ours, url)))
        ratio = median(slow / fast for slow, fast in zip(theirs, ours, strict=True))
        results += [
            Result(f"frames/s off the socket, {size} bytes", FRAMES / median(ours), "/s"),
            Result("  websocket-client's recv loop", FRAMES / median(theirs), "/s"),
            Result("  ours ÷ recv loop", ratio, "×", at_least=AT_LEAST),
            Result("  parsing alone, a frame", _parse_us(size), "µs"),
        ]
    return results


def burst(size: int, count: int = 1000) -> bytes:
    """Binary frames of one size, as a server sends them."""
    head = bytes((0x82, size)) if size < 126 else b"\x82\x7e" + size.to_bytes(2, "big")
    return b"".join(head + number.to_bytes(4, "little") * (size // 4) + bytes(size % 4) for number in range(count))


def read_theirs(url: str) -> int:
    """Every frame by websocket-client, until the server closes; how many."""
    client = websocket.create_connection(url)
    frames = 0
    while client.recv():
        frames += 1
    client.shutdown()
    return frames


def read_ours(url: str) -> int:
    """Every frame by our connection, until the server closes; how many."""
    connection = open_ours(url)
    frames = 0
    try:
        while True:
            frames += len(connection.read())
    except LostError:
        connection.close()
    return frames


def open_ours(url: str) -> Connection:
    """Our connection to a server on this machine."""
    clock, deadlines = SystemClock(), Deadlines()
    guard = Guard(deadlines.connect, clock, "bench watchdog")
    return connect(Address(url, url), Resolver(), guard, deadlines, clock, Traffic(), lambda: False)


@contextmanager
def flood(data: bytes, times: int) -> Iterator[str]:
    """A server in a process of its own: sends every client `data` so many times, as fast as it goes, and closes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(data, times, theirs), daemon=True)
    server.start()
    yield f"ws://127.0.0.1:{ours.recv()}"
    server.terminate()
    server.join()


def _serve(data: bytes, times: int, pipe: Pipe) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        while True:
            peer, _ = listener.accept()
            with peer:
                peer.sendall(upgraded(peer.recv(4096)))
                for _ in range(times):
                    peer.sendall(data)
                peer.sendall(b"\x88\x02\x03\xe8")
                peer.recv(4096)


def upgraded(request: bytes) -> bytes:
    """The server's side of the handshake."""
    match = re.search(rb"Sec-WebSocket-Key: (\S+)", request)
    assert match
    accept = b64encode(hashlib.sha1(match[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"


def _timed(read: Callable[[], int]) -> float:
    began = time.perf_counter()
    assert read() == FRAMES
    return time.perf_counter() - began


def _parse_us(size: int) -> float:
    data, parser, took = burst(size), FrameParser(), []
    for _ in range(RUNS):
        began = time.perf_counter()
        for _ in range(100):
            parser.feed(data)
        took.append((time.perf_counter() - began) / 100 / 1000)
    return median(took) * 1e6
