import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from errors import InputError
from market.clock import IST
from replay.table import open_table
from settings.schema import PROGRAM
from tests.recordings import loaded, ms

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
MOMENT = datetime(2016, 8, 16, 9, 15, tzinfo=IST)


def write(path: Path, stamps: object) -> Path:
    parquet.write_table(
        pa.table(
            {
                "symbol": pa.array(["ACC", "TCS"]).dictionary_encode(),
                "timestamp": stamps,
                "open": [100.05, 200.0],
                "high": [101.1, 201.0],
                "low": [99.95, 199.0],
                "close": [100.3, 200.5],
                "volume": pa.array([10, 20], pa.int64()),
            }
        ),
        path,
    )
    return path


@pytest.mark.parametrize(
    "stamps",
    [
        pa.array([MOMENT.replace(tzinfo=None)] * 2, pa.timestamp("ns")),
        pa.array([MOMENT] * 2, pa.timestamp("us", "UTC")),
        pa.array([MOMENT] * 2, pa.timestamp("ms", "Asia/Kolkata")),
        pa.array([MOMENT.isoformat()] * 2),
    ],
    ids=["exchange time", "UTC", "with a zone", "text"],
)
def test_bars_of_any_usual_type_are_read_exactly(tmp_path: Path, stamps: object):
    rows = loaded(write(tmp_path / "bars.parquet", stamps)).rows
    assert rows.times_ms.tolist() == [ms("2016-08-16T09:15")] * 2
    assert rows.prices.tolist() == [[100.05, 200.0], [101.1, 201.0], [99.95, 199.0], [100.3, 200.5]]
    assert rows.volumes.tolist() == [10, 20]


def test_an_empty_cell_is_a_row_to_skip(tmp_path: Path):
    path = write(tmp_path / "bars.parquet", pa.array([MOMENT.isoformat(), None]))
    faults: list[str] = []
    assert len(loaded(path, faults=faults).rows) == 1
    assert faults == [f"{path}:2: '' is no time; the row is skipped"]


def test_a_file_without_rows_cannot_be_used(tmp_path: Path):
    path = write(tmp_path / "bars.parquet", pa.array([MOMENT.isoformat()] * 2))
    parquet.write_table(parquet.read_table(path).slice(0, 0), path)
    with pytest.raises(InputError, match="it has no rows"):
        loaded(path)


def test_a_damaged_file_gives_one_clear_line(tmp_path: Path):
    path = write(tmp_path / "bars.parquet", pa.array([MOMENT.isoformat()] * 2))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InputError, match=r"bars.parquet: cannot be read"), open_table(path):
        pass


def test_without_its_library_the_user_is_told_how_to_get_it(tmp_path: Path):
    path = write(tmp_path / "bars.parquet", pa.array([MOMENT.isoformat()] * 2))
    program = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path; from errors import MissingLibraryError; from replay.table import open_table\n"
        "try:\n    open_table(Path(sys.argv[1])).__enter__()\nexcept MissingLibraryError as error:\n    print(error)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program, path], cwd=PROGRAM, capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith(f"{path}: Parquet needs a library of its own: python -m pip install")
