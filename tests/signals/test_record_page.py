"""docs/signals.md speaks of every field of the record, and of none that there is not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from delivery.notice import Notice
from delivery.notice import to_json as notice_to_json
from signals.record import from_record, to_record
from signals.signal import Condition, Quality, Reason, Side, SignalType
from tests.transitions import at, entry

PAGE = (Path(__file__).parents[2] / "docs" / "signals.md").read_text(encoding="utf-8")

FULLEST = entry(
    score=2.1,
    quality=Quality(late=True, price_now=2503.1),
    conditions=(Condition("a or b", 1.0, 2.0, ok=True, parts=(Condition("a", 1.0, 2.0, ok=True),)),),
)
RECORD = to_record(FULLEST)
NOTICE = json.loads(notice_to_json(Notice("closing 2025-11-17", at("15:45"), "Closed")))


def told(heading: str) -> list[str]:
    """The fields in the table below a heading of the page."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "record"),
    [
        ("Of the signal", RECORD),
        ("Of a condition", RECORD["conditions"][0]),
        ("Of its quality", RECORD["quality"]),
        ("What a webhook gets besides", {name: NOTICE[name] for name in NOTICE if name not in RECORD}),
    ],
)
def test_the_page_tells_every_field_and_no_other(heading: str, record: dict[str, Any]):
    assert sorted(told(heading)) == sorted(record)


@pytest.mark.parametrize("word", [*Side, *SignalType, *Reason, NOTICE["type"]])
def test_the_page_tells_every_word_a_field_may_have(word: str):
    assert f"`{word}`" in PAGE


def test_the_example_is_a_record():
    example = json.loads(PAGE.partition("```json\n")[2].partition("```")[0])
    assert to_record(from_record(example)) == example
    assert list(example) == list(RECORD)
