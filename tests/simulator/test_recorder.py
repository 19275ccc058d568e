import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from errors import InputError
from simulator.dhan import DhanWire
from simulator.pace import MarketPace
from simulator.recorder import Recorder, Recording, load_recording
from simulator.server import LocalExchange
from simulator.session import Session
from tests.simulator.raw_client import IDS, QUOTES, START_MS, RawClient

Connect = Callable[..., RawClient]
FRAMES: list[bytes | str] = [b"\x04\x32\x00rest", "text \u20b9", b"", bytes(70_000)]


def recorded(path: Path) -> Path:
    with Recorder(path) as recorder:
        for number, frame in enumerate(FRAMES):
            recorder.append(frame, START_MS + 250 * number)
    return path


def test_frames_are_kept_byte_for_byte_with_their_receive_stamps(tmp_path: Path):
    recording = load_recording(recorded(tmp_path / "feed.frames.gz"))
    assert list(recording.frames) == FRAMES
    assert list(recording.received_ms) == [START_MS, START_MS + 250, START_MS + 500, START_MS + 750]


def test_a_recorder_that_was_killed_leaves_what_it_had_written(tmp_path: Path):
    path = recorded(tmp_path / "feed.frames.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert list(load_recording(path).frames) == FRAMES[:-1]
    path.write_bytes(gzip.compress(gzip.decompress(whole)[:-70_001]))
    assert list(load_recording(path).frames) == FRAMES[:-1]


def test_what_is_no_recording_is_said_in_one_line(tmp_path: Path):
    plain, other, empty = (tmp_path / name for name in ("plain.frames.gz", "other.frames.gz", "empty.frames.gz"))
    plain.write_bytes(b"Code,Date\n")
    other.write_bytes(gzip.compress(b"Code,Date\n"))
    with Recorder(empty):
        pass
    for path in (plain, other, empty, tmp_path / "absent.frames.gz"):
        with pytest.raises(InputError) as caught:
            load_recording(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("pace", [None, MarketPace(100)])
def test_a_recording_is_played_back_byte_for_byte(connect: Connect, pace: MarketPace | None):
    recording = Recording([START_MS + 250 * number for number in range(len(FRAMES))], FRAMES)
    with LocalExchange(recording, DhanWire((), ()), pace=pace, settle_s=0.01) as exchange:
        client = connect(exchange)
        client.subscribe(QUOTES, 2885)
        heard = list(client.messages())
    assert heard == [frame if isinstance(frame, bytes) else frame.encode() for frame in FRAMES]
    assert client.closed == (1000, "end of session")


def test_what_was_recorded_from_the_exchange_plays_again(
    tmp_path: Path, session: Session, wire: DhanWire, connect: Connect
):
    path = tmp_path / "feed.frames.gz"
    with LocalExchange(session, wire) as exchange, Recorder(path) as recorder:
        first = connect(exchange)
        first.subscribe(QUOTES, *IDS)
        for number, message in enumerate(first.messages()):
            recorder.append(message, START_MS + number)
    recording = load_recording(path)
    with LocalExchange(recording, wire, settle_s=0.01) as exchange:
        second = connect(exchange)
        second.subscribe(QUOTES, *IDS)
        assert list(second.messages()) == list(recording.frames)
        assert exchange.counts["quote"] == 44
