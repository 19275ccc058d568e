import json
from pathlib import Path

import pytest

from control import address
from control.address import ControlAddress

GOOD = {"port": 8765, "token": "t" * 43, "pid": 1}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    written = ControlAddress(8765, "t" * 43, 1)
    address.write(tmp_path / "new" / "state", written)
    assert address.read(tmp_path / "new" / "state") == written
    assert (tmp_path / "new" / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "\x00",
        json.dumps(GOOD | {"port": 0}),
        json.dumps(GOOD | {"port": "8765"}),
        json.dumps(GOOD | {"port": 70_000}),
        json.dumps(GOOD | {"token": "short"}),
        json.dumps(GOOD | {"token": "t" * 40 + "\r\nX: y"}),
        json.dumps(GOOD | {"token": None}),
        json.dumps(GOOD | {"pid": []}),
        json.dumps({"port": 8765}),
    ],
)
def test_a_damaged_file_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / address.FILE).write_text(text)
    assert address.read(tmp_path) is None


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    assert address.read(tmp_path / "nowhere") is None


def test_it_replaces_an_older_one_that_others_could_read(tmp_path: Path) -> None:
    (tmp_path / address.FILE).write_text("old")
    (tmp_path / address.FILE).chmod(0o644)
    address.write(tmp_path, ControlAddress(8765, "t" * 43, 1))
    assert (tmp_path / address.FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [address.FILE]


def test_a_link_put_in_its_place_is_replaced_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / address.FILE).symlink_to(victim)
    address.write(tmp_path, ControlAddress(8765, "t" * 43, 1))
    assert victim.read_text() == "precious"
    assert not (tmp_path / address.FILE).is_symlink()
