"""Where the control server listens, and the file that says so."""

import json
import os
import socket
import threading
from pathlib import Path

import pytest

from control import address
from control.address import ControlAddress
from control.server import ControlServer
from errors import BusyError, StorageError
from tests.control.conftest import Program


def server(port: int, directory: Path) -> ControlServer:
    return ControlServer(port, directory, lambda _symbol: None, dict, tuple, tuple, tuple, lambda *_: None, tuple)


def test_the_address_is_private_and_goes_when_the_program_ends(tmp_path: Path) -> None:
    running = server(0, tmp_path / "state")
    running.start()
    file = tmp_path / "state" / "control.json"
    values = json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(values) == ["port", "token", "pid"]
    assert values["port"] == running.port
    assert values["pid"] == os.getpid()
    assert len(values["token"]) >= 32
    running.stop()
    assert list((tmp_path / "state").iterdir()) == []


def test_a_stale_address_is_overwritten(tmp_path: Path) -> None:
    address.write(tmp_path, ControlAddress(port=1, token="x" * 32, pid=2**22 + 1))
    running = server(0, tmp_path)
    running.start()
    found = address.read(tmp_path)
    assert found is not None
    assert found.port == running.port
    running.stop()


def test_the_address_of_another_program_is_left_alone_at_the_end(tmp_path: Path) -> None:
    running = server(0, tmp_path)
    running.start()
    address.write(tmp_path, ControlAddress(port=1, token="x" * 32, pid=1))
    running.stop()
    assert address.read(tmp_path) is not None


def test_a_busy_port_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BusyError) as refused:
            server(port, tmp_path).start()
    assert str(refused.value) == (
        f"port {port} of 127.0.0.1 is held by another program; stop it, or "
        "set another control.port in config.toml, 0 for any that is free"
    )
    assert refused.value.exit_code == 75
    assert list(tmp_path.iterdir()) == []


def test_a_port_busy_with_ourselves_is_told_with_the_process(program: Program) -> None:
    with pytest.raises(BusyError, match=f"is held by this program's process {os.getpid()}; stop it first"):
        server(program.address.port, program.directory).start()
    assert program.request("/health")[0] == 200


def test_a_stale_address_does_not_blame_a_process_that_is_gone(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        address.write(tmp_path, ControlAddress(port, token="x" * 32, pid=4242))

        def hang_up() -> None:
            other.accept()[0].close()

        answering = threading.Thread(target=hang_up, daemon=True)
        answering.start()
        with pytest.raises(BusyError, match="held by another program"):
            server(port, tmp_path).start()
        answering.join(30)


def test_a_directory_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StorageError, match=r"control\.json: "):
        server(0, tmp_path / "state").start()


def test_the_port_is_free_again_at_once(tmp_path: Path) -> None:
    first = server(0, tmp_path)
    first.start()
    port = first.port
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET")
        first.stop()
    second = server(port, tmp_path)
    second.start()
    assert second.port == port
    second.stop()
