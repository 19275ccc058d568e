"""Websocket frames out of a stream of bytes, as a server sends them (RFC 6455, no extension).

    byte 0      FIN (0x80), three reserved bits (0x70), opcode (0x0F)
    byte 1      MASK (0x80: only clients mask), length (0x7F)
    byte 2..3   16-bit length, big endian, when the length above is 126
    byte 2..9   64-bit length, big endian, when it is 127

A market's burst is thousands of small final binary frames, most of them of one size: those take the short way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from struct import Struct
from typing import Any

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

LARGEST = 1 << 20
"""Bytes of payload in one message, all its fragments together; a claim of more is refused before it is buffered."""
LARGEST_CONTROL = 125

FINAL = 0x80
FINAL_BINARY = FINAL | BINARY
RESERVED = 0x70
MASKED = 0x80

PROTOCOL_ERROR, TOO_BIG = 1002, 1009
"""Close codes for what a server must not send."""
NO_CODE = 1005
"""Stands for a close frame without a code."""

RUN_WORTHWHILE = 16
"""Frames of one size ahead from which taking them together costs less than one by one."""
RUN_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Violation:
    """The server broke the protocol: nothing after this can be understood."""

    close_code: int
    reason: str


class FrameParser:
    """Takes bytes as they come, gives whole messages. Total: any bytes, however they are cut."""

    def __init__(self) -> None:
        self.controls: list[tuple[int, bytes]] = []
        """Opcode and payload of each PING, PONG and CLOSE since the owner last cleared it."""
        self.violation: Violation | None = None
        """Set when the stream cannot go on; what came before it was given out."""
        self._chunks: list[bytes] = []
        self._held = 0
        self._needed = 0
        """Bytes that must be held before it is worth looking again."""
        self._fragments: list[bytes] | None = None
        self._fragments_size = 0
        self._whole = 0
        self._over = False

    @property
    def pending(self) -> int:
        """0 when nothing is half received, else the ordinal of the message under way: it changes with the message."""
        return self._whole + 1 if self._chunks or self._fragments is not None else 0

    def feed(self, data: bytes) -> list[bytes]:
        """Payloads of the text and binary messages that these bytes complete, in order."""
        if self._chunks and not (data := self._joined(data)):
            return []
        messages: list[bytes] = []
        append = messages.append
        at, end, previous = 0, len(data), 0
        usual = FINAL_BINARY if self._fragments is None and not self._over else None
        while end - at >= 2:
            size = data[at + 1]
            if data[at] != usual or size > 126:
                stop = self._take_any(data, at, messages)
                if stop == at:
                    break
                usual = FINAL_BINARY if self._fragments is None and not self._over else None
                at, previous = stop, 0
                continue
            if size < 126:
                start = at + 2
            elif end - at >= 4:
                start = at + 4
                size = data[at + 2] << 8 | data[at + 3]
            else:
                self._needed = 4
                break
            stop = start + size
            if stop > end:
                self._needed = stop - at
                break
            append(data[start:stop])
            stride = stop - at
            if stride == previous and _same_head(data, at, start, stop + (RUN_WORTHWHILE - 1) * stride, end):
                count = _run(data, at, start, stride)
                run = data[stop : stop + count * stride]
                messages.extend(chain.from_iterable(_payloads(start - at, size)(run)))
                stop += count * stride
            at, previous = stop, stride
        else:
            self._needed = 2
        self._whole += len(messages)
        if at < end and not self._over:
            self._chunks.append(data[at:] if at else data)
            self._held = end - at
        return messages

    def _joined(self, data: bytes) -> bytes:
        """What is held and `data` in one piece; empty while that is too little to look at."""
        self._chunks.append(data)
        self._held += len(data)
        if self._held < self._needed:
            return b""
        data = b"".join(self._chunks)
        self._chunks.clear()
        return data

    def _take_any(self, data: bytes, at: int, messages: list[bytes]) -> int:
        """Take the one frame at `at`, whatever it is; returns where the next one starts, or `at` when it must wait."""
        if self._over:
            return at
        first, size = data[at], data[at + 1]
        opcode, final = first & 0x0F, bool(first & FINAL)
        start = at + 2
        if size & MASKED:
            return self._refuse(at, PROTOCOL_ERROR, "a masked frame from the server")
        if size > LARGEST_CONTROL:
            start += 2 if size == 126 else 8
            if start > len(data):
                self._needed = start - at
                return at
            size = int.from_bytes(data[at + 2 : start], "big")
        fault = self._fault(first, opcode, size, final=final)
        if fault:
            return self._refuse(at, *fault)
        stop = start + size
        if stop > len(data):
            self._needed = stop - at
            return at
        payload = data[start:stop]
        if opcode >= CLOSE:
            self.controls.append((opcode, payload))
            self._over = opcode == CLOSE
            self._whole += self._fragments is None
        elif final and self._fragments is None:
            messages.append(payload)
        else:
            self._add_fragment(payload, messages, final=final)
        return stop

    def _fault(self, first: int, opcode: int, size: int, *, final: bool) -> tuple[int, str] | None:
        """What is wrong with a frame, judged by its header alone."""
        if first & RESERVED:
            return PROTOCOL_ERROR, "reserved bits are set, but no extension was agreed"
        if opcode in {CLOSE, PING, PONG}:
            if not final or size > LARGEST_CONTROL or (opcode == CLOSE and size == 1):
                return PROTOCOL_ERROR, f"a control frame of opcode {opcode} that cannot be"
        elif opcode not in {CONTINUATION, TEXT, BINARY}:
            return PROTOCOL_ERROR, f"unknown opcode {opcode}"
        elif (opcode == CONTINUATION) != (self._fragments is not None):
            return PROTOCOL_ERROR, "a message inside another, or the rest of none"
        elif self._fragments_size + size > LARGEST:
            return TOO_BIG, f"a message of {self._fragments_size + size:,} bytes"
        return None

    def _add_fragment(self, payload: bytes, messages: list[bytes], *, final: bool) -> None:
        fragments = self._fragments = self._fragments if self._fragments is not None else []
        if payload:  # empty ones have no end to their number
            fragments.append(payload)
        self._fragments_size += len(payload)
        if final:
            messages.append(b"".join(fragments))
            self._fragments, self._fragments_size = None, 0

    def _refuse(self, at: int, close_code: int, reason: str) -> int:
        self.violation = Violation(close_code, reason)
        self._over = True
        return at


def close_reason(payload: bytes) -> tuple[int, str]:
    """Code and text of a CLOSE frame; the text is the server's own and not to be trusted."""
    if len(payload) < 2:
        return NO_CODE, ""
    return int.from_bytes(payload[:2], "big"), payload[2:].decode("utf-8", "replace")


def _same_head(data: bytes, at: int, start: int, ahead: int, end: int) -> bool:
    """Whether the frame at `ahead` is there, and likely of the size of the one at `at`."""
    return ahead + start - at <= end and data[ahead : ahead + start - at] == data[at:start]


def _run(data: bytes, at: int, start: int, stride: int) -> int:
    """How many whole frames with the same head follow the one at `at`: each proves where the next one starts."""
    count = min((len(data) - at) // stride - 1, RUN_LONGEST)
    for place in range(at, start):
        column = data[place + stride : place + stride * count + 1 : stride]
        count -= len(column.lstrip(data[place : place + 1]))
    return count


@lru_cache(maxsize=64)
def _payloads(head: int, size: int) -> Callable[[bytes], Iterator[tuple[Any, ...]]]:
    return Struct(f"{head}x{size}s").iter_unpack
