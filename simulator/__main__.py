"""`python -m simulator`: the local exchange as a program. It ends when its input is closed, or on SIGTERM."""

import argparse
import os
import signal
import ssl
import sys
import threading
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TextIO

from brokers.dhan.instruments import read_master
from errors import InputError, SignalsError
from market.clock import IST
from simulator.dhan import DhanWire
from simulator.dhan_rest import rest_of
from simulator.pace import ConstantPace, MarketPace, Pace
from simulator.recorder import SUFFIX, Recording, load_recording
from simulator.rest import RestService
from simulator.server import LocalExchange
from simulator.session import Session
from simulator.session_file import load_session
from simulator.synthetic import synthetic_session

BROKERS = {"dhan": (read_master, DhanWire, rest_of)}
"""For each wire format, what reads the broker's instrument master, what speaks it, and what answers by REST."""
SYNTHETIC_START = datetime(2025, 11, 17, 9, 15, tzinfo=IST)
"""An ordinary Monday."""
STDIN = 0
CHECK_S = 0.5


def main() -> int:
    """Run until told to end; returns the exit code (see `errors`)."""
    options = _parser().parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=_await_end_of_input, args=(ended,), name="end of input", daemon=True).start()
    try:
        exchange, rest = _exchange(options)
        exchange.start()
        _say(sys.stdout, f"listening {exchange.url}")
        if rest is not None:
            rest.start()
            _say(sys.stdout, f"rest {rest.url}")
        while not ended.wait(CHECK_S):
            exchange.check()
        if rest is not None:
            rest.stop()
        exchange.stop()
    except SignalsError as error:
        _say(sys.stderr, f"simulator: {error}")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--broker", choices=BROKERS, default="dhan", help="whose wire format to speak")
    parser.add_argument("--instruments", type=Path, required=True, help="the broker's instrument master")
    played = parser.add_mutually_exclusive_group(required=True)
    played.add_argument("--session", type=Path, help=f"recorded bars or ticks (CSV), or recorded frames (*{SUFFIX})")
    played.add_argument("--synthetic", type=int, metavar="N", help="random walks of the first N shares; needs --rate")
    parser.add_argument(
        "--speed", type=_amount, default=0.0, help="market seconds a second; 0: as fast as clients read"
    )
    parser.add_argument("--rate", type=_amount, help="ticks a second, instead of a speed")
    parser.add_argument("--seconds", type=_amount, default=60.0, help="how long to play at that rate")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0: a free one")
    parser.add_argument("--rest-port", type=int, help="also serve candles and quotes by REST there; 0: a free one")
    parser.add_argument("--certificate", type=Path, help="PEM file with certificate and key: serve TLS")
    return parser


def _amount(text: str) -> float:
    value = float(text)
    if not (isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return value


def _exchange(options: argparse.Namespace) -> tuple[LocalExchange, RestService | None]:
    """What plays, and what tells of the past if that is wanted."""
    read, make_wire, make_rest = BROKERS[options.broker]
    table = read(options.instruments)
    source: Session | Recording
    if options.synthetic is not None:
        if not (options.rate and options.synthetic > 0):
            raise InputError("--synthetic N needs N above 0 and a --rate")
        symbols = [listing.instrument.symbol for listing in table.in_series("NSE", "EQ")[: options.synthetic]]
        ticks = round(options.rate * options.seconds)
        source = synthetic_session(symbols, ticks, options.rate, int(SYNTHETIC_START.timestamp()) * 1000)
    elif options.session.name.endswith(SUFFIX):
        source = load_recording(options.session)
    else:
        source = load_session(options.session)
    wire = make_wire(source.symbols if isinstance(source, Session) else (), table)
    _report_unlisted(wire, options)
    exchange = LocalExchange(source, wire, pace=_pace(options), port=options.port, tls=_tls(options.certificate))
    if options.rest_port is None:
        return exchange, None
    if not isinstance(source, Session):
        raise InputError("--rest-port needs bars or ticks: frames have no candles")
    return exchange, RestService(make_rest(source, table, lambda: exchange.played), port=options.rest_port)


def _report_unlisted(wire: DhanWire, options: argparse.Namespace) -> None:
    unlisted = [symbol for symbol, listed in zip(wire.symbols, wire.is_listed, strict=True) if not listed]
    if not unlisted:
        return
    if len(unlisted) == len(wire.symbols):
        raise InputError(f"{options.instruments}: has none of the symbols of {options.session}")
    _say(sys.stderr, f"simulator: not in {options.instruments}, so not played: {', '.join(unlisted)}")


def _pace(options: argparse.Namespace) -> Pace:
    if options.rate:
        return ConstantPace(options.rate, options.seconds)
    return MarketPace(options.speed) if options.speed else Pace()


def _tls(certificate: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate)
    except OSError as error:
        raise InputError(f"{certificate}: no certificate with its key: {error.strerror or error}") from error
    return context


def _await_end_of_input(ended: threading.Event) -> None:
    """Our parent holds the other end: when it dies, however it dies, the input ends, and so do we."""
    while os.read(STDIN, 4096):
        pass
    ended.set()


def _say(stream: TextIO, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
