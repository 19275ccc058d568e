import io

import pytest
from rich.console import Console, RenderableType

from commands.rules import function_list, function_page, rules
from errors import InputError
from rules.functions import functions
from rules.reference import distinct


def shown(renderable: RenderableType, width: int) -> str:
    console = Console(file=(output := io.StringIO()), width=width, highlight=False, markup=False, emoji=False)
    console.print(renderable)
    return output.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_each_function_has_its_line_and_its_example(width: int):
    lines = shown(function_list(), width).splitlines()
    assert max(map(len, lines)) <= width
    told = " ".join(" ".join(lines).split())
    for function in distinct():
        assert sum(line.startswith(f"{function.name} ") for line in lines) == 1
        assert " ".join(function.make.example.split()) in told


def test_one_function_is_told_whole():
    page = shown(function_page(functions()["macd"]), 80)
    assert "macd(fast, slow, smoothing) or macd(source, fast, slow, smoothing)" in page
    assert "a whole number from 1 to 10000; left out: 26" in " ".join(page.split())
    assert ".signal, .histogram" in page


def test_an_alias_shows_the_function(capsys: pytest.CaptureFixture[str]):
    assert rules("bb") == 0
    assert capsys.readouterr().out.startswith("bollinger(")


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(InputError, match=r"unknown function 'suprtrend'; did you mean supertrend\?"):
        rules("suprtrend")
