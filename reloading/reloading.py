"""New settings for a running program: all that can be taken over is, or nothing."""

import gc
import threading
from pathlib import Path

from loguru import logger

from actors.line import Line
from errors import BusyError
from market.clock import Clock
from reloading.changes import Changes, difference
from reloading.past import StoredPast
from reloading.phone import Phone
from settings.loader import load
from settings.schema import Settings
from store.store import Store
from warmup.warm_up import WarmUp


class Reloading:
    """Reads config.toml again when asked to, and changes strategies and channels while ticks flow."""

    def __init__(
        self, config: Path, settings: Settings, line: Line, store: Store, phone: Phone, clock: Clock,
        warm_up: WarmUp | None, *, data_clock: bool,
    ) -> None:  # fmt: skip
        """`settings` are those of `config` at the start; without a `warm_up` there is no broker to ask for the past."""
        self.settings = settings
        """What the program runs by now."""
        self._config, self._line, self._store, self._phone = config, line, store, phone
        self._clock, self._warm_up, self._data_clock = clock, warm_up, data_clock
        self._fed_average = line.reads_average
        """The feed was asked for the average traded price when the program started."""
        self._one_at_a_time = threading.Lock()

    def reload(self) -> Changes:
        """Run by the file as it is now; from any thread but the symbols'.

        Raises: SignalsError, above all SettingsError and CredentialsError; then all runs on by the old settings.
        """
        if not self._one_at_a_time.acquire(blocking=False):
            raise BusyError("a reload is under way")
        try:
            changes = self._change(load(self._config))
        finally:
            self._one_at_a_time.release()
        for line in changes.told():
            logger.info("reload: {}", line)
        return changes

    def _change(self, new: Settings) -> Changes:
        old, line = self.settings, self._line
        changes = difference(old, new)
        built = self._phone.build(old, new)
        if changes.strategies or old.strategy != new.strategy:
            past = StoredPast(self._store, line, self._market_ms())
            reloaded = line.reload(new.strategy, past)
            changes.warmed, changes.bars, changes.unwatched = reloaded.warmed, reloaded.bars, reloaded.unwatched
            changes.unfed = line.reads_average and not self._fed_average
            past.rebuild(reloaded.stale)
            gc.freeze()  # what is new lives as long as what it replaces would have
        # From here on nothing is refused.
        self.settings = old.model_copy(update={"strategy": new.strategy, "channel": new.channel, "alerts": new.alerts})
        changes.unsent = self._phone.change(new, built)
        runners = [runner for actor in line.actors.values() for runner in actor.runners]
        changes.leaving = sum(runner.leaving for runner in runners)
        if changes.strategies:
            changes.short = sum(not all(runner.settled for runner in actor.runners) for actor in line.actors.values())
            changes.asked = self._warm_up.want_more() if self._warm_up is not None and changes.short else 0
        return changes

    def _market_ms(self) -> int:
        if not self._data_clock:
            return self._clock.now_ms()
        return max((actor.market_ms for actor in self._line.actors.values()), default=0)
