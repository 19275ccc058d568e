from datetime import date
from pathlib import Path

import pytest

from errors import SettingsError
from settings.consistency import broker_names
from settings.loader import load
from tests.factories import at, instrument

TELEGRAM = "tgram://123456789:AAF1-abcdefghijklmnopqrstuvwxyz12345/4711"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl"


def faults(text: str, folder: Path) -> list[str]:
    """The faults of a config.toml with this text, without the file's name; none if it is fine."""
    file = folder / "config.toml"
    file.write_text(text)
    try:
        load(file)
    except SettingsError as error:
        return [line.removeprefix(f"{file}:") for line in error.faults]
    return []


def test_a_broker_is_a_folder_that_exports_one():
    assert "dhan" in broker_names()
    assert "websocket" not in broker_names()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("channel[0].url_env", f'[[channel]]\nname = "a"\nkind = "apprise"\nurl_env = "{TELEGRAM}"'),
        ("channel[0].url_file", f'[[channel]]\nname = "a"\nkind = "apprise"\nurl_file = "{TELEGRAM}"'),
        ("channel[0].name", f'[[channel]]\nkind = "console"\n\nname = "{TELEGRAM}"'),
        ("dhan.access_token_env", f'[dhan]\n\n\naccess_token_env = "{TOKEN}"'),
        ("dhan.url", f'[dhan]\n\n\nurl = "wss://api-feed.dhan.co?token={TOKEN}"'),
        ("dhan.access_token", f'[dhan]\n\n\naccess_token = "{TOKEN}"'),
        ("universe.names[0]", f'\n[universe]\nnames = [\n"{TOKEN}", "{TOKEN}"]'),
        ("universe.names[1]", f'\n[universe]\nnames = [\n"NSE:TCS", "{TELEGRAM}"]'),
        ("feed.source", f'\n\n[feed]\nsource = "{TOKEN}"'),
        ("logging.file", f'\n\n[logging]\nfile = "{TELEGRAM}"'),
    ],
)
def test_a_secret_in_the_file_is_fatal_and_never_repeated(tmp_path: Path, place: str, text: str):
    told = faults(text, tmp_path)
    assert (
        told[0]
        == f"4: {place}: looks like a secret; keep it in an environment variable or a file of mode 0600, never here"
    )
    assert not [line for line in told if "eyJ" in line or "tgram" in line]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ('kind = "console"', []),
        ('kind = "jsonl"\npath = "a"', []),
        ('kind = "csv"\npath = "a"', []),
        ('kind = "apprise"\nurl_env = "A"', []),
        ('kind = "apprise"\nurl_file = "a"', []),
        ('kind = "jsonl"', ["1: channel[0]: a channel of kind jsonl needs path"]),
        ('kind = "csv"', ["1: channel[0]: a channel of kind csv needs path"]),
        ('kind = "apprise"', ["1: channel[0]: a channel of kind apprise needs url_env or url_file"]),
        (
            'kind = "apprise"\nurl_env = "A"\nurl_file = "a"',
            ["5: channel[0].url_file: give url_env or url_file, not both"],
        ),
        ('kind = "console"\npath = "a"', ["4: channel[0].path: a channel of kind console has no use for this key"]),
        (
            'kind = "apprise"\nurl_env = "A"\npath = "a"',
            ["5: channel[0].path: a channel of kind apprise has no use for this key"],
        ),
        (
            'kind = "csv"\npath = "a"\nurl_env = "A"',
            ["5: channel[0].url_env: a channel of kind csv has no use for this key"],
        ),
        (
            'kind = "telegram"',
            ['3: channel[0].kind: expected "console", "jsonl", "csv" or "apprise", got "telegram"'],
        ),
    ],
)
def test_a_channel_has_what_its_kind_needs_and_nothing_else(tmp_path: Path, channel: str, expected: list[str]):
    assert faults(f'[[channel]]\nname = "a"\n{channel}\n', tmp_path) == [f"{line}" for line in expected]


def test_channels_do_not_share_a_name_or_a_file(tmp_path: Path):
    channel = '[[channel]]\nname = "a"\nkind = "csv"\npath = "a.csv"\n'
    assert faults(channel * 2, tmp_path) == [
        "6: channel[1].name: a is there twice",
        "8: channel[1].path: a.csv is there twice",
    ]


def test_strategies_of_one_name_need_different_versions(tmp_path: Path):
    one, two = '[[strategy]]\nname = "ema_vwap"\n', '[[strategy]]\nname = "ema_vwap"\nversion = "2"\n'
    assert faults(one + two, tmp_path) == []
    assert faults(one + one, tmp_path) == ['4: strategy[1].name: ema_vwap with version = "1" is there twice']
    assert faults(two + one + two, tmp_path) == ['7: strategy[2].name: ema_vwap with version = "2" is there twice']


