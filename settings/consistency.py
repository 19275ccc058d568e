"""What must hold between the keys of config.toml and the world: names that exist, keys that belong together.

Works on the raw data, so that these faults are told together with the schema's; a value of a wrong type is left to
the schema.
"""

from collections.abc import Iterator
from inspect import Parameter as Argument
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from pydantic import create_model

from errors import SettingsError
from indicators.chart import Chart
from market.instrument import Instrument, Kind
from market.sessions import SessionTable
from nearest import did_you_mean
from settings.fault import Fault
from settings.positions import KeyPath
from settings.schema import PROGRAM, Simulator, to_path
from settings.secrets import looks_like_secret
from settings.section import Section
from settings.strategy_files import file_names
from settings.strategy_schema import StrategySettings
from settings.validation import validated
from strategies.catalogue import build_strategy, find_strategy, strategy_names

Table = dict[str, Any]

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def inconsistencies(data: Table, folder: Path) -> Iterator[Fault]:
    """Every fault of this kind; `folder` is where config.toml lies."""
    yield from _secrets(data, ())
    yield from _source(data, folder)
    yield from _addresses(_table(data, "dhan"))
    yield from _universe(_table(data, "universe"), folder)
    yield from _special_days(data)
    yield from _strategies(data)
    yield from _channels(data)


def broker_names() -> list[str]:
    """The brokers there are: the folders in brokers/ whose `__init__.py` is not empty, for it exports the broker."""
    return sorted(path.parent.name for path in (PROGRAM / "brokers").glob("*/__init__.py") if path.stat().st_size)


def _secrets(value: Any, path: KeyPath) -> Iterator[Fault]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets(inner, (*path, key))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _secrets(inner, (*path, index))
    elif isinstance(value, str) and looks_like_secret(value):
        yield Fault(path, "looks like a secret; keep it in an environment variable or a file of mode 0600, never here")


def _source(data: Table, folder: Path) -> Iterator[Fault]:
    brokers = broker_names()
    source = _table(data, "feed").get("source", "simulator")
    if isinstance(source, str) and source not in ("simulator", *brokers):
        near = did_you_mean(source, ("simulator", *brokers))
        yield Fault(("feed", "source"), f'expected "simulator" or a broker, one of {", ".join(brokers)}{near}')
    simulator = _table(data, "simulator")
    broker = simulator.get("broker")
    if isinstance(broker, str) and broker not in brokers:
        yield Fault(("simulator", "broker"), f"expected a broker, one of {', '.join(brokers)}")
    if source == "simulator":
        for key in ("session", "instruments"):
            yield from _file_exists(simulator.get(key, Simulator.model_fields[key].default), ("simulator", key), folder)


def _addresses(dhan: Table) -> Iterator[Fault]:
    """The token travels in these addresses, so they are encrypted or do not leave the machine."""
    for key, schemes in {"url": ("wss", "ws"), "rest_url": ("https", "http"), "instruments": ("https", "http")}.items():
        text = dhan.get(key)
        if not isinstance(text, str) or (key == "instruments" and "://" not in text):
            continue
        try:
            address = urlsplit(text)
        except ValueError:
            address = urlsplit("")
        safe = address.scheme == schemes[0] or (address.scheme == schemes[1] and address.hostname in _LOOPBACK)
        if not safe or not address.hostname:
            yield Fault(("dhan", key), f"expected an address that begins with {schemes[0]}://")


def _universe(universe: Table, folder: Path) -> Iterator[Fault]:
    for key in ("names", "exclude"):
        yield from _repeated([(("universe", key, index), text) for index, text in _items(universe, key)])
    for index, text in _items(universe, "index_lists"):
        yield from _file_exists(text, ("universe", "index_lists", index), folder)
    default_series = universe.get("series", True)
    if not (universe.get("names") or universe.get("index_lists") or default_series):
        yield Fault(("universe",), "nothing to watch: give names, index_lists or series")


def _special_days(data: Table) -> Iterator[Fault]:
    days: list[tuple[KeyPath, str]] = []
    for index, day in _tables(data, "special_day"):
        path = ("special_day", index)
        if ("open" in day) != ("close" in day):
            missing = "close" if "open" in day else "open"
            yield Fault((*path, missing), "a session needs open and close, a holiday neither")
        days += [((*path, "exchanges"), f"{exchange} on {day.get('date')}") for _, exchange in _items(day, "exchanges")]
    yield from _repeated(days)
    listings = [(("listing", index), listing) for index, listing in _tables(data, "listing")]
    yield from _repeated([((*path, "symbol"), f"{one.get('symbol')} on {one.get('date')}") for path, one in listings])


