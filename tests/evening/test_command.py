"""Real processes: how they end, and that they give way."""

import os
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from evening import command
from evening.command import NICENESS, Outcome, run_quietly, runner


def python(code: str, stopping: threading.Event | None = None) -> Outcome:
    return run_quietly([sys.executable, "-c", code], stopping or threading.Event())


def test_output_and_exit_code_are_the_programs_own():
    assert python("print('a'); print('₹')") == Outcome(0, "a\n₹\n", "")


def test_the_last_line_of_its_errors_is_its_complaint():
    assert python("import sys; print('first\\nlast\\n', file=sys.stderr); sys.exit(65)") == Outcome(65, "", "last")


def test_much_output_does_not_block_it():
    assert len(python("print('x' * 5_000_000)").output) == 5_000_001


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="niceness is POSIX's")
def test_it_gives_way_to_everybody_else():
    expected = min(19, os.nice(0) + NICENESS)
    waits = f"import os, time\nwhile os.nice(0) != {expected}: time.sleep(0.01)\nprint(os.nice(0))"
    assert python(waits) == Outcome(0, f"{expected}\n", "")


def test_it_is_ended_when_we_stop(tmp_path: Path):
    stopping = threading.Event()
    started = tmp_path / "started"
    code = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(600)"
    ended: list[Outcome] = []
    thread = threading.Thread(target=lambda: ended.append(python(code, stopping)), name="test", daemon=True)
    thread.start()
    while not started.exists():
        thread.join(0.01)
    stopping.set()
    thread.join(20)
    assert ended[0].code < 0


def test_one_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "END_S", 0.2)
    monkeypatch.setattr(command, "TURN_S", 1.0)
    monkeypatch.setattr(command, "LONGEST_TURNS", 2)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    assert python(deaf) == Outcome(-9, "", "it was ended")


def test_a_command_is_called_with_its_day_and_the_settings_file(tmp_path: Path):
    program = tmp_path / "run.py"
    program.write_text("import sys; print(sys.argv[1:])", "utf-8")
    run = runner(program, tmp_path / "my.toml", threading.Event())
    assert run("reconcile", date(2025, 11, 17), ("--json",)).output == (
        f"{['reconcile', '2025-11-17', '--json', '--config', str(tmp_path / 'my.toml')]}\n"
    )
