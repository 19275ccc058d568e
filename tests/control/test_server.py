import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import pytest
from loguru import logger

from actors.views import SymbolView
from control.json_values import from_json
from control.loopback import MOST_CONNECTIONS
from errors import SettingsError
from tests.control.conftest import Program, everything
from tests.symbol_views import symbol_view


def test_everything_about_a_symbol_is_answered(program: Program) -> None:
    status, value = program.request("/debug?symbol=NSE:M%26M")
    assert status == 200
    assert repr(from_json(SymbolView, value)) == repr(symbol_view())  # nan is not equal to itself


@pytest.mark.parametrize(
    "typed", ["NSE:RELIANCE", "nse:reliance", "RELIANCE", "%20reliance%20", "nifty+50", "NSE:NIFTY%2050"]
)
def test_a_symbol_is_found_as_people_type_it(program: Program, typed: str) -> None:
    status, value = program.request(f"/debug?symbol={typed}")
    assert status == 200
    assert value["symbol"] in {"NSE:RELIANCE", "NSE:NIFTY 50"}


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("NSE:RELIANC", "NSE:RELIANCE"),
        ("RELAINCE", "NSE:RELIANCE"),
        ("NSE:M&M", "NSE:M&M"),  # a bare & ends the field: NSE:M is what arrives
        ("BSE:RELIANCE", "NSE:RELIANCE"),
    ],
)
def test_an_unknown_symbol_gets_the_nearest_names(program: Program, typed: str, nearest: str) -> None:
    status, value = program.request(f"/debug?symbol={typed}")
    assert status == 404
    assert value["nearest"][0] == nearest


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "%00",
        "NSE:M%00M",
        "../../etc/passwd",
        "NSE:..%2F..%2Fetc%2Fpasswd",
        "NSE:TCS%0a",
        "A" * 5000,
        "NSE:%E0%A4%B9",
    ],
)
def test_a_symbol_that_cannot_be_one_is_refused(program: Program, typed: str) -> None:
    inspected: list[str] = []
    program.inspect = inspected.append
    status, value = program.request(f"/debug?symbol={typed}")
    assert status == 404
    assert "passwd" not in json.dumps(value)
    assert inspected == []


def test_health_symbols_and_signals_are_answered(program: Program) -> None:
    program.signals = [{"id": str(number)} for number in range(600)]
    assert program.request("/health") == (200, {"status": "ok", "lag": None})
    assert program.request("/symbols") == (200, {"symbols": list(program.symbols)})
    status, value = program.request("/signals")
    assert status == 200
    assert [value["signals"][0]["id"], value["signals"][-1]["id"], len(value["signals"])] == ["100", "599", 500]


@pytest.mark.parametrize("target", ["/", "/etc/passwd", "//[", "/debug?" + "a=1&" * 20, "/health/../debug"])
def test_nothing_else_is_there(program: Program, target: str) -> None:
    status, value = program.request(target)
    assert status in {400, 404}
    assert value["error"]


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", "Basic {token}", "Bearer {token}x", "Bearer \u00fc", "{token}"]
)
def test_a_wrong_token_is_refused(program: Program, given: str) -> None:
    status, value = program.request("/health", Authorization=given.format(token=program.address.token))
    assert status == 401
    assert program.address.token not in json.dumps(value)


@pytest.mark.parametrize(
    "host", ["evil.example.org", "127.0.0.1.evil.org", "127.0.0.1:x", "", "10.0.0.1", "localhost@evil"]
)
def test_a_name_that_was_made_to_lead_here_is_refused(program: Program, host: str) -> None:
    assert program.request("/health", Host=host)[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost:9000"])
def test_its_own_names_are_served(program: Program, host: str) -> None:
    assert program.request("/health", Host=host)[0] == 200


def test_two_host_names_are_refused(program: Program) -> None:
    answer = program.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.org\r\n\r\n")
    assert b" 403 " in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
def test_only_reading_is_possible(program: Program, method: str) -> None:
    token = program.address.token.encode()
    answer = program.raw(
        method.encode() + b" /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + b"\r\n\r\n"
    )
    head = answer.partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.0 405 ")
    assert b"\r\nAllow: GET" in head


def test_a_reload_is_asked_for_with_post_and_tells_what_it_changed(program: Program) -> None:
    assert program.request("/reload", "POST") == (200, {"changes": ["strategies added: scalper"]})
    assert program.request("/reload") == (405, {"error": "this address changes something: POST"})


def test_a_reload_that_is_refused_says_why_and_with_which_exit_code(program: Program) -> None:
    def refused() -> list[str]:
        raise SettingsError(["config.toml:3: no", "config.toml:4: nor that"])

    program.reload = refused
    told = {"error": "config.toml:3: no\nconfig.toml:4: nor that", "exit_code": 78}
    assert program.request("/reload", "POST") == (422, told)


def test_nobody_without_the_token_can_reload(program: Program) -> None:
    asked: list[str] = []

    def reload() -> list[str]:
        asked.append("reload")
        return []

    program.reload = reload
    answer = program.raw(b"POST /reload HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b" 401 " in answer
    assert asked == []


def test_answers_are_neither_kept_nor_run_by_a_browser(program: Program) -> None:
    answer = program.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").decode()
    for header in (
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'",
        "Content-Type: application/json; charset=utf-8",
    ):
        assert f"\r\n{header}\r\n" in answer
    assert "Access-Control" not in answer
    assert "Python" not in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 8192 + b"\r\n\r\n",
        b"\x00" * 20_000,
    ],
)
def test_a_request_of_over_eight_kilobytes_is_refused(program: Program, request_bytes: bytes) -> None:
    answer = program.raw(request_bytes)
    assert answer == b"" or b" 431 " in answer
    assert program.request("/health")[0] == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n",
        b"\xff\xfe\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET http://evil.example.org/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_request_is_refused_and_does_no_harm(program: Program, request_bytes: bytes) -> None:
    with program.connect() as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        answer = everything(connection)
    assert answer == b"" or b'{"error": ' in answer
    assert program.request("/health")[0] == 200


