"""Who takes a minute first, when rules read other symbols."""

from engine.playbook import Playbook
from settings.strategy_schema import SideSettings, StrategySettings
from tests.factories import instrument


def ranked(reads: dict[str, str], *others: str) -> list[str]:
    """Symbols in the order in which they take a minute, given who reads whom."""
    strategies = [
        StrategySettings(
            name=f"s{number}",
            symbols=(f"NSE:{who}",),
            long=SideSettings(entry=tuple(f'close > close of "NSE:{each}"' for each in whom)),
        )
        for number, (who, whom) in enumerate(reads.items())
    ]
    instruments = [instrument(f"NSE:{name}") for name in sorted({*reads, *others}, reverse=True)]
    playbook = Playbook(strategies, instruments)
    symbols = sorted((each.symbol for each in instruments), key=lambda symbol: (playbook.rank(symbol), symbol))
    return [symbol.removeprefix("NSE:") for symbol in symbols]


def test_a_symbol_comes_after_all_that_it_reads():
    assert ranked({"A": "B", "B": "C", "D": "A"}, "C", "E") == ["C", "B", "A", "D", "E"]


def test_one_that_reads_itself_is_no_circle():
    assert ranked({"A": "AB", "B": "B"}) == ["B", "A"]


def test_in_a_circle_the_alphabet_decides():
    assert ranked({"C": "A", "A": "C", "B": "A"}) == ["A", "C", "B"]
