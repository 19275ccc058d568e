from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from errors import SettingsError
from settings.consistency import broker_names
from settings.loader import load
from settings.schema import Feed, Settings
from settings.strategy_files import file_names
from settings.strategy_schema import Override, SideSettings
from strategies.catalogue import strategy_names

BROKERS = ", ".join(broker_names())
STRATEGIES = ", ".join(sorted([*file_names(), *strategy_names()]))
LEVEL = (
    'expected a distance in quotes, "12.5" points, "1 %" of the price, "1.5 atr" or a rule such as "2 * atr(10)"; '
    'a price as "at lowest(5)"; or "" for none'
)

REQUIRED = {
    "strategy": 'name = "ema_vwap"\n',
    "channel": 'name = "a"\nkind = "console"\n',
    "special_day": 'date = 2026-12-31\nexchanges = ["NSE"]\nname = "a"\n',
    "listing": 'symbol = "NSE:NEWCO"\ndate = 2026-12-31\n',
}
STRATEGY = '[[strategy]]\nname = "ema_vwap"\n'


@dataclass(frozen=True)
class Key:
    """A key of the schema."""

    head: str
    """What stands above its table."""
    place: str
    """Its table as a fault names it."""
    section: str
    name: str


def schema_keys() -> list[Key]:
    """Every key of every table of the schema."""
    found = []
    for section, field in Settings.model_fields.items():
        repeated = bool(get_args(field.annotation))
        model: Any = get_args(field.annotation)[0] if repeated else field.annotation
        head, place = (f"[[{section}]]\n", f"{section}[0]") if repeated else (f"[{section}]\n", section)
        found += [Key(head, place, section, name) for name in model.model_fields]
    for side in ("long", "short"):
        head = f"{STRATEGY}[strategy.{side}]\n"
        found += [Key(head, f"strategy[0].{side}", f"strategy.{side}", name) for name in SideSettings.model_fields]
    head = f"{STRATEGY}[[strategy.override]]\n"
    return found + [Key(head, "strategy[0].override[0]", "strategy.override", key) for key in Override.model_fields]


KEYS = [pytest.param(key, id=f"{key.section}.{key.name}") for key in schema_keys()]


def faults(text: str, folder: Path) -> list[str]:
    """The faults of a config.toml with this text, without the folder's name."""
    (folder / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refusal:
        load(folder / "config.toml")
    assert refusal.value.exit_code == 78
    return [line.replace(f"{folder}/", "") for line in refusal.value.faults]


def misspelt(key: str) -> list[str]:
    """A letter left out, doubled, swapped with the next, replaced; the case and the dash of other programs."""
    middle = len(key) // 2
    return [
        key[:middle] + key[middle + 1 :],
        key[:middle] + key[middle] + key[middle:],
        key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :],
        key[:-1] + "x",
        key.upper(),
        *([key.replace("_", "-")] if "_" in key else []),
    ]


@pytest.mark.parametrize("key", KEYS)
def test_a_typo_in_any_key_is_told_with_its_line_and_the_nearest_key(tmp_path: Path, key: Key):
    body = "# a comment\n\n" + key.head + REQUIRED.get(key.section, "")
    for typo in set(misspelt(key.name)) - {key.name}:
        told = faults(f"{body}{typo} = 1\n", tmp_path)
        line = body.count("\n") + 1
        assert told == [f"config.toml:{line}: {key.place}.{typo}: unknown key; did you mean {key.name}?"]


@pytest.mark.parametrize("section", Settings.model_fields)
def test_a_typo_in_any_header_is_told_with_the_nearest_section(tmp_path: Path, section: str):
    typo = section[:-1]
    assert faults(f"\n[{typo}]\nx = 1\n", tmp_path) == [
        f"config.toml:2: {typo}: unknown key; did you mean {section}?",
    ]


