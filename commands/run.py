"""`run.py`: watch the market as config.toml says, until told to stop or until the session played is over."""

import os
import threading
from contextlib import ExitStack
from pathlib import Path

from loguru import logger

from commands.asked import Asked, Signals
from commands.source import Source, open_source
from commands.summary import print_summary
from commands.trading_day import table_concerns
from errors import SignalsError
from logs import start_logging
from market.clock import Clock, SystemClock
from settings.loader import load
from settings.schema import Settings
from system import System

PRIVATE = 0o077
TURN_S = 0.5
SENDING_TURN_S = 2.0


def run(config: Path) -> int:
    """Run until SIGTERM, Ctrl-C or the end of the session; returns 0. Raises: SignalsError."""
    os.umask(PRIVATE)
    settings = load(config)
    start_logging(settings.logging.level, settings.logging.file)
    signals = Signals()
    clock = SystemClock()
    with ExitStack() as running:
        source = open_source(settings, clock, running)
        signals.hear_the_end()
        system = System(
            settings,
            source.instruments,
            clock,
            source.readers,
            data_clock=source.data_clock,
            config=config,
            history=source.history,
        )
        system.start()
        try:
            _say_hello(settings, source, clock)
            while (asked := signals.wait(TURN_S)) is not Asked.END and not system.over.is_set():
                source.check()
                if asked is Asked.RELOAD:
                    threading.Thread(target=_reload, args=(system,), name="reload", daemon=True).start()
                if (part := system.dead()) is not None:
                    raise SignalsError(f"{part} has ended by itself; the process must start anew")
            if system.over.is_set():
                _send_the_rest(system, signals)
        finally:
            system.stop()
        if source.data_clock:
            print_summary(system.answers.seen(), is_whole=system.over.is_set())
        else:
            logger.info("stopped; {} alerts wait for the next start", system.answers.seen().pending)
    return 0


def _reload(system: System) -> None:
    """On a thread of its own, for thousands of symbols may have to read days of their past."""
    try:
        system.reload()
    except SignalsError as error:
        logger.error("the settings were not taken over, all goes on by the old ones:")
        for line in str(error).splitlines():  # a rule, and the carets below it
            logger.error("{}", line)


def _send_the_rest(system: System, signals: Signals) -> None:
    """A session that was played fast has alerts under way: as long as they move, and nobody wants it to end, wait."""
    sent, totals = -1, system.answers.totals()
    while any(channel.pending for channel in totals) and sum(channel.sent for channel in totals) != sent:
        sent = sum(channel.sent for channel in totals)
        if signals.wait(SENDING_TURN_S) is Asked.END:
            return
        totals = system.answers.totals()


def _say_hello(settings: Settings, source: Source, clock: Clock) -> None:
    names = ", ".join(f"{chosen.name} {chosen.timeframe}" for chosen in settings.strategy)
    channels = ", ".join(channel.name for channel in settings.channel)
    if not source.data_clock:
        for concern in table_concerns(settings, settings.session_table(), clock.now_ms()):
            logger.warning("{}", concern)
    logger.info("watching {} instruments with {}; alerts go to {}", len(source.instruments), names, channels)