def test_an_answer_of_over_a_megabyte_is_not_sent(program: Program) -> None:
    program.symbols = [f"NSE:SYMBOL{number}" for number in range(100_000)]
    assert program.request("/symbols") == (500, {"error": "the answer is too large"})


def test_a_symbol_that_does_not_answer_is_said_so(program: Program) -> None:
    program.inspect = lambda _symbol: None
    assert program.request("/debug?symbol=TCS") == (503, {"error": "NSE:TCS does not answer; see the log"})


def test_a_failing_answer_is_told_to_the_client_too(program: Program) -> None:
    def fail(_symbol: str) -> SymbolView | None:
        raise ZeroDivisionError("division by zero")

    logged: Queue[str] = Queue()
    sink = logger.add(lambda line: logged.put(str(line)), level="ERROR", format="{message}", diagnose=False)
    program.inspect = fail
    assert program.request("/debug?symbol=TCS") == (500, {"error": "the answer failed; see the log"})
    assert program.request("/health")[0] == 200
    assert "ZeroDivisionError: division by zero" in logged.get(timeout=30)
    logger.remove(sink)


def test_fifty_at_once_are_all_answered_and_few_at_a_time(program: Program) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def inspect(symbol: str) -> SymbolView | None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        view = program.view(symbol)
        with lock:
            running -= 1
        return view

    program.inspect = inspect
    with ThreadPoolExecutor(50) as people:
        statuses = list(people.map(lambda _: program.request("/debug?symbol=NSE:M%26M")[0], range(200)))
    assert statuses == [200] * 200
    assert most <= MOST_CONNECTIONS


def test_a_slow_client_holds_up_nobody_else(program: Program) -> None:
    slow = [program.connect() for _ in range(MOST_CONNECTIONS - 1)]
    for connection in slow:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: loc")
    assert program.request("/health")[0] == 200
    for connection in slow:
        connection.close()


def test_who_drips_his_request_is_cut_off_and_makes_room(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("control.request.TIMEOUT_S", 0.2)
    dripping = [program.connect() for _ in range(3 * MOST_CONNECTIONS)]
    for connection in dripping:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: loc")
    assert program.request("/health")[0] == 200
    answers = [everything(connection) for connection in dripping]
    assert all(b" 408 " in answer for answer in answers[:MOST_CONNECTIONS])
    for connection in dripping:
        connection.close()


def test_it_listens_on_this_machine_only(program: Program) -> None:
    listening = Path("/proc/net/tcp").read_text().split() if Path("/proc/net/tcp").exists() else []
    port = f":{program.address.port:04X}"
    assert [entry for entry in listening if entry.endswith(port) and entry != f"0100007F{port}"] == []


def test_the_token_is_never_shown(program: Program) -> None:
    program.inspect = lambda _symbol: None
    program.signals = [{"text": f"it is {program.address.token}"}]
    assert program.request("/signals") == (200, {"signals": [{"text": "it is ***"}]})
    assert program.address.token not in repr(program.address)


def test_no_file_is_opened_for_what_a_client_asks(tmp_path: Path) -> None:
    """Under an audit hook, which sees every open of the interpreter."""
    code = f"""
import http.client, sys
from pathlib import Path
from control.server import ControlServer
from control import address
import encodings.idna
server = ControlServer(
    0, Path({str(tmp_path)!r}), lambda _: None, dict, lambda: ["NSE:TCS"], tuple, tuple, lambda *_: None, tuple
)
server.start()
where = address.read(Path({str(tmp_path)!r}))
opened = []
def ask(target):
    connection = http.client.HTTPConnection("127.0.0.1", where.port)
    connection.request("GET", target, headers={{"Authorization": "Bearer " + where.token}})
    status = connection.getresponse().status
    connection.close()
    return status
ask("/debug?symbol=NSE:TCX")
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
statuses = [ask("/debug?symbol=" + typed) for typed in ("../../etc/passwd", "NSE:%00", "/etc/passwd")]
print(statuses, opened)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert ended.stdout == "[404, 404, 404] []\n"
