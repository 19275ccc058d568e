"""The wording of an alert: what a trader reads on the lock screen, and why it fired.

Everything is built as plain lines; the HTML is made of those lines, each escaped, so no name of a symbol or text of a
rule can become markup.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import isnan

from delivery.alert import Alert, Announcement
from delivery.figures import day, figure, grouped, lean, percent, rupees, time_of_day
from redaction import one_line
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition, short_id

LONGEST = 3500
"""Characters of a message; Telegram refuses more than 4,096, tags included."""
LINES_IN_DIGEST = 30
_PART = "↳ "
"""Before a line that explains the one above it: Telegram keeps no spaces."""
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


@dataclass(frozen=True, slots=True)
class Message:
    """The same alert in the forms that services take."""

    subject: str
    """The first line with the short id, plain."""
    lines: tuple[str, ...]
    """All lines, plain; the first is the headline."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def details(self) -> str:
        """Everything but the first line, plain."""
        return "\n".join(self.lines[1:])

    @property
    def html(self) -> str:
        """All lines, the first one bold."""
        first, *rest = (escape(line, quote=False) for line in self.lines)
        return "<br/>".join((f"<b>{first}</b>", *rest))


def compose(alert: Alert) -> Message:
    """One alert by itself: headline, where it comes from, marks of quality, each condition, levels or result."""
    transition = alert.transition
    top = [headline(transition, alert.entry), _origin(transition)]
    if alert.repeat:
        top.append(f"(possible repeat #{transition.short_id})")
    doubts = quality_marks(transition.quality)
    if doubts:
        top.append("⚠ " + " · ".join(doubts))
    conditions = [
        f"{_PART * depth}{line}" for condition in transition.conditions for depth, line in explained(condition)
    ]
    bottom = outcome_lines(transition, alert.entry)
    return Message(f"{one_line(top[0])} #{transition.short_id}", _capped(top, conditions, bottom, "conditions"))


def digest(alerts: Sequence[Alert], following: int) -> Message:
    """Many alerts in one message, a line each; at most `LINES_IN_DIGEST` are given, `following` more come after it."""
    transitions = [alert.transition for alert in alerts]
    kinds = Counter(_kind(transition) for transition in transitions)
    counted = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    times = sorted(transition.time_ms for transition in transitions)
    mark = "⏰ LATE" if any(alert.overdue for alert in alerts) else "📋"
    noun = "signal" if len(alerts) == 1 else "signals"
    head = [f"{mark} {_span(times[0], times[-1])} IST · {len(alerts)} {noun} · {counted}"]
    if following:
        head.append(f"{following} more follow")
    rows = [_digest_line(alert) for alert in alerts]
    return Message(one_line(head[0]), _capped(head, rows, [], "signals"))


def announced(announcement: Announcement) -> Message:
    """What the program itself has to say."""
    notice = announcement.notice
    top = [f"⚙ {notice.title}"]
    if announcement.repeat:
        top.append(f"(possible repeat #{notice.short_id})")
    return Message(one_line(top[0]), _capped(top, list(notice.lines), [], "lines"))


def headline(transition: Transition, entry: Transition | None) -> str:
    """Side, symbol, price, rule and time within the first 70 characters, for a lock screen shows no more."""
    mark = _MARKS.get((transition.type, transition.direction), "⚪")
    kind = "" if transition.type is SignalType.ENTRY else f"{transition.type} "
    parts = [
        f"{mark} {kind}{transition.direction} {short_name(transition.symbol)} {rupees(transition.price)}",
        REASONS.get(transition.reason, transition.reason),
        transition.strategy,
        f"{time_of_day(transition.time_ms)} IST",
        percent(_gain_percent(transition, entry)) if entry else "",
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
    result = f"Result {sign}{grouped(gain)} a share ({percent(_gain_percent(transition, entry))})"
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


def _origin(transition: Transition) -> str:
    """Which bar, which day, how fresh: `1m bar 10:30-10:31, 17 Nov 2025 · price 0.4 s old · #K7Q2`."""
    on_close = transition.reason in {Reason.RULE, Reason.EXIT_RULE}
    span = _span(transition.bar_start_ms, transition.time_ms if on_close else transition.bar_start_ms)
    age = transition.quality.age_ms
    price_age = f" · price {age / 1000:.1f} s old" if age else ""
    return f"{transition.timeframe} bar {span}, {day(transition.time_ms)}{price_age} · #{transition.short_id}"


def _kind(transition: Transition) -> str:
    return transition.direction.lower() if transition.type is SignalType.ENTRY else transition.type.lower()


def _digest_line(alert: Alert) -> str:
    transition = alert.transition
    kind = "" if transition.type is SignalType.ENTRY else f"{transition.type} "
    tail = [
        REASONS.get(transition.reason, transition.reason),
        transition.strategy,
        time_of_day(transition.time_ms),
        percent(_gain_percent(transition, alert.entry)) if alert.entry else "",
        f"score {lean(transition.score)}" if transition.score is not None else "",
        "LATE" if transition.quality.late else "",
        f"#{transition.short_id}" + (" (possible repeat)" if alert.repeat else ""),
    ]
    return " · ".join(
        (
            f"{kind}{transition.direction} {short_name(transition.symbol)} {rupees(transition.price)}",
            *(part for part in tail if part),
        )
    )


def _span(first_ms: int, last_ms: int) -> str:
    first, last = time_of_day(first_ms), time_of_day(last_ms)
    return first if first == last else f"{first}\N{EN DASH}{last}"


def _gain(transition: Transition, entry: Transition) -> float:
    """Rupees a share from entry to here, positive when it went the signal's way."""
    rise = transition.price - entry.price
    return rise if entry.direction is Side.LONG else -rise


def _gain_percent(transition: Transition, entry: Transition) -> float:
    return _gain(transition, entry) / entry.price * 100 if entry.price and not isnan(entry.price) else float("nan")


def _capped(top: list[str], middle: list[str], bottom: list[str], what: str) -> tuple[str, ...]:
    """The lines, each on one line; those of the middle that would pass `LONGEST` are counted instead."""
    top, middle, bottom = ([one_line(line) for line in lines] for lines in (top, middle, bottom))
    # Escaped, because it is the HTML that must fit; the room is for the tags of each line and the counting line.
    room = LONGEST - sum(len(escape(line)) + 6 for line in top + bottom) - 60
    for kept, line in enumerate(middle):
        room -= len(escape(line)) + 6
        if room < 0:
            return (*top, *middle[:kept], f"… and {len(middle) - kept} more {what}", *bottom)
    return (*top, *middle, *bottom)
