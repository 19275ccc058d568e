"""The config.toml that ships."""

import re
from datetime import time
from inspect import isclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import pytest
from pydantic import BaseModel

from settings.loader import load
from settings.schema import PROGRAM, Feed, Settings
from settings.strategy_files import shipped

FILE = PROGRAM / "config.toml"


def commented_keys(section: str) -> set[str]:
    """Keys a section of the file gives, or offers in a comment as `# key = `."""
    parts = re.split(r"^(?:# )?\[{1,2}([\w.]+)\]{1,2}$", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        key
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
        if name == section
        for key in re.findall(r"^(?:# )?(\w+) = ", body, flags=re.MULTILINE)
    }


def tables(model: type[BaseModel], above: str = "") -> dict[str, set[str]]:
    """The keys of every table of the schema, by its header."""
    found = {above: set(model.model_fields)} if above else {}
    for name, field in model.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isclass(kind) and issubclass(kind, BaseModel):
                below = tables(kind, f"{above}.{name}" if above else name)
                if above:
                    found[above] -= {name}
                found |= below
    return found


def test_names_every_key_of_the_schema_and_no_other():
    headers = re.findall(r"^(?:# )?\[{1,2}([\w.]+)\]{1,2}$", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    known = tables(Settings)
    assert set(headers) == set(known)
    for header, keys in known.items():
        assert commented_keys(header) == keys, header


def test_every_key_has_a_comment_above_it_or_above_its_group():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        if re.match(r"(# )?\w+ = ", line):
            assert above.strip(), f"{line} follows an empty line instead of its comment"


def test_its_values_are_the_defaults():
    shipped = load(FILE)
    same = {"channel", "store"}
    assert shipped.model_dump(exclude=same) == Settings().model_dump(exclude=same)
    assert shipped.store.directory == PROGRAM / Settings().store.directory


def test_alerts_go_to_the_screen_and_two_files():
    shipped = load(FILE)
    assert shipped.channel[:1] == Settings().channel
    assert [(channel.kind, channel.path) for channel in shipped.channel[1:]] == [
        ("jsonl", PROGRAM / "state/signals.jsonl"),
        ("csv", PROGRAM / "state/signals.csv"),
    ]


def test_going_live_is_one_changed_line(tmp_path: Path):
    text = FILE.read_text(encoding="utf-8")
    assert text.count('source = "simulator"\n') == 1
    live = tmp_path / "config.toml"
    live.write_text(text.replace('source = "simulator"\n', 'source = "dhan"\n'), encoding="utf-8")
    assert load(live).feed.source == "dhan"


def test_the_examples_are_right_once_the_comment_signs_are_gone(tmp_path: Path):
    text = FILE.read_text(encoding="utf-8")
    for name in ("simulator/data/nse166_1m_20160930.csv.gz", "simulator/data/scrip-master.csv"):
        text = text.replace(name, str(PROGRAM / name))
    everything = tmp_path / "config.toml"
    everything.write_text(re.sub(r"^# (\[+[\w.]+\]+|\w+ = .*[^.])$", r"\1", text, flags=re.MULTILINE), encoding="utf-8")
    settings = load(everything)
    assert [channel.name for channel in settings.channel] == [
        "screen", "signals", "sheet", "phone", "mail", "slack", "webhook",
    ]  # fmt: skip
    assert [(day.exchanges, day.open, day.close) for day in settings.special_day] == [
        (("NSE", "BSE"), None, None),
        (("NSE", "BSE", "MCX"), time(18), time(19)),
    ]
    assert [listing.symbol for listing in settings.listing] == ["NSE:NEWCO"]
    as_told, whole = settings.strategy
    assert as_told == shipped("ema_vwap").model_copy(
        update={key: getattr(settings.alerts, key) for key in ("repeat_minutes", "repeat_move_percent")}
    )
    assert whole.long.entry
    assert whole.short.entry
    assert whole.override[0].parameters == {"length": 50}
    assert settings.logging.file == tmp_path / "logs/bellwether.log"


@pytest.mark.parametrize(("chosen", "included"), [("exclude", False), ("include", True)])
def test_the_auctions_volume_in_the_first_candle_is_for_the_user_to_choose(
    chosen: Literal["exclude", "include"], *, included: bool
) -> None:
    table = Settings(feed=Feed(pre_open_volume=chosen)).session_table()
    assert {hours.auction_in_first_bar for hours in table.classes("NSE")} == {included}
