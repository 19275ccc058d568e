"""What a tree holds, and what its parts are called."""

import re
from collections.abc import Iterator
from dataclasses import fields

from rules.tree import Call, Node, Of, On


def indicators_of(node: Node) -> Iterator[Node]:
    """The indicators of a rule, outermost first; one of another timeframe or symbol together with its place."""
    if isinstance(node, (On, Of)):
        yield node
        return
    if isinstance(node, Call):
        yield node
    for field in fields(node):
        inside = getattr(node, field.name)
        for one in inside if isinstance(inside, tuple) else (inside,):
            if isinstance(one, Node):
                yield from indicators_of(one)


def nodes_of(node: Node) -> Iterator[Node]:
    """Every node of a tree, the outermost first."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        for field in fields(node):
            inside = getattr(node, field.name)
            waiting += [one for one in (inside if isinstance(inside, tuple) else (inside,)) if isinstance(one, Node)]


def short_name(text: str) -> str:
    """An indicator's name in alerts and `debug`: `ema9` for `ema(9)`, `macd12_26_9_signal` for its output."""
    return re.sub(r"[^\w.%]+", "_", text.replace("(", "", 1).replace(").", "_").replace('"', "")).strip("_")
