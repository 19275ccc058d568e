"""Rules as a wild typist would write them: the language answers every one, quickly, with a tree or its own error."""

import gc
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.result import Result
from rules.errors import RuleError
from rules.functions import functions
from rules.parser import parse
from rules.text import text
from rules.tokens import LONGEST_RULE

INPUTS: Final = 1_000_000
SEED: Final = 20_251_117
PARAMETERS: Final[dict[str, float | int | str]] = {
    "fast": 9,
    "share": "2 %",
    "begin": "09:20",
    "big": 1e12,
    "list": "abc",
}
WARM: Final = 100_000
"""Inputs before memory is looked at for the first time."""
_WORDS: Final = (
    "close", "open", "high", "volume", "hl2", "time", "vwap", "ema(9)", "rsi(14)", "macd.signal", "roc(15)", "gap",
    "ema(high, 21)", "ema(length=fast)", "fast", "share", "begin", "big", "list", "correlation(20)", 'pattern("DOJI")',
    ">", ">=", "<", "<=", "==", "!=", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".", "=", "and", "or", "not", "true",
    "crosses above", "crosses below", "within 3 bars", "for 2 bars", "between", "on 5m", "on 15m", 'of "NSE:NIFTY 50"',
    "in session 09:20-15:00", "count(", "abs(", "min(", "max(", "crosses_above(", "0", "1", "2%", "0.2%", "09:20", "5m",
    "999999999999", "1e9", "1_000", '"', "'", "≥", "“", "\u00a0", "\n", "\x00", "é", "&&", "AND", "🙂", "\ud800",
)  # fmt: skip
_NAMES: Final = 20
"""So many of them are numbers of the chart or constants."""
_VALID: Final = (
    "close > ema(9) and close > vwap and volume > 2 * volume_average(20)",
    "macd(12, 26, 9) crosses above macd(12, 26, 9).signal within 2 bars",
    'correlation(close of "NSE:NIFTY 50", 20) > 0.5 or not (roc(15) > 2%)',
    "count(close > open, rsi(14) between 30 and 70, close > vwap + 0.2%) >= 2 in session 09:20-15:00",
    "(close > ema(9)) on 15m for 3 bars and time >= 09:30 and abs(close - open) < 0.1 * (high - low)",
)


def inputs(count: int, seed: int = SEED) -> Iterator[str]:
    """Words in any order, valid rules with letters changed, letters at random, and towers of one thing."""
    chance = random.Random(seed)
    valid = [*_VALID, *(each.make.example for each in functions().values() if each.make.example)]
    for number in range(count):
        match number % 4:
            case 0:
                yield " ".join(chance.choices(_WORDS, k=chance.randint(1, 30)))
            case 1 | 2:
                yield _changed(chance, chance.choice(valid))
            case _ if number % 40 == 3:
                some = chance.choice(_WORDS)
                yield some * (chance.randint(1, LONGEST_RULE + 100) // len(some)) + "close > 1"
            case _:
                yield "".join(chr(chance.randint(0, 0x17F)) for _ in range(chance.randint(0, 60)))


def _changed(chance: random.Random, rule: str) -> str:
    for _ in range(chance.randint(1, 3)):
        at, to = sorted(chance.randint(0, len(rule)) for _ in range(2))
        match chance.randint(0, 8):
            case 0:
                rule = rule[:at] + rule[at + 1 :]
            case 1:
                rule = rule[:at] + chance.choice(_WORDS) + rule[at:]
            case 2:
                rule = rule[:at] + rule[at : min(to, at + 20)] + rule[at:]
            case 3:
                rule = rule[:at] + rule[min(to, at + 10) :]
            case 4:
                rule = rule[:at] + chr(chance.randint(32, 126)) + rule[at + 1 :]
            case _:  # what may well still be a rule
                words = rule.split(" ")
                words[chance.randrange(len(words))] = chance.choice(_WORDS[:_NAMES])
                rule = " ".join(words)
    return rule


def survived(rule: str) -> bool:
    """Whether it is a rule; if so, its own text means the same. Anything but a `RuleError` comes out."""
    try:
        tree = parse(rule, PARAMETERS, ("entry",))
    except RuleError as error:
        mistake = error
    else:
        written = text(tree)
        if len(written) <= LONGEST_RULE:
            assert parse(written, names=("entry",)) == tree, rule
        return True
    assert str(mistake)
    assert 0 <= mistake.start <= mistake.end <= len(rule) + 1, "the carets stand below the rule"
    return False


def measure() -> list[Result]:
    """A million inputs; every rule among them is also written back and read again."""
    longest = total = 0.0
    rules = exceptions = blocks = 0
    warm_kb = 0.0
    for number, rule in enumerate(inputs(INPUTS)):
        if number == WARM:
            warm_kb, blocks = _resident_kb(), sys.getallocatedblocks()
        began = time.thread_time()
        try:
            rules += survived(rule)
        except Exception as error:  # noqa: BLE001 - counted, and shown
            exceptions += 1
            print(f"  {type(error).__name__}: {error!s:.200}: {rule!r}")
        took = time.thread_time() - began
        total += took
        longest = max(longest, took)
    return [
        Result("inputs to the rule language", INPUTS, ""),
        Result("  of them rules", rules, ""),
        Result("  exceptions other than its own", exceptions, "", at_most=0),
        Result("  read, told or written back, mean of one core", total / INPUTS * 1e6, "µs"),
        Result("  the longest of all", longest * 1e3, "ms", at_most=100),
        Result("  memory grown", (_resident_kb() - warm_kb) / 1024, "MB"),
        Result("  objects kept", sys.getallocatedblocks() - blocks, "", at_most=1000),
    ]


def _resident_kb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024
