"""The whole program in its own process, 2,000 symbols over TLS: its share of a core (one long run each)."""

import json
import ssl
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import websocket

from bench.certificate import write_certificate
from bench.disk import place
from bench.exchange import LIVE_S, playing, warm_session, write_master
from bench.process import program
from bench.result import Result

SYMBOLS: Final = 2_000
RATES: Final = {2_000: 5.0, 10_000: 15.0}
"""Ticks a second, and the most percent of a core they may take."""
SETTLE_S: Final = 5.0
WATCHED_S: Final = 20.0
"""One minute ends in it, so minutes count three times as much as they should."""
BASELINE_S: Final = 5.0
QUERY: Final = "/?version=2&token=bench-needs-no-account&clientId=bench&authType=2"


def measure() -> list[Result]:
    """Processor time over wall time, beside a program that reads the same frames and forgets them."""
    results = []
    for rate, most in RATES.items():
        ours, theirs, came = _watch(rate)
        results += [
            Result(f"whole program at {rate:,} ticks/s, TLS, share of a core", ours, "%", at_most=most),
            Result("  websocket-client's recv loop, which does nothing else", theirs, "%"),
            Result("  ours ÷ recv loop", ours / theirs, "×"),
            Result("  ticks/s that came", came, "/s"),
        ]
    return results


def _watch(rate: int) -> tuple[float, float, float]:
    """Percent of a core for us and for the recv loop; ticks a second that came to us."""
    with place() as directory:
        master, certificate = write_master(directory / "master.csv", SYMBOLS), write_certificate(directory / "tls.pem")
        session = warm_session(SYMBOLS, rate, LIVE_S)
        with playing(session, rate, master, certificate) as exchange:
            with program(exchange.url, master, directory, certificate) as process:
                exchange.wait_live()
                exchange.wait(SETTLE_S)
                began, cpu_s, sent = perf_counter(), process.cpu_s(), exchange.sent()
                exchange.wait(WATCHED_S)
                took = perf_counter() - began
                ours = (process.cpu_s() - cpu_s) / took * 100
                came = (exchange.sent() - sent) / took
            return ours, _recv_loop(exchange.url, certificate, rate), came


def _recv_loop(url: str, certificate: Path, rate: int) -> float:
    """Percent of a core for websocket-client to take the same frames."""
    trusting = ssl.create_default_context(cafile=certificate)
    client = websocket.create_connection(url + QUERY, sslopt={"context": trusting})
    for start in range(0, SYMBOLS, 100):
        some = [{"ExchangeSegment": "NSE_EQ", "SecurityId": str(start + number + 1)} for number in range(100)]
        client.send(json.dumps({"RequestCode": 17, "InstrumentList": some}))
    for _ in range(2 * SYMBOLS + rate):  # what is sent on subscribing, and a second to settle
        client.recv()
    began, cpu_s = perf_counter(), process_time()
    for _ in range(round(rate * BASELINE_S)):
        client.recv()
    percent = (process_time() - cpu_s) / (perf_counter() - began) * 100
    client.close()
    return percent
