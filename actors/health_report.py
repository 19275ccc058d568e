"""The health record in words: trouble and a summary line for traders, a report for scripts."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from actors.health_record import ChannelTotals, Feed, HealthRecord
from actors.messages import HistoryStatus, SymbolsSurvey
from actors.watchdog import Watched
from delivery.figures import grouped
from market.clock import clock_text, iso

_NAMED = 5
"""Names listed in a sentence; the rest is counted."""
_LATE_S = 3.0
"""A health tick handled later than this means that the whole process gasps for air."""


def trouble(record: HealthRecord) -> list[str]:
    """One sentence for each thing a person should look at, the gravest first."""
    found = [
        f"{watched.heartbeat.name} has not moved for {watched.silent_s:.0f} s"
        f" with {grouped(watched.heartbeat.backlog(), 0)} waiting"
        for watched in record.watchdog.watched
        if watched.stuck
    ]
    found += [
        _feed_trouble(name, feed) for name, feed in record.feeds.items() if feed.status.state in {"waiting", "stopped"}
    ]
    found += [
        f"{name} does not deliver: {channel.status.detail}"
        for name, channel in record.channels.items()
        if not channel.status.ok
    ]
    found += [f"{total.channel} gave up on {_counted(total.dead, 'alert')}" for total in record.totals if total.dead]
    if record.failed:
        found.append(f"{_counted(len(record.failed), 'symbol')} failed: {_named(list(record.failed))}")
    if record.history is not None and record.history.detail:
        found.append(
            f"{_counted(record.history.left, 'symbol')} wait for the broker's history: {record.history.detail}"
        )
    if record.late_s > _LATE_S:
        found.append(f"the program is {record.late_s:.0f} s behind")
    return found


def summary(record: HealthRecord, ticks_per_s: float) -> str:
    """Everything in one line, for a trader."""
    survey = record.survey
    parts = [_market(survey), _feeds(record.feeds), f"{grouped(ticks_per_s, 0)} ticks/s"]
    if survey is not None:
        live = survey.traded - len(survey.stale)
        stale = f", {grouped(len(survey.stale), 0)} stale" if survey.stale else ""
        parts += [
            f"{grouped(live, 0)} of {grouped(survey.symbols, 0)} symbols live{stale}",
            *_warmth(survey, record.history),
            f"{grouped(survey.bars, 0)} bars",
            _signals(survey),
        ]
    parts.append(_alerts(record.totals))
    parts.append("; ".join(trouble(record)) or "all well")
    return " · ".join(parts)


def report(record: HealthRecord, now_ms: int, now: float) -> dict[str, object]:
    """Plain JSON values under fixed names; `now_ms` is epoch milliseconds UTC, `now` monotonic seconds."""
    found = trouble(record)
    survey = record.survey
    return {
        "status": "trouble" if found else "ok",
        "trouble": found,
        "pid": os.getpid(),
        "time": iso(now_ms),
        "market_time": iso(survey.market_ms) if survey and survey.market_ms else None,
        "phases": dict(sorted(survey.phases.items())) if survey else {},
        "uptime_s": round(now - record.started, 1),
        "late_s": round(record.late_s, 1),
        "feeds": [_feed_values(name, feed, now) for name, feed in record.feeds.items()],
        "ticks_per_s": round(record.ticks_per_s, 1),
        "last_ticks_s": None if record.last_ticks_at is None else round(now - record.last_ticks_at, 1),
        "symbols": None if survey is None else _survey_values(survey),
        "history": None if record.history is None else asdict(record.history),
        "failed": {symbol: asdict(failed) for symbol, failed in record.failed.items()},
        "channels": _channel_values(record, now),
        "threads": [_thread_values(watched) for watched in record.watchdog.watched],
    }


def _feed_values(name: str, feed: Feed, now: float) -> dict[str, object]:
    return {
        "name": name,
        "state": feed.status.state,
        "detail": feed.status.detail,
        "since_s": round(now - feed.since, 1),
        "retry_in_s": feed.status.retry_in_s,
        "reconnects": feed.reconnects,
    }


def _survey_values(survey: SymbolsSurvey) -> dict[str, object]:
    values = asdict(survey)
    del values["market_ms"], values["phases"]
    values["stale"] = list(survey.stale)
    return values


def _channel_values(record: HealthRecord, now: float) -> list[dict[str, object]]:
    totals = {total.channel: total for total in record.totals}
    values: list[dict[str, object]] = []
    for name in dict.fromkeys([*totals, *record.channels]):
        total, channel = totals.get(name, ChannelTotals(name, 0, 0, 0)), record.channels.get(name)
        values.append(
            {
                "name": name,
                "ok": channel is None or channel.status.ok,
                "detail": channel.status.detail if channel else "",
                "since_s": round(now - channel.since, 1) if channel else None,
                "failures": channel.failures if channel else 0,
                "sent": total.sent,
                "pending": total.pending,
                "dead": total.dead,
            }
        )
    return values


def _thread_values(watched: Watched) -> dict[str, object]:
    heartbeat = watched.heartbeat
    return {
        "name": heartbeat.name,
        "beats": heartbeat.beats,
        "backlog": heartbeat.backlog(),
        "silent_s": round(watched.silent_s, 1),
        "stuck": watched.stuck,
    }


def _market(survey: SymbolsSurvey | None) -> str:
    if survey is None or not survey.market_ms:
        return "no trade yet"
    classes: dict[str, list[str]] = {}
    for title, phase in sorted(survey.phases.items()):
        classes.setdefault(phase, []).append(title)
    phases = [phase if len(classes) == 1 else f"{phase} ({', '.join(names)})" for phase, names in classes.items()]
    return f"market {clock_text(survey.market_ms)} {', '.join(phases)}".rstrip()


def _feeds(feeds: dict[str, Feed]) -> str:
    states = Counter(feed.status.state for feed in feeds.values())
    if len(feeds) == 1:
        (name,) = feeds
        return f"{name} {feeds[name].status.state}"
    return "feeds: " + (", ".join(f"{number} {state}" for state, number in states.items()) or "none")


def _feed_trouble(name: str, feed: Feed) -> str:
    retry = feed.status.retry_in_s
    again = "" if retry is None else f", tries again in {retry:.0f} s"
    return f"{name} {feed.status.state}{again}: {feed.status.detail}"


def _warmth(survey: SymbolsSurvey, history: HistoryStatus | None) -> list[str]:
    """How many symbols have their history, while some wait for it."""
    if history is None or not history.left:
        return []
    minutes = history.about_s / 60
    left = f"about {minutes:.0f} min left" if minutes >= 1 else f"about {history.about_s:.0f} s left"
    return [f"warm {grouped(survey.warm, 0)} of {grouped(survey.symbols, 0)}{'' if history.detail else f', {left}'}"]


def _signals(survey: SymbolsSurvey) -> str:
    entries = {what: number for what, number in survey.signals.items() if what.startswith("ENTRY")}
    by_side = ", ".join(
        f"{grouped(number, 0)} {what.removeprefix('ENTRY ')}" for what, number in sorted(entries.items())
    )
    return f"{_counted(sum(entries.values()), 'signal')}{f' ({by_side})' if by_side else ''}, {survey.in_signal} open"


def _alerts(totals: Sequence[ChannelTotals]) -> str:
    by_channel = [
        f"{grouped(total.sent, 0)} {total.channel}"
        + (f" ({grouped(total.pending, 0)} pending)" if total.pending else "")
        for total in totals
    ]
    return "alerts sent: " + (", ".join(by_channel) or "no channel")


def _counted(number: int, what: str) -> str:
    return f"{grouped(number, 0)} {what}{'' if number == 1 else 's'}"


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
