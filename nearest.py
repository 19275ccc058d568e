"""What somebody most likely meant by a name that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60
"""Letters of a word that are looked at; no name is longer."""


def nearest(word: str, known: Iterable[str], limit: int = 1) -> list[str]:
    """The known names nearest to a word, whatever their case, best first; empty when none is near."""
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(word[:_LONGEST].casefold(), by_folded, limit, cutoff=0.6)
    return [by_folded[name] for name in near]


def did_you_mean(word: str, known: Iterable[str], limit: int = 1) -> str:
    """`; did you mean feed?` for the nearest known names; empty when none is near."""
    near = nearest(word, known, limit)
    return f"; did you mean {' or '.join(near)}?" if near else ""
