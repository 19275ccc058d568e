"""What a changed settings file changes, and how that is told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from settings.schema import Channel, Settings
from settings.strategy_schema import StrategySettings

AT_ONCE = ("strategy", "channel", "alerts")
"""Sections that a running program takes over; all others it reads at its start."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Named things of two settings."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def told(self, what: str) -> Iterator[str]:
        """Each kind of change in a line."""
        for how, names in (("added", self.added), ("removed", self.removed), ("changed", self.changed)):
            if names:
                yield f"{what} {how}: {', '.join(names)}"


@dataclass(slots=True)
class Changes:
    """What a reload has changed."""

    strategies: Difference
    channels: Difference
    alerts: bool
    """[alerts] is another."""
    at_restart: tuple[str, ...]
    """Sections that differ, and that only a start reads."""
    warmed: int = 0
    """Symbols with new indicators."""
    bars: int = 0
    """1-minute bars that were found for them."""
    short: int = 0
    """Symbols whose rules want a longer history than there is."""
    asked: int = 0
    """Of these, symbols for which the broker is asked."""
    leaving: int = 0
    """Open signals of strategies that are gone."""
    unwatched: tuple[str, ...] = ()
    """Symbols that rules read though nobody watches them."""
    unfed: bool = False
    """Rules read `atp`, which the feed was not asked for at the start."""
    unsent: Mapping[str, int] = field(default_factory=dict)
    """Alerts that a removed channel has not sent, by its name."""

    def told(self) -> list[str]:
        """For people, a line each."""
        return list(self._lines()) or ["nothing has changed"]

    def _lines(self) -> Iterator[str]:
        yield from self.strategies.told("strategies")
        if self.leaving:
            many = self.leaving > 1
            go_on = "go on until their end" if many else "goes on until its end"
            yield f"{_number(self.leaving, 'open signal')} of removed strategies {go_on}"
        yield from self.channels.told("channels")
        for name, count in self.unsent.items():
            yield (
                f"channel {name} left {_number(count, 'alert')} unsent; they are kept, and sent when a channel of that"
                " name is there again"
            )
        if self.alerts:
            yield "[alerts] changed"
        if self.warmed:
            yield f"new indicators on {_number(self.warmed, 'symbol')}, warmed with {_number(self.bars, 'bar')}"
        if self.short:
            asked = f"; the broker is asked for {self.asked:,}" if self.asked else ""
            lack = "have less history than the rules want, and their signals say so"
            yield f"{_number(self.short, 'symbol')} {lack}{asked}"
        if self.unwatched:
            yield f"rules read what is not watched, and wait for it in vain: {', '.join(self.unwatched)}"
        if self.unfed:
            yield "rules read atp, which the feed gives from the next start on; until then they wait"
        if self.at_restart:
            yield f"changed but needs a restart: {', '.join(self.at_restart)}"


def difference(old: Settings, new: Settings) -> Changes:
    """What is to be done, and what cannot be."""
    sections = [name for name in type(new).model_fields if name not in AT_ONCE]
    return Changes(
        strategies=_difference(old.strategy, new.strategy),
        channels=_difference(old.channel, new.channel),
        alerts=old.alerts != new.alerts,
        at_restart=tuple(_section(name) for name in sections if getattr(old, name) != getattr(new, name)),
    )


def _difference(
    old: Sequence[StrategySettings] | Sequence[Channel], new: Sequence[StrategySettings] | Sequence[Channel]
) -> Difference:
    before, after = {each.name: each for each in old}, {each.name: each for each in new}
    return Difference(
        added=_names(after.keys() - before.keys()),
        removed=_names(before.keys() - after.keys()),
        changed=_names(name for name in before.keys() & after.keys() if before[name] != after[name]),
    )


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _section(name: str) -> str:
    return f"[[{name}]]" if name in {"special_day", "listing"} else f"[{name}]"


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
