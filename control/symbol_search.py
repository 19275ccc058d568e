"""From what a person typed to a symbol that is watched."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

_NAME = re.compile(r"(?:[A-Z]+:)?[A-Z0-9&._ -]{1,40}")
_NOT_IN_NAMES = re.compile(r"[^A-Z0-9&._ -]+")
_LONGEST = 40


def find(typed: str, symbols: Sequence[str]) -> str | None:
    """The symbol meant: in any case, and without its exchange NSE's before others; None if there is none."""
    wanted = typed.strip(" ").upper()
    if not _NAME.fullmatch(wanted):
        return None
    if ":" in wanted:
        return wanted if wanted in symbols else None
    return min((symbol for symbol in symbols if _name(symbol) == wanted), key=_not_nse, default=None)


def nearest(typed: str, symbols: Sequence[str], limit: int = 5) -> list[str]:
    """The symbols it may have been meant to be: first those that begin so, then those spelt alike."""
    wanted = _NOT_IN_NAMES.sub("", typed.upper().rpartition(":")[2])[:_LONGEST].strip()
    if not wanted:
        return []
    by_name: dict[str, str] = {}
    for symbol in sorted(symbols, key=_not_nse):
        by_name.setdefault(_name(symbol), symbol)
    begin_so = sorted((name for name in by_name if name.startswith(wanted)), key=len)
    alike = get_close_matches(wanted, by_name, limit, cutoff=0.6)
    return [by_name[name] for name in dict.fromkeys([*begin_so[:limit], *alike])][:limit]


def _not_nse(symbol: str) -> bool:
    return not symbol.startswith("NSE:")


def _name(symbol: str) -> str:
    return symbol.partition(":")[2]
