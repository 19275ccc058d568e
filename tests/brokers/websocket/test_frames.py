"""The frame parser against websocket-client's own encoder, and against every way to cut a stream."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from websocket import ABNF

from brokers.websocket.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    LARGEST,
    PING,
    PONG,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    FrameParser,
    close_reason,
)

payloads = some.binary(max_size=300) | some.integers(0, 70_000).map(bytes)
controls = some.tuples(some.sampled_from([PING, PONG]), some.binary(max_size=125))
fragmented = some.lists(some.binary(max_size=40), min_size=1, max_size=4)


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """A server's frame, as websocket-client would send it without a mask."""
    encoded: bytes = ABNF(fin=int(final), opcode=opcode, mask_value=0, data=payload).format()
    return encoded


def message(parts: list[bytes], between: list[tuple[int, bytes]]) -> bytes:
    """A message in fragments, with control frames between them."""
    stream = b""
    for number, part in enumerate(parts):
        stream += frame(BINARY if number == 0 else CONTINUATION, part, final=number == len(parts) - 1)
        if number < len(parts) - 1:
            stream += b"".join(frame(*control) for control in between)
    return stream


def parsed(parser: FrameParser, stream: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({cut % (len(stream) + 1) for cut in cuts} | {len(stream)})
    return [found for start, end in zip([0, *ends], ends, strict=False) for found in parser.feed(stream[start:end])]


@given(
    some.lists(
        some.tuples(some.just("whole"), payloads)
        | some.tuples(some.just("burst"), some.tuples(some.integers(0, 200), some.integers(1, 60)))
        | some.tuples(some.just("parts"), some.tuples(fragmented, some.lists(controls, max_size=2)))
        | some.tuples(some.just("control"), controls),
        max_size=12,
    ),
    some.lists(some.integers(0, 1 << 30), max_size=20),
)
@settings(deadline=None)
def test_any_cut_of_a_stream_gives_the_messages_that_were_sent(sent: list[tuple[str, Any]], cuts: list[int]):
    stream = b""
    messages: list[bytes] = []
    heard: list[tuple[int, bytes]] = []
    for kind, what in sent:
        if kind == "whole":
            stream += frame(BINARY, what)
            messages.append(what)
        elif kind == "burst":
            size, count = what
            burst = [bytes([number] * size) for number in range(count)]
            stream += b"".join(frame(BINARY, payload) for payload in burst)
            messages += burst
        elif kind == "parts":
            parts, between = what
            stream += message(parts, between)
            messages.append(b"".join(parts))
            heard += between * (len(parts) - 1)
        else:
            stream += frame(*what)
            heard.append(what)
    parser = FrameParser()
    assert parsed(parser, stream, cuts) == messages
    assert parser.controls == heard
    assert parser.violation is None
    assert parser.pending == 0


@given(some.binary(max_size=400), some.lists(some.integers(0, 400), max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_bytes_at_all_give_the_same_whole_or_cut(stream: bytes, cuts: list[int]):
    whole, cut = FrameParser(), FrameParser()
    assert parsed(cut, stream, cuts) == whole.feed(stream)
    assert cut.controls == whole.controls
    assert cut.violation == whole.violation


def test_a_byte_at_a_time_gives_every_frame_of_a_mixed_burst():
    sizes = [50, 50, 50, 12, 162, 16, 50] * 30 + [162] * 40 + [0, 125, 126, 127, 65_535, 65_536]
    sent = [bytes([number % 251] * size) for number, size in enumerate(sizes)]
    stream = b"".join(frame(BINARY, payload) for payload in sent)
    parser = FrameParser()
    assert [found for at in range(len(stream)) for found in parser.feed(stream[at : at + 1])] == sent
    assert FrameParser().feed(stream) == sent


def test_payload_bytes_that_look_like_headers_do_not_mislead_a_run():
    head = frame(BINARY, bytes(50))[:2]
    sent = [head * 25] * 20 + [head * 6] + [head * 25] * 40 + [head * 24] * 300
    assert FrameParser().feed(b"".join(frame(BINARY, payload) for payload in sent)) == sent


def test_text_is_a_message_like_binary():
    assert FrameParser().feed(frame(TEXT, b'{"a":1}') + frame(BINARY, b"b")) == [b'{"a":1}', b"b"]


@pytest.mark.parametrize(
    ("stream", "close_code"),
    [
        (b"\x82\x84\0\0\0\0data", PROTOCOL_ERROR),
        (b"\xc2\x01a", PROTOCOL_ERROR),
        (b"\x83\x00", PROTOCOL_ERROR),
        (b"\x8b\x00", PROTOCOL_ERROR),
        (b"\x80\x01a", PROTOCOL_ERROR),
        (b"\x02\x01a\x82\x01b", PROTOCOL_ERROR),
        (b"\x09\x00", PROTOCOL_ERROR),
        (b"\x89\x7e\x00\x7e", PROTOCOL_ERROR),
        (b"\x88\x01a", PROTOCOL_ERROR),
        (b"\x82\x7f" + (1 << 40).to_bytes(8, "big"), TOO_BIG),
        (b"\x82\x7f" + b"\xff" * 8, TOO_BIG),
        (b"\x82\x7f" + (LARGEST + 1).to_bytes(8, "big"), TOO_BIG),
    ],
    ids=[
        "masked", "reserved bit", "unknown data opcode", "unknown control opcode", "rest of nothing",
        "message in message", "PING in parts", "long PING", "half a close code", "1 TiB", "all ones", "a byte too many",
    ],
)  # fmt: skip
def test_what_a_server_must_not_send_is_refused_by_its_header_after_all_before_it(stream: bytes, close_code: int):
    parser = FrameParser()
    assert parser.feed(frame(BINARY, b"before") + stream) == [b"before"]
    assert parser.violation is not None
    assert parser.violation.close_code == close_code
    assert parser.feed(frame(BINARY, b"after")) == []


def test_fragments_together_may_not_pass_the_limit():
    parser = FrameParser()
    half = bytes(LARGEST // 2)
    assert parser.feed(frame(BINARY, half, final=False) + frame(CONTINUATION, half, final=False)) == []
    assert parser.violation is None
    parser.feed(b"\x80\x01")
    assert parser.violation is not None
    assert parser.violation.close_code == TOO_BIG


def test_the_largest_message_passes_whole_and_in_fragments():
    third = bytes(LARGEST // 4)
    assert FrameParser().feed(frame(BINARY, bytes(LARGEST))) == [bytes(LARGEST)]
    assert FrameParser().feed(message([third] * 4, [(PING, b"")])) == [bytes(LARGEST)]


def test_nothing_after_a_close_is_read():
    parser = FrameParser()
    stream = frame(BINARY, b"last") + frame(CLOSE, b"\x03\xe8end of session") + frame(BINARY, b"never") + b"\xff\xff"
    assert parser.feed(stream) == [b"last"]
    assert [close_reason(payload) for _opcode, payload in parser.controls] == [(1000, "end of session")]
    assert parser.violation is None
    assert close_reason(b"") == (1005, "")


def test_pending_names_the_message_under_way_and_changes_with_it():
    parser = FrameParser()
    assert parser.pending == 0
    one, two = frame(BINARY, b"one"), frame(BINARY, b"two")
    parser.feed(one[:3])
    first = parser.pending
    assert first
    parser.feed(one[3:] + two[:1])
    assert parser.pending not in {0, first}
    parser.feed(two[1:])
    assert parser.pending == 0


def test_control_frames_between_fragments_do_not_pass_for_progress_of_the_message():
    parser = FrameParser()
    parser.feed(frame(BINARY, b"start", final=False))
    begun = parser.pending
    parser.feed(frame(PING, b"") + frame(CONTINUATION, b"", final=False) + frame(PING, b"")[:1])
    assert parser.pending == begun
