"""A recording goes through the product's own parts, and what they make of it is kept for a moment."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from actors.alert_actor import AlertActor
from actors.line import Line
from actors.messages import Committed, SymbolsSurvey
from errors import StorageError
from market.bar import Bar
from market.clock import SystemClock
from market.watermark import Watermark
from replay.layout import Contents
from replay.listener import Listener
from replay.player import play
from replay.recording import Recording
from settings.schema import Settings
from store.store import Store

STORE_S: Final = 60.0
"""A disk that has not taken everything by then never will."""
STOP_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Playback:
    """A recording that was played to its end."""

    store: Store
    """Holds its bars and transitions while the playback is open."""
    survey: SymbolsSurvey
    failures: tuple[str, ...]
    """What broke in the middle, one sentence each."""


@contextmanager
def played(
    recording: Recording, settings: Settings, on_piece: Callable[[int], None], *, keep_bars: bool
) -> Iterator[Playback]:
    """Play it through router, symbol actors, alert actor and store as a live run would, in a place of its own.

    Bars, 150 bytes each, are stored only with `keep_bars`.

    Raises: SettingsError, for a strategy that cannot be built; StorageError, when the disk does not take it;
    SignalsError, when the symbols' thread has died.
    """
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="bellwether-")))
        listener = Listener()
        store = Store(directory, SystemClock(), listener)
        store.start()
        running.callback(store.stop, STOP_S)
        alerts = AlertActor.start(store, settings.alerts, (), listener, settings.strategy)
        running.callback(alerts.stop)
        watermark = Watermark(settings.feed.grace_ms) if recording.contents is Contents.TICKS else None
        instruments = dict(enumerate(recording.instruments))
        line = Line(
            settings.strategy,
            instruments,
            store.write_bars if keep_bars else _forget,
            alerts,
            listener,
            watermark,
            sessions=settings.session_table(),
        )
        line.start()
        running.callback(line.stop, STOP_S)

        def on_disk() -> None:
            # All that the alert actor was told before it is told this has then gone to the store.
            alerts.ask(Committed())
            if not store.flush(STORE_S):
                raise StorageError(f"{directory}: the disk does not take the signals")

        def next_piece(rows: int) -> None:
            on_disk()
            on_piece(rows)

        play(recording, line, next_piece)
        line.router.survey(listener)
        survey = listener.survey(line.worker)
        on_disk()
        yield Playback(store, survey, tuple(listener.failures))


def _forget(bars: Sequence[tuple[str, Bar]]) -> None:
    """Nobody will ask for them."""
