"""`run.py` as a user starts it: a real process, its output and its exit code."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from market.clock import SystemClock
from store.store import Store

PROGRAM = Path(__file__).resolve().parent.parent
WAIT_S = 60.0
CONFIG = """
[feed]
source = "simulator"
[simulator]
speed = {speed}
[store]
directory = "{directory}/state"
[control]
port = 0
[[channel]]
name = "signals"
kind = "jsonl"
path = "{directory}/signals.jsonl"
"""


def write_config(directory: Path, speed: float = 0.0, extra: str = "") -> Path:
    path = directory / "config.toml"
    path.write_text(CONFIG.format(directory=directory, speed=speed) + extra, "utf-8")
    return path


def start(*arguments: str | Path, environment: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, PROGRAM / "run.py", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=WAIT_S)
    return process.returncode, output, errors


def fault_of(*arguments: str | Path, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and what a user reads on the terminal; never a traceback."""
    code, output, errors = finish(start(*arguments, environment=environment))
    assert "Traceback" not in errors + output
    return code, output + errors


def read_until(process: "subprocess.Popen[str]", text: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"it ended without showing {text!r}")


def test_a_played_session_ends_by_itself_with_a_summary(tmp_path: Path) -> None:
    code, output, _ = finish(start("--config", write_config(tmp_path)))
    assert code == 0
    assert "The session is over" in output
    assert re.search(r"61,752\s+1-minute bars", output)
    assert re.search(r"ENTRY LONG", output)
    records = (tmp_path / "signals.jsonl").read_text("utf-8").splitlines()
    assert re.search(rf"{len(records):,}\s+alerts sent to signals", output)


