"""One connection against servers that fall silent, break the protocol or leave."""

import logging
import socket
import threading
from dataclasses import replace
from queue import SimpleQueue

import pytest

from brokers.broker import Ending, Remedy
from brokers.websocket.connection import Traffic
from brokers.websocket.frames import BINARY, CLOSE, PING, PONG, TEXT
from brokers.websocket.guard import Guard
from brokers.websocket.losses import LostError
from market.clock import SystemClock
from tests.brokers.websocket.scripted_server import (
    PATIENT,
    TOKEN,
    Dial,
    Serve,
    frame,
    heard,
    read_to_the_end,
    reset,
    until_gone,
    upgrade,
)


def test_a_ping_is_answered_with_its_payload_and_counts_as_life(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(PING, b"there?") + frame(BINARY, b"data"))
        assert heard(peer) == (PONG, b"there?")
        peer.sendall(frame(CLOSE, b"\x03\xe9"))
        assert heard(peer) == (CLOSE, b"\x03\xe9")

    traffic = Traffic()
    messages, ending = read_to_the_end(dial(serve(script), traffic=traffic))
    assert messages == [b"data"]
    assert ending.code == 1001
    assert (traffic.frames, traffic.bytes) == (3, 8 + 6 + 4)
    assert traffic.last_frame is not None


@pytest.mark.parametrize("limit", ["frame", "quiet_frame"])
def test_silence_is_met_with_a_ping_and_then_with_a_cut(serve: Serve, dial: Dial, limit: str):
    pings: SimpleQueue[tuple[int, bytes]] = SimpleQueue()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, b"the last"))
        pings.put(heard(peer))
        until_gone(peer)

    short = replace(PATIENT, frame=1000.0, quiet_frame=1000.0)
    deadlines = replace(short, frame=0.3) if limit == "frame" else replace(short, quiet_frame=0.3)
    messages, ending = read_to_the_end(dial(serve(script), deadlines, data_expected=limit == "frame"))
    assert messages == [b"the last"]
    assert ending.detail.endswith("not even a PING")
    assert pings.get(timeout=10) == (PING, b"")
    assert pings.empty()


def test_a_server_that_answers_our_ping_is_not_cut(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(PING, b""))
        assert heard(peer)[0] == PONG
        for _ in range(2):
            assert heard(peer)[0] == PING
            peer.sendall(frame(PONG, b""))
        peer.sendall(frame(CLOSE, b"\x03\xe8done"))

    _, ending = read_to_the_end(dial(serve(script), replace(PATIENT, frame=0.6)))
    assert ending.detail == "closed by the server: 1000 done"


@pytest.mark.parametrize("sent", [1, 3, 4, 100, 165])
def test_half_a_frame_and_no_more_is_cut(serve: Serve, dial: Dial, sent: int):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, b"whole") + frame(BINARY, bytes(162))[:sent])
        until_gone(peer)

    messages, ending = read_to_the_end(dial(serve(script), replace(PATIENT, half_frame=0.1)))
    assert messages == [b"whole"]
    assert ending.detail.startswith("half a message")


def test_half_a_frame_is_cut_although_pings_go_on_between_its_fragments(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(b"\x02\x05start")
        while True:
            peer.sendall(frame(PING, b""))
            threading.Event().wait(0.02)

    messages, ending = read_to_the_end(dial(serve(script), replace(PATIENT, half_frame=0.1)))
    assert messages == []
    assert ending.detail.startswith("half a message")


def test_a_frame_that_is_resumed_in_time_comes_whole(serve: Serve, dial: Dial):
    payload, gone_on = bytes(range(162)), threading.Event()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, payload)[:77])
        gone_on.wait(10)
        peer.sendall(frame(BINARY, payload)[77:] + frame(CLOSE, b""))

    connection = dial(serve(script))
    for _ in range(3):
        assert connection.read() == []
    gone_on.set()
    assert read_to_the_end(connection)[0] == [payload]


