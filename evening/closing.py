"""The closing message: what the day brought, what became of its alerts, and how far our candles can be trusted."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from delivery.notice import Notice
from delivery.wording import REASONS
from signals.signal import Reason
from store.deliveries import DeliveryState


def closing(
    day: date,
    at_ms: int,
    decisions: Sequence[tuple[str, bool]],
    deliveries: Mapping[str, Mapping[str, int]],
    reconciled: str,
) -> Notice:
    """The day in a few lines.

    Args:
        day: whose close it is.
        at_ms: now, epoch milliseconds UTC.
        decisions: record of each of the day's transitions, and whether any channel was given it.
        deliveries: of these, how many each channel has in each state.
        reconciled: what came of comparing the candles, in one sentence.
    """
    records = [(json.loads(text), sent) for text, sent in decisions]
    entries = [(record, sent) for record, sent in records if record["type"] == "ENTRY"]
    exits = [record for record, _ in records if record["type"] == "EXIT"]
    lines = []
    if entries:
        sides = Counter(str(record["direction"]).lower() for record, _ in entries)
        unsent = sum(not sent for _, sent in entries)
        told = f"; {unsent} recorded and not sent" if unsent else ""
        lines.append(f"Entries: {_listed(sides)}{told}")
    if exits:
        lines.append(f"Exits: {_listed(Counter(REASONS[Reason(record['reason'])] for record in exits))}")
    lines += [f"{channel}: {_delivered(states)}" for channel, states in sorted(deliveries.items())]
    lines.append(f"Candles: {reconciled}")
    title = f"Closed {day.day} {day:%b %Y}: {_counted(len(entries), 'entry', 'entries')}"
    return Notice(f"closing {day}", at_ms, f"{title}, {_counted(len(exits), 'exit', 'exits')}", tuple(lines))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {what}" for what, number in counts.most_common())


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _delivered(states: Mapping[str, int]) -> str:
    done, dead = states.get(DeliveryState.DONE, 0), states.get(DeliveryState.DEAD, 0)
    waiting = sum(states.values()) - done - dead
    parts = [f"{done:,} delivered", f"{waiting:,} waiting" if waiting else "", f"{dead:,} given up" if dead else ""]
    return ", ".join(part for part in parts if part)
