from signals.signal import Side
from tests.factories import bars_at, rule_plan, study


def test_a_rule_that_reads_its_own_symbol_by_name_reads_this_very_bar():
    ours = study(rule_plan(long={"entry": ('close == close of "NSE:TCS"', 'sma(2) == sma(2) of "NSE:TCS"')}))
    for _ in range(2):
        for bar in bars_at([100.0, 101.0, 99.0]):
            ours.take(bar)
        (runner,) = ours.runners
        assert [rule.holds for rule in runner.terms[Side.LONG].entry] == [True, True]
        ours.renew()


def test_what_several_rules_have_in_common_is_computed_once_a_timeframe():
    ours = study(
        rule_plan(name="one", long={"entry": ("close > ema(9)", "ema(9) crosses above ema(21)")}),
        rule_plan(name="two", short={"entry": ("close < ema(9) - 1", "ema(9)[2] > ema(9)", "close < ema(9) on 5m")}),
    )
    first, second = (dict(runner.shown)["ema9"] for runner in ours.runners)
    assert first is second
    keys = [(minutes, key) for minutes in (1, 5) for key, _ in ours.charts.of(minutes).items()]
    assert sorted(key for key in keys if key[1] in {"close", "ema(9)"}) == [
        (1, "close"), (1, "ema(9)"), (5, "close"), (5, "ema(9)"),
    ]  # fmt: skip
