"""`control.json` in the state directory: where the running program listens and what opens its door."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from errors import StorageError

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
    temporary = directory / f"{FILE}.{secrets.token_hex(4)}"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(address), file)
        temporary.replace(directory / FILE)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise StorageError(f"{directory / FILE}: {error.strerror}") from error


def remove(directory: Path, address: ControlAddress) -> None:
    """Take it away, unless another program has put its own there."""
    if read(directory) == address:
        (directory / FILE).unlink(missing_ok=True)
