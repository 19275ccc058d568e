"""Builds the actors and joins them; starts them phone first, stops them wire first."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from loguru import logger

from actors.alert_actor import AlertActor
from actors.answers import Answers
from actors.channel_totals import totals
from actors.feed_actor import FeedActor
from actors.feed_reader import FeedReader
from actors.health_actor import HealthActor
from actors.health_record import ChannelTotals
from actors.hung import end_hung
from actors.jobs import Tell
from actors.line import Line
from actors.messages import HealthMessage, Ref, Resumed, Watch
from actors.router import Router
from actors.symbol_actor import SymbolActor
from actors.timer import Timer
from brokers.history import History
from collector import spare_the_collector
from control.server import ControlServer
from delivery.build import build_channels, stop_channels
from delivery.channel import Channel
from errors import SettingsError
from evening.build import evening_of
from market.clock import Clock
from market.instrument import Instrument
from market.watermark import Watermark
from reloading.changes import Changes
from reloading.phone import Phone
from reloading.reloading import Reloading
from settings.schema import Settings
from store.store import Store
from warmup.recall import recall
from warmup.spans import down_since
from warmup.wanted import Wanted
from warmup.warm_up import WarmUp

STOP_S = 4.0
"""How long each part may take to finish what waits for it."""

MakeReaders = Callable[[Router, Ref[HealthMessage], bool], Sequence[FeedReader]]


class System:
    """The whole program but its command line."""

    def __init__(
        self,
        settings: Settings,
        instruments: Mapping[int, Instrument],
        clock: Clock,
        make_readers: MakeReaders,
        *,
        data_clock: bool,
        config: Path | None = None,
        history: History | None = None,
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            settings: all of config.toml.
            instruments: what to watch, by the key that ticks carry.
            clock: local time.
            make_readers: makes the feeds' readers once there is a router; the last argument is whether average traded
                prices are wanted.
            data_clock: market time is the data's own, not the wall's.
            config: the settings' file, for what is done after a live market's close; without it nothing is.
            history: where the past of a live market is asked for; None leaves the indicators to the store.
        """
        self._settings, self._instruments, self._clock = settings, instruments, clock
        self._make_readers, self._data_clock, self._config = make_readers, data_clock, config
        self._history = history
        self._warm_up: WarmUp | None = None
        self._channels: list[Channel] = []
        self._reloading: Reloading | None = None
        self._running = ExitStack()

    def start(self) -> None:
        """Bring everything up. Raises: SignalsError, with whatever was started ended again."""
        with ExitStack() as running:
            self._start_phone(running)
            self._start_line(running)
            self._start_wire(running)
            self._running = running.pop_all()
        spare_the_collector()

    def stop(self) -> None:
        """End all of it, wire first, so that what has arrived is still decided, committed and sent."""
        self._running.close()

    @property
    def over(self) -> threading.Event:
        """Set when the data told the end of the session and every symbol has handled it."""
        return self._line.router.over

    def dead(self) -> str | None:
        """The part that ended by itself, though nothing can go on without it; None while all of them live.

        An exception has ended it, and the log has that; only a new process gets it back.
        """
        alive = {
            "the symbols' thread": self._line.worker.is_alive,
            "the store": self._store.is_alive,
            "the alert actor": self._alerts.is_alive(),
            "the health actor": self._health.is_alive(),
            "the timer": self._timer.is_alive,
        }
        return next((name for name, lives in alive.items() if not lives), None)

    def reload(self) -> Changes:
        """Run by the settings' file as it is now: other strategies and channels, while ticks flow.

        Raises: SignalsError, above all SettingsError; then all runs on by the old settings.
        """
        if self._reloading is None:
            raise SettingsError(["this run has no settings file"])
        return self._reloading.reload()

    @property
    def history_left(self) -> int:
        """Symbols for which the broker is still to be asked."""
        return self._warm_up.left if self._warm_up is not None else 0

    def _start_phone(self, running: ExitStack) -> None:
        """Health, store, channels and the alert actor: what an earlier run left is on its way before any tick."""
        settings, clock = self._settings, self._clock
        self._health = HealthActor.start((), clock, self._totals, end_hung)
        running.callback(self._health.stop, timeout=STOP_S)
        # A session that is played begins anew each time, so nothing may be known of it.
        self._store = Store(settings.state_directory, clock, self._health, anew=self._data_clock)
        self._channels = build_channels(settings.channel, self._store, clock, self._health)
        self._store.start()
        running.callback(self._store.stop, STOP_S)
        for channel in self._channels:
            channel.start()
        running.callback(self._stop_channels)
        self._health.tell(Watch((self._store.heartbeat, *(channel.heartbeat for channel in self._channels))))
        self._alerts = AlertActor.start(self._store, settings.alerts, self._channels, self._health, settings.strategy)
        running.callback(self._alerts.stop, timeout=STOP_S)

    def _start_line(self, running: ExitStack) -> None:
        """The symbols, brought to where they stood by the bars of the store."""
        settings, clock = self._settings, self._clock
        repairs = self._history is not None and not self._data_clock
        self._line = Line(
            settings.strategy,
            self._instruments,
            self._store.write_bars,
            self._alerts,
            self._health,
            Watermark(settings.feed.grace_ms) if self._data_clock else None,
            self._store.machines(),
            self._repair if repairs else None,
            sessions=settings.session_table(),
        )
        self._line.start()
        running.callback(self._stop_line)
        if not self._data_clock:
            spare_the_collector()  # the millions of bars that now pass by would have it look at all of this each time
            stored = recall(self._line, self._store, clock.now_ms())
            down = down_since(stored, (actor.hours for actor in self._line.actors.values()), clock.now_ms())
            resumed = partial(self._resumed, down, clock.now_ms()) if down is not None else None
            if self._history is not None:
                self._warm_up = WarmUp(self._history, self._line, self._store, clock, self._health, stored, resumed)
            elif resumed is not None:
                resumed(len(self._line.actors))

    def _start_wire(self, running: ExitStack) -> None:
        """The control port, the timer, and last the feeds."""
        settings, clock = self._settings, self._clock
        if self._config is not None:
            phone = Phone(self._channels, self._store, clock, self._alerts, self._health)
            self._reloading = Reloading(
                self._config,
                settings,
                self._line,
                self._store,
                phone,
                clock,
                self._warm_up,
                data_clock=self._data_clock,
            )
        readers = self._make_readers(self._line.router, self._health, self._line.reads_average)
        self.answers = answers = Answers(self._line, self._store, self._channels, self._health, readers)
        """What it tells about itself, from its start on and after its end."""
        control = ControlServer(
            settings.control.port,
            settings.state_directory,
            answers.inspect,
            answers.report,
            answers.symbols,
            answers.signals,
            answers.strategies,
            answers.near,
            lambda: self.reload().told(),
        )
        control.start()
        running.callback(control.stop)
        self._timer = Timer(
            clock, self._line.router, self._health, settings.feed.grace_ms, wall_minutes=not self._data_clock
        )
        self._timer.start()
        running.callback(self._timer.stop)
        self._health.tell(Watch((self._line.worker.heartbeat, control.heartbeat, self._timer.heartbeat)))
        for reader in readers:
            feed = FeedActor.start(reader)
            running.callback(feed.stop, timeout=2 * STOP_S)
        if self._warm_up is not None:
            self._warm_up.start()
            running.callback(self._warm_up.stop)
            self._health.tell(Watch((self._warm_up.heartbeat,)))
        if self._config is not None and not self._data_clock:
            self._start_evening(running, self._config)

    def _repair(self, actor: SymbolActor, since_ms: int, until_ms: int) -> None:
        assert self._warm_up is not None, "it is there before any tick"
        self._warm_up.hole(actor, since_ms, until_ms)

    def _resumed(self, since_ms: int, until_ms: int, left: int) -> None:
        """Say what was missed, behind all that the symbols have to say of it."""
        self._line.router.put(Tell(self._alerts, Resumed(since_ms, until_ms, left)))

    def _start_evening(self, running: ExitStack, config: Path) -> None:
        """What waits for the close."""
        evening = evening_of(
            self._settings,
            config,
            self._instruments.values(),
            self._clock,
            self._store,
            self._channels,
            lambda: Wanted(self._line).sinces(self._clock.now_ms()),
        )
        evening.start()
        running.callback(evening.stop)
        self._health.tell(Watch((evening.heartbeat,)))

    def _totals(self) -> list[ChannelTotals]:
        return totals(self._channels, self._store)

    def _stop_channels(self) -> None:
        for name in stop_channels(self._channels, STOP_S):
            logger.warning("channel {} is still sending; what it has not confirmed is sent again next time", name)

    def _stop_line(self) -> None:
        if not self._line.stop(STOP_S):
            logger.error("the symbols did not finish what waited for them")
