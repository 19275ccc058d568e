"""Dhan (DhanHQ v2)."""

from collections.abc import Callable, Sequence
from pathlib import Path

from brokers.broker import Broker, FeedProtocol
from brokers.dhan.connection import DhanFeed
from brokers.dhan.credentials import Credentials, read_credentials
from brokers.dhan.history import DhanHistory
from brokers.dhan.instruments import load_master
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from errors import SettingsError
from market.clock import Clock
from settings.schema import Dhan, Settings
from settings.secrets import Secret

__all__ = ["Credentials", "DhanBroker"]

LISTINGS_PER_CONNECTION = 5000
CONNECTIONS = 5
"""Per account; with one more the server drops the oldest."""


class DhanBroker(Broker):
    """The live market, or a local exchange that speaks like it."""

    name = "dhan"

    def __init__(self, settings: Dhan, credentials: Callable[[], Credentials] | None = None) -> None:
        """`credentials` is asked before every connection; by default the environment and files that settings name."""
        self.market_clock = settings.market_clock
        self._settings = settings
        self._credentials = credentials or (lambda: read_credentials(settings))
        self._history: DhanHistory | None = None

    @classmethod
    def of(cls, settings: Settings) -> "DhanBroker":
        return cls(settings.dhan)

    @classmethod
    def simulated(cls, settings: Settings, url: str, rest_url: str = "") -> "DhanBroker":
        chosen = settings.simulator
        local = {
            "url": url,
            "rest_url": rest_url,
            "instruments": str(chosen.instruments),
            "market_clock": chosen.market_clock,
        }
        nobody = Credentials(Secret("no-account"), Secret("no-account-needed"))
        return cls(settings.dhan.model_copy(update=local), lambda: nobody)

    def require_credentials(self) -> None:
        self._credentials()

    def instruments(
        self, directory: Path, clock: Clock, names: Sequence[str], *, offline: bool = False
    ) -> InstrumentTable:
        """Of options only those on the underlyings of `names` are in the table."""
        return load_master(self._settings.instruments, directory, clock, names, offline=offline)

    def feeds(self, listings: Sequence[Listing], *, averages: bool = False) -> list[FeedProtocol]:
        """One connection for every 5,000. Raises: SettingsError, for more than an account may have."""
        most = LISTINGS_PER_CONNECTION * CONNECTIONS
        if len(listings) > most:
            raise SettingsError([f"dhan: {len(listings):,} instruments, but one account can have {most:,}"])
        return [
            DhanFeed(
                f"{self.name}-{start // LISTINGS_PER_CONNECTION + 1}",
                self._settings,
                listings[start : start + LISTINGS_PER_CONNECTION],
                self._credentials,
                averages=averages,
            )
            for start in range(0, len(listings), LISTINGS_PER_CONNECTION)
        ]

    def history(self, clock: Clock) -> DhanHistory | None:
        if self._history is None and self._settings.rest_url:
            self._history = DhanHistory(self._settings, self._credentials, clock)
        return self._history
