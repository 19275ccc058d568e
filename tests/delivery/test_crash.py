"""The process is really killed, again and again, and nothing is lost."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from store.store import FILE_NAME
from tests.loopback_services import Answer, HttpService, Request
from tests.transitions import entry

SIGNALS_A_RUN = 6
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and kills")


class Receiver(HttpService):
    """Takes every record; while `kill_at` is set, kills the sender in the middle of that request."""

    def __init__(self) -> None:
        super().__init__()
        self.kill_at: int | None = None
        self.victim = 0

    def usual(self, request: Request) -> Answer:
        if self.kill_at is not None and len(self.requests) >= self.kill_at:
            self.kill_at = None
            os.kill(self.victim, signal.SIGKILL)
        return super().usual(request)


class Runs:
    """The program under test, one child at a time."""

    def __init__(self, directory: Path, receiver: Receiver) -> None:
        program = [sys.executable, "-m", "tests.delivery.crash_program", str(directory), f"json://{receiver.host}/"]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._receiver = receiver

    def start(self, mode: str, number: int, kill_at: int | None = None) -> int:
        assert self._process.stdin is not None
        self._receiver.kill_at = None
        self._process.stdin.write(f"{mode} {number}\n")
        self._process.stdin.flush()
        pid = int(self.hear().removeprefix("pid "))
        self._receiver.victim, self._receiver.kill_at = pid, kill_at
        return pid

    def hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def hear_the_end(self) -> list[str]:
        said = [self.hear()]
        while said[-1] != "ended":
            assert said[-1], "the program died"
            said.append(self.hear())
        return said

    def close(self) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def runs(tmp_path: Path, receiver: Receiver) -> Iterator[Runs]:
    runs = Runs(tmp_path, receiver)
    yield runs
    runs.close()


def test_twenty_kills_lose_nothing_and_every_repeat_says_so(tmp_path: Path, receiver: Receiver, runs: Runs):
    chance, kills, number = Random(3), 0, 0
    for attempt in range(21):
        number += SIGNALS_A_RUN
        before = len(receiver.requests)
        match attempt % 3:
            case 0:  # between the commit and the send
                pid = runs.start("commit", number)
                assert runs.hear() == "committed"
                os.kill(pid, signal.SIGKILL)
            case 1:  # in the middle of a send
                runs.start("run", number, kill_at=before + chance.randint(1, SIGNALS_A_RUN))
            case 2:  # wherever it is just then
                pid = runs.start("run", number)
                receiver.wait_for(before + chance.randint(1, SIGNALS_A_RUN - 1))
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        kills += "done" not in runs.hear_the_end()
    runs.start("run", number)
    assert runs.hear_the_end() == ["done", "ended"]

    assert kills >= 14
    expected = {entry(f"NSE:S{n}").id for n in range(number)}
    copies = Counter(request.json["id"] for request in receiver.requests)
    assert set(copies) == expected, "0 lost"
    assert copies.total() - len(expected) <= kills, "at most one repeat for each kill"
    seen = set[str]()
    for request in receiver.requests:
        assert request.headers["idempotency-key"] == request.json["id"]
        if request.json["id"] in seen:
            assert request.headers.get("possible-repeat") == "true"
        seen.add(request.json["id"])
    lines = [json.loads(line)["id"] for line in (tmp_path / "signals.jsonl").read_text().splitlines()]
    assert sorted(lines) == sorted(expected), "in a file of ours each stands exactly once"
    with closing(sqlite3.connect(tmp_path / "state" / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT state, COUNT(*) FROM delivery GROUP BY 1").fetchall() == [
            ("done", 2 * len(expected))
        ]
