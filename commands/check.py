"""`run.py check`: everything that would keep a run from its work, told at once; it starts nothing."""

from pathlib import Path

from commands.readiness import findings
from errors import SettingsError
from logs import start_logging
from market.clock import SystemClock
from settings.loader import load


def check(config: Path) -> int:
    """Print what was found, and return the exit code of the worst: 78 settings or unknown symbols, 77 credentials.

    After those come what was out of reach (75), cannot be written (73) or read (65); 0 means that a run can start.
    """
    start_logging("WARNING", None)
    try:
        settings = load(config)
    except SettingsError as error:
        print(error)
        return error.exit_code
    print(f"ok     settings     {config}")
    worst = 0
    for finding in findings(settings, SystemClock()):
        print(f"{finding.mark:<6} {finding.topic:<12} {finding.text}")
        worst = max(worst, finding.exit_code)
    return worst
