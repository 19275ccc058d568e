import sys
from collections.abc import Callable, Iterator
from inspect import cleandoc
from pathlib import Path

import pytest

import strategies
from errors import SettingsError
from settings.loader import load
from signals.signal import Side
from strategies.catalogue import build_strategy, find_strategy, strategy_names
from strategies.strategy import Strategy
from tests.factories import bars_at, chart


def test_lists_the_files_that_define_a_strategy_and_no_others():
    assert not {"strategy", "catalogue", "__init__", "ema_vwap"} & set(strategy_names())


def test_every_listed_strategy_can_be_found():
    for name in strategy_names():
        find_strategy(name)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("strategy", "strategies/strategy.py defines 0 strategies that can run; it must define one"),
        ("not_there", "strategies/not_there.py cannot be imported: ModuleNotFoundError"),
    ],
)
def test_a_file_that_gives_no_strategy_is_refused_in_one_line(name: str, fault: str):
    with pytest.raises(SettingsError) as refusal:
        find_strategy(name)
    (line,) = refusal.value.faults
    assert line.startswith(fault)


@pytest.fixture
def own_strategy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Puts a user's file beside the shipped strategies; gives its name."""
    monkeypatch.setattr("strategies.catalogue.FOLDER", tmp_path)
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])

    def write(text: str) -> str:
        (tmp_path / "users_own.py").write_text(text, "utf-8")
        return "users_own"

    yield write
    sys.modules.pop("strategies.users_own", None)


STRATEGY = """
from typing import Annotated
from annotated_types import Interval
from indicators.chart import Chart
from indicators.ema import Ema
from strategies.strategy import Strategy
{outside}
class Own(Strategy):
    def __init__(self, chart: Chart, length: Annotated[int, Interval(ge=1)] = 3) -> None:
        {constructor}
    def side(self, bar):
        return None
    def conditions(self, bar, side):
        return ()
"""
NOTHING_SHOWN = (
    "strategies/users_own.py cannot be built: its constructor must call super().__init__(shown) with series of the"
    " chart, each with a name"
)
BUILDS = 'super().__init__({"ema": chart.series(f"ema(close, {length})", lambda: Ema(chart.close, length))})'


def test_a_users_own_strategy_is_listed_found_and_built(own_strategy: Callable[[str], str]):
    name = own_strategy(STRATEGY.format(outside="", constructor=BUILDS))
    assert strategy_names() == [name]
    built = build_strategy(find_strategy(name), {"length": 5}, chart())
    assert list(built.shown) == ["ema"]


def test_the_example_that_is_given_is_a_strategy(own_strategy: Callable[[str], str]):
    example = cleandoc(Strategy.__doc__ or "").partition("A whole file:\n\n")[2]
    kind = find_strategy(own_strategy("\n".join(line.removeprefix("    ") for line in example.splitlines())))
    prices = chart()
    built = build_strategy(kind, {"length": 2}, prices)
    sides = []
    for each in bars_at([100.0, 100.0, 101.0]):
        prices.take(each)
        sides.append(built.side(each))
    assert sides == [None, None, Side.LONG]
    assert [told.ok for told in built.conditions(each, Side.LONG)] == [True]


def test_parameters_are_those_of_its_constructor(own_strategy: Callable[[str], str], tmp_path: Path):
    name = own_strategy(STRATEGY.format(outside="", constructor=BUILDS))
    file = tmp_path / "config.toml"

    def faults(parameters: str, below: str = "") -> list[str]:
        file.write_text(f'[[strategy]]\nname = "{name}"\nparameters = {{ {parameters} }}\n{below}', "utf-8")
        try:
            load(file)
        except SettingsError as error:
            return [line.removeprefix(f"{file}:") for line in error.faults]
        return []

    assert faults("length = 5") == []
    assert faults("lenth = 5") == ["3: strategy[0].parameters.lenth: unknown key; did you mean length?"]
    assert faults("length = 2.5") == ["3: strategy[0].parameters.length: expected a whole number of 1 or more, got 2.5"]
    override = '[[strategy.override]]\nsymbols = ["NSE:A*"]\nparameters = { length = 0 }\n'
    assert faults("length = 5", override) == [
        "6: strategy[0].override[0].parameters.length: expected a whole number of 1 or more, got 0"
    ]


def test_a_file_that_ends_the_program_when_it_is_imported_is_refused(own_strategy: Callable[[str], str]):
    name = own_strategy(STRATEGY.format(outside="raise SystemExit(3)", constructor=BUILDS))
    assert strategy_names() == [name]
    with pytest.raises(SettingsError, match=r"strategies/users_own\.py cannot be imported: SystemExit: 3"):
        find_strategy(name)


@pytest.mark.parametrize(
    ("constructor", "fault"),
    [
        ("raise KeyError(length)", "strategies/users_own.py cannot be built with {'length': 5}: KeyError: 5"),
        ("raise SystemExit(3)", "strategies/users_own.py cannot be built with {'length': 5}: SystemExit: 3"),
        ("pass", NOTHING_SHOWN),
        ("super().__init__(3)", NOTHING_SHOWN),
        ("super().__init__({'close': 3.5})", NOTHING_SHOWN),
    ],
)
def test_a_constructor_that_fails_in_any_way_is_told_in_one_line(
    own_strategy: Callable[[str], str], constructor: str, fault: str
):
    kind = find_strategy(own_strategy(STRATEGY.format(outside="", constructor=constructor)))
    with pytest.raises(SettingsError) as refusal:
        build_strategy(kind, {"length": 5}, chart())
    assert refusal.value.faults == [fault]


def test_config_toml_is_refused_when_its_strategy_cannot_be_built(own_strategy: Callable[[str], str], tmp_path: Path):
    name = own_strategy(STRATEGY.format(outside="", constructor="raise KeyError(length)"))
    file = tmp_path / "config.toml"
    file.write_text(f'[[strategy]]\n\nname = "{name}"\n', "utf-8")
    with pytest.raises(SettingsError) as refusal:
        load(file)
    assert refusal.value.faults == [f"{file}:3: strategy[0].name: strategies/users_own.py cannot be built: KeyError: 3"]
