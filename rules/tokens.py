"""A rule's text as words, numbers and signs, each with its place."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from rules.errors import RuleError
from rules.words import INSTEAD, INVISIBLE

LONGEST_RULE: Final = 1000
LARGEST_NUMBER: Final = 1e12
DECIMALS: Final = 12
"""Digits after the point that count; finer differences are those of floating point."""

_WORD = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<time>[0-9]{1,2}:[0-9]{2}(?![0-9:A-Za-z_]))
    |(?P<timeframe>[0-9]+m(?![A-Za-z0-9_]))
    |(?P<percentage>[0-9]+(?:\.[0-9]+)?[ ]?%)
    |(?P<odd>[0-9]+:[0-9:]*|\.[0-9]+|[0-9][0-9.]*[A-Za-z_][A-Za-z0-9_]*|[0-9]+\.[0-9]*\.[0-9.]*|[0-9]+\.(?![0-9]))
    |(?P<number>[0-9]+(?:\.[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"\n]*"|'[^'\n]*')
    |(?P<wrong>&&|\|\||=>|=<|<>|\*\*|===)
    |(?P<sign>>=|<=|==|!=|[-+*/()\[\],.<>])
    |(?P<assign>=)
    """,
    re.VERBOSE,
)


class TokenKind(Enum):
    """What a word of a rule is."""

    NUMBER = "number"
    PERCENTAGE = "percentage"
    TIME = "time"
    """`09:20`, its value in minutes since midnight."""
    TIMEFRAME = "timeframe"
    """`5m`, its value in minutes."""
    NAME = "name"
    TEXT = "text"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a rule."""

    kind: TokenKind
    text: str
    """As written; what is between the quotes of a text."""
    start: int
    end: int
    value: float = 0.0


def tokens(rule: str) -> list[Token]:
    """The words of a rule, and its end. Raises: RuleError."""
    if len(rule) > LONGEST_RULE:
        problem = f"a rule has at most {LONGEST_RULE:,} characters, this one has {len(rule):,}"
        raise RuleError(problem, LONGEST_RULE, LONGEST_RULE + 1, rule)
    found: list[Token] = []
    at = 0
    while at < len(rule):
        word = _WORD.match(rule, at)
        if word is None:
            raise _odd_character(rule, at)
        if word.lastgroup != "space":
            found.append(_token(rule, word))
        at = word.end()
    found.append(Token(TokenKind.END, "", len(rule), len(rule)))
    return found


def _token(rule: str, word: re.Match[str]) -> Token:
    text, start, end = word[0], word.start(), word.end()
    match word.lastgroup:
        case "number" | "percentage":
            value = round(float(text.rstrip(" %")), DECIMALS)
            if value > LARGEST_NUMBER:
                raise RuleError(f"a number of a rule is at most {LARGEST_NUMBER:.0f}", start, end, rule)
            kind = TokenKind.NUMBER if word.lastgroup == "number" else TokenKind.PERCENTAGE
            return Token(kind, text, start, end, value)
        case "time":
            hours, _, minutes = text.partition(":")
            if int(hours) > 23 or int(minutes) > 59:
                raise RuleError(f"{text} is no time of day; they go from 00:00 to 23:59", start, end, rule)
            return Token(TokenKind.TIME, text, start, end, int(hours) * 60 + int(minutes))
        case "timeframe":
            return Token(TokenKind.TIMEFRAME, text, start, end, min(float(text[:-1]), LARGEST_NUMBER))
        case "text":
            return Token(TokenKind.TEXT, text[1:-1], start, end)
        case "odd":
            raise RuleError(_odd_number(text), start, end, rule)
        case "wrong":
            raise RuleError(f"{text} means nothing in a rule; {INSTEAD[text]}", start, end, rule)
        case kind:
            # A single = stands between a parameter's name and its value, so only the parser knows if it is wrong.
            return Token(TokenKind.NAME if kind == "name" else TokenKind.SIGN, text, start, end)


def _odd_number(text: str) -> str:  # noqa: PLR0911 - one for each mistake
    shown = text if len(text) <= 30 else f"{text[:30]}..."
    if ":" in text:
        return f"{shown} is no time of day; write hours and minutes, such as 09:20"
    if text.startswith("."):
        return f"write 0{shown}"
    if text.endswith("."):
        return f"a number does not end with a point; write {shown[:-1]}"
    if re.fullmatch("[0-9][0-9_]*", text):
        return f"write {shown.replace('_', '')} without _"
    if re.fullmatch(r"[0-9.]+[eE][0-9]+", text):
        return f"write the number {shown} in full"
    if re.fullmatch(r"[0-9]+(min|mins|minute|minutes|M)", text):
        return f"write {re.sub('[A-Za-z]+', 'm', shown)}"
    if hours := re.fullmatch(r"([0-9]{1,2})(h|H|hr|hour|hours)", text):
        return f"timeframes are in minutes; write {int(hours[1]) * 60}m"
    if re.fullmatch(r"[0-9]+[A-Za-z]", text):
        return f"{shown} is no timeframe; they are minutes, from 1m to 1440m"
    if text.count(".") > 1:
        return f"{shown} is no number; it has one point at most"
    return f"{shown} is neither a number nor a name; names begin with a letter"


def _odd_character(rule: str, at: int) -> RuleError:
    letter = rule[at]
    if letter in "\"'":
        return RuleError(f"the quote {letter} that begins here has no end", at, len(rule), rule)
    if letter in INVISIBLE:
        name = INVISIBLE[letter]
    elif letter.isprintable():
        name = letter
    else:
        name = f"the character U+{ord(letter):04X}"
    advice = INSTEAD.get(letter, "write letters, digits and signs of the keyboard" if letter > "~" else "")
    return RuleError(f"{name} means nothing in a rule" + (f"; {advice}" if advice else ""), at, at + 1, rule)
