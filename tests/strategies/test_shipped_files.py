"""Every strategy that ships: its file, its page, its parameters."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from engine.playbook import Playbook
from market.instrument import Kind
from settings.loader import load
from settings.strategy_files import FOLDER, file_names, shipped
from settings.strategy_schema import StrategySettings
from signals.signal import Side
from tests.factories import instrument, plan_from

SHIPPED = (
    "candlestick",
    "confluence",
    "ema_vwap",
    "eod_breakout",
    "gap_and_go",
    "momentum",
    "opening_range",
    "supertrend_flip",
    "vwap_reclaim",
)
COLUMNS = 120


def rules_of(chosen: StrategySettings) -> str:
    """All rules of a strategy, levels and shown numbers included, without the texts inside them."""
    sides = (chosen.long, chosen.short)
    rules = [
        *(rule for side in sides for rule in (*side.entry, *side.exit)),
        *(rule or "" for side in (chosen, *sides) for rule in (side.target, side.stop, side.score)),
        *chosen.report.values(),
    ]
    return re.sub(r'"[^"]*"', "", "\n".join(rules))


def page(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text("utf-8")


def test_these_strategies_ship():
    assert tuple(file_names()) == SHIPPED


@pytest.mark.parametrize("name", file_names())
def test_a_shipped_file_can_be_traded(name: str):
    plan = plan_from(shipped(name))
    assert plan.name == name
    assert set(plan.sides) == {Side(side) for side in shipped(name).directions}
    assert shipped(name).title


@pytest.mark.parametrize("name", file_names())
def test_every_parameter_is_used_by_a_rule(name: str):
    chosen = shipped(name)
    used = set(re.findall(r"[a-z_]\w*", rules_of(chosen)))
    assert set(chosen.parameters) - used == set()
    assert all(set(one.parameters) <= set(chosen.parameters) for one in chosen.override)


@pytest.mark.parametrize("name", file_names())
def test_the_page_names_every_parameter_with_its_default_and_says_how_to_change_it(name: str):
    told = page(name)
    assert told.startswith(f"# {name}\n")
    table = {
        key: default
        for names, defaults in re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", told, re.MULTILINE)
        for key, default in zip(re.findall(r"`(\w+)`", names), re.findall(r"[-\d.]+", defaults), strict=False)
    }
    assert {key: float(default) for key, default in table.items()} == shipped(name).parameters
    for heading in ("**Where it comes from.**", "**What it does.**", "**What it is not.**", "**Change it**"):
        assert heading in told


@pytest.mark.parametrize("name", file_names())
def test_the_example_of_the_page_can_be_used(name: str, tmp_path: Path):
    _, example = page(name).split("**Change it**")
    file = tmp_path / "config.toml"
    file.write_text(dedent("\n".join(line for line in example.splitlines() if line.startswith("    "))), "utf-8")
    (chosen,) = load(file).strategy
    assert chosen.name == name
    assert chosen != shipped(name)


@pytest.mark.parametrize("name", file_names())
def test_file_and_page_fit_a_screen(name: str):
    lines = [*page(name).splitlines(), *(FOLDER / f"{name}.toml").read_text("utf-8").splitlines()]
    assert [line for line in lines if len(line) > COLUMNS] == []
    assert 20 <= len(page(name).splitlines()) <= 45


@pytest.mark.parametrize(
    ("symbol", "kind", "timeframe", "limit"),
    [
        ("NSE:NIFTY BANK", Kind.INDEX, "75m", "adx(30) < 25"),
        ("NSE:BANKNIFTY25NOVFUT", Kind.FUTURE, "75m", "adx(30) < 25"),
        ("MCX:CRUDEOIL25NOVFUT", Kind.FUTURE, "60m", "adx(30) < 25"),
        ("MCX:GOLD25DECFUT", Kind.FUTURE, "60m", "adx(30) < 20"),
    ],
)
def test_eod_breakout_has_its_timeframe_and_limit_by_market(symbol: str, kind: Kind, timeframe: str, limit: str):
    (plan,) = Playbook((shipped("eod_breakout"),), ()).plans(instrument(symbol, kind=kind, series=""))
    assert plan.timeframe == timeframe
    assert limit in [rule.text for rule in plan.sides[Side.LONG].entry]
    assert "atr10" in [shown for shown, _ in plan.shown]


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [("NSE:TCS", Kind.EQUITY), ("NSE:BANKNIFTY25NOV50000CE", Kind.OPTION), ("MCX:GOLD25DEC120000PE", Kind.OPTION)],
)
def test_eod_breakout_is_not_asked_about_stocks_and_options(symbol: str, kind: Kind):
    assert Playbook((shipped("eod_breakout"),), ()).plans(instrument(symbol, kind=kind, series="")) == []
