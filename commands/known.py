"""What the broker of config.toml tells of a symbol, as far as it can be had without the network."""

from collections.abc import Callable

from brokers.instrument_table import InstrumentTable
from commands.source import configured_broker
from errors import InputError, UnavailableError
from market.clock import Clock
from market.instrument import Instrument
from settings.schema import Settings


def known_offline(settings: Settings, clock: Clock) -> Callable[[str], Instrument | None]:
    """A look-up of instruments in the list that was kept last; without one nothing is known. Raises: SettingsError."""
    try:
        table = configured_broker(settings).instruments(settings.state_directory, clock, (), offline=True)
    except (InputError, UnavailableError):
        return lambda _: None
    return known_in(table)


def known_in(table: InstrumentTable) -> Callable[[str], Instrument | None]:
    """A look-up of instruments by any name the broker lists them under."""

    def known(symbol: str) -> Instrument | None:
        listing = table.find(symbol)
        return listing.instrument if listing else None

    return known
