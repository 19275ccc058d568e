"""Where each key of a TOML text stands, so that a fault can name its line.

tomli gives the values but not their places. This scanner walks a text that tomli has accepted, and only notes where
keys and list items begin; it never judges and never reads a value.
"""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TypeAlias

import tomli

KeyPath: TypeAlias = tuple[str | int, ...]
"""Names of keys and indices of list items from the top: `("strategy", 0, "timeframe")`."""

_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE_AND_COMMAS = re.compile(r"(?:[ \t\r\n,]+|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[^\s.="'\]]+)[ \t]*""")
_SCALAR = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'"
    r"|[^,\]}#\n]+",
    re.DOTALL,
)


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int | None:
    """Line of a key path, or of the nearest table around it; None when not even that is written."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line, from 1, of every key, table and list item of a valid TOML text.

    A table that is written several times, by its own header or through dotted keys, counts where it comes first.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._lines: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}
        """How many `[[tables]]` each path has had so far."""

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_SPACE)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._key_and_value(table)
            self._skip(_SPACE)
        return self._lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None, "tomli accepted this text"
        self._at = found.end()
        return found[0]

    def _note(self, path: KeyPath, at: int) -> None:
        self._lines.setdefault(path, bisect_right(self._line_starts, at))

    def _header(self) -> KeyPath:
        start = self._at
        brackets = 2 if self._text.startswith("[[", start) else 1
        self._at += brackets
        *outer, last = self._dotted_key()
        self._at += brackets
        path: KeyPath = ()
        for part in outer:
            path = self._newest((*path, part))
            self._note(path, start)
        path = (*path, last)
        self._note(path, start)
        if brackets == 2:
            self._tables[path] = self._tables.get(path, 0) + 1
            path = self._newest(path)
            self._note(path, start)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        """The path itself, or the last of its `[[tables]]` so far."""
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _dotted_key(self) -> list[str]:
        parts = [self._key_part()]
        while self._text[self._at] == ".":
            self._at += 1
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        part = self._skip(_KEY_PART).strip(" \t")
        return next(iter(tomli.loads(f"{part} = 0"))) if part[0] in "\"'" else part

    def _key_and_value(self, table: KeyPath) -> None:
        start = self._at
        path = table
        for part in self._dotted_key():
            path = (*path, part)
            self._note(path, start)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        match self._text[self._at]:
            case "[":
                self._items(path)
            case "{":
                self._inline_table(path)
            case _:
                self._skip(_SCALAR)

    def _items(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_SPACE_AND_COMMAS)
        index = 0
        while self._text[self._at] != "]":
            self._note((*path, index), self._at)
            self._value((*path, index))
            index += 1
            self._skip(_SPACE_AND_COMMAS)
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_SPACE_AND_COMMAS)
        while self._text[self._at] != "}":
            self._key_and_value(path)
            self._skip(_SPACE_AND_COMMAS)
        self._at += 1
