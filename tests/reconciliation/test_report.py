"""One line for people, everything for scripts."""

import json

import pytest

from market.bar import Bar
from reconciliation.alerts import Alerts
from reconciliation.comparison import compare
from reconciliation.report import Report, summary, to_json
from tests.factories import DAY, bar
from tests.reconciliation.sides import Side, paired
from tests.transitions import entry, exit_of

SOUND = [bar("10:30", 160.0), bar("10:31", 160.0, 160.5, 159.5)]
FIRED = entry("NSE:TATASTEEL")
GONE = exit_of(FIRED, time="10:52", price=161.0)
NONE = Alerts(0, (), ())


def higher() -> list[Bar]:
    return [SOUND[0], bar("10:31", 160.0, 160.55, 159.5)]


def report(ours: Side, theirs: Side, alerts: Alerts = NONE, recorded: tuple[str, ...] = ()) -> Report:
    pair = paired(ours, theirs)
    sent = dict.fromkeys(recorded, True)
    return Report(DAY, "dhan", compare(pair), alerts, sent, pair.only_ours, pair.only_theirs)


def side(**symbols: list[Bar]) -> Side:
    return {f"NSE:{name}": bars for name, bars in symbols.items()}


@pytest.mark.parametrize(
    ("ours", "theirs", "alerts", "said"),
    [
        (side(TCS=SOUND), side(TCS=SOUND), NONE, "all 1 symbols equal; alerts: none"),
        (side(TCS=SOUND), side(TCS=SOUND), Alerts(45, (), ()), "all 1 symbols equal; alerts: all 45 the same"),
        (
            side(TCS=SOUND, TATASTEEL=higher()),
            side(TCS=SOUND, TATASTEEL=SOUND),
            Alerts(7, (FIRED, GONE), ()),
            "1 of 2 symbols equal; 1 bar differs, worst TATASTEEL 10:31 high +0.05; alerts: 2 would not have fired",
        ),
        (
            side(TCS=SOUND[:1], ITC=SOUND, WIPRO=SOUND),
            side(TCS=SOUND, ITC=SOUND[:1]),
            Alerts(7, (FIRED,), (GONE,)),
            (
                "0 of 2 symbols equal; bars missing: 1 here, 1 there; 1 symbol without candles there;"
                " alerts: 1 would not have fired, 1 missing"
            ),
        ),
        (
            side(TCS=[bar("10:30", 160.0, volume=2400), bar("10:31", 160.0)]),
            side(TCS=[bar("10:30", 160.0, volume=1200), bar("10:31", 160.0, volume=90)]),
            NONE,
            "0 of 1 symbols equal; 2 bars differ, worst TCS 10:30 volume +1,200; alerts: none",
        ),
        (
            {"BSE:TCS": [bar("10:30", 1234.5)]},
            {"BSE:TCS": [bar("10:30", 4321.5)]},
            NONE,
            "0 of 1 symbols equal; 1 bar differs, worst BSE:TCS 10:30 open -3,087.00; alerts: none",
        ),
    ],
)
def test_the_summary_says_what_a_trader_asks_first(ours: Side, theirs: Side, alerts: Alerts, said: str):
    assert summary(report(ours, theirs, alerts)) == said


def test_scripts_get_every_figure_as_plain_json():
    alerts = Alerts(7, (FIRED,), (GONE,))
    made = report(side(TATASTEEL=higher(), TCS=SOUND[:1]), side(TATASTEEL=SOUND, TCS=SOUND), alerts, (FIRED.id,))
    values = json.loads(json.dumps(to_json(made), allow_nan=False))
    worst = {
        "symbol": "NSE:TATASTEEL",
        "time": "2025-11-17T10:31:00+05:30",
        "field": "high",
        "ours": 160.55,
        "theirs": 160.5,
        "ticks": 1.0,
        "percent": pytest.approx(100 * 0.05 / 160.5),
    }
    assert (values["day"], values["against"], values["schema"]) == ("2025-11-17", "dhan", 1)
    assert values["summary"] == summary(made)
    assert values["symbols"] == {"compared": 2, "equal": 0, "only_ours": [], "only_theirs": []}
    assert values["bars"] == {
        "compared": 3, "equal": 2, "differing": 1, "differing_partial": 0,
        "missing_ours": 1, "missing_theirs": 0, "filled": 0,
    }  # fmt: skip
    assert values["fields"]["high"] == {
        "compared": 3, "equal": 2, "differing": 1, "worst": worst,
        "median": {"ticks": 1.0, "percent": worst["percent"]},
    }  # fmt: skip
    assert values["fields"]["volume"]["median"] == {"units": None, "percent": None}
    assert values["unequal"][0] == {
        "symbol": "NSE:TATASTEEL", "compared": 2, "differing": 1,
        "missing_ours": 0, "missing_theirs": 0, "worst": worst,
    }  # fmt: skip
    assert values["gaps_ours"] == [{"symbol": "NSE:TCS", "time": "2025-11-17T10:31:00+05:30", "bars": 1}]
    assert values["alerts"]["recorded"] == 1
    assert (values["alerts"]["ours"], values["alerts"]["same"]) == (8, 7)
    assert [(each["id"], each["sent"]) for each in values["alerts"]["would_not_fire"]] == [(FIRED.id, True)]
    assert [(each["type"], each["sent"]) for each in values["alerts"]["missing"]] == [("EXIT", False)]
