"""Files as they come: plain, packed, torn, or no table at all."""

import gzip
from pathlib import Path

import pytest

from errors import InputError
from replay.cells import Cells
from replay.table import open_table

PLACES = (0, 2)


def cells_of(path: Path) -> list[Cells]:
    with open_table(path) as table:
        return list(table.cells(PLACES))


def rows_of(path: Path) -> list[tuple[int, str, str]]:
    return [(line, *row) for cells in cells_of(path) for line, *row in zip(cells.lines, *cells.columns, strict=True)]


def broken_in(path: Path) -> list[tuple[int, str]]:
    return [fault for cells in cells_of(path) for fault in cells.broken]


def test_rows_keep_the_numbers_of_their_lines(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n4,5,6\n")
    assert rows_of(path) == [(2, "1", "3"), (3, "4", "6")]


@pytest.mark.parametrize(
    "text",
    [
        b"a,b,c\r\n1,2,3\r\n",
        b"\xef\xbb\xbfa,b,c\n1,2,3\n",
        b"a,b,c\n1,2,3",
        b'"a","b","c"\n"1","2","3"\n',
        b"a,b,c\n1,2,3\n\n  \n",
    ],
    ids=["Windows", "byte order mark", "no last line end", "quoted", "blank lines"],
)
def test_what_other_programs_write_is_the_same_table(tmp_path: Path, text: bytes):
    path = tmp_path / "a.csv"
    path.write_bytes(text)
    with open_table(path) as table:
        assert list(table.header) == ["a", "b", "c"]
    assert rows_of(path) == [(2, "1", "3")]


def test_a_packed_file_is_known_by_its_first_bytes(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(b"a,b,c\n1,2,3\n"))
    assert rows_of(path) == [(2, "1", "3")]


def test_a_torn_row_is_told_and_the_others_stay(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n6,7,8,9\n\n10,11,12\n")
    assert rows_of(path) == [(2, "1", "3"), (6, "10", "12")]
    assert broken_in(path) == [(3, "2 cells, but 3 columns"), (4, "4 cells, but 3 columns")]


def test_rows_too_long_and_too_short_do_not_make_up_for_each_other(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2\n3,4,5,6\n")
    assert [line for line, _ in broken_in(path)] == [2, 3]


def test_a_stray_quote_spoils_its_own_row_only(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text('a,b,c\n1,"2,3\n4,5,6\n"7,7",8,9\n')
    assert rows_of(path) == [(3, "4", "6"), (4, "7,7", "9")]
    assert [line for line, _ in broken_in(path)] == [2]


def test_a_file_of_many_blocks_loses_no_row_between_them(tmp_path: Path):
    path = tmp_path / "a.csv.gz"
    rows = [f"{number},{'x' * (number % 50)},{number * 7}" for number in range(120_000)]
    path.write_bytes(gzip.compress("\n".join(["a,b,c", *rows]).encode(), 1))
    assert rows_of(path) == [(number + 2, str(number), str(number * 7)) for number in range(120_000)]
    shares = [cells.share for cells in cells_of(path)]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_bytes_that_are_no_text_do_not_end_the_reading(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b,c\n1,2,\xff\xfe\n4,5,6\n")
    assert rows_of(path)[1] == (3, "4", "6")


def fault_of(path: Path) -> str:
    with pytest.raises(InputError) as raised:
        rows_of(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_files_that_cannot_be_read_give_one_clear_line(tmp_path: Path):
    packed = gzip.compress(b"a,b,c\n" + b"1,2,3\n" * 1000)
    files = {
        "empty": b"",
        "cut": packed[:-20],
        "damaged": packed[:30] + b"\xff\xff\xff\xff" + packed[34:],
        "picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR,\n",
        "endless": b"a,b,c\n" + b"1" * 3_000_000,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert fault_of(tmp_path / "missing") == f"{tmp_path}/missing: cannot be read: No such file or directory"
    assert fault_of(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"
    assert fault_of(tmp_path / "empty") == f"{tmp_path}/empty: the file is empty"
    assert "broken or truncated" in fault_of(tmp_path / "cut")
    assert "broken or truncated" in fault_of(tmp_path / "damaged")
    assert "neither text nor Parquet" in fault_of(tmp_path / "picture")
    assert "a line of over a million characters" in fault_of(tmp_path / "endless")


def test_zeros_that_a_power_cut_left_spoil_their_own_row_only(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b,c\n1,2,3\n\0\0\0\0\n4,5,6\n")
    assert [line for line, *_ in rows_of(path)] == [2, 4]
    assert [line for line, _ in broken_in(path)] == [3]
