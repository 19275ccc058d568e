"""The part of the program that live, replay and tests share: instruments in, a router and symbol actors out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Semaphore

from loguru import logger

from actors.jobs import CatchUp, History, Rebuild, Release
from actors.messages import AlertMessage, HealthMessage, MachineRow, Ref
from actors.outlets import Outlets
from actors.pool import Worker
from actors.reload import Past, Reload, Reloaded
from actors.router import Router
from actors.symbol_actor import SymbolActor
from engine.playbook import Playbook
from engine.study import Study
from market.bar import Bar
from market.instrument import Instrument
from market.sessions import SessionTable
from market.watermark import Watermark
from settings.strategy_schema import StrategySettings
from signals.machine import Machine

AT_ONCE = 20_000
"""Stored bars in one job: a worker that is busy with one for long looks as if it hung."""
AHEAD = 2
"""Jobs of stored bars that may wait for the symbols: all of a history at once would be gigabytes."""

OnHole = Callable[[SymbolActor, int, int], None]
KeepBars = Callable[[Sequence[tuple[str, Bar]]], None]


class Line:
    """One worker, one actor per instrument, and the router that feeds them."""

    def __init__(
        self,
        strategies: Sequence[StrategySettings],
        instruments: Mapping[int, Instrument],
        keep_bars: KeepBars,
        alerts: Ref[AlertMessage],
        health: Ref[HealthMessage],
        watermark: Watermark | None,
        machines: Iterable[MachineRow] = (),
        on_hole: OnHole | None = None,
        sessions: SessionTable | None = None,
    ) -> None:
        """Build and start the actors; `machines` are those of the store, `watermark` None when the wall tells time.

        `on_hole` is told of spans whose bars lack trades, and repairs them; without it nobody does. `sessions` is the
        table with the user's days; without it the shipped one.

        Raises: SettingsError, for a strategy that cannot be built or an instrument without trading hours.
        """
        saved = {(row.symbol, row.strategy, row.version): row.state for row in machines}
        sessions = sessions or SessionTable()
        self._alerts = alerts
        self._strategies = strategies
        self._playbook = playbook = Playbook(strategies, instruments.values())
        if playbook.unwatched:
            logger.warning("rules read what is not watched, and wait for it in vain: {}", ", ".join(playbook.unwatched))
        self._outlets = outlets = Outlets(alerts, health, on_hole=on_hole)
        self.worker = Worker("symbols")
        self.actors: dict[int, SymbolActor] = {}
        """By the key that ticks carry."""
        # Those that rules of others read take their bars first.
        for key, instrument in sorted(instruments.items(), key=lambda item: playbook.rank(item[1].symbol)):
            symbol = instrument.symbol
            study = Study(
                instrument,
                sessions.hours(instrument),
                playbook.plans(instrument),
                playbook.references,
                lambda plan, symbol=symbol: _restored(saved.get((symbol, plan.name, plan.version)), symbol),  # type: ignore[misc]
                playbook.unasked(instrument),
            )
            self.actors[key] = SymbolActor.launch(self.worker, study, outlets)
        self.router = Router(self.worker, self.actors, outlets, keep_bars, watermark)

    def start(self) -> None:
        self.worker.start()

    @property
    def reads_average(self) -> bool:
        """Whether any rule reads the exchange's average traded price."""
        return self._playbook.reads_average

    def recall(self, bars: Iterable[tuple[str, Bar]], today_ms: int) -> None:
        """Hand stored bars over, before any tick: earlier days warm, today's step the machines as late.

        They come oldest first, and a minute's are handed over together. `today_ms` is the start of the market's day,
        epoch milliseconds UTC. Each minute of today ends as it did live. Waits for the symbols, which must run.
        """
        by_symbol = {actor.instrument.symbol: actor for actor in self.actors.values()}
        room = Semaphore(AHEAD)
        rows: list[tuple[SymbolActor, Bar, bool]] = []
        for symbol, bar in bars:
            if len(rows) >= AT_ONCE and bar.start_ms != rows[-1][1].start_ms:
                self._hand_over(rows, room)
                rows = []
            if symbol in by_symbol:
                rows.append((by_symbol[symbol], bar, bar.start_ms >= today_ms))
        self._hand_over(rows, room)
        self.router.put(CatchUp(self.actors.values(), self._alerts))

    def _hand_over(self, rows: list[tuple[SymbolActor, Bar, bool]], room: Semaphore) -> None:
        read = [actor for actor in self.actors.values() if self._playbook.reads(actor.instrument.symbol)]
        read.sort(key=lambda actor: self._playbook.rank(actor.instrument.symbol))
        self.worker.wait_for(lambda timeout_s: room.acquire(timeout=timeout_s))
        self.router.put(History(rows, read))
        self.router.put(Release(room))

    def rebuild(self, actor: SymbolActor, bars: Sequence[Bar], today_ms: int) -> None:
        """Have a symbol begin anew from 1-minute bars, oldest first, in order with its ticks; from any thread."""
        self.router.put(Rebuild(actor, bars, today_ms))
        self.router.put(CatchUp((actor,), self._alerts))

    def reload(self, strategies: Sequence[StrategySettings], past: Past) -> Reloaded:
        """Go on by these strategies instead, while ticks flow; returns when all symbols do. Not on the worker's thread.

        All or nothing: whatever is wrong with them is found before the first symbol has changed. Raises: SettingsError,
        and what `past` raises.
        """
        playbook = Playbook(strategies, [actor.instrument for actor in self.actors.values()])
        leaving = (runner.plan for actor in self.actors.values() for runner in actor.runners if runner.leaving)
        playbook.let_end(self._playbook, leaving)
        unchanged = {chosen.name for chosen in strategies if chosen in self._strategies}
        reload = Reload(self.worker, self.router, self._outlets, self.actors.values(), playbook)
        reloaded = reload.run(unchanged, past)
        self._strategies, self._playbook = strategies, playbook
        return reloaded

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End the worker after all that waits; True when it ended in time."""
        return self.worker.stop(timeout_s)


def _restored(state: dict[str, object] | None, symbol: str) -> Machine:
    """The machine as the store has it; one that cannot be read begins anew, and the log says so."""
    if state is None:
        return Machine()
    try:
        return Machine.from_json(state)
    except (KeyError, ValueError, TypeError) as error:
        logger.bind(symbol=symbol).error(
            "{}: its stored state machine cannot be read ({!r}); it starts idle", symbol, error
        )
        return Machine()
