import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file that changes nothing but where the state lies."""
    file = tmp_path / "config.toml"
    file.write_text('[store]\ndirectory = "state"\n')
    return file


def run_py(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={"PATH": "", "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"} | environment,
    )
