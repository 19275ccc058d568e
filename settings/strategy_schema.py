"""The shape of a strategy: a file of strategies/, or a `[[strategy]]` of config.toml, which may change any key."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from market.instrument import Instrument, Kind
from rules.levels import level_rule
from settings.section import Section


def _timeframe(value: str) -> str:
    if not re.fullmatch("[1-9][0-9]{0,3}m", value) or int(value[:-1]) > 1440:
        raise ValueError(value)
    return value


def _level(value: str) -> str:
    level_rule(value)
    return value


def _span(value: str) -> str:
    times = re.fullmatch(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)", value)
    if value and (times is None or times[1] >= times[2]):
        raise ValueError(value)
    return value


StrategyName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="a name of small letters, digits and _, at most 32"),
]
Version = Annotated[str, Field(pattern=r"^[!-~]{1,32}$", description='text in quotes without spaces, such as "1"')]
Timeframe = Annotated[
    str,
    AfterValidator(_timeframe),
    Field(description='whole minutes in quotes from "1m" to "1440m", such as "5m" or "75m"'),
]
RuleText = Annotated[
    str, Field(min_length=1, max_length=1000, description='a rule in quotes, such as "close > ema(21)"')
]
RuleTexts = Annotated[
    tuple[RuleText, ...],
    Field(max_length=50, description='a list, each item a rule in quotes, such as "close > ema(21)"; 50 at most'),
]
NumberText = Annotated[str, Field(max_length=1000, description='a rule that is a number in quotes, or "" for none')]
LevelText = Annotated[
    str,
    AfterValidator(_level),
    Field(
        max_length=1000,
        description='a distance in quotes, "12.5" points, "1 %" of the price, "1.5 atr" or a rule such as'
        ' "2 * atr(10)"; a price as "at lowest(5)"; or "" for none',
    ),
]
Parameter = Annotated[
    int | float | str | tuple[int | float, ...],
    Field(description="a number, text in quotes, or a list of numbers"),
]
SymbolPattern = Annotated[
    str,
    Field(pattern=r"^[A-Z*]+:[A-Z0-9&._* -]{1,40}$", description='a symbol, such as "NSE:M&M", or some: "MCX:GOLD*"'),
]
Span = Annotated[
    str,
    AfterValidator(_span),
    Field(description='two times of day in quotes, the earlier first, such as "09:20-15:00", or "" for all day'),
]
KindName = Literal["EQUITY", "INDEX", "FUTURE", "OPTION"]


class Selection(Section):
    """Which instruments are meant; without any, all."""

    symbols: tuple[SymbolPattern, ...] = ()
    kinds: tuple[KindName, ...] = ()

    def fits(self, instrument: Instrument) -> bool:
        """Whether an instrument is meant."""
        return (not self.symbols or _is_one_of(instrument.symbol, self.symbols)) and (
            not self.kinds or instrument.kind in map(Kind, self.kinds)
        )


class SideSettings(Section):
    """What makes a signal in one direction, and what ends it."""

    entry: RuleTexts = ()
    """All must hold."""
    exit: RuleTexts = ()
    """Any ends the signal on a bar's close."""
    target: LevelText | None = None
    """Instead of the strategy's own, as `stop`."""
    stop: LevelText | None = None
    score: NumberText | None = None


class Override(Selection):
    """Other parameters for some instruments."""

    timeframe: Timeframe | None = None
    parameters: dict[str, Parameter] = Field(default_factory=dict)


class StrategySettings(Selection):
    """One strategy to run."""

    name: StrategyName
    title: str = ""
    version: Version = "1"
    timeframe: Timeframe = "1m"
    directions: Annotated[tuple[Literal["LONG", "SHORT"], ...], Field(min_length=1)] = ("LONG", "SHORT")
    trigger: Literal["edge", "level"] = "edge"
    long: SideSettings = SideSettings()
    short: SideSettings = SideSettings()
    target: LevelText = "1 %"
    stop: LevelText = "0.5 %"
    exit: Literal["previous_bar", "none"] = "previous_bar"
    """`previous_bar`: a long also leaves on a close below the previous bar's low, a short above its high."""
    cooldown_bars: Annotated[int, Field(ge=0, le=10_000)] = 5
    no_entry_last_minutes: Annotated[int, Field(ge=0, le=600)] = 10
    session: Span = ""
    """Entries only on bars within it, exchange time."""
    score: NumberText = ""
    """Ranks signals of the same minute, the highest first."""
    report: dict[str, RuleText] = Field(default_factory=dict)
    """Numbers to show with a signal; they may use `entry`, `target` and `stop`."""
    repeat_minutes: Annotated[float, Field(ge=0)] | None = None
    """Instead of the one in [alerts], as `repeat_move_percent`."""
    repeat_move_percent: Annotated[float, Field(ge=0)] | None = None
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """Names that rules use as constants; of a Python strategy, passed to its constructor."""
    override: tuple[Override, ...] = ()

    @property
    def has_rules(self) -> bool:
        """False for a strategy that is written in Python."""
        return bool(self.long.entry or self.short.entry)


def _is_one_of(symbol: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(symbol, pattern) for pattern in patterns)