@pytest.mark.parametrize("key", KEYS)
def test_a_wrong_value_of_any_key_is_told_with_what_was_expected(tmp_path: Path, key: Key):
    required = "".join(
        line
        for line in REQUIRED.get(key.section, "").splitlines(keepends=True)
        if not line.startswith((f"{key.name} =", "kind ="))
    )
    # A channel without a kind may have any key, and what it lacks besides is left out here.
    text = key.head + required
    wrong, shown = ('"soon"', '"soon"') if key.name == "date" else ("1979-05-27", "a date or time")
    told = [fault for fault in faults(f"{text}{key.name} = {wrong}\n", tmp_path) if f"{key.name}: expected" in fault]
    assert len(told) == 1
    assert told[0].startswith(f"config.toml:{text.count(chr(10)) + 1}: {key.place}")
    assert "Input should" not in told[0]
    assert "value_error" not in told[0]
    assert told[0].endswith(f"got {shown}") or key.name.endswith("_env")


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path: Path):
    assert faults(
        """\
[feed]
source = "dahn"
grace_ms = "fast"
speed = 3

[simulator]
speed = -1
broker = "zerodha"

[universe]
names = ["NSE:M&M", "tcs",
  "NSE:M&M"]
index_lists = ["nifty.csv"]
limit = 2.5
series = [1]

[[strategy]]
name = "ema_vap"
cooldwn_bars = 3
target = "0 %"
directions = []

[[strategy]]
name = "ema_vwap"
timeframe = "5"
parameters = { fst = 9, fast = { length = 9 } }

[[strategy]]
name = "ema_vwap"
timeframe = "5m"
stop = 5
trigger = "EDGE"
exit = "never"

[[strategy]]
version = "3"

[alerts]
repeat_minutes = nan
repeat_move_percent = inf

[dhan]
url = "http://api-feed.dhan.co"
rest_url = "http://api.dhan.co/v2"
client_id_env = "11000 3"
access_token = "s3cret"

[store]
directory = ""

[logging]
level = "info"
""",
        tmp_path,
    ) == [
        f'config.toml:2: feed.source: expected "simulator" or a broker, one of {BROKERS}; did you mean dhan?',
        'config.toml:3: feed.grace_ms: expected a whole number from 0 to 30000, got "fast"',
        "config.toml:4: feed.speed: unknown key here; it belongs in [simulator]",
        "config.toml:7: simulator.speed: expected a number of 0 or more, got -1",
        f"config.toml:8: simulator.broker: expected a broker, one of {BROKERS}",
        'config.toml:11: universe.names[1]: expected a symbol with its exchange, such as "NSE:M&M", got "tcs"',
        "config.toml:12: universe.names[2]: NSE:M&M is there twice",
        "config.toml:13: universe.index_lists[0]: no such file: nifty.csv",
        "config.toml:14: universe.limit: expected a whole number from 1 to 25000, got 2.5",
        'config.toml:15: universe.series[0]: expected an exchange series in capitals, such as "EQ" or "BE", got 1',
        (
            f"config.toml:18: strategy[0].name: expected a strategy of strategies/, one of {STRATEGIES}; "
            'did you mean ema_vwap? (or write its own rules below: long = { entry = ["close > ema(21)"] })'
        ),
        "config.toml:19: strategy[0].cooldwn_bars: unknown key; did you mean cooldown_bars?",
        f'config.toml:20: strategy[0].target: {LEVEL}, got "0 %"',
        (
            'config.toml:21: strategy[0].directions: expected a list of one or more, each item "LONG" or "SHORT", '
            "got an empty list"
        ),
        (
            'config.toml:25: strategy[1].timeframe: expected whole minutes in quotes from "1m" to "1440m", '
            'such as "5m" or "75m", got "5"'
        ),
        "config.toml:26: strategy[1].parameters.fst: no rule uses this parameter; did you mean fast?",
        (
            "config.toml:26: strategy[1].parameters.fast: expected a number, text in quotes, or a list of numbers, "
            "got a table"
        ),
        'config.toml:29: strategy[2].name: ema_vwap with version = "1" is there twice',
        f"config.toml:31: strategy[2].stop: {LEVEL}, got 5",
        'config.toml:32: strategy[2].trigger: expected "edge" or "level", got "EDGE"; did you mean edge?',
        'config.toml:33: strategy[2].exit: expected "previous_bar" or "none", got "never"',
        "config.toml:35: strategy[3].name: this key is required: a name of small letters, digits and _, at most 32",
        "config.toml:39: alerts.repeat_minutes: expected a number of 0 or more, got nan",
        "config.toml:40: alerts.repeat_move_percent: expected a number of 0 or more, got inf",
        "config.toml:43: dhan.url: expected an address that begins with wss://",
        "config.toml:44: dhan.rest_url: expected an address that begins with https://",
        "config.toml:45: dhan.client_id_env: expected the name of an environment variable",
        "config.toml:46: dhan.access_token: unknown key; did you mean access_token_env?",
        'config.toml:49: store.directory: expected a path in quotes, got ""',
        'config.toml:52: logging.level: expected "DEBUG", "INFO", "WARNING" or "ERROR", got "info"; did you mean INFO?',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("feed = 3", "config.toml:1: feed: expected a table headed [feed], got 3"),
        ("strategy = 3", "config.toml:1: strategy: expected tables, each headed [[strategy]], got 3"),
        (
            "[strategy]\nname = 'ema_vwap'",
            "config.toml:1: strategy: expected tables, each headed [[strategy]], got a table",
        ),
        ("strategy = [1]", "config.toml:1: strategy[0]: expected a table headed [strategy], got 1"),
        ("[[strategy]]\nname='ema_vwap'\nparameters = 1", "config.toml:3: strategy[0].parameters: expected a table"),
        (
            "[[strategy]]\nname='ema_vwap'\nlong = 1",
            "config.toml:3: strategy[0].long: expected a table headed [strategy.long], got 1",
        ),
        (
            "[[strategy]]\nname='ema_vwap'\n[strategy.override]",
            "config.toml:3: strategy[0].override: expected tables, each headed [[strategy.override]], got a table",
        ),
        (
            "[[strategy]]\nname='ema_vwap'\nentry = ['close > 1']",
            "config.toml:3: strategy[0].entry: unknown key here; it belongs in [strategy.long] or [strategy.short]",
        ),
        ("[feed]\ngrace_ms = true", "config.toml:2: feed.grace_ms: expected a whole number from 0 to 30000, got true"),
        ('"fe\\nd" = 1', 'config.toml:1: "fe\\nd": unknown key; did you mean feed?'),
        (
            "zzz = 1",
            "config.toml:1: zzz: unknown key; known here: feed, simulator, dhan, universe, special_day, listing",
        ),
        ("[universe]\nseries = []", "config.toml:1: universe: nothing to watch: give names, index_lists or series"),
        ("[simulator]\nsession = 'x.csv'", "config.toml:2: simulator.session: no such file: x.csv"),
        ('[feed]\nsource = "two\\nlines"', 'config.toml:2: feed.source: expected "simulator" or a broker'),
        ("[control]\nport = 65536", "config.toml:2: control.port: expected a whole number from 0 to 65535, got 65536"),
    ],
)
def test_what_stands_in_the_wrong_place_is_explained(tmp_path: Path, text: str, fault: str):
    (told,) = faults(text, tmp_path)
    assert told.startswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[feed]\nsource = dhan\n", "config.toml:2:10: not valid TOML: a value was expected; texts stand in quotes"),
        ("[feed]\n[feed]\n", "config.toml:2:6: not valid TOML: this key or table is there twice"),
        ("a = 1\na = 2\n", "config.toml:2:6: not valid TOML: this key or table is there twice"),
        ("[feed\n", "config.toml:1:6: not valid TOML: expected ']' at the end of a table declaration"),
        ("x = " + "[" * 5000, "config.toml: tables or lists are nested too deeply"),
    ],
)
def test_what_is_not_toml_is_told_with_line_and_column(tmp_path: Path, text: str, fault: str):
    assert faults(text, tmp_path) == [fault]


