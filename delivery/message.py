"""The messages that go out: one alert, many in a digest, or what the program itself has to say.

Everything is built as plain lines; the HTML is made of those lines, each escaped, so no name of a symbol or text of a
rule can become markup.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from delivery.alert import Alert, Announcement
from delivery.figures import day, lean, percent, rupees, time_of_day
from delivery.wording import REASONS, explained, gain_percent, headline, outcome_lines, quality_marks, short_name
from redaction import one_line
from signals.signal import Reason, SignalType, Transition

LONGEST = 3500
"""Characters of a message; Telegram refuses more than 4,096, tags included."""
LINES_IN_DIGEST = 30
_PART = "↳ "
"""Before a line that explains the one above it: Telegram keeps no spaces."""


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
        percent(gain_percent(transition, alert.entry)) if alert.entry else "",
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
