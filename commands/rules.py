"""`run.py rules [NAME]`: what rules may call, and all about one function."""

import io
import sys

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from errors import InputError
from nearest import did_you_mean
from rules.function import Function
from rules.functions import functions
from rules.reference import distinct, explanation, extras, usage_line


def rules(name: str | None) -> int:
    """Print the list, or one function; returns 0. Raises: InputError with the nearest name when there is none."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal can write them all
    console = Console(highlight=False, markup=False, emoji=False)
    if name is None:
        console.print(function_list())
        return 0
    function = functions().get(name)
    if function is None:
        near = did_you_mean(name, functions()) or "; run.py rules lists what there is"
        raise InputError(f"unknown function {name!r:.50}{near}")
    console.print(function_page(function))
    return 0


def function_list() -> RenderableType:
    """One line and one example for each; it needs 80 columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for function in distinct():
        summary = Text(function.summary)
        aliases = function.make.aliases
        if aliases:
            summary.append(f" Also {', '.join(aliases)}.", style="dim")
        table.add_row(function.name, Group(summary, Text(function.make.example, style="cyan")))
    page = Text("\nrun.py rules NAME tells all about one; the language itself is told in docs/rules.md.", style="dim")
    return Group(table, page)


def function_page(function: Function) -> RenderableType:
    """Everything about one."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for name, what in extras(function).items():
        table.add_row(name, what)
    example = Text.assemble("Example  ", (function.make.example, "cyan"))
    parts: list[RenderableType] = [
        Text(usage_line(function), style="bold"),
        Text(),
        Text(explanation(function)),
        Text(),
    ]
    if table.row_count:
        parts += [table, Text()]
    return Group(*parts, example)