def test_a_file_that_cannot_be_read_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "latin.toml").write_bytes(b"# \n# caf\xe9\n")
    for name, fault in {
        "nowhere.toml": "cannot be read: No such file or directory",
        ".": "cannot be read: Is a directory",
    }.items():
        with pytest.raises(SettingsError) as refusal:
            load(tmp_path / name)
        assert refusal.value.faults == [f"{tmp_path / name}: {fault}"]
    with pytest.raises(SettingsError, match=r"latin.toml:2: not a text in UTF-8$"):
        load(tmp_path / "latin.toml")


def test_a_file_as_windows_writes_it_is_read(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[feed]\r\ngrace_ms = 7\r\n")
    assert load(tmp_path / "config.toml").feed == Feed(grace_ms=7)


def test_relative_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "nifty.csv").touch()
    (tmp_path / "config.toml").write_text(
        """
        universe.index_lists = ["nifty.csv"]
        store.directory = "/var/lib/bellwether"
        dhan.instruments = "master.csv"
        channel = [{ name = "a", kind = "csv", path = "out/a.csv" }]
        """
    )
    monkeypatch.chdir(tmp_path / "sub")
    settings = load(Path("../config.toml"))
    assert settings.universe.index_lists == (tmp_path / "nifty.csv",)
    assert settings.store.directory == Path("/var/lib/bellwether")
    assert settings.dhan.instruments == str(tmp_path / "master.csv")
    assert settings.channel[0].path == tmp_path / "out/a.csv"
    assert settings.logging.file is None


def test_an_empty_file_is_every_default_with_state_beside_it(tmp_path: Path):
    (tmp_path / "config.toml").touch()
    settings = load(tmp_path / "config.toml")
    assert settings.store.directory == tmp_path / "state"
    assert settings.model_copy(update={"store": Settings().store}) == Settings()


def test_a_tilde_is_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "nifty.csv").touch()
    (tmp_path / "config.toml").write_text(
        """
        universe.index_lists = ["~/nifty.csv"]
        store.directory = "~/state"
        dhan.instruments = "~/master.csv"
        """
    )
    settings = load(tmp_path / "config.toml")
    assert settings.universe.index_lists == (tmp_path / "nifty.csv",)
    assert settings.store.directory == tmp_path / "state"
    assert settings.dhan.instruments == str(tmp_path / "master.csv")


@pytest.mark.parametrize("path", ["", " ", "a\\u0000b", "a\\nb", "x" * 256, "x/" * 3000])
def test_what_can_be_no_path_is_refused_before_anything_opens_it(tmp_path: Path, path: str):
    (tmp_path / "config.toml").write_text(
        f"""
        universe.index_lists = ["{path}"]
        simulator.session = "{path}"
        store.directory = "{path}"
        logging.file = "{path}"
        channel = [{{ name = "a", kind = "csv", path = "{path}" }}]
        """
    )
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path / "config.toml")
    assert [fault.partition("config.toml:")[2].partition(",")[0] for fault in refusal.value.faults] == [
        "2: universe.index_lists[0]: expected a path in quotes",
        "3: simulator.session: expected a path in quotes",
        "4: store.directory: expected a path in quotes",
        "5: logging.file: expected a path in quotes",
        "6: channel[0].path: expected a path in quotes",
    ]
