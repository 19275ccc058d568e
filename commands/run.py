"""`run.py`: watch the market as config.toml says, until told to stop or until the session played is over."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from loguru import logger

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
STDIN = 0
TURN_S = 0.5
SENDING_TURN_S = 2.0


def run(config: Path) -> int:
    """Run until SIGTERM, Ctrl-C or the end of the session; returns 0. Raises: SignalsError."""
    os.umask(PRIVATE)
    settings = load(config)
    start_logging(settings.logging.level, settings.logging.file)
    # Until something is at work there is nothing to finish, and a slow server must not keep us.
    _when_told_to_end(_leave)
    stopping, reload = threading.Event(), threading.Event()
    _when_hung_up(stopping, reload)
    clock = SystemClock()
    with ExitStack() as running:
        source = open_source(settings, clock, running)
        _when_told_to_end(stopping.set)
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
            while not (stopping.wait(TURN_S) or system.over.is_set()):
                source.check()
                if reload.is_set():
                    reload.clear()
                    threading.Thread(target=_reload, args=(system,), name="reload", daemon=True).start()
                if (part := system.dead()) is not None:
                    raise SignalsError(f"{part} has ended by itself; the process must start anew")
            if system.over.is_set():
                _send_the_rest(system, stopping)
        finally:
            system.stop()
        if source.data_clock:
            print_summary(system.answers.seen(), is_whole=system.over.is_set())
        else:
            logger.info("stopped; {} alerts wait for the next start", system.answers.seen().pending)
    return 0


def _when_told_to_end(do: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: do())


def _when_hung_up(stopping: threading.Event, reload: threading.Event) -> None:
    """SIGHUP asks for a reload, unless it comes because our terminal is gone."""
    if not hasattr(signal, "SIGHUP"):
        return  # Windows
    had_terminal = os.isatty(STDIN)
    signal.signal(signal.SIGHUP, lambda *_: stopping.set() if had_terminal and not os.isatty(STDIN) else reload.set())


def _reload(system: System) -> None:
    """On a thread of its own, for thousands of symbols may have to read days of their past."""
    try:
        system.reload()
    except SignalsError as error:
        logger.error("the settings were not taken over, all goes on by the old ones: {}", error)


def _leave() -> None:
    raise SystemExit(0)


def _send_the_rest(system: System, stopping: threading.Event) -> None:
    """A session that was played fast has alerts under way: as long as they move, and nobody wants it to end, wait."""
    sent, totals = -1, system.answers.totals()
    while any(channel.pending for channel in totals) and sum(channel.sent for channel in totals) != sent:
        sent = sum(channel.sent for channel in totals)
        if stopping.wait(SENDING_TURN_S):
            return
        totals = system.answers.totals()


def _say_hello(settings: Settings, source: Source, clock: Clock) -> None:
    names = ", ".join(f"{chosen.name} {chosen.timeframe}" for chosen in settings.strategy)
    channels = ", ".join(channel.name for channel in settings.channel)
    if not source.data_clock:
        for concern in table_concerns(settings, settings.session_table(), clock.now_ms()):
            logger.warning("{}", concern)
    logger.info("watching {} instruments with {}; alerts go to {}", len(source.instruments), names, channels)
