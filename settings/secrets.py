"""Secrets: from a named environment variable or a private file, and never shown."""

import os
import re
import stat
from pathlib import Path

from errors import CredentialsError
from logs import register_secret

_FILE_LIMIT = 64 * 1024
_PRIVATE_MODES = 0o600

_SECRET_SHAPES = re.compile(
    r"""
      eyJ[\w-]{8,}\.[\w-]+                                  # a JWT, as Dhan's access token is
    | \b\d{6,}:[\w-]{20,}                                   # a Telegram bot token
    | ://[^/\s]*:[^/\s]*@                                   # user:password@ in an address
    | [?&](?:[\w-]*token|api_?key|secret|password|signature)=
    | hooks\.slack\.com/services/ | /api/webhooks/\d+/      # addresses that are themselves the key
    | ^\s*Bearer\s
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_PUBLIC_SCHEMES = frozenset({"http", "https", "ws", "wss"})
_RANDOM_TEXT = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+_=-]{32,}")


class Secret:
    """A text that must not be seen: printing it gives `***`, and the log masks it wherever it turns up."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        register_secret(text)

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def from_variable(variable: str) -> Secret:
    """The environment variable's text without white space around it. Raises: CredentialsError when unset or empty."""
    text = os.environ.get(variable, "").strip()
    if not text:
        state = "empty" if variable in os.environ else "not set"
        raise CredentialsError(f"the environment variable {variable} is {state}")
    return Secret(text)


def from_file(path: Path) -> Secret:
    """A file's text without white space around it.

    The file the name leads to, through links too, must be a regular one that belongs to the user and has mode
    0600 or 0400. Windows has no such modes: there only its readability counts.

    Raises: CredentialsError, naming the file and the command that mends it.
    """
    try:
        with open(path, "rb", opener=_open) as file:
            fault = _not_private(path, os.fstat(file.fileno()))
            content = b"" if fault else file.read(_FILE_LIMIT + 1)
    except OSError as error:
        raise CredentialsError(f"{path}: {error.strerror}") from error
    if fault:
        raise CredentialsError(f"{path}: {fault}")
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise CredentialsError(f"{path}: not a text file") from error
    if not text:
        raise CredentialsError(f"{path}: the file is empty")
    if len(content) > _FILE_LIMIT:
        raise CredentialsError(f"{path}: far too long for a secret")
    return Secret(text)


def _open(path: str, flags: int) -> int:
    """Without O_NONBLOCK a named pipe would hold us until somebody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _not_private(path: Path, status: os.stat_result) -> str | None:
    """What is wrong with a secret's file, and the command that mends it."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if os.name == "nt":
        return None
    if status.st_uid != os.getuid():
        return f"belongs to another user; run: chown {os.getuid()} {path}"
    mode = stat.S_IMODE(status.st_mode)
    if mode & ~_PRIVATE_MODES:
        return f"has mode {mode:04o}, only 0600 and 0400 keep a secret; run: chmod 600 {path}"
    return None


def looks_like_secret(text: str) -> bool:
    """Whether a text of the settings is probably a token, a password or a channel's address.

    Judged by shape: known tokens, addresses with a password or of a messaging service (Apprise), and long runs of
    mixed letters and digits. Paths, plain web and websocket addresses and names are none.
    """
    address = _ADDRESS.match(text.strip())
    if address and address[1].lower() not in _PUBLIC_SCHEMES:
        return True
    return bool(_SECRET_SHAPES.search(text) or _RANDOM_TEXT.fullmatch(text.strip()))
