"""One mistake in config.toml, and how it reads."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.errors import RuleError, column_of
from settings.positions import KeyPath, key_lines, line_of

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where."""

    path: KeyPath
    text: str
    """Never holds a value that may be a secret."""
    rule: RuleError | None = None
    """What is wrong within a rule, whose line is then shown."""


def fault_lines(file: Path, faults: Iterable[Fault], text: str) -> list[str]:
    """Each fault as `config.toml:15: strategy[0].cooldwn_bars: unknown key; ...`, in the order of the file's text."""
    lines = key_lines(text)
    placed = sorted((line_of(fault.path, lines) or 0, index, fault) for index, fault in enumerate(faults))
    return [_line(file, line, fault, text) for line, _, fault in placed]


def _line(file: Path, line: int, fault: Fault, text: str) -> str:
    place = f"{file}:{line}" if line else str(file)
    if fault.rule is None:
        return f"{place}: {path_text(fault.path)}: {fault.text}"
    if line:
        place = fault.rule.at(str(file), *_begin(fault.rule.rule, line, text.split("\n"))).place
    return f"{place}: {path_text(fault.path)}: {fault.rule.problem}\n{fault.rule.shown()}"


def _begin(rule: str, line: int, lines: Sequence[str]) -> tuple[int, int]:
    """Line and column of a rule's first letter, when the text that has it begins on `line`."""
    here, (first, *below) = lines[line - 1], rule.split("\n")
    for quotes in ('"""', "'''") if below else ('"""', "'''", '"', "'"):
        at = here.find(quotes + first + ("" if below else quotes))
        if at >= 0:
            return line, at + len(quotes) + 1
    if here.endswith(('"""', "'''")) and line < len(lines):  # the rule begins below its quotes
        return line + 1, column_of(rule, lines[line])
    return line, column_of(rule, here)


def path_text(path: KeyPath) -> str:
    """A key path as people write it: `strategy[0].long.entry[1]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE_KEY.fullmatch(part) else json.dumps(part)[:60])
    return text
