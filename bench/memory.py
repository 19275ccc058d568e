"""Memory of the whole program in its own process, after an hour of bars over TLS (one run each)."""

from typing import Final

from bench.certificate import write_certificate
from bench.disk import place
from bench.exchange import playing, warm_session, write_master
from bench.process import program
from bench.result import Result

SYMBOLS: Final = 2_000
FEW: Final = 200
RATE: Final = 1_000
SETTLE_S: Final = 5.0


def measure() -> list[Result]:
    """Resident memory with 2,000 symbols; what one more costs, from a run with fewer."""
    many_mb, few_mb = _memory_mb(SYMBOLS), _memory_mb(FEW)
    each_kb = (many_mb - few_mb) / (SYMBOLS - FEW) * 1000
    return [
        Result(f"memory of the whole program, {SYMBOLS:,} symbols", many_mb, "MB", at_most=180.0),
        Result(f"  the same with {FEW:,}", few_mb, "MB"),
        Result("  a symbol", each_kb, "KB", at_most=15.0),
    ]


def _memory_mb(symbols: int) -> float:
    with place() as directory:
        master, certificate = write_master(directory / "master.csv", symbols), write_certificate(directory / "tls.pem")
        with (
            playing(warm_session(symbols, RATE, 2 * SETTLE_S), RATE, master, certificate) as exchange,
            program(exchange.url, master, directory, certificate) as process,
        ):
            exchange.wait_live()
            exchange.wait(SETTLE_S)
            return process.memory_mb()
