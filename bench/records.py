"""A burst over TLS with a record for each frame, as servers send that do not gather: processor time to take it."""

import multiprocessing
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import websocket

from bench.certificate import TRUST, write_certificate
from bench.frames import AT_LEAST, RUNS, burst, open_ours, upgraded
from bench.result import Result
from brokers.websocket.connection import Connection

FRAMES: Final = 2000
"""Of 50 bytes in a burst: few enough to wait in the socket's buffers until they are read."""


def measure() -> list[Result]:
    """Medians over bursts of the same frames, theirs and ours in turn."""
    ours, theirs = [], []
    with _server() as (url, send_burst):
        for _ in range(RUNS):
            client = websocket.create_connection(url)
            theirs.append(_cpu_us(send_burst, partial(_take_one, client)))
            client.shutdown()
            connection = open_ours(url)
            ours.append(_cpu_us(send_burst, partial(_take_all, connection)))
            connection.close()
    ratio = median(slow / fast for slow, fast in zip(theirs, ours, strict=True))
    return [
        Result("a frame of 50 bytes in its own TLS record", median(ours), "µs"),
        Result("  websocket-client's recv loop", median(theirs), "µs"),
        Result("  ours against recv loop", ratio, "×", at_least=AT_LEAST),
    ]


def _take_one(client: websocket.WebSocket) -> int:
    client.recv()
    return 1


def _take_all(connection: Connection) -> int:
    return len(connection.read())


def _cpu_us(send_burst: Callable[[], None], read: Callable[[], int]) -> float:
    """Microseconds a frame, for a burst that is all there before the first read."""
    send_burst()
    frames, began = 0, time.thread_time()
    while frames < FRAMES:
        frames += read()
    return (time.thread_time() - began) / FRAMES * 1e6


@contextmanager
def _server() -> Iterator[tuple[str, Callable[[], None]]]:
    """A server in a process of its own, trusted here; gives its address and what makes it send a burst."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    trusted = os.environ.get(TRUST)
    with TemporaryDirectory() as directory:
        certificate = write_certificate(Path(directory) / "certificate.pem")
        os.environ[TRUST] = str(certificate)
        server = context.Process(target=_serve, args=(certificate, theirs), daemon=True)
        server.start()

        def send_burst() -> None:
            ours.send("now")
            ours.recv()

        try:
            yield f"wss://127.0.0.1:{ours.recv()}", send_burst
        finally:
            server.terminate()
            server.join()
            del os.environ[TRUST]
            if trusted is not None:
                os.environ[TRUST] = trusted


def _serve(certificate: Path, pipe: Pipe) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    frame = burst(50, 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        while True:
            plain, _ = listener.accept()
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with context.wrap_socket(plain, server_side=True) as peer:
                peer.sendall(upgraded(peer.recv(4096)))
                pipe.recv()
                for _ in range(FRAMES):
                    peer.sendall(frame)
                pipe.send("sent")
                peer.recv(4096)
