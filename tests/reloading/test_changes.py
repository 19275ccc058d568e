from pathlib import Path

from reloading.changes import Difference, difference
from settings.schema import Alerts, Channel, Control, Settings, SpecialDay, Universe
from settings.strategy_schema import StrategySettings
from tests.factories import DAY


def strategy(name: str, **changes: object) -> StrategySettings:
    return StrategySettings.model_validate({"name": name, "long": {"entry": ("close > open",)}} | changes)


def file_channel(name: str, path: str = "signals.jsonl") -> Channel:
    return Channel(name=name, kind="jsonl", path=Path(path))


def test_the_same_settings_change_nothing() -> None:
    changes = difference(Settings(), Settings())
    assert not changes.strategies
    assert not changes.channels
    assert changes.told() == ["nothing has changed"]


def test_what_can_be_taken_over_is_told_by_name() -> None:
    old = Settings(
        strategy=(strategy("a"), strategy("b"), strategy("c")), channel=(file_channel("phone"), file_channel("desk"))
    )
    new = Settings(
        strategy=(strategy("d"), strategy("c"), strategy("b", target="2 %")),
        channel=(file_channel("desk", "other.jsonl"), file_channel("mail")),
        alerts=Alerts(repeat_minutes=9),
    )
    changes = difference(old, new)
    assert changes.strategies == Difference(added=("d",), removed=("a",), changed=("b",))
    assert changes.told() == [
        "strategies added: d",
        "strategies removed: a",
        "strategies changed: b",
        "channels added: mail",
        "channels removed: phone",
        "channels changed: desk",
        "[alerts] changed",
    ]


def test_what_only_a_start_reads_is_told() -> None:
    new = Settings(
        universe=Universe(limit=7),
        control=Control(port=1),
        special_day=(SpecialDay(date=DAY, exchanges=("NSE",), name="a day off"),),
    )
    told = difference(Settings(), new).told()
    assert told == ["changed but needs a restart: [universe], [[special_day]], [control]"]


def test_what_became_of_symbols_and_alerts_is_told() -> None:
    changes = difference(Settings(), Settings())
    changes.warmed, changes.bars, changes.short, changes.asked, changes.leaving = 2000, 3_120_000, 12, 12, 1
    changes.unwatched, changes.unsent = ("NSE:NIFTY 50",), {"phone": 3}
    assert changes.told() == [
        "1 open signal of removed strategies goes on until its end",
        "channel phone left 3 alerts unsent; they are kept, and sent when a channel of that name is there again",
        "new indicators on 2,000 symbols, warmed with 3,120,000 bars",
        "12 symbols have less history than the rules want, and their signals say so; the broker is asked for 12",
        "rules read what is not watched, and wait for it in vain: NSE:NIFTY 50",
    ]


def test_a_rule_that_the_feed_does_not_feed_yet_is_told() -> None:
    changes = difference(Settings(), Settings())
    changes.unfed = True
    assert changes.told() == ["rules read atp, which the feed gives from the next start on; until then they wait"]
