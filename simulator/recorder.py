"""Raw frames as a broker sent them, kept in a compact file: to play back later, byte for byte."""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import Self

from errors import InputError

MAGIC = b"bellwether frames 1\n"
HEAD = Struct("<QIB")
"""Receive stamp (epoch milliseconds UTC), payload bytes, 1 for text or 2 for binary; the payload follows."""
TEXT, BINARY = 1, 2
FLUSH_EVERY = 1000
"""Frames that are lost at most when the recorder is killed."""
GZIP = 16 + zlib.MAX_WBITS
SUFFIX = ".frames.gz"
"""How recordings are named."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Frames of one connection in order of arrival; both columns have equal length."""

    received_ms: Sequence[int]
    """Epoch milliseconds UTC."""
    frames: Sequence[bytes | str]


class Recorder:
    """Appends frames to a file. Use as a context manager; only one thread may write."""

    def __init__(self, path: Path) -> None:
        """Start a file, replacing one that is there. Raises: OSError."""
        self._file = gzip.open(path, "wb", compresslevel=6)  # noqa: SIM115 - closed by __exit__
        self._file.write(MAGIC)
        self._count = 0

    def append(self, frame: bytes | str, received_ms: int) -> None:
        """Keep one frame."""
        kind, payload = (TEXT, frame.encode()) if isinstance(frame, str) else (BINARY, frame)
        self._file.write(HEAD.pack(received_ms, len(payload), kind) + payload)
        self._count += 1
        if self._count % FLUSH_EVERY == 0:
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def load_recording(path: Path) -> Recording:
    """Read a recording; a torn end, as a recorder that was killed leaves, is left out.

    Raises: InputError when the file cannot be read or is no recording.
    """
    data = _unpacked(path)
    if not data.startswith(MAGIC):
        raise InputError(f"{path}: not a recording of frames")
    received_ms, frames, at = [], [], len(MAGIC)
    while at + HEAD.size <= len(data):
        stamp, size, kind = HEAD.unpack_from(data, at)
        start = at + HEAD.size
        at = start + size
        if at > len(data):
            break
        payload = data[start:at]
        received_ms.append(stamp)
        frames.append(payload.decode() if kind == TEXT else payload)
    if not frames:
        raise InputError(f"{path}: the recording has no frames")
    return Recording(received_ms, frames)


def _unpacked(path: Path) -> bytes:
    """All that can be had of a gzip file; the gzip module gives nothing of the last part of one that is cut short."""
    try:
        return zlib.decompressobj(GZIP).decompress(path.read_bytes())
    except (OSError, zlib.error) as error:
        raise InputError(f"{path}: cannot read the recording: {getattr(error, 'strerror', None) or error}") from error
