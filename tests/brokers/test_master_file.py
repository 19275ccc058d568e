import gzip
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from loguru import logger

from brokers import master_file
from brokers.dhan.instruments import load_master
from errors import InputError, StorageError, UnavailableError
from market.clock import IST

HEADER = (Path(__file__).parents[1] / "data" / "instruments" / "compact.csv").read_text().splitlines()[0]


def master_of(shares: int, *rows: str) -> bytes:
    listed = [f"NSE,E,{i},EQUITY,0,SHARE{i},1,Share {i},,,,5,NA,ES,EQ,SHARE{i}" for i in range(shares)]
    return "\n".join((HEADER, *listed, *rows, "")).encode()


def option(strike: int, day: int) -> str:
    symbol, expiry = f"SHARE1-Jul2026-{strike}-CE", f"2026-07-{day} 14:30:00"
    return f"NSE,D,{strike * 100 + day},OPTSTK,0,{symbol},1,x,{expiry},{strike},CE,5,M,OP,,"


class StoppedClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 7, 1, 9, 0, tzinfo=IST)

    def set(self, moment: str) -> None:
        self.moment = datetime.fromisoformat(moment).replace(tzinfo=IST)

    def now_ms(self) -> int:
        return int(self.moment.timestamp() * 1000)

    def monotonic(self) -> float:
        return self.moment.timestamp()


class HurryingClock(StoppedClock):
    """A clock by which everything takes over a minute."""

    def monotonic(self) -> float:
        self.moment += timedelta(seconds=70)
        return super().monotonic()


class Publisher:
    """The broker's web server, on loopback."""

    def __init__(self) -> None:
        self.body, self.status, self.missing_bytes, self.encoding, self.asked = master_of(40), 200, 0, "", 0
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked += 1
                self.send_response(publisher.status)
                self.send_header("Content-Length", str(len(publisher.body) + publisher.missing_bytes))
                if publisher.encoding:
                    self.send_header("Content-Encoding", publisher.encoding)
                self.end_headers()
                self.wfile.write(publisher.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's word
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="publisher", daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/api-data/scrip-master.csv?key=secret"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Publisher]:
    publisher = Publisher()
    yield publisher
    publisher.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    told: list[str] = []
    sink = logger.add(told.append, level="WARNING", format="{message}")
    yield told
    logger.remove(sink)


def test_a_master_is_fetched_once_and_read_from_its_copy_afterwards(
    server: Publisher, clock: StoppedClock, tmp_path: Path, warnings: list[str]
) -> None:
    first = load_master(server.url, tmp_path / "state", clock)
    second = load_master(server.url, tmp_path / "state", clock)

    assert (len(first), len(second), server.asked, warnings) == (40, 40, 1, [])
    assert len(list((tmp_path / "state").iterdir())) == 1


@pytest.mark.parametrize(
    ("moment", "shares"),
    [
        ("2026-07-01 23:59", 40),
        ("2026-07-02 08:29", 40),
        ("2026-07-02 08:30", 41),
        ("2026-07-05 07:00", 41),
        ("2026-06-30 12:00", 41),  # the clock was wrong then or is wrong now
    ],
)
def test_a_copy_serves_until_half_past_eight_of_the_next_day(
    server: Publisher, clock: StoppedClock, tmp_path: Path, moment: str, shares: int
) -> None:
    load_master(server.url, tmp_path, clock)
    clock.set(moment)
    server.body = master_of(41)

    assert len(load_master(server.url, tmp_path, clock)) == shares


def test_a_copy_from_before_this_mornings_half_past_eight_is_replaced(
    server: Publisher, clock: StoppedClock, tmp_path: Path
) -> None:
    clock.set("2026-07-01 08:00")
    load_master(server.url, tmp_path, clock)
    clock.set("2026-07-01 08:45")
    load_master(server.url, tmp_path, clock)

    assert server.asked == 2


def fail(server: Publisher) -> None:
    server.status, server.body = 503, b"try later"


def answer_something_else(server: Publisher) -> None:
    server.body = b"<html>maintenance</html>"


def break_off(server: Publisher) -> None:
    server.missing_bytes = 100


def send_broken_compression(server: Publisher) -> None:
    server.encoding = "gzip"


def lose_stocks(server: Publisher) -> None:
    server.body = master_of(37)


def stop(server: Publisher) -> None:
    server.close()


FAULTS = [
    (fail, "the server answered 503"),
    (answer_something_else, "not an instrument master"),
    (break_off, "the connection broke before the end"),
    (send_broken_compression, "ContentDecodingError"),
    (lose_stocks, "has only 37 of the 40 stocks and indices"),
    (stop, "no connection"),
]


@pytest.mark.parametrize(("fault", "told"), FAULTS)
def test_yesterdays_list_is_kept_and_the_reason_told_when_todays_is_not_to_be_had(
    server: Publisher,
    clock: StoppedClock,
    tmp_path: Path,
    warnings: list[str],
    fault: Callable[[Publisher], None],
    told: str,
) -> None:
    load_master(server.url, tmp_path, clock)
    clock.set("2026-07-02 09:00")
    fault(server)
    table = load_master(server.url, tmp_path, clock)

    assert len(table) == 40
    assert len(warnings) == 1
    assert told in warnings[0]
    assert "keeping the instrument list of 2026-07-01" in warnings[0]
    assert "secret" not in warnings[0]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("fault", "told"), [fault for fault in FAULTS if fault[0] is not lose_stocks])