def test_running_it_again_sends_the_same_signals_anew(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    for _ in range(2):
        assert finish(start("--config", config))[0] == 0
    ids = [json.loads(line)["id"] for line in (tmp_path / "signals.jsonl").read_text("utf-8").splitlines()]
    half = len(ids) // 2
    assert half > 0
    assert ids[:half] == ids[half:]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_and_nothing_committed_is_lost(tmp_path: Path, number: signal.Signals) -> None:
    screen = '[[channel]]\nname = "screen"\nkind = "console"\n'
    process = start("--config", write_config(tmp_path, speed=2_000.0, extra=screen))
    read_until(process, "ema_vwap")
    process.send_signal(number)
    code, output, _ = finish(process)
    assert code == 0
    assert "Stopped before the end of the session" in output
    store = Store(tmp_path / "state" / "simulator", SystemClock())
    committed = {json.loads(record)["id"] for record in store.transitions()}
    sent = {json.loads(line)["id"] for line in (tmp_path / "signals.jsonl").read_text("utf-8").splitlines()}
    waiting = store.delivery_counts()["signals"]
    assert sent <= committed
    assert len(sent) == waiting["done"]


def test_a_busy_control_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        config = write_config(tmp_path)
        config.write_text(config.read_text("utf-8").replace("port = 0", f"port = {port}"), "utf-8")
        code, said = fault_of("--config", config)
    assert code == 75
    assert str(port) in said


def test_a_state_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file is in the way", "utf-8")
    code, said = fault_of("--config", write_config(tmp_path))
    assert code == 73
    assert str(tmp_path / "state") in said


def test_a_missing_token_is_named_before_anything_connects(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    master = PROGRAM / "simulator" / "data" / "scrip-master.csv"
    text = config.read_text("utf-8").replace('"simulator"', '"dhan"', 1) + f'[dhan]\ninstruments = "{master}"\n'
    config.write_text(text, "utf-8")
    code, said = fault_of("--config", config, environment={"DHAN_CLIENT_ID": "1000000001", "DHAN_ACCESS_TOKEN": ""})
    assert code == 77
    assert "DHAN_ACCESS_TOKEN" in said


def test_a_typo_is_told_with_line_and_nearest_key(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    config.write_text(config.read_text("utf-8").replace("speed =", "sped ="), "utf-8")
    code, said = fault_of("--config", config)
    assert code == 78
    assert "config.toml:5: simulator.sped: unknown key" in said
    assert "speed" in said


def test_an_unknown_symbol_is_told_with_the_nearest_names(tmp_path: Path) -> None:
    config = write_config(tmp_path, extra='[universe]\nnames = ["NSE:RELIANC"]\n')
    code, said = fault_of("check", "--config", config)
    assert code == 78
    assert "NSE:RELIANC is not listed" in said
    assert "NSE:RELIANCE" in said


def test_a_truncated_session_is_refused_by_name(tmp_path: Path) -> None:
    whole = (PROGRAM / "simulator" / "data" / "nse166_1m_20160930.csv.gz").read_bytes()
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(whole[: len(whole) // 2])
    config = write_config(tmp_path)
    config.write_text(config.read_text("utf-8").replace("speed =", f'session = "{torn}"\nspeed ='), "utf-8")
    code, said = fault_of("--config", config)
    assert code == 65
    assert "torn.csv.gz" in said


def test_a_config_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, said = fault_of("--config", tmp_path / "nowhere.toml")
    assert code == 78
    assert "nowhere.toml" in said


def children_of(process: "subprocess.Popen[str]") -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, parent in pairs if int(parent) == process.pid]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no ps")
def test_a_local_exchange_that_dies_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    screen = '[[channel]]\nname = "screen"\nkind = "console"\n'
    process = start("--config", write_config(tmp_path, speed=2_000.0, extra=screen))
    read_until(process, "ema_vwap")
    (exchange,) = children_of(process)
    os.kill(exchange, signal.SIGKILL)
    code, _, errors = finish(process)
    assert code == 70
    assert errors.splitlines()[-1] == "the local exchange was killed by signal 9 before its session was over"
    assert "Traceback" not in errors


def test_alerts_that_a_channel_could_not_take_are_all_counted_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "signals.jsonl").mkdir()
    sheet = f'[[channel]]\nname = "sheet"\nkind = "csv"\npath = "{tmp_path}/signals.csv"\n'
    code, output, _ = finish(start("--config", write_config(tmp_path, extra=sheet)))
    assert code == 0
    sent = len((tmp_path / "signals.csv").read_text("utf-8").splitlines()) - 1
    assert re.search(rf"{sent:,}\s+alerts sent to sheet", output)
    assert re.search(rf"0\s+alerts sent to signals, {sent:,} not sent", output)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_while_a_server_does_not_send_the_instrument_list(
    tmp_path: Path, number: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT_S)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/master.csv"
        text = write_config(tmp_path).read_text("utf-8").replace('"simulator"', '"dhan"', 1)
        (tmp_path / "config.toml").write_text(f'{text}\n[dhan]\ninstruments = "{address}"\n', "utf-8")
        credentials = {"DHAN_CLIENT_ID": "1000000001", "DHAN_ACCESS_TOKEN": "a.b.c"}
        process = start("--config", tmp_path / "config.toml", environment=credentials)
        connection, _ = server.accept()
        with connection:
            process.send_signal(number)
            code, output, errors = finish(process)
    assert (code, output, errors) == (0, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("screen", ["> /dev/full", ">&-", "| head -n 1"])
def test_a_screen_that_is_gone_is_no_fault_of_the_run(tmp_path: Path, screen: str) -> None:
    config = write_config(tmp_path, extra='[[channel]]\nname = "screen"\nkind = "console"\n')
    command = f"{sys.executable} {PROGRAM}/run.py --config {config} {screen}; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", command], stderr=subprocess.PIPE, text=True, timeout=WAIT_S, check=False)
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    assert "channel screen" in ended.stderr


def test_a_test_alert_logs_as_a_run_does_and_its_files_are_private(tmp_path: Path) -> None:
    hook = '[[channel]]\nname = "hook"\nkind = "apprise"\nurl_env = "HOOK_URL"\n'
    config = write_config(tmp_path, extra=hook)
    environment = {"HOOK_URL": "json://user:k3yOfTheHook@127.0.0.1:1/"}
    code, output, errors = finish(start("test-alert", "--config", config, environment=environment))
    assert code == 77
    assert re.fullmatch(r"\d\d:\d\d:\d\d ERROR   channel hook: cannot connect; it is tried again\n", errors)
    assert "k3yOfTheHook" not in output
    assert (tmp_path / "signals.jsonl").stat().st_mode & 0o077 == 0