def _strategies(data: Table) -> Iterator[Fault]:
    identities: list[tuple[KeyPath, str]] = []
    for index, strategy in _tables(data, "strategy"):
        path = ("strategy", index)
        name = strategy.get("name")
        if not isinstance(name, str):
            continue
        # Fingerprints and stored machines know a strategy by its name and version.
        version = strategy.get("version", StrategySettings.model_fields["version"].default)
        identities.append(((*path, "name"), f'{name} with version = "{version}"'))
        if name in file_names() or _side_is_given(strategy):
            continue
        if name not in strategy_names():
            known = [*file_names(), *strategy_names()]
            near = did_you_mean(name, known)
            yield Fault(
                (*path, "name"),
                f"expected a strategy of strategies/, one of {', '.join(sorted(known))}{near}"
                ' (or write its own rules below: long = { entry = ["close > ema(21)"] })',
            )
            continue
        given = strategy.get("parameters", {})
        faults = list(_parameters(name, given, path))
        yield from faults
        for at, override in _tables(strategy, "override") if isinstance(given, dict) and not faults else ():
            yield from _parameters(name, given | _table(override, "parameters"), (*path, "override", at))
    yield from _repeated(identities)


def _side_is_given(strategy: Table) -> bool:
    return any(isinstance(strategy.get(side), dict) and strategy[side].get("entry") for side in ("long", "short"))


def _parameters(name: str, given: Any, path: KeyPath) -> Iterator[Fault]:
    try:
        strategy = find_strategy(name)
    except SettingsError as error:
        yield from (Fault((*path, "name"), text) for text in error.faults)
        return
    if not isinstance(given, dict):
        return
    hints = get_type_hints(strategy.__init__, include_extras=True)
    arguments: dict[str, Any] = {
        argument.name: (hints.get(argument.name, Any), ... if argument.default is Argument.empty else argument.default)
        for argument in list(signature(strategy).parameters.values())[1:]  # the first is the chart
    }
    schema = create_model(strategy.__name__, __base__=Section, **arguments)
    faults = validated(given, schema, (*path, "parameters"))[1]
    yield from faults
    if not faults:
        try:
            build_strategy(strategy, given, _some_chart())
        except SettingsError as error:
            yield from (Fault((*path, "name"), text) for text in error.faults)


def _some_chart() -> Chart:
    """An empty one, to see whether a strategy can be built."""
    some = Instrument("NSE:TCS", "NSE", Kind.EQUITY)
    return Chart(1, some.tick_size, SessionTable().hours(some))


def _channels(data: Table) -> Iterator[Fault]:
    channels = list(_tables(data, "channel"))
    for key in ("name", "path"):
        yield from _repeated([(("channel", i, key), c[key]) for i, c in channels if isinstance(c.get(key), str)])
    for index, channel in channels:
        path = ("channel", index)
        kind = channel.get("kind")
        if "url_env" in channel and "url_file" in channel:
            yield Fault((*path, "url_file"), "give url_env or url_file, not both")
        match kind:
            case "apprise":
                needed, useless = {"url_env", "url_file"}, {"path"}
            case "jsonl" | "csv":
                needed, useless = {"path"}, {"url_env", "url_file"}
            case "console":
                needed, useless = set(), {"path", "url_env", "url_file"}
            case _:
                continue
        if needed and not needed & channel.keys():
            yield Fault(path, f"a channel of kind {kind} needs {' or '.join(sorted(needed))}")
        for key in sorted(useless & channel.keys()):
            yield Fault((*path, key), f"a channel of kind {kind} has no use for this key")


def _repeated(places: list[tuple[KeyPath, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, text in places:
        if text in seen:
            yield Fault(path, f"{text} is there twice")
        seen.add(text)


def _file_exists(text: object, path: KeyPath, folder: Path) -> Iterator[Fault]:
    file = to_path(text)
    if isinstance(file, Path) and not (folder / file).is_file():
        yield Fault(path, f"no such file: {folder / file}")


def _table(data: Table, name: str) -> Table:
    table = data.get(name, {})
    return table if isinstance(table, dict) else {}


def _tables(data: Table, name: str) -> Iterator[tuple[int, Table]]:
    tables = data.get(name, ())
    if isinstance(tables, tuple):
        yield from ((index, table) for index, table in enumerate(tables) if isinstance(table, dict))


def _items(table: Table, key: str) -> Iterator[tuple[int, str]]:
    items = table.get(key, ())
    if isinstance(items, tuple):
        yield from ((index, item) for index, item in enumerate(items) if isinstance(item, str))
