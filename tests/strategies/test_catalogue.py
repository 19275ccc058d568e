import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import strategies
from errors import SettingsError
from settings.loader import load
from strategies.catalogue import build_strategy, find_strategy, strategy_names
from strategies.ema_vwap import EmaVwap


def test_lists_the_files_that_define_a_strategy_and_no_others():
    names = strategy_names()
    assert "ema_vwap" in names
    assert not {"strategy", "catalogue", "plan", "runner", "__init__"} & set(names)


def test_every_listed_strategy_can_be_found():
    assert find_strategy("ema_vwap") is EmaVwap
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
from strategies.strategy import Strategy
{outside}
class Own(Strategy):
    def __init__(self, length: int = 3) -> None:
        {constructor}
    def side(self, bar):
        return None
    def conditions(self, bar, side):
        return ()
"""


def test_a_file_that_ends_the_program_when_it_is_imported_is_refused(own_strategy: Callable[[str], str]):
    name = own_strategy(STRATEGY.format(outside="raise SystemExit(3)", constructor="super().__init__()"))
    assert strategy_names() == [name]
    with pytest.raises(SettingsError, match=r"strategies/users_own\.py cannot be imported: SystemExit: 3"):
        find_strategy(name)


@pytest.mark.parametrize(
    ("constructor", "fault"),
    [
        ("raise KeyError(length)", "strategies/users_own.py cannot be built with {'length': 5}: KeyError: 5"),
        ("raise SystemExit(3)", "strategies/users_own.py cannot be built with {'length': 5}: SystemExit: 3"),
        ("pass", "strategies/users_own.py cannot be built: its constructor must call super().__init__(*indicators)"),
    ],
)
def test_a_constructor_that_fails_in_any_way_is_told_in_one_line(
    own_strategy: Callable[[str], str], constructor: str, fault: str
):
    kind = find_strategy(own_strategy(STRATEGY.format(outside="", constructor=constructor)))
    with pytest.raises(SettingsError) as refusal:
        build_strategy(kind, {"length": 5})
    assert refusal.value.faults == [fault]


def test_config_toml_is_refused_when_its_strategy_cannot_be_built(own_strategy: Callable[[str], str], tmp_path: Path):
    name = own_strategy(STRATEGY.format(outside="", constructor="raise KeyError(length)"))
    file = tmp_path / "config.toml"
    file.write_text(f'[[strategy]]\n\nname = "{name}"\n', "utf-8")
    with pytest.raises(SettingsError) as refusal:
        load(file)
    assert refusal.value.faults == [f"{file}:3: strategy[0].name: strategies/users_own.py cannot be built: KeyError: 3"]
