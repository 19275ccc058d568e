"""From a commit to the first byte of its alert, out to a webhook on loopback (200 alerts, one after the other)."""

import os
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Final

from actors.alert_actor import AlertActor
from actors.messages import MachineRow, Raised
from bench.disk import place
from bench.market import OPEN_MS
from bench.result import Result, percentile
from bench.stand_ins import Deaf
from delivery.build import build_channels, stop_channels
from market.bar import MINUTE_MS
from market.clock import SystemClock
from settings.schema import Alerts, Channel
from signals.machine import Machine
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition, fingerprint
from store.store import Store

ALERTS: Final = 200
WARM: Final = 20
"""First ones, which do not count."""
EXPECTED_MS: Final = 20.0
WAIT_S: Final = 30.0
ADDRESS: Final = "BENCH_WEBHOOK"
ANSWER: Final = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
END: Final = b"\r\n\r\n"


class TimedStore(Store):
    """Remembers when each transition was on the disk."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, SystemClock())
        self.committed: dict[str, float] = {}

    def write_transition(self, raised: Raised, channels: Sequence[str], on_commit: Callable[[], object]) -> None:
        def stamp() -> None:
            self.committed[raised.transition.id] = perf_counter()
            on_commit()

        super().write_transition(raised, channels, stamp)


def measure() -> list[Result]:
    """The channel looks into the store, marks the delivery, connects and posts: all of it lies in between."""
    waits = _waits_ms()[WARM:]
    what = "commit to first byte out to a loopback channel"
    return [
        Result(f"{what}, p99", percentile(waits, 99), "ms", at_most=EXPECTED_MS),
        Result("  p50", percentile(waits, 50), "ms"),
    ]


def _waits_ms() -> list[float]:
    with place() as directory, _webhook() as (port, arrivals):
        os.environ[ADDRESS] = f"json://127.0.0.1:{port}/"
        store = TimedStore(directory)
        store.start()
        configured = [Channel(name="webhook", kind="apprise", url_env=ADDRESS)]
        channels = build_channels(configured, store, SystemClock(), Deaf())
        for channel in channels:
            channel.start()
        alerts = AlertActor.start(store, Alerts(), channels, Deaf())
        waits = []
        for number in range(WARM + ALERTS):
            raised = _raised(number)
            alerts.tell(raised)
            assert arrivals.poll(WAIT_S)
            identity, at = arrivals.recv()
            assert identity == raised.transition.id
            waits.append((at - store.committed[identity]) * 1000)
        alerts.stop()
        stop_channels(channels, WAIT_S)
        store.stop()
    return waits


def _raised(number: int) -> Raised:
    """An entry of the shipped strategy, each of another symbol."""
    symbol = f"NSE:S{number:05}"
    identity = fingerprint("ema_vwap", "1", symbol, Side.LONG, SignalType.ENTRY, OPEN_MS)
    lines = {"ema(9)": 2498.2, "ema(15)": 2495.4, "ema(55)": 2490.15, "vwap": 2496.8}
    transition = Transition(
        identity, symbol, "ema_vwap", "1", Side.LONG, SignalType.ENTRY, Reason.RULE, OPEN_MS + MINUTE_MS, OPEN_MS, "1m",
        2500.5, 2525.5, 2488.0, tuple(lines.items()),
        tuple(Condition(f"close > {name}", 2500.5, value, ok=True) for name, value in lines.items()),
        identity, Quality(),
    )  # fmt: skip
    return Raised(transition, MachineRow(symbol, "ema_vwap", "1", Machine().to_json()))


@contextmanager
def _webhook() -> Iterator[tuple[int, Connection]]:
    """A server in a process of its own: its port, and for each request the alert's id and when its first byte came."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    yield ours.recv(), ours
    server.terminate()
    server.join()


def _serve(pipe: Connection) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        while True:
            peer, _ = listener.accept()
            with peer:
                request = peer.recv(1)
                at = perf_counter()
                while END not in request:
                    request += peer.recv(65_536)
                peer.sendall(ANSWER)
            found = re.search(rb"Idempotency-Key: (\w+)", request)
            assert found
            pipe.send((found[1].decode(), at))
