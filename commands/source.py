"""Where the ticks of a run come from: a live broker, or the local exchange started for this run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
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
from commands.local_exchange import local_exchange
from errors import SettingsError
from market.clock import Clock
from market.instrument import Instrument
from settings.schema import Settings


class Source:
    """A broker with the listings to watch."""

    def __init__(
        self, settings: Settings, broker: Broker, clock: Clock, check: Callable[[], None] = lambda: None
    ) -> None:
        """Choose the universe. Raises: SettingsError naming what is not listed, UnavailableError, InputError."""
        self.check = check
        """To be called now and then. Raises: SignalsError when what the ticks come from is gone for good."""
        table = broker.instruments(settings.state_directory, clock, settings.universe.names)
        chosen = choose(settings.universe, table)
        for missing in chosen.missing:
            near = f"; did you mean {' or '.join(missing.nearest)}?" if missing.nearest else ""
            logger.warning("{}: {} is not listed{}", missing.source, missing.name, near)
        if not chosen.listings:
            raise SettingsError(["universe: it chooses none of the listed instruments"])
        if chosen.beyond_limit:
            logger.warning("universe.limit leaves {} instruments out", chosen.beyond_limit)
        self.data_clock = broker.market_clock == "data"
        """Whether market time is the data's own, not the wall's."""
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

    def readers(self, router: Router, health: Ref[HealthMessage], averages: bool) -> list[FeedReader]:  # noqa: FBT001
        """One reader for each connection; `averages`: whether rules read the average traded price."""
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
            for protocol in self._broker.feeds(self._listings, averages=averages)
        ]


def open_source(settings: Settings, clock: Clock, running: ExitStack) -> Source:
    """The source that config.toml names; what it needs to run is ended with `running`. Raises: SignalsError."""
    if settings.feed.source == "simulator":
        exchange = running.enter_context(local_exchange(settings.simulator))
        return Source(settings, configured_broker(settings, exchange.url), clock, exchange.check)
    broker = configured_broker(settings)
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
