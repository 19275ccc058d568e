"""A rule that cannot be read is told with its place and a caret, wherever it stands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from errors import SettingsError
from settings.loader import load
from settings.strategy_files import shipped

WHOLE = """\
[[strategy]]
name = "own"
parameters = { length = 5 }

[strategy.long]
entry = ["close > ema(length)", "close > emma(length)"]
"""


def faults(text: str, folder: Path) -> list[str]:
    """The faults of a config.toml with this text, without the folder's name; none if it is fine."""
    file = folder / "config.toml"
    file.write_text(text, "utf-8")
    try:
        load(file)
    except SettingsError as error:
        return [fault.replace(f"{folder}/", "") for fault in error.faults]
    return []


@pytest.fixture
def strategy_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Writes strategies/own.toml, the only strategy file there is."""
    folder = tmp_path / "strategies"
    folder.mkdir()
    monkeypatch.setattr("settings.strategy_files.FOLDER", folder)

    def write(text: str) -> None:
        (folder / "own.toml").write_text(text, "utf-8")

    return write


def test_a_rule_of_config_toml_is_told_at_its_place_with_a_caret_below(tmp_path: Path):
    (told,) = faults(WHOLE, tmp_path)
    first, rule, carets = told.splitlines()
    assert first.startswith("config.toml:6:42: strategy[0].long.entry[1]: ")
    assert "did you mean ema" in first
    assert rule == "  close > emma(length)"
    assert carets == "          ^^^^"


def test_a_rule_below_others_is_told_in_its_own_line(tmp_path: Path):
    text = WHOLE.replace('["close > ema(length)", ', '[\n    "close > ema(length)",\n    ')
    assert faults(text, tmp_path)[0].startswith("config.toml:8:14: strategy[0].long.entry[1]: ")


def test_a_rule_is_found_beside_a_longer_one_that_begins_as_it_does(tmp_path: Path):
    text = WHOLE.replace("close > emma(length)", "close > e")
    assert faults(text, tmp_path)[0].startswith("config.toml:6:42: strategy[0].long.entry[1]: ")


def test_a_rule_over_several_lines_is_told_in_the_line_of_the_mistake(tmp_path: Path):
    text = WHOLE.replace('"close > emma(length)"', '"""\nclose > ema(length)\nand close > emma(length)"""')
    assert faults(text, tmp_path)[0].startswith("config.toml:8:13: strategy[0].long.entry[1]: ")


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ('target = "1 pct"', "strategy[0].target"),
        ('stop = "at lowst(5)"', "strategy[0].stop"),
        ('stop = "2 * artr(14)"', "strategy[0].stop"),
        ('score = "volumee"', "strategy[0].score"),
        ('report = { risk = "entry - stopp" }', "strategy[0].report.risk"),
        ('long = { exit = ["close < lo"] }', "strategy[0].long.exit[0]"),
        ('short = { target = "1 pct" }', "strategy[0].short.target"),
        ('short = { score = "close >" }', "strategy[0].short.score"),
    ],
)
def test_every_place_of_a_rule_is_looked_at(tmp_path: Path, key: str, place: str):
    (told,) = faults(f'[[strategy]]\nname = "ema_vwap"\n{key}\n', tmp_path)
    first, _, carets = told.splitlines()
    assert first.startswith("config.toml:3:")
    assert f": {place}: " in first
    assert set(carets.strip()) == {"^"}
    column = int(first.split(":")[2])
    assert 0 < column <= len(key) + 1


def test_prices_of_the_signal_are_known_in_its_report_alone(tmp_path: Path):
    strategy = '[[strategy]]\nname = "ema_vwap"\n'
    assert faults(strategy + 'report = { risk = "entry - stop", reward = "target - entry" }', tmp_path) == []
    (told,) = faults(strategy + 'score = "entry"', tmp_path)
    assert told.startswith("config.toml:3:10: strategy[0].score: ")


def test_a_rule_is_read_with_the_parameters_of_each_override(tmp_path: Path):
    text = WHOLE.replace("emma", "sma") + '[[strategy.override]]\nsymbols = ["NSE:A*"]\nparameters = { length = -3 }\n'
    told = faults(text, tmp_path)
    assert told
    assert "strategy[0].long.entry[0]: " in told[0]


def test_a_rule_of_a_strategy_file_is_told_in_that_file_and_at_the_name_that_chose_it(
    tmp_path: Path, strategy_file: Callable[[str], None]
):
    strategy_file('title = "Own"\n\n[long]\nentry = [\n    "close > ema(9)",\n    "close > emma(15)",\n]\n')
    (told,) = faults('\n[[strategy]]\n\nname = "own"\n', tmp_path)
    first, rule, carets = told.splitlines()
    assert first.startswith("config.toml:4: strategy[0].name: strategies/own.toml:6:14: long.entry[1]: ")
    assert (rule, carets) == ("  close > emma(15)", "          ^^^^")


def test_a_key_of_config_toml_takes_the_place_of_the_files(tmp_path: Path, strategy_file: Callable[[str], None]):
    strategy_file('[long]\nentry = ["close > emma(15)"]\nexit = ["close < ema(9)"]\n')
    config = '[[strategy]]\nname = "own"\nlong = { entry = ["close > ema(21)"] }\n'
    assert faults(config, tmp_path) == []
    chosen = load(tmp_path / "config.toml").strategy[0]
    assert (chosen.long.entry, chosen.long.exit) == (("close > ema(21)",), ("close < ema(9)",))
    (told,) = faults(config.replace("ema(21)", "emma(21)"), tmp_path)
    assert told.startswith("config.toml:3:28: strategy[0].long.entry[0]: ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[long\n", "strategies/own.toml:1:6: not valid TOML: expected ']' at the end of a table declaration"),
        (
            '[long]\nentry = ["close > 1"]\n\n[shrt]\n',
            "strategies/own.toml:4: shrt: unknown key; did you mean short?",
        ),
        (
            'timeframe = "5"\n[long]\nentry = []\n',
            'strategies/own.toml:1: timeframe: expected whole minutes in quotes from "1m" to "1440m", such as "5m"',
        ),
        (
            '[long]\nentry = "close > 1"\n',
            "strategies/own.toml:2: long.entry: expected a list, each item a rule in quotes",
        ),
    ],
)
def test_a_faulty_file_is_told_with_its_own_line_at_the_name_that_chose_it(
    tmp_path: Path, strategy_file: Callable[[str], None], text: str, fault: str
):
    strategy_file(text)
    (told,) = faults('[[strategy]]\nname = "own"\n', tmp_path)
    assert told.startswith(f"config.toml:2: strategy[0].name: {fault}")


def test_each_fault_of_a_faulty_file_is_told(tmp_path: Path, strategy_file: Callable[[str], None]):
    strategy_file('timeframe = "5"\n\n[lng]\n')
    (told,) = faults('[[strategy]]\nname = "own"\n', tmp_path)
    assert [line.partition("strategies/own.toml:")[2].partition(":")[0] for line in told.splitlines()] == ["1", "3"]


def test_a_strategy_that_could_never_enter_is_told(tmp_path: Path, strategy_file: Callable[[str], None]):
    strategy_file('timeframe = "5m"\n')
    assert faults('[[strategy]]\nname = "own"\n', tmp_path) == [
        "config.toml:2: strategy[0].name: strategies/own.toml has no entry: write one below [long] or [short]"
    ]
    strategy_file('[long]\nentry = ["close > 1"]\n')
    assert faults('[[strategy]]\nname = "own"\ndirections = ["SHORT"]\n', tmp_path) == [
        "config.toml:3: strategy[0].directions: none of these has an entry; long has"
    ]


def test_a_parameter_of_a_wrong_type_is_told_once_and_no_rule_is_read_with_it(tmp_path: Path):
    (told,) = faults(WHOLE.replace("{ length = 5 }", "{ length = { } }").replace("emma", "ema"), tmp_path)
    assert told.startswith("config.toml:3: strategy[0].parameters.length: expected a number, text in quotes, ")


@pytest.mark.parametrize("name", ["close", "ema", "rvol", "and", "min", "stop"])
def test_a_parameter_cannot_hide_what_rules_mean_by_its_name(tmp_path: Path, name: str):
    text = WHOLE.replace("{ length = 5 }", f"{{ length = 5, {name} = 3 }}").replace("emma", "ema")
    problem = f"{name} means something else in rules; give this parameter another name, such as my_{name}"
    assert faults(text, tmp_path) == [f"config.toml:3: strategy[0].parameters.{name}: {problem}"]


def test_so_it_is_in_an_override_and_in_a_strategy_file(tmp_path: Path, strategy_file: Callable[[str], None]):
    override = '\n[[strategy.override]]\nsymbols = ["NSE:SBIN"]\nparameters = { volume = 3 }\n'
    (told,) = faults(WHOLE.replace("emma", "ema") + override, tmp_path)
    assert told.startswith("config.toml:10: strategy[0].override[0].parameters.volume: volume means something else")
    strategy_file('[parameters]\nvwap = 3\n\n[long]\nentry = ["close > vwap"]\n')
    (told,) = faults('[[strategy]]\nname = "own"\n', tmp_path)
    assert told.startswith("config.toml:2: strategy[0].name: strategies/own.toml:2: parameters.vwap: vwap means some")


def test_a_parameter_that_no_rule_could_write_is_told(tmp_path: Path):
    text = WHOLE.replace("{ length = 5 }", '{ length = 5, "my-length" = 3 }').replace("emma", "ema")
    problem = "rules cannot write this name; use letters, digits and _ behind a letter"
    assert faults(text, tmp_path) == [f"config.toml:3: strategy[0].parameters.my-length: {problem}"]


def test_a_strategy_of_hundreds_of_conditions_is_refused(tmp_path: Path):
    rules = ", ".join(['"close > 1"'] * 51)
    (told,) = faults(f'[[strategy]]\nname = "own"\n\n[strategy.long]\nentry = [{rules}]\n', tmp_path)
    assert told.startswith("config.toml:5: strategy[0].long.entry: expected a list, each item a rule in quotes, ")
    assert "50 at most" in told


def test_a_session_that_ends_before_it_begins_is_told(tmp_path: Path):
    (told,) = faults('[[strategy]]\nname = "ema_vwap"\nsession = "15:00-09:20"\n', tmp_path)
    assert told.startswith("config.toml:3: strategy[0].session: expected two times of day in quotes, the earlier first")


def test_a_shipped_strategy_is_its_file_with_every_other_key_at_its_default():
    strategy = shipped("ema_vwap")
    assert (strategy.name, strategy.timeframe, strategy.exit) == ("ema_vwap", "1m", "previous_bar")
    assert strategy.parameters["fast"] == 9
    assert len(strategy.long.entry) == len(strategy.short.entry) == 6
