import json
import socket
import threading
from pathlib import Path

import pytest

from control import address
from control.address import ControlAddress
from control.client import ask
from errors import UnavailableError
from tests.control.conftest import Program

TOKEN = "t" * 43


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_the_running_program_answers(program: Program) -> None:
    reply = ask(program.directory, "/debug?symbol=TCS")
    assert reply.status == 200
    assert json.loads(reply.text)["symbol"] == "NSE:TCS"


def test_a_refusal_is_given_in_its_own_words(program: Program) -> None:
    reply = ask(program.directory, "/debug?symbol=NONE")
    assert reply.status == 404
    assert reply.error == "no such symbol is watched"


def test_without_a_running_program_it_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as refused:
        ask(tmp_path, "/health")
    assert str(refused.value) == f"nothing is running on {tmp_path}; start it first: python run.py"
    assert refused.value.exit_code == 75


def test_after_a_crash_it_says_that_the_process_is_gone(tmp_path: Path) -> None:
    address.write(tmp_path, ControlAddress(closed_port(), TOKEN, 4242))
    with pytest.raises(UnavailableError, match=r"process 4242, which .*control\.json speaks of, is gone; start it"):
        ask(tmp_path, "/health")


def test_another_copy_that_has_the_port_now_is_not_mistaken_for_it(program: Program, tmp_path: Path) -> None:
    other = tmp_path / "other"
    address.write(other, ControlAddress(program.address.port, TOKEN, 4242))
    with pytest.raises(UnavailableError, match="process 4242"):
        ask(other, "/health")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n\xff",
    ],
)
def test_another_program_that_has_the_port_now_is_not_mistaken_for_it(tmp_path: Path, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address.write(tmp_path, ControlAddress(int(listening.getsockname()[1]), TOKEN, 4242))

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        with pytest.raises(UnavailableError, match="process 4242"):
            ask(tmp_path, "/health")
        serving.join(30)


def test_a_program_that_does_not_answer_is_busy_not_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("control.client._TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address.write(tmp_path, ControlAddress(int(listening.getsockname()[1]), TOKEN, 4242))
        with pytest.raises(UnavailableError, match="process 4242 is too busy to answer; try again"):
            ask(tmp_path, "/health")


def test_a_proxy_in_the_environment_is_not_asked(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    assert ask(program.directory, "/health").status == 200
