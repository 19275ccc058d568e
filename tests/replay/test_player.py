"""How a recording is handed over: in order, minute by minute, and never far ahead of the symbols."""

import threading
from pathlib import Path

import pytest

from actors.line import Line
from actors.messages import AlertMessage
from errors import SignalsError
from market.clock import iso
from market.watermark import Watermark
from replay.listener import Listener
from replay.player import AHEAD, PIECE, play
from replay.recording import Recording
from tests.factories import ema_vwap
from tests.recordings import BARS, TICKS, loaded, ms, written


class Deaf:
    """Stands at the alert actor's place."""

    def tell(self, message: AlertMessage) -> None:
        pass


class Held:
    """A job that holds the symbols' thread until it is let go."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def run(self) -> None:
        self.release.wait()


class Fatal:
    """A job that no worker outlives."""

    def run(self) -> None:
        raise MemoryError


def line_for(recording: Recording, watermark: Watermark | None) -> Line:
    instruments = dict(enumerate(recording.instruments))
    return Line((ema_vwap(),), instruments, lambda _: None, Deaf(), Listener(), watermark)


def many_ticks(path: Path, count: int) -> Recording:
    start = ms("2016-08-16T09:15")
    return loaded(written(path, TICKS, (f"ACC,{iso(start + number)},100,{number}" for number in range(count))))


def test_the_reader_waits_for_the_symbols(tmp_path: Path):
    recording = many_ticks(tmp_path / "ticks.csv", PIECE * (AHEAD + 3))
    line, held, handed_over = line_for(recording, Watermark(1500)), Held(), list[int]()
    line.router.put(held)
    full = threading.Event()

    def on_piece(rows: int) -> None:
        handed_over.append(rows)
        if len(handed_over) == AHEAD + 1:
            full.set()

    reader = threading.Thread(target=play, args=(recording, line, on_piece), daemon=True)
    line.start()
    reader.start()
    assert full.wait(30)
    assert reader.is_alive()
    assert len(handed_over) == AHEAD + 1
    held.release.set()
    assert line.router.over.wait(30)
    reader.join(30)
    assert handed_over == [PIECE * (number + 1) for number in range(AHEAD + 3)]
    assert line.router.ticks == len(recording.rows)
    line.stop()


def test_every_minute_of_bars_ends_and_so_do_the_empty_ones_before_it(tmp_path: Path):
    rows = [f"ACC,2016-08-16 {clock},1,1,1,1,1" for clock in ("09:15", "09:16", "09:40")]
    recording = loaded(written(tmp_path / "bars.csv", BARS, rows))
    line = line_for(recording, None)
    ended: list[str] = []
    (actor,) = line.actors.values()
    close = actor.on_minute_ended

    def on_minute_ended(minute: int, watermark: int) -> None:
        ended.append(iso(minute)[11:16])
        close(minute, watermark)

    actor.on_minute_ended = on_minute_ended  # type: ignore[method-assign] # a spy on the real one
    line.start()
    play(recording, line, lambda _: None)
    assert line.router.over.wait(30)
    line.stop()
    assert ended == ["09:15", "09:16", "09:39", "09:40"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is the case
def test_a_symbols_thread_that_dies_ends_the_replay_with_a_sentence(tmp_path: Path):
    recording = many_ticks(tmp_path / "ticks.csv", PIECE * (AHEAD + 3))
    line = line_for(recording, Watermark(1500))
    line.router.put(Fatal())
    line.start()
    with pytest.raises(SignalsError, match="the thread 'symbols' died") as end:
        play(recording, line, lambda _: None)
    assert end.value.exit_code == 70
    with pytest.raises(SignalsError, match="the thread 'symbols' died"):
        Listener().survey(line.worker)
