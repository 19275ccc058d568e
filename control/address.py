"""`control.json` in the state directory: where the running program listens and what opens its door."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from errors import StorageError
from private_file import write_whole

LOOPBACK = "127.0.0.1"
FILE = "control.json"
_SHORTEST_TOKEN = 32


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """One running program."""

    port: int
    token: str
    """At least 32 characters."""
    pid: int

    def __post_init__(self) -> None:
        numbers = isinstance(self.port, int) and isinstance(self.pid, int) and 0 < self.port <= 65_535
        if not (numbers and isinstance(self.token, str) and self.token.isascii() and self.token.isprintable()):
            raise ValueError("not an address of the control server")
        if len(self.token) < _SHORTEST_TOKEN:
            raise ValueError("the token is too short")

    def __repr__(self) -> str:
        return f"ControlAddress(port={self.port}, token=***, pid={self.pid})"


def read(directory: Path) -> ControlAddress | None:
    """The address in this state directory; None when there is none or it is no such file."""
    try:
        values = json.loads((directory / FILE).read_text("utf-8"))
        return ControlAddress(values["port"], values["token"], values["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(directory: Path, address: ControlAddress) -> None:
    """Put it there whole, mode 0600, in place of any older one. Raises: StorageError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(directory / FILE, json.dumps(asdict(address)))
    except OSError as error:
        raise StorageError(f"{directory / FILE}: {error.strerror}") from error


def remove(directory: Path, address: ControlAddress) -> None:
    """Take it away, unless another program has put its own there."""
    if read(directory) == address:
        (directory / FILE).unlink(missing_ok=True)
