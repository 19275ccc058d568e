"""A file to which whole lines are added, each exactly once."""

import os
import re
from collections.abc import Iterable, Sequence
from io import BufferedRandom
from pathlib import Path

from delivery.alert import Alert
from delivery.retry import SENT, Outcome, Verdict

_TAIL_BYTES = 1 << 20
_TORN_LINE = re.compile(
    rb"""
      \{("(i(d("(:(\ ("[0-9a-f]{0,32}.*)?)?)?)?)?)?)?
    | [0-9a-f]{1,32}(,.*)?
    | i(d(,.*)?)?
    """,
    re.VERBOSE,
)
"""Any beginning of a signal record, of a line of CSV, or of its column names."""


class LinesFile:
    """Lines are on the disk before `append` returns; what a crash left half written is mended by the next one."""

    def __init__(self, path: Path, first_line: str | None = None) -> None:
        self._path = path
        self._first_line = first_line

    def append(self, alerts: Sequence[Alert], lines: Iterable[str]) -> Outcome:
        """Add each alert's line; that of a possible repeat only if its fingerprint is not in the file."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._path.open("a+b") as file:
                end = file.seek(0, os.SEEK_END)
                tail = _whole_tail(file, end)
                new = [
                    line
                    for alert, line in zip(alerts, lines, strict=True)
                    if not (alert.repeat and alert.transition.id.encode() in tail)
                ]
                if self._first_line is not None and not tail:
                    new.insert(0, self._first_line)
                file.write("".join(f"{line}\n" for line in new).encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return Outcome(Verdict.RETRY, f"{self._path}: {error.strerror or error}", may_have_arrived=True)
        return SENT


def _whole_tail(file: BufferedRandom, end: int) -> bytes:
    """The last megabyte of whole lines; half a line of ours after them is cut off.

    Raises: OSError when the file ends with half a line that is not ours.
    """
    file.seek(max(0, end - _TAIL_BYTES))
    tail = file.read(_TAIL_BYTES)  # a device such as /dev/full never ends
    whole = tail[: tail.rfind(b"\n") + 1]
    torn = tail[len(whole) :]
    if torn:
        if _TORN_LINE.fullmatch(torn) is None:
            raise OSError("it ends with half a line that is not ours; set another path")
        file.truncate(end - len(torn))
    return whole
