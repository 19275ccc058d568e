"""What a process of the program itself costs, as the system counts it. Linux only."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.certificate import TRUST
from settings.schema import PROGRAM

TICK: Final = os.sysconf("SC_CLK_TCK")
END_S: Final = 30.0
CONFIG: Final = """
[feed]
source = "dhan"
[dhan]
url = "{url}"
instruments = "{master}"
rest_url = "http://127.0.0.1:9"
market_clock = "data"
[universe]
limit = 25000
[store]
directory = "{directory}"
[control]
port = 0
[[channel]]
name = "screen"
kind = "console"
[[channel]]
name = "signals"
kind = "jsonl"
path = "{directory}/signals.jsonl"
[logging]
level = "WARNING"
"""


class Process:
    """A running program."""

    def __init__(self, pid: int) -> None:
        self._folder = Path("/proc") / str(pid)

    def cpu_s(self) -> float:
        """Processor time of all its threads so far, its own and the system's on its behalf, in seconds."""
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory_mb(self) -> float:
        """What it holds in memory now, in MB of 1,000,000 bytes."""
        pages = int((self._folder / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def program(url: str, master: Path, directory: Path, certificate: Path) -> Iterator[Process]:
    """`run.py` as a user starts it, with the shipped strategy and two local channels, on the feed at `url`."""
    config = directory / "config.toml"
    config.write_text(CONFIG.format(url=url, master=master, directory=directory / "state"))
    account = {"DHAN_CLIENT_ID": "bench", "DHAN_ACCESS_TOKEN": "bench-needs-no-account", TRUST: str(certificate)}
    running = subprocess.Popen(
        [sys.executable, "run.py", "--config", str(config)],
        cwd=PROGRAM,
        env=os.environ | account,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield Process(running.pid)
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(END_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
