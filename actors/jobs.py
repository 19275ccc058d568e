"""Work on many symbol actors in one go: ticks and bars travel as columns, not as a message each.

A job runs on the worker's thread, in the queue's order. An actor that raises is ended, and only it: the rows of the
others go on from the very next one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from threading import Semaphore
from typing import Any, TypeAlias

from actors.messages import AlertMessage, CaughtUp, FeedInterrupted, HealthMessage, Ref, SymbolsSurvey
from actors.outlets import Outlets
from actors.symbol_actor import SymbolActor
from actors.symbol_view import warmth
from actors.tell import tell_if_alive
from market.bar import MINUTE_MS, Bar

STALE_MS = 15 * MINUTE_MS


Take: TypeAlias = Callable[[int, float, int], None]
"""A symbol actor's `on_tick`."""


class Ticks:
    """Ticks for their symbols, row by row in order of arrival."""

    __slots__ = ("_owners", "_rows")

    def __init__(
        self,
        takers: Sequence[Take],
        times_ms: Sequence[int],
        prices: Sequence[float],
        volumes: Sequence[int],
        owners: Mapping[Take, SymbolActor],
    ) -> None:
        self._rows = zip(takers, times_ms, prices, volumes, strict=True)
        self._owners = owners

    def run(self) -> None:
        rows = self._rows
        while True:
            try:
                for take, at_ms, price, day_volume in rows:
                    take(at_ms, price, day_volume)
            except BaseException:  # noqa: BLE001 - whatever one symbol raises ends that symbol alone
                self._owners[take].fail()
            else:
                return


