"""`run.py reconcile [DATE]`: our candles of a day against the broker's."""

import io
import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from loguru import logger
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from brokers.broker import Broker
from brokers.instrument_table import InstrumentTable
from brokers.universe import choose
from commands.known import known_in, known_offline
from commands.reconcile_screen import reconciliation_screen
from commands.source import configured_broker
from errors import InputError, SettingsError
from logs import start_logging
from market.clock import Clock, SystemClock
from market.days import start_of_day
from market.sessions import DAY_MS
from reconciliation.alerts import compare_alerts
from reconciliation.broker_side import broker_day
from reconciliation.comparison import compare
from reconciliation.our_side import days_before, newest_day, stored_day, watched_since
from reconciliation.pair import Pair, pair_up
from reconciliation.report import Report, to_json
from reconciliation.stamps import better_stamp
from replay.faults import Faults
from replay.layout import Contents, parse_columns
from replay.recording import Reading, Recording, load_recording
from settings.loader import load
from settings.schema import Settings
from store.database import bring_up_to_date
from store.outbox import decisions
from store.store import FILE_NAME


@dataclass(frozen=True, slots=True)
class Against:
    """A file of the broker's candles, and how it is read."""

    file: Path
    stamp: Literal["start", "end"]
    columns: str


def reconcile(day: date | None, config: Path, against: Against | None, *, as_json: bool) -> int:
    """Compare, by default the newest day in the store, and print what came of it; returns 0. Raises: SignalsError."""
    settings = load(config)
    start_logging("WARNING", None)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    report = reconciliation(settings, SystemClock(), day, against)
    if as_json:
        print(json.dumps(to_json(report), allow_nan=False))
    else:
        Console(highlight=False, markup=False, emoji=False).print(reconciliation_screen(report))
    return 0


def reconciliation(settings: Settings, clock: Clock, day: date | None, against: Against | None) -> Report:
    """Compare bars and alerts of one day. Raises: SignalsError."""
    directory = settings.state_directory
    bring_up_to_date(directory / FILE_NAME)
    chosen = day or newest_day(directory)
    ours = stored_day(directory, chosen)
    if against is None:
        broker = configured_broker(settings)
        table = broker.instruments(directory, clock, settings.universe.names)
        theirs, source, known = _asked(settings, broker, table, clock, chosen), broker.name, known_in(table)
    else:
        theirs, source, known = _read(against), against.file.name, known_offline(settings, clock)
    pair = pair_up(chosen, ours, theirs, known, settings.session_table())
    if not pair.instruments:
        raise InputError(f"{source}: it has none of our symbols on {chosen}")
    if not len(pair.ours) and not len(pair.theirs):
        raise InputError(
            f"{chosen}: no candle of either side lies in the hours of trading; if there was a session, add it"
            f" to config.toml as a [[special_day]]"
        )
    if against is not None and (stamp := better_stamp(pair)):
        logger.warning("{}: its candles agree with ours when they are read with --stamp {}", source, stamp)
    return Report(
        chosen,
        source,
        compare(pair),
        compare_alerts(
            pair, settings.strategy, partial(days_before, directory, chosen), watched_since(directory, chosen)
        ),
        _recorded(directory, pair),
        pair.only_ours,
        pair.only_theirs,
    )


def _asked(settings: Settings, broker: Broker, table: InstrumentTable, clock: Clock, day: date) -> Recording:
    """The universe's candles from the broker."""
    broker.require_credentials()
    history = broker.history(clock)
    if history is None:
        raise SettingsError([f"{settings.feed.source} has no candles to compare with: give a file, --against FILE"])
    listings, since = choose(settings.universe, table).listings, start_of_day(day)
    with ExitStack() as running:
        running.callback(history.stop)
        progress = running.enter_context(_progress())
        task = progress.add_task("asking the broker", total=len(listings))
        theirs = broker_day(history, listings, since, since + DAY_MS, lambda: progress.advance(task))
    for sentence in theirs.unanswered:
        logger.warning("no candles of {}", sentence)
    return theirs.recording


def _read(against: Against) -> Recording:
    reading = Reading(parse_columns(against.columns), stamp_end=against.stamp == "end", sort=False)
    faults = Faults(partial(print, file=sys.stderr))
    recording = load_recording([against.file], reading, faults, lambda _: None)
    faults.finish()
    if recording.contents is not Contents.BARS:
        raise InputError(f"{against.file}: these are ticks; a reconciliation needs 1-minute candles")
    return recording


def _recorded(directory: Path, pair: Pair) -> Mapping[str, bool]:
    """The day's transitions on the symbols that are compared, by fingerprint: was it given to a channel?"""
    database = directory / FILE_NAME
    if not database.exists():
        return {}
    symbols = {instrument.symbol for instrument in pair.instruments}
    found: dict[str, bool] = {}
    for text, sent in decisions(database, start_of_day(pair.day)):
        record = json.loads(text)
        if record["symbol"] in symbols and datetime.fromisoformat(record["time"]).date() == pair.day:
            found[record["id"]] = sent
    return found


def _progress() -> Progress:
    """On a terminal a bar, otherwise nothing."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
