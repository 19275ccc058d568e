"""What holds for every indicator, whatever it computes; a new file in the folder is tested here too."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from importlib import import_module
from inspect import Parameter, isabstract, signature
from math import ceil, isfinite, isnan
from pkgutil import iter_modules
from random import Random
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indicators
from indicators.chart import Chart
from indicators.indicator import Indicator, Length
from indicators.series import Series
from market.bar import MINUTE_MS, Bar
from tests.factories import DAY, at, chart

MINUTES, BARS_A_DAY = 15, 25
NO_LEVEL = {"obv", "accumulation"}
"""Added up since the history began: of these only the changes settle."""


class Made(NamedTuple):
    """An indicator with all its constants, as a rule would write it."""

    text: str
    kind: type[Indicator]
    constants: tuple[Any, ...]

    def on(self, of: Chart) -> Indicator:
        sources = iter((of.field(self.kind.default_source), of.open, of.high))
        arguments = [
            of if hint is Chart else next(sources) if hint is Series else None for _, hint in _parameters(self.kind)
        ]
        constants = iter(self.constants)
        arguments = [next(constants) if argument is None else argument for argument in arguments]
        return of.series(self.text, lambda: self.kind(*arguments))


def _kinds() -> Iterator[type[Indicator]]:
    for module in iter_modules(indicators.__path__):
        for found in vars(import_module(f"indicators.{module.name}")).values():
            mine = isinstance(found, type) and found.__module__ == f"indicators.{module.name}"
            if mine and issubclass(found, Indicator) and not isabstract(found):
                yield found


def _name(kind: type[Indicator]) -> str:
    return kind.__module__.rpartition(".")[2]


def _parameters(kind: type[Indicator]) -> list[tuple[Parameter, Any]]:
    hints = get_type_hints(kind.__init__, include_extras=True)
    return [(each, hints[each.name]) for each in list(signature(kind).parameters.values())]


def _constant_parameters(kind: type[Indicator]) -> list[tuple[Parameter, Any]]:
    return [(each, hint) for each, hint in _parameters(kind) if hint not in {Chart, Series}]


def _constants(kind: type[Indicator]) -> Iterator[tuple[Any, ...]]:
    """By default, with short lengths, and with other words."""
    found = _constant_parameters(kind)
    yield tuple(_value(each, hint, 5) for each, hint in found)
    if any(hint == Length for _, hint in found):
        for length in (1, 3):
            yield tuple(length if hint == Length else _value(each, hint, 2) for each, hint in found)
    if any(get_origin(hint) is Literal for _, hint in found):
        yield tuple(
            get_args(hint)[-1] if get_origin(hint) is Literal else _value(each, hint, 5) for each, hint in found
        )


def _value(parameter: Parameter, hint: Any, otherwise: int) -> Any:
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    return otherwise if parameter.default is Parameter.empty else parameter.default


KINDS = list(_kinds())
ALL = [
    Made(f"{_name(kind)}({', '.join(map(str, constants))})", kind, constants)
    for kind in KINDS
    for constants in dict.fromkeys(_constants(kind))
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=_name)
every = pytest.mark.parametrize("made", ALL, ids=lambda made: made.text)


def days(number: int, *, holes: bool, seed: int = 1) -> list[Bar]:
    """Days of a made-up stock that jumps overnight and stands still at times; `holes` are missing bars and volumes."""
    dice = Random(seed)
    price, bars = 20_000, []
    for day in (DAY + timedelta(days=count) for count in range(number)):
        price += dice.randint(-200, 200)
        for count in range(BARS_A_DAY):
            start_ms = at("09:15", day) + count * MINUTES * MINUTE_MS
            still = dice.random() < 0.2
            path = [price, *(price + (0 if still else dice.randint(-30, 30)) for _ in range(3))]
            price = path[-1]
            volume = dice.randint(1, 50_000)
            missing, silent = dice.random() < 0.1, dice.random() < 0.1
            if holes and missing:
                continue
            bars.append(_bar(start_ms, day, *(each * 0.05 for each in path), volume=0 if holes and silent else volume))
    return bars


def _bar(start_ms: int, day: date, *path: float, volume: int) -> Bar:
    return Bar(start_ms, start_ms + MINUTES * MINUTE_MS, day, path[0], max(path), min(path), path[-1], volume)


def numbers(of: Indicator) -> list[float]:
    return [getattr(of, name) for name in ("value", *of.outputs)]


def followed(makes: Iterable[Made], bars: Iterable[Bar]) -> list[list[list[float]]]:
    """All numbers of some indicators on one chart, by bar and indicator."""
    ours = chart(MINUTES)
    made = [each.on(ours) for each in makes]
    found = []
    for bar in bars:
        ours.take(bar)
        found.append([numbers(each) for each in made])
    return found


WITH_HOLES = days(4, holes=True)
TOGETHER = {made.text: numbers for made, *numbers in zip(ALL, *followed(ALL, WITH_HOLES), strict=True)}
"""The numbers of each at every bar, all on one chart."""
MONTH = days(40, holes=False)


@every
def test_streaming_is_computing_anew_at_every_bar(made: Made):
    for end in range(1, len(WITH_HOLES) + 1):
        anew = followed([made], WITH_HOLES[:end])[-1][0]
        assert anew == pytest.approx(TOGETHER[made.text][end - 1], rel=1e-9, abs=0, nan_ok=True)


@every
def test_a_start_in_the_middle_shows_no_more_once_it_has_settled(made: Made):
    of = chart(MINUTES)
    before = ceil(made.on(of).settles_after / of.bars_a_day)
    assert of.bars_a_day == BARS_A_DAY
    start = len(MONTH) - (before + 1) * BARS_A_DAY
    assert start > 0
    long = [row[0] for row in followed([made], MONTH)]
    short = [row[0] for row in followed([made], MONTH[start:])]
    for ever, lately in zip(zip(*long, strict=True), zip(*short, strict=True), strict=True):
        known = [value for value in ever if not isnan(value)]
        near = 0.01 * (max(known) - min(known)) if known else 0
        shift = ever[start] - lately[0] if _name(made.kind) in NO_LEVEL else 0.0
        today = [value + shift for value in lately[-BARS_A_DAY:]]
        assert today == pytest.approx(ever[-BARS_A_DAY:], rel=1e-9, abs=near, nan_ok=True)


@every
def test_it_is_not_known_before_there_are_bars_enough(made: Made):
    of = chart(MINUTES)
    indicator = made.on(of)
    assert all(map(isnan, numbers(indicator)))
    assert not indicator.ready
    hints = [hint for _, hint in _constant_parameters(made.kind)]
    lengths = [value for value, hint in zip(made.constants, hints, strict=True) if hint == Length]
    for bar in MONTH[: min(lengths, default=1) - 1]:
        of.take(bar)
        assert all(map(isnan, numbers(indicator)))


@every
def test_it_has_a_finite_number_or_none(made: Made):
    seen = [value for row in followed([made], MONTH) for value in row[0]]
    assert all(isfinite(value) or isnan(value) for value in seen)
    assert any(map(isfinite, seen))


@every
def test_its_memory_is_constant(made: Made):
    of = chart(MINUTES)
    indicator = made.on(of)
    held = []
    for bar in MONTH:
        of.take(bar)
        held.append(_held(indicator))
    half = len(held) // 2
    assert max(held[half:]) <= max(held[:half]) + 5


def _held(of: object) -> int:
    """How many numbers it holds; those of its chart and of its sources are not its own."""
    if isinstance(of, (list, tuple, deque, set)):
        return sum(map(_held, of))
    if isinstance(of, dict):
        return sum(map(_held, of.values())) + len(of)
    if isinstance(of, Indicator):
        slots = {name for each in type(of).__mro__ for name in getattr(each, "__slots__", ())}
        return sum(_held(getattr(of, name)) for name in slots)
    return 1


price = st.sampled_from((0.0, 0.05, 100.0, 100.1)) | st.floats(-1e9, 1e9)
any_bar = st.tuples(st.booleans(), st.integers(0, 3), st.lists(price, min_size=1, max_size=4), st.integers(0, 10**9))


@settings(max_examples=60, deadline=None)
@given(st.lists(any_bar, max_size=40))
def test_no_bar_fails_any_of_them(told: list[tuple[bool, int, list[float], int]]):
    day, start_ms, bars = DAY, at("09:15"), []
    for overnight, skipped, path, volume in told:
        if overnight:
            day += timedelta(days=1)
            start_ms = at("09:15", day)
        bars.append(_bar(start_ms, day, *path, volume=volume))
        start_ms += (1 + skipped) * MINUTES * MINUTE_MS
    for row in followed(ALL, bars):
        assert all(isinstance(value, (int, float)) for each in row for value in each)


@every_kind
def test_it_says_what_it_is(kind: type[Indicator]):
    name = _name(kind)
    summary, _, rest = (kind.__doc__ or "").partition("\n")
    assert summary.endswith((".", ".`"))
    assert rest.strip()
    assert any(known in kind.example for known in (name, *kind.aliases))
    assert name == "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("_")


@every_kind
def test_it_is_slim(kind: type[Indicator]):
    assert all("__slots__" in vars(each) for each in kind.__mro__ if each.__module__.startswith("indicators."))