def test_a_claim_of_1_tib_is_cut_at_once_with_the_code_for_too_big(serve: Serve, dial: Dial):
    answers: SimpleQueue[tuple[int, bytes]] = SimpleQueue()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, b"before") + b"\x82\x7f" + (1 << 40).to_bytes(8, "big"))
        answers.put(heard(peer))

    connection = dial(serve(script))
    messages, ending = read_to_the_end(connection)
    connection.close()
    assert messages == [b"before"]
    assert ending.detail.startswith("the server broke the websocket protocol with a message of 1,099,511,627,776 bytes")
    assert answers.get(timeout=10) == (CLOSE, (1009).to_bytes(2, "big"))


def test_a_reset_is_a_loss_without_a_code(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, b"data"))
        assert heard(peer) == (TEXT, b"got it")
        reset(peer)

    connection = dial(serve(script))
    assert connection.read() == [b"data"]
    connection.send("got it")
    _, ending = read_to_the_end(connection)
    assert ending == Ending(Remedy.RETRY, "the server cut the connection without saying why: Connection reset by peer")


def test_why_the_server_left_is_read_although_it_no_longer_listens(serve: Serve, dial: Dial):
    left = threading.Event()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, b"because"))
        peer.close()
        left.set()

    connection = dial(serve(script))
    assert left.wait(10)
    for _ in range(20):
        connection.send("x" * 10_000)
    messages, ending = read_to_the_end(connection)
    assert messages == [b"because"]
    assert ending.detail.startswith("the server takes nothing any more")


def test_a_server_that_does_not_listen_is_given_up(serve: Serve, dial: Dial):
    deaf = threading.Event()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, b"talks only"))
        deaf.wait(10)

    connection = dial(serve(script), replace(PATIENT, send=0.1))
    assert connection.read() == [b"talks only"]
    connection.send("x" * 30_000_000)
    _, ending = read_to_the_end(connection)
    deaf.set()
    assert ending.detail.startswith("the server takes nothing any more")


def test_the_servers_own_words_are_shown_on_one_line_and_without_our_secrets(serve: Serve, dial: Dial):
    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(CLOSE, (4001).to_bytes(2, "big") + f"bad {TOKEN}\nof 1000000001".encode()))

    _, ending = read_to_the_end(dial(serve(script)))
    assert ending.detail == r"closed by the server: 4001 bad ***\nof ***"
    assert ending.code == 4001


def test_closing_says_goodbye_then_closes_and_reads_on_so_that_it_is_heard(serve: Serve, dial: Dial):
    answers: SimpleQueue[tuple[int, bytes]] = SimpleQueue()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(BINARY, bytes(50)) * 1000)
        answers.put(heard(peer))
        answers.put(heard(peer))
        peer.sendall(frame(CLOSE, b"\x03\xe8"))

    dial(serve(script), replace(PATIENT, farewell=10.0)).close('{"RequestCode":12}')
    assert answers.get(timeout=10) == (TEXT, b'{"RequestCode":12}')
    assert answers.get(timeout=10) == (CLOSE, b"\x03\xe8")


def test_a_cut_from_another_thread_wakes_a_reader(serve: Serve):
    hold = threading.Event()

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        hold.wait(10)

    guard = Guard(60, SystemClock(), "test watchdog")
    with socket.create_connection(("127.0.0.1", int(serve(script).rpartition(":")[2]))) as plain:
        guard.watch(plain)
        threading.Timer(0.05, guard.cut).start()
        assert plain.recv(1) == b""
    with pytest.raises(LostError, match="asked to stop"), socket.socket() as other:
        guard.watch(other)
    hold.set()


def test_nothing_of_the_handshake_is_logged(serve: Serve, dial: Dial, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)

    def script(peer: socket.socket) -> None:
        upgrade(peer)
        peer.sendall(frame(CLOSE, b""))

    read_to_the_end(dial(serve(script)))
    assert TOKEN not in caplog.text
