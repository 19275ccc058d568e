"""What to write instead, where a rule has a word that does not fit or is not known."""

from collections.abc import Collection, Sequence

from nearest import did_you_mean
from rules.errors import RuleError
from rules.tokens import Token, TokenKind
from rules.words import INSTEAD, KEYWORDS

_OPENS = frozenset({TokenKind.NAME, TokenKind.NUMBER, TokenKind.PERCENTAGE, TokenKind.TIME, TokenKind.TEXT})


def unexpected(word: Token, rule: str, words: Sequence[Token], wanted: str) -> RuleError:
    """A word that cannot stand where it does."""
    return RuleError(_unexpected(word, words, wanted), word.start, word.end, rule)


def unknown(word: Token, rule: str, known: Collection[str]) -> RuleError:
    """A name that nothing has."""
    return RuleError(_unknown(word.text, known), word.start, word.end, rule)


def _unknown(name: str, known: Collection[str]) -> str:
    shown = name if len(name) <= 40 else f"{name[:37]}..."
    if name != name.lower() and name.lower() in {*known, *KEYWORDS}:
        return f"unknown name {shown}; names are in small letters: did you mean {name.lower()}?"
    if advice := INSTEAD.get(name.lower()):
        return f"unknown name {shown}; {advice}"
    return f"unknown name {shown}{did_you_mean(name, known) or '; run.py rules lists what there is'}"


def _unexpected(word: Token, words: Sequence[Token], wanted: str) -> str:  # noqa: PLR0911 - one for each mistake
    if word.kind is TokenKind.END:
        return f"the rule ends too early: expected {wanted}"
    if word.kind is TokenKind.TIMEFRAME:
        return f"{word.text} is a timeframe; it stands behind on, such as ema(9) on {word.text}"
    place = next((position for position, each in enumerate(words) if each is word), 0)
    before = words[place - 1] if place else None
    if word.kind is TokenKind.NAME and word.text.lower() in KEYWORDS and word.text not in KEYWORDS:
        return f"{word.text} is written in small letters: {word.text.lower()}"
    if any(each.text == "ago" for each in words[place : place + 3]):
        return "write close[3] for the close 3 bars ago"
    if before and before.kind is TokenKind.NAME and before.text not in KEYWORDS and word.text in {"(", "."}:
        what = "takes nothing in parentheses" if word.text == "(" else "is one number; it has nothing behind a point"
        return f"{before.text} {what}"
    if before and before.text == "crosses" and word.text in {"over", "under"}:
        return f"write crosses {'above' if word.text == 'over' else 'below'}"
    if word.text in INSTEAD:
        return f"{word.text} cannot stand here; {INSTEAD[word.text]}"
    if word.kind is TokenKind.SIGN:
        return f"{_sign(word.text)}: expected {wanted}"
    if word.kind in _OPENS and wanted == "the end of the rule":
        return f"{_shown(word)} follows without anything between; join conditions with and, or"
    return f"expected {wanted}, found {_shown(word)}"


def _sign(sign: str) -> str:
    return {
        ")": "this ) closes nothing, or comes too early",
        "]": "this ] closes nothing, or comes too early",
        ",": "a comma cannot stand here (and no number has one)",
        ".": "a point cannot stand here",
        "=": "= cannot stand here; to compare, write ==",
    }.get(sign, f"{sign} cannot stand here")


def _shown(word: Token) -> str:
    text = f'"{word.text}"' if word.kind is TokenKind.TEXT else word.text
    return text if len(text) <= 40 else f"{text[:37]}..."
