"""One part of the bench, measured in a process that does nothing else."""

import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Final

from loguru import logger

from bench.result import Result
from collector import spare_the_collector

PARTS: Final = (
    "line", "decode", "frames", "records", "intake", "start", "memory", "program", "wire", "minute", "delivery",
    "rules", "replay", "rule_fuzz",
)  # fmt: skip
"""Each a module of this folder with `measure() -> list[Result]`."""


def title(part: str) -> str:
    """What it measures, in a line."""
    return (import_module(f"bench.{part}").__doc__ or part).partition("\n")[0]


def measured(part: str) -> list[Result]:
    """The figures, from a fresh process with the product's setting of the garbage collector, for baselines too."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measure, part).result()


def _measure(part: str) -> list[Result]:
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    spare_the_collector()
    results: list[Result] = import_module(f"bench.{part}").measure()
    return results
