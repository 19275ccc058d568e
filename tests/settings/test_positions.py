import json
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from settings.positions import KeyPath, key_lines, line_of

DOCUMENT = '''\
# a comment with = and [brackets]
title = "text with # and = inside"   # and a comment

[feed]
source = 'literal \\'
"quoted key" = 1
a.b . "c.d" = [ 1,
  # a comment, with ] and [
  [2, 3], { x = 1, y.z = "}" },
  """
three "quotes" \\"""
""",
]
[feed.deeper]
text = \'\'\'
[not a header]
it''s\'\'\'\'
when = 1979-05-27 07:32:00

[[strategy]]
name = "one"
  [strategy.parameters]
  periods = [9, 15]

[[strategy]]
name = "two"
parameters = { periods = [
    9,
    15 ] }
[[strategy.part]]
x = 1
[[strategy.part]]
x = 2

[late]
'''

WHERE = {
    ("title",): 2,
    ("feed",): 4,
    ("feed", "source"): 5,
    ("feed", "quoted key"): 6,
    ("feed", "a"): 7,
    ("feed", "a", "b"): 7,
    ("feed", "a", "b", "c.d"): 7,
    ("feed", "a", "b", "c.d", 0): 7,
    ("feed", "a", "b", "c.d", 1): 9,
    ("feed", "a", "b", "c.d", 1, 0): 9,
    ("feed", "a", "b", "c.d", 1, 1): 9,
    ("feed", "a", "b", "c.d", 2): 9,
    ("feed", "a", "b", "c.d", 2, "x"): 9,
    ("feed", "a", "b", "c.d", 2, "y"): 9,
    ("feed", "a", "b", "c.d", 2, "y", "z"): 9,
    ("feed", "a", "b", "c.d", 3): 10,
    ("feed", "deeper"): 14,
    ("feed", "deeper", "text"): 15,
    ("feed", "deeper", "when"): 18,
    ("strategy",): 20,
    ("strategy", 0): 20,
    ("strategy", 0, "name"): 21,
    ("strategy", 0, "parameters"): 22,
    ("strategy", 0, "parameters", "periods"): 23,
    ("strategy", 0, "parameters", "periods", 0): 23,
    ("strategy", 0, "parameters", "periods", 1): 23,
    ("strategy", 1): 25,
    ("strategy", 1, "name"): 26,
    ("strategy", 1, "parameters"): 27,
    ("strategy", 1, "parameters", "periods"): 27,
    ("strategy", 1, "parameters", "periods", 0): 28,
    ("strategy", 1, "parameters", "periods", 1): 29,
    ("strategy", 1, "part"): 30,
    ("strategy", 1, "part", 0): 30,
    ("strategy", 1, "part", 0, "x"): 31,
    ("strategy", 1, "part", 1): 32,
    ("strategy", 1, "part", 1, "x"): 33,
    ("late",): 35,
}


def paths(value: Any, path: KeyPath = ()) -> set[KeyPath]:
    """Every key path of parsed TOML."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} - {()} | {found for part, below in inner for found in paths(below, (*path, part))}


def test_finds_the_line_of_every_key_table_and_item_of_a_document_with_everything():
    assert key_lines(DOCUMENT) == WHERE
    assert set(WHERE) == paths(tomli.loads(DOCUMENT))


@pytest.mark.parametrize("text", ["", "# only a comment", "\n\n", "a=1", "a = {}", "[a]\n[a.b]\n[a.b.c]", "a = []"])
def test_knows_exactly_the_keys_that_the_parser_knows(text: str):
    assert set(key_lines(text)) == paths(tomli.loads(text))


def test_a_place_that_is_not_written_has_the_line_of_the_table_around_it():
    lines = key_lines("\n[feed]\nsource = 'x'\n")
    assert line_of(("feed", "grace_ms"), lines) == 2
    assert line_of(("universe",), lines) is None


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
scalars = st.one_of(st.integers(-9, 9), st.booleans(), names)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@given(st.lists(st.tuples(st.lists(names, min_size=1, max_size=3), values, st.integers(0, 2)), max_size=6))
def test_any_document_of_dotted_keys_gets_its_lines_right(entries: list[tuple[list[str], Any, int]]):
    text, expected, line = "", {}, 1
    for number, (parts, value, blank_lines) in enumerate(entries):
        path = (str(number), *parts)
        text += "#\n" * blank_lines + ".".join(json.dumps(part, ensure_ascii=False) for part in path)
        text += f" = {json.dumps(value, ensure_ascii=False)}\n"
        line += blank_lines
        expected[path] = line
        line += 1
    found = key_lines(text)
    assert {path: found[path] for path in expected} == expected
    assert set(found) == paths(tomli.loads(text))
