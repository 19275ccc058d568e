"""What waits for the close of a live run, put together."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from delivery.announcer import Announcer
from delivery.channel import Channel
from evening.command import runner
from evening.evening import Evening
from market.clock import Clock
from market.instrument import Instrument
from settings.schema import PROGRAM, Settings
from store.store import Store


def evening_of(
    settings: Settings,
    config: Path,
    instruments: Iterable[Instrument],
    clock: Clock,
    store: Store,
    channels: Sequence[Channel],
    wanted: Callable[[], Mapping[str, int]],
) -> Evening:
    """The evening of a run by this settings file, not yet started; `wanted` as `Evening` has it."""
    table, stopping = settings.session_table(), threading.Event()
    all_hours = {table.hours(instrument) for instrument in instruments}

    def last_close(at_ms: int) -> int | None:
        return max((session.close_ms for hours in all_hours if (session := hours.at(at_ms))), default=None)

    return Evening(
        clock,
        store,
        last_close,
        settings.state_directory,
        settings.store.keep_days,
        wanted,
        runner(PROGRAM / "run.py", config, stopping),
        Announcer(store, channels).announce,
        stopping,
    )
