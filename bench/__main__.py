"""`make bench`: what the program costs, beside its targets and beside what else there is."""

import argparse
import os
import platform
import sys
import traceback

from bench.part import PARTS, measured, title
from bench.result import Result
from market.clock import SystemClock

QUIET = 0.5
"""Load average of a machine that does nothing else."""


def main() -> int:
    """Measure and print the parts asked for; 1 when one of them broke, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"what to measure, of {', '.join(PARTS)}; all by default")
    chosen = parser.parse_args().part or PARTS
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if os.getloadavg()[0] > QUIET:
        print(f"Busy (load {os.getloadavg()[0]:.1f}): on a quiet machine the figures are better.")
    results: list[Result] = []
    broken = []
    clock = SystemClock()
    for part in chosen:
        began = clock.monotonic()
        print(f"\n{part}: {title(part)}", flush=True)
        try:
            found = measured(part)
        except Exception:  # noqa: BLE001 - shown, and the other parts are still worth measuring
            traceback.print_exc()
            broken.append(part)
            continue
        results += found
        for result in found:
            print(" ", result.text())
        print(f"  ({clock.monotonic() - began:.0f} s)", flush=True)
    _sum_up(results, broken)
    return 1 if broken else 0


def _sum_up(results: list[Result], broken: list[str]) -> None:
    judged = [result for result in results if result.met is not None]
    missed = [result for result in judged if not result.met]
    print(f"\n{len(judged) - len(missed)} of {len(judged)} targets met{'; missed:' if missed else ''}")
    for result in missed:
        print(" ", result.text())
    if broken:
        print(f"could not be measured: {', '.join(broken)}")


if __name__ == "__main__":
    sys.exit(main())
