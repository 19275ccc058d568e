"""The reference page of the language: docs/rules.md, out of what the indicators say of themselves.

`python -m rules.reference` writes it anew.
"""

import inspect
import re
from pathlib import Path
from typing import Final

from rules.calls import usage
from rules.function import Function, Parameter
from rules.functions import functions
from rules.text import number_text

PAGE: Final = Path(__file__).parent.parent / "docs/rules.md"
_LANGUAGE: Final = Path(__file__).with_name("language.md")
_CHOICES_SHOWN: Final = 6


def reference() -> str:
    """The whole page, in Markdown."""
    parts = [_LANGUAGE.read_text("utf-8").rstrip(), "## Functions"]
    parts += [_section(function) for function in distinct()]
    return "\n\n".join(parts) + "\n"


def distinct() -> list[Function]:
    """Every function once, by name."""
    return sorted({function.name: function for function in functions().values()}.values(), key=lambda each: each.name)


def explanation(function: Function) -> str:
    """Its whole docstring, one line for each paragraph."""
    return re.sub(r"(?<=\S)\n(?=[^\s*-])", " ", inspect.cleandoc(function.make.__doc__ or ""))


def parameter_text(parameter: Parameter) -> str:
    """What a parameter takes, and what it is when it is left out: `a whole number from 1 to 10000, else 14`."""
    takes = parameter.takes.value
    if parameter.low is not None and parameter.high is not None:
        takes += f" from {number_text(parameter.low)} to {number_text(parameter.high)}"
    if parameter.choices:
        shown = ", ".join(parameter.choices[:_CHOICES_SHOWN])
        more = len(parameter.choices) - _CHOICES_SHOWN
        takes += f": {shown}" + (f" and {more} more" if more > 0 else "")
    if parameter.default is None:
        return takes
    default = parameter.default
    return f"{takes}; left out: {default if isinstance(default, str) else number_text(default)}"


def extras(function: Function) -> dict[str, str]:
    """Its parameters and what else there is to say, by name."""
    told = {parameter.name: parameter_text(parameter) for parameter in function.parameters}
    make = function.make
    if make.outputs:
        told["further numbers"] = ", ".join(f".{name}" for name in make.outputs)
    if make.aliases:
        told["also called"] = ", ".join(make.aliases)
    if make.unit:
        told["counts"] = "percent" if make.unit == "%" else make.unit
    if make.is_condition:
        told["is"] = "a condition by itself"
    return told


def _section(function: Function) -> str:
    lines = [f"### {function.name}", "", explanation(function), ""]
    lines += [f"Written: `{usage_line(function).replace(' or ', '` or `')}`", ""]
    if told := extras(function):
        series = {parameter.name for parameter in function.parameters}
        lines += [f"- {f'`{name}`' if name in series else name}: {what}" for name, what in told.items()] + [""]
    return "\n".join([*lines, f"Example: `{function.make.example}`"])


def usage_line(function: Function) -> str:
    """How it is written: `ema(length) or ema(source, length)`, `vwap`."""
    return usage(function) if function.parameters else function.name


if __name__ == "__main__":
    PAGE.write_text(reference(), "utf-8")
