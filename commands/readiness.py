"""What a run needs beside sound settings: sessions, credentials, instruments, places to write to."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from brokers.instrument_table import InstrumentTable
from brokers.universe import Missing, choose
from commands.source import configured_broker
from commands.trading_day import table_concerns, todays_phases
from delivery.build import build_destination
from engine.playbook import Playbook
from errors import CredentialsError, SettingsError, SignalsError, StorageError
from market.clock import Clock, exchange_time
from market.instrument import Instrument
from settings.schema import Channel, Dhan, Settings
from settings.secrets import Secret, from_file, from_variable
from settings.token_expiry import token_expiry_ms

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    topic: str
    text: str
    exit_code: int = 0
    """0 where all is well, otherwise what this fault alone would end a run with."""
    is_warning: bool = False
    """Nothing is wrong yet, but a person must look."""

    @property
    def mark(self) -> str:
        """What stands in front of the line."""
        if self.exit_code:
            return "FAULT"
        return "WARN" if self.is_warning else "ok"


def findings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Everything that can be known without starting; of the network only the broker's instrument list is asked."""
    yield from _sessions(settings, clock.now_ms())
    yield from _credentials(settings, clock.now_ms())
    yield from map(_channel, settings.channel)
    yield from _places(settings)
    yield from _instruments(settings, clock)


def _sessions(settings: Settings, now_ms: int) -> Iterator[Finding]:
    table = settings.session_table()
    yield from (Finding("session", text) for text in todays_phases(settings, table, now_ms))
    yield from (Finding("calendar", text, is_warning=True) for text in table_concerns(settings, table, now_ms))


def _credentials(settings: Settings, now_ms: int) -> Iterator[Finding]:
    if settings.feed.source == "simulator":
        yield Finding("credentials", "the simulator needs none")
        return
    dhan = settings.dhan
    try:
        from_variable(dhan.client_id_env)
        yield Finding("credentials", f"client id: in the environment variable {dhan.client_id_env}")
    except CredentialsError as error:
        yield Finding("credentials", f"client id: {error}", error.exit_code)
    try:
        yield _token_life(_token(dhan), now_ms)
    except CredentialsError as error:
        yield Finding("credentials", f"access token: {error}", error.exit_code)


def _token(dhan: Dhan) -> Secret:
    return from_file(dhan.access_token_file) if dhan.access_token_file else from_variable(dhan.access_token_env)


def _token_life(token: Secret, now_ms: int) -> Finding:
    expiry_ms = token_expiry_ms(token.reveal())
    if expiry_ms is None:
        return Finding("credentials", "access token: there, but it does not say when it expires")
    when = f"{exchange_time(expiry_ms):%A %Y-%m-%d at %H:%M}"
    if expiry_ms <= now_ms:
        return Finding("credentials", f"access token: expired on {when}; make a new one", CredentialsError.exit_code)
    return Finding("credentials", f"access token: expires on {when}, in {(expiry_ms - now_ms) / HOUR_MS:.1f} hours")


def _channel(channel: Channel) -> Finding:
    """Whether its address is there and is one; nothing is sent."""
    try:
        build_destination(channel)
    except SignalsError as error:
        return Finding("channel", str(error).removeprefix("channel "), error.exit_code)
    return Finding("channel", f"{channel.name}: {channel.kind}")


def _places(settings: Settings) -> Iterator[Finding]:
    """Folders are made when they are missing, so what counts is the nearest one that exists."""
    places = {"state": settings.state_directory}
    if settings.logging.file:
        places["log file"] = settings.logging.file.parent
    places |= {f"channel {channel.name}": channel.path.parent for channel in settings.channel if channel.path}
    for topic, folder in places.items():
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
            yield Finding("place", f"{topic}: {folder}")
        else:
            yield Finding("place", f"{topic}: {existing} cannot be written to", StorageError.exit_code)


def _instruments(settings: Settings, clock: Clock) -> Iterator[Finding]:
    try:
        table = configured_broker(settings).instruments(settings.state_directory, clock, settings.universe.names)
        chosen = choose(settings.universe, table)
    except SignalsError as error:
        yield Finding("instruments", str(error), error.exit_code)
        return
    for missing in chosen.missing:
        yield Finding("instruments", _not_listed(missing), SettingsError.exit_code)
    if chosen.listings:
        cut = f", {chosen.beyond_limit} more are cut off by universe.limit" if chosen.beyond_limit else ""
        yield Finding("instruments", f"{len(chosen.listings)} of {len(table)} listed are watched{cut}")
        yield from _strategies(settings, [listing.instrument for listing in chosen.listings], table)
    else:
        yield Finding("instruments", "the universe chooses none of those listed", SettingsError.exit_code)


def _strategies(settings: Settings, watched: Sequence[Instrument], table: InstrumentTable) -> Iterator[Finding]:
    """Strategies that wait in vain: for symbols nobody watches, or without any symbol that they are for."""
    symbols = {instrument.symbol for instrument in watched}
    try:
        unwatched = Playbook(settings.strategy, watched).unwatched
    except SignalsError as error:
        yield Finding("strategy", str(error), error.exit_code)
        return
    for symbol in unwatched:
        if table.find(symbol) is not None:
            advice = "it must be watched too; add it to universe.names"
        else:
            advice = f"it is not listed{_or_near(table.closest(symbol))}"
        yield Finding("strategy", f"rules read {symbol}, and wait for it in vain: {advice}", is_warning=True)
    for chosen in settings.strategy:
        if not any(map(chosen.fits, watched)):
            whom = ", ".join((*chosen.symbols, *chosen.kinds))
            yield Finding("strategy", f"{chosen.name}: none of what is watched is for it: {whom}", is_warning=True)
        for each in (text for override in chosen.override for text in override.symbols if "*" not in text):
            if each not in symbols:
                yield Finding(
                    "strategy", f"{chosen.name}: an override is for {each}, which is not watched", is_warning=True
                )


def _not_listed(missing: Missing) -> str:
    return f"{missing.source}: {missing.name} is not listed{_or_near(missing.nearest)}"


def _or_near(names: Sequence[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else ""
