"""Plays a recording into the line, as fast as the symbols take it."""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from actors.jobs import Bars, Release
from actors.line import Line
from market.bar import MINUTE_MS
from market.tick import TickBatch
from replay.layout import Contents
from replay.recording import Recording
from replay.rows import Rows

PIECE: Final = 1 << 13
"""Rows handed over together; a minute of bars stays whole."""
AHEAD: Final = 2
"""Pieces that may wait for the symbols."""


def play(recording: Recording, line: Line, on_piece: Callable[[int], None]) -> None:
    """Hand over every row and then the end of the data; `on_piece` is told how many rows are out.

    The line's keys are the positions of `recording.instruments`. Raises: SignalsError when its thread has died.
    """
    feed = _ticks if recording.contents is Contents.TICKS else _bars
    room = threading.Semaphore(AHEAD)
    for handed_over in feed(recording.rows, line):
        line.router.put(Release(room))
        on_piece(handed_over)
        line.worker.wait_for(lambda timeout_s: room.acquire(timeout=timeout_s))
    line.router.finished()


def _ticks(rows: Rows, line: Line) -> Iterator[int]:
    """In pieces; the router sees by the data's own time which minutes are over."""
    for start in range(0, len(rows), PIECE):
        piece = rows.take(slice(start, start + PIECE))
        times_ms = piece.times_ms.tolist()
        line.router.route(
            TickBatch(times_ms[-1], piece.symbol.tolist(), times_ms, piece.prices[0].tolist(), piece.volumes.tolist())
        )
        yield start + len(piece)


def _bars(rows: Rows, line: Line) -> Iterator[int]:
    """In pieces of whole minutes: a minute is over when its bars are there, and so are those without any before it."""
    if not len(rows):
        return
    actors = [line.actors[key] for key in range(len(line.actors))]
    begins = [0, *(np.flatnonzero(np.diff(rows.times_ms)) + 1).tolist(), len(rows)]
    next_minute = 0
    first = 0
    for last, stop in enumerate(begins[1:]):
        if stop - begins[first] < PIECE and stop < len(rows):
            continue
        piece = rows.take(slice(begins[first], stop))
        owners = [actors[key] for key in piece.symbol.tolist()]
        starts = piece.times_ms.tolist()
        columns = (owners, starts, *piece.prices.tolist(), piece.volumes.tolist(), piece.partial.tolist())
        for begin, end in pairwise(place - begins[first] for place in begins[first : last + 2]):
            minute = starts[begin]
            if 0 < next_minute < minute:
                line.router.minute_ended(minute - MINUTE_MS, minute)
            line.router.put(Bars(zip(*(column[begin:end] for column in columns), strict=True)))
            next_minute = minute + MINUTE_MS
            line.router.minute_ended(minute, next_minute)
        first = last + 1
        yield stop
