"""The local exchange as a process of its own, for as long as a run needs it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from loguru import logger

from errors import SignalsError, UnavailableError
from settings.schema import PROGRAM, Simulator

LISTENING = "listening "
"""What it prints first, followed by its address."""
START_S = 30.0
END_S = 3.0


class LocalExchange:
    """A running local exchange."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Wait until it listens. Raises: SignalsError, with its own words why it will not."""
        self._process = process
        self.url = _address(process)
        """Where a feed connects to it."""
        threading.Thread(target=self._log_errors, name="simulator errors", daemon=True).start()

    def check(self) -> None:
        """Raises: SignalsError when it is gone, for nobody told it to end."""
        code = self._process.poll()
        if code is not None:
            raise SignalsError(f"the local exchange {_ended(code)} before its session was over")

    def _log_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            logger.warning("{}", line.rstrip())


@contextmanager
def local_exchange(chosen: Simulator) -> Iterator[LocalExchange]:
    """Run it; at the end of the context it is told to end, and waited for. Raises: SignalsError."""
    command = [
        *(sys.executable, "-m", "simulator", "--broker", chosen.broker, "--session", str(chosen.session)),
        *("--instruments", str(chosen.instruments), "--speed", str(chosen.speed), "--port", str(chosen.port)),
    ]
    # A session of its own: Ctrl-C is for us, and we tell it when to end by closing its input.
    process = subprocess.Popen(  # noqa: S603 - our own program with validated settings
        command,
        cwd=PROGRAM,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        yield LocalExchange(process)
    finally:
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: "subprocess.Popen[str]") -> str:
    """What it prints when it is ready, or its own words why it will not be."""
    assert process.stdout is not None
    assert process.stderr is not None
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    watchdog = threading.Timer(START_S, give_up)
    watchdog.daemon = True
    watchdog.name = "simulator start"
    watchdog.start()
    try:
        line = process.stdout.readline()
    finally:
        watchdog.cancel()
    if line.startswith(LISTENING):
        return line.removeprefix(LISTENING).strip()
    words, code = process.stderr.read().strip(), process.wait()
    if late.is_set():
        raise UnavailableError(f"the local exchange did not start within {START_S:.0f} s")
    error = SignalsError(words or f"the local exchange {_ended(code)} before it listened")
    if code > 0:
        error.exit_code = code
    raise error


def _ended(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
