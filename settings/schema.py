"""The shape of config.toml: every section, key, type, range and default."""

from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from market.sessions import AddedDay, AddedListing, SessionTable
from settings.section import Section
from settings.strategy_files import shipped
from settings.strategy_schema import StrategySettings

PROGRAM = Path(__file__).resolve().parent.parent
"""Folder of the program; what ships with it is found there, wherever config.toml lies."""


LONGEST_NAME, LONGEST_PATH = 255, 4000
"""Bytes that file systems allow for one part of a path, and for all of it."""


def to_path(value: object) -> object:
    """A text of the settings as a path, `~` being the user's home; anything that cannot be one stays what it is."""
    if not isinstance(value, str) or not value.strip() or min(value) < " " or len(value.encode()) > LONGEST_PATH:
        return value
    path = Path(value)
    if any(len(part.encode()) > LONGEST_NAME for part in path.parts):
        return value
    try:
        return path.expanduser()
    except RuntimeError:  # nobody of that name, or no home
        return value


def _address_or_path(value: str) -> str:
    if "://" not in value and not isinstance(to_path(value), Path):
        raise ValueError(value)
    return value


# A description says what is expected, in the words of a fault: "expected <description>, got ...".
NotNegative = Annotated[float, Field(ge=0)]
Name = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="a name of small letters, digits and _, at most 32"),
]
Symbol = Annotated[
    str,
    Field(pattern=r"^[A-Z]+:[A-Z0-9&._ -]{1,40}$", description='a symbol with its exchange, such as "NSE:M&M"'),
]
Stock = Annotated[
    str,
    Field(pattern=r"^(NSE|BSE):[A-Z0-9&._ -]{1,40}$", description='a stock of NSE or BSE, such as "NSE:NEWCO"'),
]
Day = Annotated[date, Field(description="a date without quotes, such as 2026-12-31")]
TimeOfDay = Annotated[time, Field(description="a time of day without quotes, such as 09:15:00")]
Title = Annotated[str, Field(min_length=1, max_length=60, description="a name in quotes, at most 60 characters")]
Series = Annotated[
    str, Field(pattern=r"^[A-Z0-9]{1,4}$", description='an exchange series in capitals, such as "EQ" or "BE"')
]
VariableName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", description="the name of an environment variable"),
]
FilePath = Annotated[Path, BeforeValidator(to_path)]
AddressOrPath = Annotated[str, AfterValidator(_address_or_path), Field(description="an address or a path, in quotes")]


class Feed(Section):
    """Where ticks come from."""

    source: Name = "simulator"
    """`simulator`, or the name of a folder in brokers/."""
    grace_ms: Annotated[int, Field(ge=0, le=30_000)] = 1500
    pre_open_volume: Literal["exclude", "include"] = "exclude"
    """Whether the first bar's volume has the pre-open auction's, as the broker's own candle has it or not.

    Kite's candles of August 2016 lack it: their day is short of the exchange's volume by 0.14 % (median).
    """


class Simulator(Section):
    """The local exchange: plays recorded bars or ticks over a broker's real wire format."""

    broker: Name = "dhan"
    session: FilePath = PROGRAM / "simulator/data/nse166_1m_20160930.csv.gz"
    instruments: FilePath = PROGRAM / "simulator/data/scrip-master.csv"
    speed: NotNegative = 300.0
    """Market seconds per second; 0 is as fast as the reader takes them."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    market_clock: Literal["data", "wall"] = "data"


class Dhan(Section):
    """The live market over DhanHQ v2. Secrets come from the environment or from files of mode 0600."""

    url: str = "wss://api-feed.dhan.co"
    rest_url: str = "https://api.dhan.co/v2"
    instruments: AddressOrPath = "https://images.dhan.co/api-data/api-scrip-master-detailed.csv"
    """Address or path of the instrument master, either layout."""
    mode: Literal["ticker", "quote", "full"] = "quote"
    client_id_env: VariableName = "DHAN_CLIENT_ID"
    access_token_env: VariableName = "DHAN_ACCESS_TOKEN"  # noqa: S105 - the variable's name
    access_token_file: FilePath | None = None
    """Read again before every connect; wins over the environment when it is set."""
    market_clock: Literal["data", "wall"] = "wall"


class Universe(Section):
    """What is watched: names first, then index lists, then whole series, cut at `limit`."""

    names: tuple[Symbol, ...] = ()
    index_lists: tuple[FilePath, ...] = ()
    """CSV files with a `Symbol` column, as the exchange publishes them."""
    exchange: Literal["NSE", "BSE"] = "NSE"
    """Exchange of `series` and `index_lists`."""
    series: tuple[Series, ...] = ("EQ",)
    exclude: tuple[Symbol, ...] = ()
    limit: Annotated[int, Field(ge=1, le=25_000)] = 2500


class SpecialDay(Section):
    """A holiday or session that the shipped table does not know, or has wrong."""

    date: Day
    exchanges: Annotated[tuple[Literal["NSE", "BSE", "MCX"], ...], Field(min_length=1)]
    name: Title
    open: TimeOfDay | None = None
    """Exchange time; without open and close it is a holiday."""
    close: TimeOfDay | None = None
    """At or before the open: on the next day."""


class ListingDay(Section):
    """A stock that is listed, or listed anew: its day begins with a longer pre-open session."""

    symbol: Stock
    date: Day


class Alerts(Section):
    """What is sent beyond what is recorded."""

    repeat_minutes: NotNegative = 5.0
    repeat_move_percent: NotNegative = 0.3


class Channel(Section):
    """One destination. Its address is a secret: an Apprise URL from the environment or a 0600 file."""

    name: Name
    kind: Literal["console", "jsonl", "csv", "apprise"]
    path: FilePath | None = None
    """Where `jsonl` and `csv` write."""
    url_env: VariableName | None = None
    url_file: FilePath | None = None


class Store(Section):
    """Where state lives."""

    directory: FilePath = Path("state")
    keep_days: Annotated[int, Field(ge=7, le=3650)] = 30
    """Calendar days that bars and signals stay in the database; bars leave it only when they are in the archive."""


class Control(Section):
    """The local address that `debug` and health scripts ask; loopback only."""

    port: Annotated[int, Field(ge=0, le=65_535)] = 8765


class Logging(Section):
    """What is logged."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    file: FilePath | None = None


class Settings(Section):
    """The whole of config.toml."""

    feed: Feed = Feed()
    simulator: Simulator = Simulator()
    dhan: Dhan = Dhan()
    universe: Universe = Universe()
    special_day: tuple[SpecialDay, ...] = ()
    listing: tuple[ListingDay, ...] = ()
    strategy: tuple[StrategySettings, ...] = Field(default_factory=lambda: (shipped("ema_vwap"),))
    alerts: Alerts = Alerts()
    channel: tuple[Channel, ...] = (Channel(name="screen", kind="console"),)
    store: Store = Store()
    control: Control = Control()
    logging: Logging = Logging()

    @property
    def state_directory(self) -> Path:
        """Where this source's state is kept: the simulator's never mixes with the live market's."""
        return self.store.directory / self.feed.source

    def session_table(self) -> SessionTable:
        """When markets trade: the shipped table with the days and listings of this file. Raises: SettingsError."""
        return SessionTable(
            [AddedDay(day.date, day.exchanges, day.name, day.open, day.close) for day in self.special_day],
            [AddedListing(listing.symbol, listing.date) for listing in self.listing],
            auction_in_first_bar=self.feed.pre_open_volume == "include",
        )
