from pathlib import Path

import pytest

from private_file import write_whole


def test_the_newer_text_takes_the_place_of_the_older_one_and_nothing_else_is_left(tmp_path: Path):
    file = tmp_path / "it.json"
    for text in ("first and long", "सेकंड"):
        write_whole(file, text)
        assert file.read_text("utf-8") == text
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_others_could_read_is_private_afterwards(tmp_path: Path):
    file = tmp_path / "it.json"
    file.write_text("old")
    file.chmod(0o644)
    write_whole(file, "new")
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_put_there_leaves_no_draft_behind(tmp_path: Path):
    folder = tmp_path / "it.json"
    folder.mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(folder, "new")
    assert list(tmp_path.iterdir()) == [folder]


def test_a_missing_folder_is_told(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "it.json", "new")
