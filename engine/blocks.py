"""What keeps a strategy from entering on its next bar, besides conditions that do not hold."""

from collections.abc import Iterator
from math import isnan

from engine.runner import Runner
from market.hours import Session
from market.timeframe import bounds
from signals.machine import State
from signals.signal import Side

ALREADY = "already true, so it waits for a new edge"


def blocks(runner: Runner, side: Side, market_ms: int) -> tuple[str, ...]:
    """Each in a few words, the weightiest first; empty when only the conditions decide.

    `market_ms` is the market's time, epoch milliseconds UTC.
    """
    session = runner.chart.hours.at(market_ms)
    return (
        *_of_the_machine(runner, side, session),
        *_of_the_bar(runner, side),
        *_of_the_hours(runner, session, market_ms),
    )


def _of_the_machine(runner: Runner, side: Side, session: Session | None) -> Iterator[str]:
    machine = runner.machine
    if session is not None and machine.session is not None and session.date > machine.session:
        pass  # a new session makes it idle
    elif machine.state is State.IN_SIGNAL:
        yield "in this signal" if machine.side is side else f"in a {machine.side} signal"
    elif machine.state is State.COOLDOWN:
        bars = "bar" if machine.cooldown_left == 1 else "bars"
        yield f"rests for {machine.cooldown_left} more {bars} of {runner.plan.timeframe}"
    if runner.leaving:
        yield "its strategy was taken out of the settings"
    if runner.held:
        yield "waits until a hole in its candles is repaired"


def _of_the_bar(runner: Runner, side: Side) -> Iterator[str]:
    bar, judge = runner.last_bar, runner.judge
    if bar is None:
        yield f"no {runner.plan.timeframe} candle has closed yet"
        return
    if not judge.ready:
        short = runner.seen < runner.wanted
        yield f"not warm: {runner.seen} of {runner.wanted} candles" if short else "some of its numbers are not known"
    elif bar.partial and judge.needs_volume:
        yield "the last candle is partial, and it reads volume"
    elif runner.machine.state is State.IDLE and not judge.nearness(bar, side)[0]:
        if runner.side is not side:
            yield "both directions hold, which contradicts itself"
        else:
            yield from _of_the_levels(runner, side, bar.close)
            if runner.plan.edge:
                yield ALREADY
    if bar.end_ms <= runner.quiet_until_ms:
        yield "its last candle is from before the program watched"


def _of_the_levels(runner: Runner, side: Side, price: float) -> Iterator[str]:
    terms, sign = runner.terms[side], 1 if side is Side.LONG else -1
    for name, level, way in (("target", terms.target, sign), ("stop", terms.stop, -sign)):
        at = level.price(price, way, runner.chart.tick_size) if level is not None else None
        if at is not None and isnan(at):
            yield f"its {name} is on the wrong side of the price"


def _of_the_hours(runner: Runner, session: Session | None, market_ms: int) -> Iterator[str]:
    hours, last_minutes = runner.chart.hours, runner.plan.no_entry_last_minutes
    if session is None:
        yield "no session today"
    elif not session.confirmed:
        yield "today's hours are not confirmed"
    elif market_ms >= session.close_ms:
        yield "the session is over"
    elif not session.takes_entries(
        bounds(max(market_ms, session.open_ms), runner.plan.minutes, hours)[1], last_minutes
    ):
        yield f"no entry in the last {last_minutes} minutes"