def test_parameters_are_those_that_its_rules_use(tmp_path: Path):
    strategy = '[[strategy]]\nname = "ema_vwap"\n[strategy.parameters]\n'
    assert faults(strategy + "fast = 5\nslow = 20", tmp_path) == []
    assert faults(strategy + "fst = 5", tmp_path) == [
        "4: strategy[0].parameters.fst: no rule uses this parameter; did you mean fast?"
    ]
    override = '[[strategy.override]]\nsymbols = ["NSE:A*"]\nparameters = { slo = 20 }'
    assert faults('[[strategy]]\nname = "ema_vwap"\n' + override, tmp_path) == [
        "5: strategy[0].override[0].parameters.slo: no rule uses this parameter; did you mean slow?"
    ]
    own = '[[strategy]]\nname = "own"\nparameters = { length = 5, size = 3 }\n[strategy.long]\n'
    assert faults(own + 'entry = ["close > ema(length)"]', tmp_path) == [
        "3: strategy[0].parameters.size: no rule uses this parameter"
    ]


def test_addresses_that_carry_the_token_are_encrypted_or_stay_on_the_machine(tmp_path: Path):
    assert faults('[dhan]\nurl = "ws://127.0.0.1:9/"\nrest_url = "http://localhost:9"\n', tmp_path) == []
    assert faults('[dhan]\ninstruments = "http://[::1]:9/a.csv"\n', tmp_path) == []
    assert faults('[dhan]\nurl = "ws://127.0.0.1.evil.com/"\n', tmp_path) == [
        "2: dhan.url: expected an address that begins with wss://"
    ]
    assert faults('[dhan]\nurl = "wss://"\nrest_url = "https://[x"\ninstruments = "http://a/b"', tmp_path) == [
        "2: dhan.url: expected an address that begins with wss://",
        "3: dhan.rest_url: expected an address that begins with https://",
        "4: dhan.instruments: expected an address that begins with https://",
    ]


def test_a_live_feed_does_not_ask_for_the_simulators_files(tmp_path: Path):
    missing = '[simulator]\nsession = "gone.csv"\n'
    assert len(faults(missing, tmp_path)) == 1
    assert faults(f'{missing}[feed]\nsource = "dhan"\n', tmp_path) == []


DAY = '[[special_day]]\ndate = 2026-12-31\nname = "a"\nexchanges = ["NSE", "BSE"]\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (DAY, []),
        (DAY + "open = 18:00:00\nclose = 00:15:00", []),
        (DAY + "open = 18:00:00", ["1: special_day[0].close: a session needs open and close, a holiday neither"]),
        (DAY + "close = 18:00:00", ["1: special_day[0].open: a session needs open and close, a holiday neither"]),
        (
            DAY + DAY.replace('"NSE", ', ""),
            ["8: special_day[1].exchanges: BSE on 2026-12-31 is there twice"],
        ),
        (
            '[[listing]]\nsymbol = "NSE:A"\ndate = 2026-12-31\n' * 2,
            ["5: listing[1].symbol: NSE:A on 2026-12-31 is there twice"],
        ),
        (
            '[[listing]]\nsymbol = "MCX:GOLD"\ndate = 2026-12-31',
            ['2: listing[0].symbol: expected a stock of NSE or BSE, such as "NSE:NEWCO", got "MCX:GOLD"'],
        ),
        (
            DAY.replace("2026-12-31", '"31-12-2026"'),
            ['2: special_day[0].date: expected a date without quotes, such as 2026-12-31, got "31-12-2026"'],
        ),
    ],
)
def test_a_special_day_is_whole_and_stands_there_once(tmp_path: Path, text: str, told: list[str]):
    assert faults(text, tmp_path) == told


def test_special_days_and_listings_reach_the_session_table(tmp_path: Path):
    (tmp_path / "config.toml").write_text(
        DAY + '[[special_day]]\ndate = 2027-01-02\nname = "b"\nexchanges = ["NSE"]\nopen = 09:15:00\nclose = 12:00:00\n'
        '[[listing]]\nsymbol = "NSE:NEWCO"\ndate = 2026-12-30\n'
    )
    table = load(tmp_path / "config.toml").session_table()
    tcs, newco = (table.hours(instrument(symbol)) for symbol in ("NSE:TCS", "NSE:NEWCO"))
    assert tcs.on(date(2026, 12, 31)) == ()
    (saturday,) = tcs.on(date(2027, 1, 2))
    assert saturday.close_ms == at("12:00", date(2027, 1, 2))
    assert newco.on(date(2026, 12, 30))[0].open_ms == at("10:00", date(2026, 12, 30))
