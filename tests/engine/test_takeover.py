"""New rules on a symbol that runs: what they share with the old ones goes on, what is new is as if always there."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.plan import Plan
from engine.study import Study
from engine.takeover import take_over, wants_history, warm
from market.bar import MINUTE_MS, Bar
from rules.functions import functions
from rules.references import References
from tests.factories import DAY, at, hours, instrument, rule_plan

MINUTES = 40
OTHER, OURS = "NSE:NIFTY 50", "NSE:TCS"
OPERATORS = (
    "close crosses above ema(3)",
    "ema(3) crosses below ema(5) within 4 bars",
    "close > open for 3 bars",
    "close[7] > close",
    "close > ema(4) on 5m",
    "rsi(3) on 5m > rsi(3)",
    "(close > close[1] on 3m) within 2 bars",
    'close > ema(4) of "NSE:NIFTY 50"',
    'ema(2) of "NSE:NIFTY 50" on 5m crosses above 100',
    'ema(4) of "NSE:TCS" >= close',
    "close between ema(5) - 1 and ema(5) + 1%",
    "count(close > open, close > ema(3), volume > 1000) >= 2",
    "min(close, ema(3)) < max(open, -abs(ema(5)))",
    "in session 09:20-15:00 and not time > 09:40",
    "macd(3, 6, 4).signal > macd(3, 6, 4)",
    "supertrend(4, 1.5).direction > 0",
)


@cache
def rules() -> tuple[str, ...]:
    """One for each indicator of the folder, and what the language itself has."""
    examples = {each.make.example for each in functions().values()}
    assert len(examples) >= 40
    return (*OPERATORS, *sorted(examples))


def ruled(entry: Iterable[str], **changes: Any) -> Plan:
    return rule_plan(long={"entry": tuple(entry)}, **changes)


def history(seed: int, days: int = 2) -> dict[str, list[Bar]]:
    """Minutes of two symbols, some of them without a trade."""
    dice = Random(seed)
    found: dict[str, list[Bar]] = {OTHER: [], OURS: []}
    for symbol, bars in found.items():
        price = 2000
        for day in (DAY + timedelta(days=number) for number in range(days)):
            price += dice.randint(-40, 40)
            for minute in range(MINUTES):
                path = [price, *(price + dice.choice((0, dice.randint(-9, 9))) for _ in range(3))]
                price = path[-1]
                if dice.random() < 0.15:
                    continue
                start = at("09:15", day) + minute * MINUTE_MS
                low, high, volume = min(path) * 0.05, max(path) * 0.05, dice.randint(0, 5000)
                bars.append(
                    Bar(start, start + MINUTE_MS, day, path[0] * 0.05, high, low, price * 0.05, volume)
                    if symbol == OURS or day == DAY or minute % 7
                    else Bar(start, start + MINUTE_MS, day, low, high, low, high, volume, partial=True)
                )
    return found


class Pair:
    """Two symbols, the second of which may read the first."""

    def __init__(self, plans: Sequence[Plan], before: "Pair | None" = None) -> None:
        references = References()
        references.expect(recipe for each in plans for recipe in each.recipes)
        self.studies = {
            symbol: Study(instrument(symbol), hours(symbol), plans if symbol == OURS else (), references)
            for symbol in (OTHER, OURS)
        }

    def minute(self, start_ms: int, bars: dict[str, dict[int, Bar]]) -> None:
        for symbol, each in self.studies.items():
            bar = bars[symbol].get(start_ms)
            if bar is not None:
                each.pass_time(bar.start_ms)
                each.take(bar)
            each.pass_time(start_ms + MINUTE_MS)

    def take_over(self, old: "Pair", until_ms: int, past: dict[str, list[Bar]]) -> None:
        fed = any(wants_history(each, old.studies[symbol]) for symbol, each in self.studies.items())
        for symbol, each in self.studies.items():
            if fed:
                warm(each, [bar for bar in past[symbol] if bar.end_ms <= until_ms], until_ms)
        for symbol, each in self.studies.items():
            take_over(each, old.studies[symbol], until_ms, (), whole_session=True)

    def numbers(self) -> dict[tuple[str, int, str], object]:
        found: dict[tuple[str, int, str], object] = {}
        for symbol, each in self.studies.items():
            for chart in each.charts:
                found[symbol, chart.minutes, "seen"] = chart.seen
                for key, series in chart.items():
                    names = ("value", *getattr(series, "outputs", ()))
                    found[symbol, chart.minutes, key] = [repr(float(getattr(series, name))) for name in names]
        return found


def minutes(days: int = 2) -> list[int]:
    return [
        at("09:15", DAY + timedelta(days=number)) + minute * MINUTE_MS
        for number in range(days)
        for minute in range(MINUTES + 10)
    ]


some_rules = st.sets(st.sampled_from(rules()), min_size=1, max_size=6).map(sorted)


@settings(max_examples=150, deadline=None)
@given(some_rules, some_rules, st.integers(0, 2 * (MINUTES + 10) - 1), st.integers(0, 9), st.sampled_from((1, 3)))
def test_after_a_takeover_every_number_is_that_of_rules_that_were_always_there(
    before: list[str], after: list[str], cut: int, seed: int, timeframe: int
):
    past = history(seed)
    by_start = {symbol: {bar.start_ms: bar for bar in bars} for symbol, bars in past.items()}
    old, new, always = Pair([ruled(before)]), None, Pair([ruled(after, timeframe=f"{timeframe}m")])
    for number, start in enumerate(minutes()):
        always.minute(start, by_start)
        if new is None:
            old.minute(start, by_start)
            if number == cut:
                new = Pair([ruled(after, timeframe=f"{timeframe}m")])
                new.take_over(old, start + MINUTE_MS, past)
        else:
            new.minute(start, by_start)
        if new is not None:
            assert new.numbers() == always.numbers()


@pytest.mark.parametrize("cut", [3, 17, 38, 52, 75])
def test_rules_that_stay_the_same_need_no_history_and_keep_every_indicator_of_the_folder(cut: int):
    past = history(1)
    by_start = {symbol: {bar.start_ms: bar for bar in bars} for symbol, bars in past.items()}
    every = rules()
    halves = (every[:40], every[40:])  # a side of a strategy has no more than fifty
    running, always = (Pair([ruled(half, name=f"half{at}") for at, half in enumerate(halves)]) for _ in range(2))
    for number, start in enumerate(minutes()):
        always.minute(start, by_start)
        running.minute(start, by_start)
        if number in {cut, cut + 1, cut + 9}:
            new = Pair([ruled(half, name=f"half{at}") for at, half in enumerate(halves)])
            assert not any(wants_history(each, running.studies[symbol]) for symbol, each in new.studies.items())
            new.take_over(running, start + MINUTE_MS, {OTHER: [], OURS: []})
            running = new
        assert running.numbers() == always.numbers()
