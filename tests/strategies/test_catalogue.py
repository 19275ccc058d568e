import pytest

from errors import SettingsError
from strategies.catalogue import find_strategy, strategy_names
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
