"""Warm-up and repair: what the symbols lack is fetched from the broker, on threads that nobody waits for."""

import threading
from collections.abc import Callable, Mapping

from loguru import logger

from actors.heartbeat import Heartbeat
from actors.line import Line
from actors.messages import HealthMessage, Ref
from actors.symbol_actor import SymbolActor
from brokers.history import Candles, DayQuote, Found, History
from brokers.listing import Listing
from errors import StorageError
from market.bar import MINUTE_MS
from market.clock import Clock
from store.store import Store
from warmup.merge import known_through
from warmup.more import lacking, missed
from warmup.needs import GIVE_UP_S, Need, Needs, wait_after
from warmup.progress import Progress
from warmup.renewal import Renewal
from warmup.spans import Stored, is_split
from warmup.wanted import Wanted

THREADS = 8
"""An answer takes a second or more, and several a second are allowed."""
TURN_S = 0.5
STOP_S = 1.0
QUOTE_TRIES = 3
TROUBLE_S = 10.0
"""Nothing is asked for so long after an error or a refused token."""


class WarmUp:
    """Brings every symbol the bars its indicators want, and those that a hole swallowed."""

    def __init__(
        self,
        history: History,
        line: Line,
        store: Store,
        clock: Clock,
        health: Ref[HealthMessage],
        stored: Stored,
        on_repaired: Callable[[int], None] | None = None,
    ) -> None:
        """Prepare; nothing is asked before `start`.

        Args:
            history: the broker's.
            line: whose symbols begin anew.
            store: keeps what comes.
            clock: its wall is the market's; the other one is for waits.
            health: told how far it is.
            stored: what the bars of the store tell of holes.
            on_repaired: told once how many symbols still wait: when none does, or after a while.
        """
        self._history, self._line, self._store, self._clock = history, line, store, clock
        self._stored = stored
        self._listings = {
            key: Listing(actor.instrument, key >> 32, key & 0xFFFF_FFFF) for key, actor in line.actors.items()
        }
        self._keys = {actor: key for key, actor in line.actors.items()}
        self._quotes: Mapping[int, DayQuote] = {}
        self._whole: set[int] = set()
        """Symbols whose history is there: what they may lack is a hole of today."""
        self._needs = Needs(self._urgency)
        self._renewal = Renewal(line, store, clock, self._needs)
        self._told: set[int] = set()
        """Symbols whose lack of history was logged."""
        self._progress = Progress(len(self._listings), self._needs, clock, health, on_repaired, history.longest_days)
        self._pause_until = clock.monotonic()
        self._trouble = ""
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.heartbeat = Heartbeat("history")

    def start(self) -> None:
        """Begin, on threads of its own."""
        names = [f"history-{number}" for number in range(1, THREADS + 1)]
        self._threads = [threading.Thread(target=self._run, name=name, daemon=True) for name in names]
        planner = threading.Thread(target=self._begin, name="history plan", daemon=True)
        for thread in (planner, *self._threads):
            thread.start()

    def stop(self) -> None:
        """End; a request under way is left to itself after a while."""
        self._stopping.set()
        self._history.stop()
        until = self._clock.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(0.0, until - self._clock.monotonic()))

    def hole(self, actor: SymbolActor, since_ms: int, until_ms: int) -> None:
        """Bars of a span lack trades; from any thread."""
        self._needs.want(Need(self._keys[actor], since_ms, until_ms))

    def want_more(self) -> int:
        """The rules are others: ask for what they lack; for how many symbols. Raises: StorageError."""
        self._renewal.wanted = Wanted(self._line)
        needs = list(lacking(self._line, self._store.history_spans(), self._renewal.wanted, self._clock.now_ms()))
        for need in needs:
            self._whole.discard(need.key)
            self._needs.want(need)
        self._tell()
        return len(needs)

    def plan(self) -> None:
        """Find out who lacks what."""
        stored, spans = self._stored, self._store.history_spans()
        self._quotes = self._quotes or self._ask_quotes()
        for key, actor in self._line.actors.items():
            symbol = actor.instrument.symbol
            if is_split(stored.closes.get(symbol, 0.0), self._quotes.get(key)):
                self._renewal.drop(actor)
                stored.forget(symbol)
                spans.pop(symbol, None)
        needs = list(missed(self._line, spans, stored, self._renewal.wanted, self._clock.now_ms()))
        self._whole |= self._line.actors.keys() - {need.key for need in needs}
        for need in needs:
            self._needs.want(need)
        logger.info("history: {} of {} symbols want it from the broker", len(self._needs), len(self._listings))
        self._progress.is_planned = True
        self._tell()

    def step(self, wait_s: float = 0.0) -> bool:
        """Ask for the most urgent symbol; False when none was due within `wait_s`."""
        need = self._needs.take(self._clock.monotonic(), wait_s)
        if need is None:
            return False
        try:
            self._fetch(need)
        except StorageError as error:
            self._in_trouble(need, str(error))
        self._tell()
        return True

    @property
    def left(self) -> int:
        """Symbols that wait."""
        return len(self._needs)

    def _run(self) -> None:
        while not self._stopping.is_set():
            pause = self._pause_until - self._clock.monotonic()
            if pause > 0:
                self._stopping.wait(min(pause, TURN_S))
            else:
                self.step(TURN_S)
            self._progress.speak_once()
            self.heartbeat.beat()

    def _begin(self) -> None:
        """Plan with the day's turnover and the previous closes if they can be had, and else without."""
        for _ in range(QUOTE_TRIES):
            self._quotes = self._ask_quotes()
            if self._quotes or self._stopping.wait(TROUBLE_S):
                break
        try:
            self.plan()
        except StorageError as error:
            self._trouble = str(error)
            logger.error("history: what the store has cannot be read, so nothing is fetched: {}", error)
            self._tell()

    def _ask_quotes(self) -> Mapping[int, DayQuote]:
        quotes = self._history.quotes(list(self._listings.values()))
        self._trouble = quotes.detail
        if quotes.detail and not self._stopping.is_set():
            logger.warning("history: no quotes: {}", quotes.detail)
        return quotes.by_key

    def _urgency(self, need: Need) -> tuple[float, ...]:
        """Whom others read, open signals, who may not enter, history, single bars, older history; then by turnover."""
        actor, quote = self._line.actors[need.key], self._quotes.get(need.key)
        ranks = (self._renewal.wanted.is_read(actor), actor.in_signal, actor.held, need.key not in self._whole)
        rank = ranks.index(True) if any(ranks) else len(ranks)
        if need.is_older and rank:
            rank = len(ranks) + 1
        elif need.is_empty:
            rank = 1  # it takes none of the requests that are allowed
        return rank, -quote.price * quote.volume if quote else 0.0

    def _fetch(self, need: Need) -> None:
        if need.is_empty:
            self._renewal.again(self._line.actors[need.key])
            self._needs.done(need)
            return
        now = self._clock.now_ms()
        since, until = need.newest(self._history.longest_days, now - now % MINUTE_MS)
        candles = self._history.minutes(self._listings[need.key], since, until)
        if candles.found in {Found.TOKEN, Found.TOO_MANY, Found.ERROR}:
            self._in_trouble(need, candles.detail)
            return
        self._trouble = ""
        self._progress.answers += 1
        if not need.is_older:
            through = known_through(candles, since, until, has_traded=self._has_traded(need.key))
        elif candles.rows or need.tries:
            through = until
            if not candles.rows:  # its past begins after that
                since = need.since_ms
        else:
            through = since
        self._renewal.take(need, candles, (since, through))
        now_s = self._clock.monotonic()
        need.tries += 1
        need.first_tried = min(need.first_tried, now_s)
        if through >= need.until_ms:
            self._whole.add(need.key)
            self._go_on(need, since)
        elif now_s - need.first_tried < GIVE_UP_S:
            if since == need.since_ms:
                need.since_ms = through
            self._needs.again(need, now_s, wait_after(need.tries))
        else:
            self._give_up(need, candles)
            self._go_on(need, since)

    def _go_on(self, need: Need, since_ms: int) -> None:
        """With what is older than what was asked for, if anything is wanted of it."""
        if since_ms <= need.since_ms:
            self._needs.done(need)
        else:
            need.go_on_before(since_ms)
            self._needs.again(need, self._clock.monotonic(), 0.0)

    def _give_up(self, need: Need, candles: Candles) -> None:
        actor = self._line.actors[need.key]
        self._renewal.take(need, Candles(Found.EMPTY), (0, 0))  # nothing keeps it from entering any longer
        if need.key not in self._told:
            self._told.add(need.key)
            why = candles.detail or "it answers, and has nothing"
            logger.bind(symbol=actor.instrument.symbol).warning(
                "{}: the broker has no history of it ({}); its signals say so", actor.instrument.symbol, why
            )

    def _in_trouble(self, need: Need, detail: str) -> None:
        now = self._clock.monotonic()
        self._needs.again(need, now, 0.0)
        if self._stopping.is_set():
            return
        self._pause_until = now + TROUBLE_S
        if detail != self._trouble:
            logger.warning("history: {}; the next try is in {:.0f} s", detail, TROUBLE_S)
        self._trouble = detail

    def _has_traded(self, key: int) -> bool:
        quote = self._quotes.get(key)
        return self._line.actors[key].bars.day_volume > 0 or (quote is not None and quote.volume > 0)

    def _tell(self) -> None:
        self._progress.tell(self._trouble)
