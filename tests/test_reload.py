"""Changed settings for a real process while ticks flow: by SIGHUP and by `run.py reload`."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
[universe]
limit = 40
[[channel]]
name = "signals"
kind = "jsonl"
path = "{directory}/signals.jsonl"
[[strategy]]
name = "ema_vwap"
"""
CHANGING = """
[[strategy]]
name = "scalper"
target = "0.2 %"
stop = "0.2 %"
[strategy.long]
entry = ["close crosses above ema({length})", "rsi(6) on 3m > {level}"]
"""
MORE = """
[[channel]]
name = "sheet"
kind = "csv"
path = "{directory}/signals.csv"
"""


class Run:
    """`run.py` as a process, and the lines of its log."""

    def __init__(self, config: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM / "run.py", "--config", config],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._watchdog = threading.Timer(WAIT_S, self.process.kill)
        self._watchdog.start()
        self.said: list[str] = []

    def read_until(self, text: str) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if text in line:
                return line
        pytest.fail(f"it ended without saying {text!r}: {''.join(self.said)}")

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def end(self) -> int:
        assert self.process.stderr is not None
        self.said += self.process.stderr
        code = self.process.wait(WAIT_S)
        self._watchdog.cancel()
        assert "Traceback" not in "".join(self.said)
        return code


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    made: list[Run] = []
    yield made
    for run in made:
        run.process.kill()
        run.process.wait()
        assert run.process.stderr is not None
        run.process.stderr.close()


def reload(config: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, PROGRAM / "run.py", "reload", "--config", config],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def write(directory: Path, *more: str, speed: float = 2500.0) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / "config.toml"
    path.write_text("".join((CONFIG, *more)).replace("{directory}", str(directory)).replace("{speed}", str(speed)))
    return path


def scalper(length: int, level: int) -> str:
    return CHANGING.replace("{length}", str(length)).replace("{level}", str(level))


def records(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "signals.jsonl").read_text("utf-8").splitlines()]


def wait_for_signals(directory: Path, number: int) -> None:
    seen = threading.Event()
    while not ((directory / "signals.jsonl").exists() and len(records(directory)) >= number):
        seen.wait(0.05)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has none")
def test_a_running_program_takes_changes_over_and_what_stays_is_as_without_them(
    tmp_path: Path, runs: list[Run]
) -> None:
    undisturbed = Run(write(tmp_path / "undisturbed", speed=0.0))
    runs.append(undisturbed)
    assert undisturbed.end() == 0

    ours = tmp_path / "ours"
    config = write(ours, scalper(20, 60))
    run = Run(config)
    runs.append(run)
    run.read_until("watching")
    wait_for_signals(ours, 10)

    write(ours, scalper(20, 70), MORE)
    run.hang_up()
    run.read_until("reload: strategies changed: scalper")
    run.read_until("reload: channels added: sheet")

    good = write(ours, scalper(33, 70), MORE).read_text("utf-8")
    config.write_text(good.replace("ema(33)", "emma(33)"), "utf-8")
    run.hang_up()
    run.read_until("not taken over, all goes on by the old ones")
    code, said = reload(config)
    assert code == 78
    assert "emma" in said
    assert "did you mean ema?" in said
    assert said.splitlines()[-1] == "the running program keeps its old settings"

    config.write_text(good.replace("speed = 2500.0", "speed = 2499.0"), "utf-8")
    code, said = reload(config)
    assert code == 0
    assert said.splitlines()[0] == "strategies changed: scalper"
    assert "new indicators on 40 symbols, warmed with " in said
    assert said.splitlines()[-1] == "changed but needs a restart: [simulator]"

    write(ours)
    run.hang_up()
    run.read_until("reload: strategies removed: scalper")
    run.read_until("reload: channels removed: sheet")
    assert run.end() == 0

    def of_ours(directory: Path) -> dict[str, dict[str, Any]]:
        return {each["id"]: each for each in records(directory) if each["strategy"] == "ema_vwap"}

    assert of_ours(ours) == of_ours(tmp_path / "undisturbed")
    everything = records(ours)
    assert len({each["id"] for each in everything}) == len(everything)
    scalped = [each for each in everything if each["strategy"] == "scalper"]
    entries = {each["id"] for each in scalped if each["type"] == "ENTRY"}
    assert entries
    assert {each["state_id"] for each in scalped if each["type"] == "EXIT"} == entries

    stores = [Store(each / "state" / "simulator", SystemClock()) for each in (tmp_path / "undisturbed", ours)]
    bars = [{(symbol, bar.start_ms): bar.values() for symbol, bar in store.bars_since(0)} for store in stores]
    assert bars[0] == bars[1]
    assert len({symbol for symbol, _ in bars[0]}) == 40
    sheet = (ours / "signals.csv").read_text("utf-8").splitlines()
    assert 1 < len(sheet) < len(everything)


def test_a_reload_says_when_nothing_runs(tmp_path: Path) -> None:
    code, said = reload(write(tmp_path))
    assert code == 75
    assert "nothing is running" in said


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has none")
def test_a_program_whose_terminal_is_gone_ends_in_order(tmp_path: Path) -> None:
    config = write(tmp_path, '[logging]\nfile = "{directory}/log"\n', speed=300.0)
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, str(PROGRAM / "run.py"), "--config", str(config)])
    shown = b""
    while b"watching" not in shown:
        shown += os.read(terminal, 1000)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
