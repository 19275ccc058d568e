from pathlib import Path

import pytest

from errors import StorageError
from replay.outputs import opened


def test_no_file_is_made_unless_one_is_asked_for():
    with opened(None) as file:
        assert file is None


def test_lines_end_alike_on_every_system(tmp_path: Path):
    with opened(tmp_path / "out") as file:
        file.write("a\nb\n")
    assert (tmp_path / "out").read_bytes() == b"a\nb\n"


@pytest.mark.parametrize("name", ["missing/out.csv", "."])
def test_a_place_that_cannot_be_written_is_told_before_anything_is_played(tmp_path: Path, name: str):
    with pytest.raises(StorageError, match="cannot be written: "), opened(tmp_path / name):
        pytest.fail("it went on")
