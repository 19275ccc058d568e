"""Recorded files for tests, and what a replay makes of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

from actors.messages import SymbolsSurvey
from market.clock import IST
from replay.advice import advice, sessions_of
from replay.faults import Faults
from replay.outputs import write_bars, write_signals
from replay.playback import played
from replay.recording import Reading, Recording, load_recording
from replay.symbols import Known, nothing_known
from settings.schema import Settings
from tests.factories import ema_vwap

BARS = "symbol,timestamp,open,high,low,close,volume"
TICKS = "symbol,timestamp,price,volume"
QUICK = Settings(strategy=(ema_vwap(2, 3, 3),))
"""Ready on the third bar, so that a test needs few."""


@dataclass(frozen=True)
class Replayed:
    signals: str
    bars: str
    survey: SymbolsSurvey
    failures: tuple[str, ...]
    faults: list[str]
    advice: list[str]


def ms(text: str) -> int:
    """ISO-8601 in exchange time as epoch milliseconds UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=IST).timestamp() * 1000)


def written(path: Path, header: str, rows: Iterable[str]) -> Path:
    path.write_text("\n".join((header, *rows, "")), "utf-8")
    return path


def loaded(
    *files: Path,
    columns: Mapping[str, str] | None = None,
    stamp_end: bool = False,
    sort: bool = False,
    faults: list[str] | None = None,
    known: Known = nothing_known,
) -> Recording:
    told = faults if faults is not None else []
    counting = Faults(told.append)
    recording = load_recording(files, Reading(columns or {}, stamp_end, sort), counting, lambda _: None, known)
    counting.finish()
    return recording


def replayed(*files: Path, settings: Settings = QUICK, sort: bool = False, **reading: Any) -> Replayed:
    faults: list[str] = []
    recording = loaded(*files, sort=sort, faults=faults, **reading)
    signals, bars = StringIO(), StringIO()
    with played(recording, settings, lambda _: None, keep_bars=True) as playback:
        write_signals(signals, playback.store.transitions())
        write_bars(bars, playback.store.bars_since(0))
    sessions = sessions_of(recording, settings.session_table())
    said = list(advice(recording, Reading({}, stamp_end=False, sort=sort), playback.survey, sessions))
    return Replayed(signals.getvalue(), bars.getvalue(), playback.survey, playback.failures, faults, said)
