"""What is said of one transition: the headline, its conditions, its levels and what became of it."""

from collections.abc import Iterator
from math import isnan

from delivery.figures import figure, grouped, lean, percent, rupees, time_of_day
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition, short_id

_LONGEST_CONDITION = 100
_MARKS = {
    (SignalType.ENTRY, Side.LONG): "🟢",
    (SignalType.ENTRY, Side.SHORT): "🔴",
}
REASONS = {
    Reason.RULE: "",
    Reason.TARGET: "target hit",
    Reason.STOP: "stop hit",
    Reason.EXIT_RULE: "exit rule",
    Reason.MARKET_END: "market end",
}


def headline(transition: Transition, entry: Transition | None) -> str:
    """Side, symbol, price, rule and time within the first 70 characters, for a lock screen shows no more."""
    mark = _MARKS.get((transition.type, transition.direction), "⚪")
    kind = "" if transition.type is SignalType.ENTRY else f"{transition.type} "
    parts = [
        f"{mark} {kind}{transition.direction} {short_name(transition.symbol)} {rupees(transition.price)}",
        REASONS.get(transition.reason, transition.reason),
        transition.strategy,
        f"{time_of_day(transition.time_ms)} IST",
        percent(gain_percent(transition, entry)) if entry else "",
    ]
    return " · ".join(part for part in parts if part)


def short_name(symbol: str) -> str:
    """Names of the National Stock Exchange go without it: `M&M`, but `MCX:GOLD`."""
    return symbol.removeprefix("NSE:")


def quality_marks(quality: Quality) -> list[str]:
    """What a trader must know before he trusts it; empty when there is nothing."""
    marks = []
    if quality.late:
        now = "" if quality.price_now is None else f"; the price is now {rupees(quality.price_now)}"
        marks.append(f"LATE: found again after a restart or a gap{now}")
    if quality.partial:
        marks.append("partial bar: some of its trades are missing")
    if not quality.warm:
        marks.append("not warm: indicators lack some of their history")
    return marks


def condition_line(condition: Condition) -> str:
    """`✓ close > ema(9): 3,012.50 vs 3,008.10 (+0.15%)`; without values where there are none to compare."""
    text = condition.text
    if len(text) > _LONGEST_CONDITION:
        text = text[: _LONGEST_CONDITION - 1] + "…"
    text = f"{truth_mark(condition.ok)} {text}"
    if condition.ok is None:
        text += " (not known)"
    if isnan(condition.left) and isnan(condition.right):
        return text
    margin = percent(condition.margin_percent)
    margin = f" ({margin})" if margin else ""
    return f"{text}: {figure(condition.left)} vs {figure(condition.right)}{margin}"


def truth_mark(ok: bool | None) -> str:  # noqa: FBT001 - as a condition has it
    """`✓` holds, `✗` does not, `?` is not known."""
    return "?" if ok is None else "✓" if ok else "✗"


def explained(condition: Condition, depth: int = 0) -> Iterator[tuple[int, str]]:
    """A condition's line, and below it those of what it is made of, each with how deep it lies."""
    yield depth, condition_line(condition)
    for part in condition.parts:
        yield from explained(part, depth + 1)


def outcome_lines(transition: Transition, entry: Transition | None) -> list[str]:
    """Of an entry its levels, what they risk and what its strategy reports; of an exit what became of its entry."""
    if transition.type is SignalType.ENTRY:
        reported = report_line(transition)
        return [*_levels(transition), *([reported] if reported else [])]
    if transition.type is not SignalType.EXIT:
        return []
    if entry is None:
        return [f"Entry #{short_id(transition.state_id)}"]
    gain = _gain(transition, entry)
    sign = "+" if gain >= 0 else ""
    result = f"Result {sign}{grouped(gain)} a share ({percent(gain_percent(transition, entry))})"
    risk = abs(entry.price - entry.stop) if entry.stop is not None else 0.0
    return [
        f"Entry #{entry.short_id} {rupees(entry.price)} at {time_of_day(entry.time_ms)}",
        f"{result} · {gain / risk:+.1f}R" if risk else result,
    ]


def report_line(transition: Transition) -> str:
    """`confidence 4 · stop percent 0.75 · score 2.10`: what a strategy reports of its entry; empty without anything."""
    shown = {name: value for name, value in transition.indicators if name in transition.reported}
    numbers = [*shown.items(), *([("score", transition.score)] if transition.score is not None else [])]
    return " · ".join(f"{name.replace('_', ' ')} {lean(value)}" for name, value in numbers)


def _gain(transition: Transition, entry: Transition) -> float:
    """Rupees a share from entry to here, positive when it went the signal's way."""
    rise = transition.price - entry.price
    return rise if entry.direction is Side.LONG else -rise


def gain_percent(transition: Transition, entry: Transition) -> float:
    """The same in percent of the entry's price; nan without one."""
    return _gain(transition, entry) / entry.price * 100 if entry.price and not isnan(entry.price) else float("nan")


def _levels(transition: Transition) -> list[str]:
    levels = []
    if transition.stop is not None:
        levels.append(f"Stop {rupees(transition.stop)}")
    if transition.target is not None:
        levels.append(f"Target {rupees(transition.target)}")
    lines = [" · ".join((f"Entry {rupees(transition.price)}", *levels))] if levels else []
    risk = abs(transition.price - transition.stop) if transition.stop is not None else 0.0
    if risk:
        reward = (
            f" · R:R {abs(transition.target - transition.price) / risk:.1f}" if transition.target is not None else ""
        )
        lines.append(f"Risk {rupees(risk)} a share{reward}")
    return lines