def test_without_a_copy_the_reason_is_an_error(
    server: Publisher, clock: StoppedClock, tmp_path: Path, fault: Callable[[Publisher], None], told: str
) -> None:
    fault(server)

    with pytest.raises((UnavailableError, InputError), match=told) as refused:
        load_master(server.url, tmp_path, clock)
    assert str(refused.value).startswith("http://127.0.0.1/api-data/scrip-master.csv: ")
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_lost_few_stocks_replaces_the_copy(
    server: Publisher, clock: StoppedClock, tmp_path: Path, warnings: list[str]
) -> None:
    load_master(server.url, tmp_path, clock)
    clock.set("2026-07-02 09:00")
    server.body = master_of(38)

    assert len(load_master(server.url, tmp_path, clock)) == 38
    assert warnings == []


def test_expired_contracts_do_not_count_as_lost(
    server: Publisher, clock: StoppedClock, tmp_path: Path, warnings: list[str]
) -> None:
    names = ["NSE:SHARE1-21JUL2026-100-CE"]
    server.body = master_of(40, *(option(strike, 21) for strike in range(100, 400)))
    assert len(load_master(server.url, tmp_path, clock, names)) == 340
    clock.set("2026-07-22 09:00")
    server.body = master_of(40, option(100, 28))

    assert len(load_master(server.url, tmp_path, clock, names)) == 41
    assert warnings == []


def test_a_refused_list_is_asked_for_again_at_the_next_start(
    server: Publisher, clock: StoppedClock, tmp_path: Path
) -> None:
    load_master(server.url, tmp_path, clock)
    clock.set("2026-07-02 09:00")
    lose_stocks(server)
    load_master(server.url, tmp_path, clock)
    server.body = master_of(42)

    assert len(load_master(server.url, tmp_path, clock)) == 42


def test_a_spoilt_copy_is_fetched_anew(
    server: Publisher, clock: StoppedClock, tmp_path: Path, warnings: list[str]
) -> None:
    load_master(server.url, tmp_path, clock)
    next(tmp_path.iterdir()).write_bytes(b"torn")

    assert len(load_master(server.url, tmp_path, clock)) == 40
    assert "it is fetched anew" in warnings[0]


def test_compressed_files_and_compressed_answers_are_understood(
    server: Publisher, clock: StoppedClock, tmp_path: Path
) -> None:
    server.body = gzip.compress(server.body)
    assert len(load_master(server.url, tmp_path, clock)) == 40

    server.encoding = "gzip"
    assert len(load_master(server.url + "2", tmp_path, clock)) == 40


def test_offline_the_copy_serves_however_old_and_nobody_is_asked(
    server: Publisher, clock: StoppedClock, tmp_path: Path
) -> None:
    with pytest.raises(UnavailableError, match="not fetched yet"):
        load_master(server.url, tmp_path, clock, offline=True)
    load_master(server.url, tmp_path, clock)
    clock.set("2027-01-01 12:00")
    assert len(load_master(server.url, tmp_path, clock, offline=True)) == 40
    assert server.asked == 1


def test_two_addresses_have_two_copies(server: Publisher, clock: StoppedClock, tmp_path: Path) -> None:
    load_master(server.url, tmp_path, clock)
    load_master(server.url + "&layout=detailed", tmp_path, clock)

    assert (server.asked, len(list(tmp_path.iterdir()))) == (2, 2)


def test_an_endless_answer_is_cut_off(
    server: Publisher, clock: StoppedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(master_file, "LARGEST_BYTES", 1000)

    with pytest.raises(InputError, match="over 1,000 bytes, too long"):
        load_master(server.url, tmp_path, clock)
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_trickles_is_given_up(server: Publisher, tmp_path: Path) -> None:
    server.body = master_of(4000)
    clock = HurryingClock()

    with pytest.raises(UnavailableError, match="not complete after 180 s"):
        load_master(server.url, tmp_path, clock)


@pytest.mark.parametrize("address", ["http://", "https://[bad/list.csv", "http://host:port/list.csv"])
def test_an_impossible_address_is_refused(clock: StoppedClock, tmp_path: Path, address: str) -> None:
    with pytest.raises((UnavailableError, InputError), match="http"):
        load_master(address, tmp_path, clock)


def test_a_directory_that_cannot_be_written_is_a_storage_error(
    server: Publisher, clock: StoppedClock, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file stands here")

    with pytest.raises(StorageError, match="state: cannot keep the instrument master"):
        load_master(server.url, tmp_path / "state", clock)


def test_unusable_rows_are_told_once_with_their_number(
    server: Publisher, clock: StoppedClock, tmp_path: Path, warnings: list[str]
) -> None:
    server.body = master_of(3, *["torn"] * 20)
    load_master(server.url, tmp_path, clock)

    assert len(warnings) == 1
    assert "20 rows could not be used, first line 5: 1 cells instead of 16" in warnings[0]


def test_the_copy_bears_the_time_of_our_clock(server: Publisher, clock: StoppedClock, tmp_path: Path) -> None:
    load_master(server.url, tmp_path, clock)

    assert next(tmp_path.iterdir()).stat().st_mtime_ns == clock.now_ms() * 1_000_000
