"""From the settings to channels that can be started."""

from collections.abc import Sequence

from actors.messages import HealthMessage, Ref
from delivery.channel import Channel
from delivery.destination import Destination
from delivery.local_channels import CsvDestination, JsonLinesDestination, ScreenDestination
from errors import CredentialsError, SettingsError
from market.clock import Clock
from settings import schema
from settings.secrets import from_file, from_variable
from store.store import Store


def build_channels(
    configured: Sequence[schema.Channel], store: Store, clock: Clock, health: Ref[HealthMessage]
) -> list[Channel]:
    """One channel for each that is configured, not yet started.

    Raises: SettingsError or CredentialsError, with a line for every channel at fault.
    """
    destinations: list[tuple[str, Destination]] = []
    faults: list[str] = []
    secrets_missing: list[str] = []
    for channel in configured:
        try:
            destinations.append((channel.name, build_destination(channel)))
        except SettingsError as error:
            faults += error.faults
        except CredentialsError as error:
            secrets_missing.append(str(error))
    if faults:
        raise SettingsError(faults + secrets_missing)
    if secrets_missing:
        raise CredentialsError("\n".join(secrets_missing))
    return [Channel(name, destination, store, clock, health) for name, destination in destinations]


def build_destination(channel: schema.Channel) -> Destination:
    """Where one configured channel leads. Raises: SettingsError, CredentialsError."""
    match channel.kind:
        case "console":
            return ScreenDestination()
        case "jsonl" if channel.path is not None:
            return JsonLinesDestination(channel.path)
        case "csv" if channel.path is not None:
            return CsvDestination(channel.path)
        case "jsonl" | "csv":
            raise SettingsError([f"channel {channel.name}: a channel of kind {channel.kind} needs a path"])
        case "apprise":
            # Apprise and its services take a third of a second and 40 MB; who has only local channels goes without.
            from delivery.apprise_channel import apprise_destination

            return apprise_destination(channel.name, _address(channel))


def stop_channels(channels: Sequence[Channel], timeout_s: float) -> list[str]:
    """Stop all of them at once; names of those that did not end in time."""
    for channel in channels:
        channel.finish(timeout_s)
    return [channel.name for channel in channels if not channel.join(timeout_s)]


def _address(channel: schema.Channel) -> str:
    try:
        if channel.url_file is not None:
            return from_file(channel.url_file).reveal()
        if channel.url_env is not None:
            return from_variable(channel.url_env).reveal()
    except CredentialsError as error:
        raise CredentialsError(f"channel {channel.name}: {error}") from error
    raise SettingsError([f"channel {channel.name}: a channel of kind apprise needs url_env or url_file"])
