import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import websocket

from brokers.instrument_table import InstrumentTable
from simulator.recorder import Recorder
from tests.simulator.raw_client import PATIENCE_S, QUERY, START_MS

ROOT = Path(__file__).parents[2]
DATA = ROOT / "simulator" / "data"
INSTRUMENTS = ("--instruments", str(DATA / "scrip-master.csv"))
SESSION = ("--session", str(DATA / "nse166_1m_20160930.csv.gz"))

Program = subprocess.Popen[str]
Start = Callable[..., Program]


@pytest.fixture
def small(tmp_path: Path) -> str:
    """A session that is read at once."""
    path = tmp_path / "ticks.csv"
    path.write_text("symbol,timestamp,price,volume\nTCS,2021-05-14 09:15:00,10,5\n")
    return str(path)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the program with its input held open."""
    programs: list[Program] = []

    def started(*arguments: str) -> Program:
        command = [sys.executable, "-m", "simulator", "--broker", "dhan", *INSTRUMENTS, *arguments]
        pipe = subprocess.PIPE
        programs.append(subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True))
        return programs[-1]

    yield started
    for program in programs:
        program.kill()
        program.communicate()


def address(program: Program) -> str:
    assert program.stdout is not None
    line = program.stdout.readline()
    assert line.startswith("listening ws://127.0.0.1:")
    return line.removeprefix("listening ").strip()


def last_words(program: Program) -> str:
    """The one line in which the program says why it ended."""
    output, errors = program.communicate(timeout=PATIENCE_S)
    assert output == ""
    assert errors.startswith("simulator: ")
    assert errors.count("\n") == 1
    return errors.removeprefix("simulator: ").strip()


def test_it_says_where_it_listens_plays_and_ends_when_its_input_is_closed(start: Start, master: InstrumentTable):
    program = start(*SESSION, "--speed", "0")
    client = websocket.create_connection(address(program) + QUERY, timeout=PATIENCE_S)
    listed = [{"ExchangeSegment": "NSE_EQ", "SecurityId": str(one.security_id)} for one in master]
    for code in (17, 18, 17):
        client.send(f'{{"RequestCode": {code}, "InstrumentList": {listed}}}'.replace("'", '"'))
    assert client.recv()[0] == 6
    output, errors = program.communicate("", timeout=PATIENCE_S)
    assert (program.returncode, output, errors) == (0, "", "")
    client.shutdown()


def test_it_ends_on_sigterm(start: Start, small: str):
    program = start("--session", small)
    address(program)
    program.send_signal(signal.SIGTERM)
    assert program.wait(PATIENCE_S) == 0


def test_it_ends_with_its_parent_however_that_dies(small: str):
    """The middle process is killed; the exchange notices because nobody holds its input any more."""
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "simulator", *INSTRUMENTS, "--session", small]
    script = (
        f"import subprocess, time; p = subprocess.Popen({command}, stdin=subprocess.PIPE, stdout={writer}); p.wait()"
    )
    middle = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, pass_fds=[writer])
    os.close(writer)
    with os.fdopen(reader) as output:
        assert output.readline().startswith("listening ")
        middle.kill()
        middle.wait()
        assert output.read() == ""  # returns when the exchange has ended and with it the pipe


def test_a_busy_port_an_unreadable_session_and_other_mistakes_have_their_exit_codes(
    start: Start, small: str, tmp_path: Path
):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = start("--session", small, "--port", str(port))
        assert str(port) in last_words(program)
        assert program.returncode == 75
    strangers = tmp_path / "strangers.csv"
    strangers.write_text("symbol,timestamp,price,volume\nNSE:NOBODY,2021-05-14 09:15:00,10,5\n")
    mistakes = {
        ("--session", str(tmp_path / "absent.csv")): "No such file",
        ("--session", str(strangers)): "none of the symbols",
        ("--synthetic", "5"): "--rate",
        ("--session", small, "--certificate", small): "no certificate",
    }
    programs = {words: start(*arguments) for arguments, words in mistakes.items()}
    for words, program in programs.items():
        assert words in last_words(program)
        assert program.returncode == 65


def test_a_symbol_that_the_broker_does_not_list_is_said_and_the_rest_is_played(start: Start, small: str):
    with Path(small).open("a") as file:
        file.write("X&Y,2021-05-14 09:15:00,10,5\n")
    program = start("--session", small)
    address(program)
    _, errors = program.communicate("", timeout=PATIENCE_S)
    assert errors.strip().endswith("so not played: NSE:X&Y")


def test_it_makes_load_at_a_constant_rate_and_plays_recordings(start: Start, tmp_path: Path, master: InstrumentTable):
    path = tmp_path / "feed.frames.gz"
    with Recorder(path) as recorder:
        recorder.append(b"\x32\x0a\x00\x00\x00\x00\x00\x00\x25\x03", START_MS)
    load = start("--synthetic", "3", "--rate", "2000", "--seconds", "0.1")
    playback = start("--session", str(path))
    listed = [{"ExchangeSegment": "NSE_EQ", "SecurityId": str(one.security_id)} for one in master]
    subscription = f'{{"RequestCode": 15, "InstrumentList": {listed}}}'.replace("'", '"')
    for program, messages in ((load, 3 * 2 + 1 + 200), (playback, 1)):
        client = websocket.create_connection(address(program) + QUERY, timeout=PATIENCE_S)
        client.send(subscription)
        heard = 0
        while client.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_BINARY:
            heard += 1
        assert heard == messages
        client.shutdown()


def test_it_tells_of_the_past_too_when_asked(start: Start):
    program = start(*SESSION, "--rest-port", "0")
    address(program)
    assert program.stdout is not None
    url = program.stdout.readline().removeprefix("rest ").strip()
    with urlopen(Request(f"{url}/marketfeed/quote", b"{}", {"access-token": "tok.en"}), timeout=PATIENCE_S) as reply:
        assert json.load(reply) == {"data": {}, "status": "success"}
