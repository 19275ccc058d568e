"""What a broker offers: listings of instruments, feeds that turn its bytes into ticks, and its history.

A broker is one folder in `brokers/` whose `__init__.py` exports one `Broker`; `config.toml` names the folder.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Literal, Protocol

from brokers.history import History
from brokers.instrument_table import InstrumentTable
from brokers.listing import Listing
from market.clock import Clock
from market.tick import TickBatch
from settings.schema import Settings


class Remedy(Enum):
    """What to do about a connection that ended."""

    RETRY = "retry"
    """Backoff from 0.5 s to 30 s."""
    COOL_DOWN = "cool down"
    """At least 60 s, doubling to 300 s: the server said too many."""
    NEW_TOKEN = "new token"  # noqa: S105 - a remedy, not a secret
    """Nothing will help until the token changes."""
    GIVE_UP = "give up"
    """The same request would fail again: a person must act."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ended and what that means."""

    remedy: Remedy
    detail: str
    """One sentence for people: `807 access token expired`. Never an address with its query."""
    retry_after_s: float | None = None
    """What the server asked for, if it did."""
    code: int | None = None


@dataclass(slots=True)
class Decoded:
    """What some frames held."""

    ticks: TickBatch
    endings: list[Ending] = field(default_factory=list)
    """The server said goodbye, and why."""


class Decoder(Protocol):
    """Pure and total: any bytes give ticks and counted rejects, never an exception."""

    counts: dict[str, int]
    """Packets by kind and rejects by reason, since the start."""

    def decode(self, frames: Sequence[bytes], received_ms: int) -> Decoded:
        """Decode websocket messages that arrived together, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect; `url` holds secrets, so only `shown` may be logged."""

    url: str = field(repr=False)
    shown: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class FeedProtocol(Protocol):
    """One websocket connection's broker-specific half: what to say and how to understand what comes."""

    name: str
    """`dhan-1`."""
    account: str
    """Connections with the same one share the server's patience: its cool-downs hold for all of them."""
    listings: Sequence[Listing]

    def address(self) -> Address:
        """Where to connect, with the token as it is now. Raises: CredentialsError."""
        ...

    def subscriptions(self) -> list[str]:
        """The text messages that ask for every listing."""
        ...

    def goodbye(self) -> str | None:
        """The text message that ends the connection politely."""
        ...

    def decoder(self) -> Decoder:
        """A fresh decoder for a new connection."""
        ...

    def handshake_refused(self, status: int, headers: Mapping[str, str]) -> Ending:
        """What an HTTP status instead of the upgrade means; names of headers are in small letters."""
        ...


class Broker(ABC):
    """One broker, set up by its own section of config.toml."""

    name: str
    market_clock: Literal["data", "wall"]
    """Whose time the market's is: the data's own for the local exchange, the wall's for a live market."""

    @classmethod
    @abstractmethod
    def of(cls, settings: Settings) -> "Broker":
        """The live market. Raises: SettingsError."""

    @classmethod
    @abstractmethod
    def simulated(cls, settings: Settings, url: str, rest_url: str = "") -> "Broker":
        """The local exchange at `url`, which speaks like this broker and needs no account.

        It has a history if `rest_url` says where.
        """

    @abstractmethod
    def require_credentials(self) -> None:
        """Once at the start: a token missing then is a mistake, later it is waited for. Raises: CredentialsError."""

    @abstractmethod
    def instruments(
        self, directory: Path, clock: Clock, names: Sequence[str], *, offline: bool = False
    ) -> InstrumentTable:
        """Everything it lists; `directory` keeps a copy, `names` are the user's own wishes (see the implementation).

        With `offline` nobody is asked: the list is as it was kept last.

        Raises: UnavailableError, InputError.
        """

    @abstractmethod
    def feeds(self, listings: Sequence[Listing], *, averages: bool = False) -> list[FeedProtocol]:
        """One protocol per connection needed for these listings, within the broker's limits.

        With `averages` its decoders also give the exchange's average traded price, for `Bar.atp`.
        """

    @abstractmethod
    def history(self, clock: Clock) -> History | None:
        """The account's access to the past, None without one; all that ask through one broker share its limits."""
