"""Where the ticks of a run come from: a live broker, or the local exchange started for this run."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from inspect import getmembers, isclass

from loguru import logger

from actors.feed_reader import FeedReader
from actors.messages import HealthMessage, Ref
from actors.router import Router
from brokers.broker import Broker
from brokers.cooldowns import Cooldowns
from brokers.history import History
from brokers.listing import Listing
from brokers.universe import choose
from errors import SettingsError, SignalsError, UnavailableError
from market.clock import Clock
from market.instrument import Instrument
from settings.schema import PROGRAM, Settings

LISTENING = "listening "
"""What the local exchange prints first, followed by its address."""
START_S = 30.0
END_S = 3.0


class Source:
    """A broker with the listings to watch."""

    def __init__(self, settings: Settings, broker: Broker, clock: Clock) -> None:
        """Choose the universe. Raises: SettingsError naming what is not listed, UnavailableError, InputError."""
        table = broker.instruments(settings.state_directory, clock, settings.universe.names)
        chosen = choose(settings.universe, table)
        for missing in chosen.missing:
            near = f"; did you mean {' or '.join(missing.nearest)}?" if missing.nearest else ""
            logger.warning("{}: {} is not listed and is not watched{}", missing.source, missing.name, near)
        if not chosen.listings:
            raise SettingsError(["universe: it chooses none of the listed instruments"])
        if chosen.beyond_limit:
            logger.warning("universe.limit leaves {} instruments out", chosen.beyond_limit)
        self.data_clock = broker.market_clock == "data"
        self._settings, self._broker, self._clock = settings, broker, clock
        self._listings: Sequence[Listing] = chosen.listings

    @property
    def instruments(self) -> Mapping[int, Instrument]:
        """What is watched, by the key that ticks carry."""
        return {listing.key: listing.instrument for listing in self._listings}

    @property
    def history(self) -> History | None:
        """The broker's past; None where a recorded session is played, which begins anew each time."""
        return None if self.data_clock else self._broker.history(self._clock)

    def readers(self, router: Router, health: Ref[HealthMessage]) -> list[FeedReader]:
        """One reader for each connection."""
        table = self._settings.session_table()
        all_hours = {table.hours(listing.instrument) for listing in self._listings}
        cooldowns = Cooldowns(self._settings.state_directory, self._clock)
        return [
            FeedReader(
                protocol,
                router,
                self._clock,
                health,
                cooldowns,
                self._broker.market_clock,
                lambda: any(hours.continuous(self._clock.now_ms()) for hours in all_hours),
            )
            for protocol in self._broker.feeds(self._listings)
        ]


def open_source(settings: Settings, clock: Clock, running: ExitStack) -> Source:
    """The source that config.toml names; what it needs to run is ended with `running`. Raises: SignalsError."""
    is_played = settings.feed.source == "simulator"
    broker = configured_broker(settings, running.enter_context(local_exchange(settings)) if is_played else "")
    broker.require_credentials()
    return Source(settings, broker, clock)


def configured_broker(settings: Settings, url: str = "") -> Broker:
    """The broker that config.toml names, or whom the local exchange at `url` speaks like. Raises: SettingsError.

    Without a `url` the local exchange cannot be connected to: for who asks for its instruments alone.
    """
    if settings.feed.source != "simulator":
        return find_broker(settings.feed.source).of(settings)
    return find_broker(settings.simulator.broker).simulated(settings, url)


def find_broker(name: str) -> type[Broker]:
    """The one broker of `brokers/<name>/`. Raises: SettingsError."""
    try:
        module = import_module(f"brokers.{name}")
    except ImportError as error:
        raise SettingsError([f"feed.source: brokers/{name} cannot be imported: {error}"]) from error
    found = [kind for _, kind in getmembers(module, isclass) if issubclass(kind, Broker) and kind is not Broker]
    if len(found) != 1:
        raise SettingsError([f"brokers/{name} exports {len(found)} brokers; it must export one"])
    return found[0]


@contextmanager
def local_exchange(settings: Settings) -> Iterator[str]:
    """Run the local exchange as a process of its own; gives its address. Raises: SignalsError."""
    chosen = settings.simulator
    command = [
        *(sys.executable, "-m", "simulator", "--broker", chosen.broker, "--session", str(chosen.session)),
        *("--instruments", str(chosen.instruments), "--speed", str(chosen.speed), "--port", str(chosen.port)),
    ]
    # A session of its own: Ctrl-C is for us, and we tell it when to end by closing its input.
    exchange = subprocess.Popen(  # noqa: S603 - our own program with validated settings
        command,
        cwd=PROGRAM,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert exchange.stdin is not None
    try:
        yield _address(exchange)
    finally:
        with suppress(OSError):
            exchange.stdin.close()
        try:
            exchange.wait(END_S)
        except subprocess.TimeoutExpired:
            exchange.kill()
            exchange.wait()


def _address(exchange: "subprocess.Popen[str]") -> str:
    """What it prints when it is ready, or its own words why it will not be."""
    assert exchange.stdout is not None
    assert exchange.stderr is not None
    watchdog = threading.Timer(START_S, exchange.kill)
    watchdog.daemon = True
    watchdog.name = "simulator start"
    watchdog.start()
    try:
        line = exchange.stdout.readline()
    finally:
        watchdog.cancel()
    if line.startswith(LISTENING):
        threading.Thread(target=_log_errors, args=(exchange,), name="simulator errors", daemon=True).start()
        return line.removeprefix(LISTENING).strip()
    words = exchange.stderr.read().strip() or f"the simulator did not start within {START_S:.0f} s"
    error: SignalsError = UnavailableError(words)
    error.exit_code = exchange.wait() or error.exit_code
    raise error


def _log_errors(exchange: "subprocess.Popen[str]") -> None:
    assert exchange.stderr is not None
    for line in exchange.stderr:
        logger.warning("{}", line.rstrip())
