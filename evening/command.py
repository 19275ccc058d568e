"""Runs one of the program's own commands as a process that gives way to everybody else."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

TURN_S: Final = 0.5
END_S: Final = 3.0
LONGEST_TURNS: Final = 7200
"""An hour; asking a broker for the candles of 2,500 symbols takes ten minutes."""
NICENESS: Final = 10
"""More than ours."""
MOST_NICENESS: Final = 19


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    code: int
    """Its exit code; below 0 when it was ended."""
    output: str
    complaint: str
    """The last line it said about what went wrong."""


Run = Callable[[str, date, Sequence[str]], Outcome]
"""Runs a command, such as `archive`, for a day, with further arguments."""


def runner(program: Path, config: Path, stopping: threading.Event) -> Run:
    """Runs `python program COMMAND DAY ... --config config` until it ends, or `stopping` is set."""

    def run(command: str, day: date, arguments: Sequence[str] = ()) -> Outcome:
        return run_quietly(
            [sys.executable, str(program), command, day.isoformat(), *arguments, "--config", str(config)], stopping
        )

    return run


def run_quietly(arguments: Sequence[str], stopping: threading.Event) -> Outcome:
    """Run a program at low priority and wait for its end; when `stopping` is set it is ended."""
    # A session of its own: Ctrl-C is for us, and we end it.
    with subprocess.Popen(  # noqa: S603 - our own program
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        creationflags=_LOW_PRIORITY,
    ) as process:
        _give_way(process.pid)
        for _ in range(LONGEST_TURNS):
            try:
                output, errors = process.communicate(timeout=TURN_S)
            except subprocess.TimeoutExpired:
                if stopping.is_set():
                    break
            else:
                said = errors.strip().splitlines()
                return Outcome(process.returncode, output, said[-1] if said else "")
        process.terminate()
        try:
            process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            process.kill()
    return Outcome(process.returncode, "", "it was ended")


if sys.platform == "win32":
    _LOW_PRIORITY = subprocess.BELOW_NORMAL_PRIORITY_CLASS

    def _give_way(process: int) -> None:
        del process  # it was started so
else:
    _LOW_PRIORITY = 0

    def _give_way(process: int) -> None:
        niceness = os.getpriority(os.PRIO_PROCESS, process) + NICENESS  # ours, to begin with; less is not allowed
        os.setpriority(os.PRIO_PROCESS, process, min(niceness, MOST_NICENESS))
