"""Hands ticks to the actors of their symbols, and tells all of them when a minute of market time is over."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from actors.jobs import Interrupted, MinuteOver, Survey, Take, Ticks
from actors.messages import HealthMessage, Ref
from actors.near import Near
from actors.outlets import Outlets
from actors.pool import Job, Worker
from actors.symbol_actor import SymbolActor
from actors.views import NearView
from market.bar import MINUTE_MS, Bar
from market.tick import DAY_AVERAGE, DAY_EXTREME, TickBatch, VolumeKind
from market.watermark import Watermark

ROOM = 256
"""Jobs."""
LAST_MS = 30 * MINUTE_MS
"""Data that end so near a session's close are of the whole session, whose last minutes had no trade."""

Columns = tuple[list[Take], list[int], list[float], list[int]]
"""Rows of ticks: who takes each, trade times, prices, day volumes."""


class Router:
    """A plain object that the feed readers call: one look-up a tick.

    With a `watermark`, market time is the data's own: a batch is cut where a minute ends, so that every symbol closes
    the minute before it sees a trade of later ones, however many minutes one read brought. Without one, a timer calls
    `minute_ended`.
    """

    def __init__(
        self,
        worker: Worker,
        actors: Mapping[int, SymbolActor],
        outlets: Outlets,
        keep_bars: Callable[[Sequence[tuple[str, Bar]]], None],
        watermark: Watermark | None,
    ) -> None:
        self._worker = worker
        self._actors = dict(actors)
        self._everyone = list(actors.values())
        self._takers = _Takers(actors)
        self._owners: dict[Take, SymbolActor] = {}
        for actor in actors.values():
            self._owners |= dict.fromkeys((actor.on_tick, actor.bars.add_unseen, actor.bars.take_average), actor)
        self._outlets = outlets
        self._keep_bars = keep_bars
        self._watermark = watermark
        self._order = threading.Lock()
        """Only connections that share a data clock need it: ticks and minute ends must be queued in one order."""
        self.ticks = 0
        """Ticks that came so far, those too that nobody gets."""
        self.unknown = 0
        """Ticks for keys nobody watches."""
        self.strays = 0
        """Ticks of a data clock whose trade time is not believed, and which nobody gets."""
        self._over_ms = 0
        """End of the last minute that is over, epoch milliseconds UTC."""
        self._waiting: Columns = ([], [], [], [])
        """Last rows of a data clock that only the next ones can tell to be strays."""
        self.over = threading.Event()
        """Set when the data is over and every symbol has handled all of it."""
        self._room = threading.Event()
        self._room.set()
        self._jobs_since_room = 0

    @property
    def bars_closed(self) -> int:
        """1-minute bars closed so far, over all symbols."""
        return self._outlets.bars_closed

    @property
    def signals(self) -> dict[str, int]:
        """Transitions so far, by kind and reason."""
        return self._outlets.signals

    def route(self, batch: TickBatch) -> None:
        """Queue a batch for its symbols; from any reader's thread."""
        assert batch.volume_kind is VolumeKind.DAY, "a symbol actor counts from the day's volume"
        self.ticks += batch.ticks
        try:
            known = list(map(self._takers.__getitem__, batch.keys))
        except KeyError:
            batch = self._without_unknown(batch)
            known = [self._takers[key] for key in batch.keys]
        if self._watermark is None:
            self._worker.put(Ticks(known, batch.times_ms, batch.prices, batch.volumes, self._owners))
            return
        with self._order:
            self._route_by_data_clock(self._watermark, (known, batch.times_ms, batch.prices, batch.volumes))

    def minute_ended(self, minute: int, watermark: int) -> None:
        """Queue the end of a minute for every symbol."""
        self._over_ms = max(self._over_ms, minute + MINUTE_MS)
        self._worker.put(MinuteOver(self._everyone, minute, watermark, self._outlets, self._keep_bars))

    def interrupted(self, keys: Collection[int]) -> None:
        """The connection that brings these instruments had a hole."""
        self._worker.put(Interrupted([self._actors[key] for key in keys if key in self._actors]))

    def finished(self) -> None:
        """The data is over: close what it left open, then set `over`.

        A signal ends with its session if the data tell of its end; data that were cut before leave it open.
        """
        with self._order:
            if self._watermark is not None:
                self._finish(self._watermark)
            if close_ms := self._close_at_hand():
                self.minute_ended(close_ms - MINUTE_MS, close_ms)
            self._worker.put(_Set(self.over))

    def survey(self, reply_to: Ref[HealthMessage]) -> None:
        """Queue a survey of all symbols; its result is told to `reply_to`."""
        counts = {"unknown_key": self.unknown, "stray_time": self.strays}
        self._worker.put(Survey(self._everyone, self._outlets, self.ticks, counts, reply_to))

    def near(self, strategy: str | None, top: int, answer: Callable[[NearView], None]) -> None:
        """Queue a survey of who is closest to an entry of a strategy, or of any; `answer` is called on the worker."""
        self._worker.put(Near(self._everyone, strategy, top, self._worker.put, answer))

    def reorder(self, actors: Iterable[SymbolActor]) -> None:
        """Who takes its bars before whom, from now on; on the worker's thread."""
        self._everyone[:] = actors

    def put(self, job: Job) -> None:
        """Queue a job of one's own, in order with everything else."""
        self._worker.put(job)

    def _route_by_data_clock(self, watermark: Watermark, rows: Columns) -> None:
        if self._waiting[0]:
            takers, times_ms, prices, volumes = self._waiting
            rows = (takers + rows[0], times_ms + rows[1], prices + rows[2], volumes + rows[3])
        done = 0
        for start, stop, minute in watermark.advance(rows[1]):
            self.strays += start - done
            done = stop
            if stop > start:
                run = rows if stop - start == len(rows[1]) else _cut(rows, start, stop)
                self._worker.put(Ticks(*run, self._owners))
                self._wait_for_room()
            if minute is not None:
                self.minute_ended(minute, watermark.now_ms)
        self._waiting = _cut(rows, done, len(rows[1]))

    def _finish(self, watermark: Watermark) -> None:
        if self._waiting[0]:
            if watermark.believes_at_the_end(self._waiting[1][0]):
                self._route_by_data_clock(watermark, _cut(self._waiting, 0, 1))  # stands for the row that never came
            self.strays += len(self._waiting[0])
        minute = watermark.finish()
        if minute is not None:
            self.minute_ended(minute, watermark.now_ms)

    def _close_at_hand(self) -> int | None:
        """When the last of the sessions closes that are about to, epoch milliseconds UTC."""
        sessions = (hours.at(self._over_ms - 1) for hours in {actor.hours for actor in self._everyone})
        closes = [session.close_ms for session in sessions if session]
        return max((close_ms for close_ms in closes if 0 < close_ms - self._over_ms <= LAST_MS), default=None)

    def _wait_for_room(self) -> None:
        """Data that waits for nobody must wait for the symbols: at most twice `ROOM` jobs are queued."""
        self._jobs_since_room += 1
        if self._jobs_since_room < ROOM:
            return
        room, self._room, self._jobs_since_room = self._room, threading.Event(), 0
        self._worker.put(_Set(self._room))
        self._worker.wait_for(room.wait)

    def _without_unknown(self, batch: TickBatch) -> TickBatch:
        rows = [row for row, key in enumerate(batch.keys) if key in self._takers or key in self._takers.remarks]
        self.unknown += len(batch) - len(rows)
        known = TickBatch(batch.received_ms, batch.keys, batch.times_ms, batch.prices, batch.volumes)
        known.keep(rows)
        return known


class _Takers(dict[int, Take]):
    """Who takes a row, by its key. Remarks are kept apart: they are few, and would slow the look-up of ticks."""

    def __init__(self, actors: Mapping[int, SymbolActor]) -> None:
        super().__init__({key: actor.on_tick for key, actor in actors.items()})
        self.remarks: dict[int, Take] = {key | DAY_EXTREME: actor.bars.add_unseen for key, actor in actors.items()}
        self.remarks |= {key | DAY_AVERAGE: actor.bars.take_average for key, actor in actors.items()}

    def __missing__(self, key: int) -> Take:
        return self.remarks[key]


def _cut(rows: Columns, start: int, stop: int) -> Columns:
    takers, times_ms, prices, volumes = rows
    return takers[start:stop], times_ms[start:stop], prices[start:stop], volumes[start:stop]


class _Set:
    """Sets an event when everything queued before it is done."""

    __slots__ = ("_event",)

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def run(self) -> None:
        self._event.set()
