"""One mistake in config.toml, and how it reads."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from settings.positions import KeyPath, line_of

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where."""

    path: KeyPath
    text: str
    """Never holds a value that may be a secret."""


def fault_lines(file: Path, faults: Iterable[Fault], lines: dict[KeyPath, int]) -> list[str]:
    """Each fault as `config.toml:15: strategy[0].cooldwn_bars: unknown key; ...`, in the order of the file."""
    placed = sorted((line_of(fault.path, lines) or 0, index, fault) for index, fault in enumerate(faults))
    return [f"{file}{f':{line}' if line else ''}: {path_text(fault.path)}: {fault.text}" for line, _, fault in placed]


def path_text(path: KeyPath) -> str:
    """A key path as people write it: `strategy[0].parameters.periods[1]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE_KEY.fullmatch(part) else json.dumps(part)[:60])
    return text