class Bars:
    """Finished 1-minute bars for their actors: actor, start, open, high, low, close, volume, partial."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[tuple[SymbolActor, int, float, float, float, float, int, bool]]) -> None:
        self._rows = rows

    def run(self) -> None:
        _each_alone(SymbolActor.on_bar, self._rows)


class History:
    """Stored 1-minute bars for their actors, oldest first; those of `today` are raised as late."""

    __slots__ = ("_read", "_rows")

    def __init__(self, rows: Iterable[tuple[SymbolActor, Bar, bool]], read: Sequence[SymbolActor] = ()) -> None:
        """`read`: those that rules of others read, in the order in which they take each minute before the others."""
        self._rows, self._read = rows, read

    def run(self) -> None:
        if not self._read:
            _each_alone(SymbolActor.on_history, self._rows)
            return
        for start_ms, rows in groupby(self._rows, key=lambda row: row[1].start_ms):
            others = {row[0]: row for row in rows}
            for actor in self._read:
                row = others.pop(actor, None)
                _each_alone(SymbolActor.on_history, () if row is None else (row,))
                # Live its longer bars end with the minute, trade or no trade, and others read them then.
                _each_alone(SymbolActor.on_history_passed, ((actor, start_ms + MINUTE_MS),))
            _each_alone(SymbolActor.on_history, others.values())


class CatchUp:
    """Tells the alert actor that these symbols have caught up, and at what prices."""

    __slots__ = ("_actors", "_alerts")

    def __init__(self, actors: Iterable[SymbolActor], alerts: Ref[AlertMessage]) -> None:
        self._actors, self._alerts = actors, alerts

    def run(self) -> None:
        prices = {}
        for actor in self._actors:
            actor.ask_again()
            price = actor.bars.last_price or (actor.last_bar.close if actor.last_bar else None)
            if price is not None:
                prices[actor.instrument.symbol] = price
        self._alerts.tell(CaughtUp(prices))


class Tell:
    """Tells the alert actor something behind all that the symbols have told it up to here."""

    __slots__ = ("_alerts", "_message")

    def __init__(self, alerts: Ref[AlertMessage], message: AlertMessage) -> None:
        self._alerts, self._message = alerts, message

    def run(self) -> None:
        self._alerts.tell(self._message)


class Release:
    """Makes room for more when everything queued before it is done."""

    __slots__ = ("_room",)

    def __init__(self, room: Semaphore) -> None:
        self._room = room

    def run(self) -> None:
        self._room.release()


class Rebuild:
    """One symbol begins anew from its history."""

    __slots__ = ("_row",)

    def __init__(self, actor: SymbolActor, bars: Sequence[Bar], today_ms: int) -> None:
        self._row = (actor, bars, today_ms)

    def run(self) -> None:
        _each_alone(SymbolActor.rebuild, [self._row])


class MinuteOver:
    """`MinuteEnded` for every symbol; what they closed then goes to the store in one piece."""

    __slots__ = ("_actors", "_keep", "_minute", "_outlets", "_watermark")

    def __init__(
        self,
        actors: Iterable[SymbolActor],
        minute: int,
        watermark: int,
        outlets: Outlets,
        keep: Callable[[Sequence[tuple[str, Bar]]], None],
    ) -> None:
        self._actors = actors
        self._minute, self._watermark = minute, watermark
        self._outlets, self._keep = outlets, keep

    def run(self) -> None:
        if self._outlets.swap is not None:
            self._outlets.swap.finish()
        left, minute, watermark = iter(self._actors), self._minute, self._watermark
        while True:
            try:
                for actor in left:
                    actor.on_minute_ended(minute, watermark)
            except BaseException:  # noqa: BLE001 - whatever one symbol raises ends that symbol alone
                actor.fail()
            else:
                break
        if self._outlets.bars:
            bars = tuple(self._outlets.bars)
            self._outlets.bars.clear()
            self._outlets.bars_closed += len(bars)
            if self._outlets.closed_since is not None:
                self._outlets.closed_since += bars
            self._keep(bars)


class Interrupted:
    """`FeedInterrupted` for every symbol of a connection."""

    __slots__ = ("_actors",)

    def __init__(self, actors: Iterable[SymbolActor]) -> None:
        self._actors = actors

    def run(self) -> None:
        _each_alone(SymbolActor.on_receive, ((actor, FeedInterrupted()) for actor in self._actors))


class Survey:
    """Totals over all symbols, told to the health actor."""

    __slots__ = ("_actors", "_counts", "_outlets", "_reply_to", "_ticks")

    def __init__(
        self,
        actors: Sequence[SymbolActor],
        outlets: Outlets,
        ticks: int,
        counts: Mapping[str, int],
        reply_to: Ref[HealthMessage],
    ) -> None:
        self._actors, self._outlets, self._reply_to = actors, outlets, reply_to
        self._ticks, self._counts = ticks, counts

    def run(self) -> None:
        actors = self._actors
        newest = {actor: actor.last_trade_ms for actor in actors}
        now = max((*newest.values(), *(actor.market_ms for actor in actors)), default=0)
        counts = {what: number for what, number in self._counts.items() if number}
        for actor in actors:
            for what, number in actor.bars.counts.items():
                counts[what] = counts.get(what, 0) + number
        tell_if_alive(
            self._reply_to,
            SymbolsSurvey(
                market_ms=now,
                symbols=len(actors),
                traded=sum(1 for at_ms in newest.values() if at_ms),
                stale=tuple(
                    actor.instrument.symbol
                    for actor, at_ms in newest.items()
                    if at_ms and now - at_ms > STALE_MS and actor.hours.continuous(now)
                ),
                ticks=self._ticks,
                bars=self._outlets.bars_closed,
                signals=dict(self._outlets.signals),
                in_signal=sum(1 for actor in actors for runner in actor.runners if runner.in_signal),
                counts=counts,
                warm=sum(1 for actor in actors if warmth(actor) == "yes"),
                phases={hours.title: hours.phase(now) for hours in {actor.hours for actor in actors}} if now else {},
            ),
        )


def _each_alone(handle: Callable[..., object], rows: Iterable[tuple[Any, ...]]) -> None:
    """Call `handle(actor, ...)` for each row; what one actor raises ends that actor alone."""
    left = iter(rows)
    while True:
        try:
            for row in left:
                handle(*row)
        except BaseException:  # noqa: BLE001 - as the docstring says
            row[0].fail()
        else:
            return
