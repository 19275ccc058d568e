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
