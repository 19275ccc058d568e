import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from simulator.frames import frames


@pytest.mark.parametrize("size", [0, 1, 16, 50, 125, 126, 162, 65_535, 65_536])
def test_the_websockets_library_reads_frames_of_every_length(size: int):
    client = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN)
    client.receive_data(frames([b"b" * size, b""]) + frames(["t" * size, b"after"]))
    received = [(event.opcode, bytes(event.data)) for event in client.events_received() if isinstance(event, Frame)]
    assert received == [
        (Opcode.BINARY, b"b" * size),
        (Opcode.BINARY, b""),
        (Opcode.TEXT, b"t" * size),
        (Opcode.BINARY, b"after"),
    ]
