"""A plan on the charts of one symbol."""

from collections.abc import Mapping

from engine.judge import Judge, PythonJudge, RuleJudge
from engine.plan import Plan
from engine.terms import Terms
from indicators.chart import Chart
from indicators.charts import Charts
from rules.references import References
from signals.signal import Side


def bound(plan: Plan, charts: Charts, references: References) -> tuple[Judge, Mapping[Side, Terms], Chart, int]:
    """Who is asked, what each side wants, on which chart, and the minutes of history that takes.

    Raises: SettingsError, for a Python strategy that cannot be built.
    """
    chart = charts.of(plan.minutes)
    terms = {side: Terms(wanted, charts, references) for side, wanted in plan.sides.items()}
    minutes = max((each.minutes for each in terms.values()), default=0)
    shown = {name: rule.recipe.bind(charts, references).series for name, rule in plan.shown}
    if plan.python is not None:
        strategy = plan.python(chart)
        settles = max((series.settles_after for series in strategy.shown.values()), default=0)
        return (
            PythonJudge(strategy, shown, needs_volume=plan.needs_volume),
            terms,
            chart,
            max(minutes, settles * plan.minutes),
        )
    return RuleJudge(terms, shown, needs_volume=plan.needs_volume), terms, chart, minutes
