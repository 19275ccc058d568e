"""What one symbol's 1-minute bars mean: its charts, and its strategies at work on them."""

from collections.abc import Callable, Sequence

from engine.binding import bound
from engine.plan import Plan
from engine.runner import Runner
from indicators.chart import Chart
from indicators.charts import Charts, Closed
from market.bar import Bar
from market.instrument import Instrument
from market.sessions import Hours
from market.timeframe import Timeframe
from rules.references import References
from signals.machine import Machine


class Study:
    """Everything that is computed on the bars of one symbol."""

    __slots__ = (
        "_every_minute", "_higher", "_minute", "_references", "_unseen", "charts", "hours", "instrument", "minutes",
        "renewals", "runners", "unasked",
    )  # fmt: skip

    def __init__(
        self, instrument: Instrument, hours: Hours, plans: Sequence[Plan], references: References,
        machine_of: Callable[[Plan], Machine] = lambda _: Machine(), unasked: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Bind the plans to charts that have taken no bar; `machine_of` gives each plan's machine as it was left.

        `unasked`: strategies that are not for this symbol, each with whom it is for.

        Raises: SettingsError, for a Python strategy that cannot be built.
        """
        self.instrument, self.hours, self._references = instrument, hours, references
        self.unasked = unasked
        self.charts = Charts(instrument.tick_size, hours)
        """One for each timeframe that anything asks for; new ones each time it begins anew."""
        # First, so that a rule of its own that reads it by its name reads this very bar.
        kept = references.keep(instrument.symbol, self.charts)
        self.runners: Sequence[Runner] = tuple(
            Runner(plan, instrument, machine_of(plan), *bound(plan, self.charts, references)) for plan in plans
        )
        """The strategies at work, those too that only wait for the end of their signal."""
        self._every_minute: Sequence[Runner] = ()
        self.renewals = 0
        """How often it began anew."""
        self._join(kept)

    def let_end(self, plan: Plan) -> None:
        """Go on by an older plan as long as its open signal lasts."""
        runner = Runner(plan, self.instrument, Machine(), *bound(plan, self.charts, self._references))
        runner.leaving = True
        self.runners = (*self.runners, runner)
        self._follow_charts()

    def dismiss(self, runner: Runner) -> None:
        """Its signal has ended and there will be no other."""
        self.runners = tuple(each for each in self.runners if each is not runner)
        self._every_minute = self._runners_of((self._minute,))

    def renew(self) -> None:
        """Begin anew before a rebuild: empty charts; each machine is as its last transition left it."""
        self.renewals += 1
        self.charts = Charts(self.instrument.tick_size, self.hours)
        kept = self._references.keep(self.instrument.symbol, self.charts)
        for runner in self.runners:
            runner.begin(*bound(runner.plan, self.charts, self._references))
        self._join(kept)

    def _join(self, kept: int) -> None:
        self.minutes = max((kept, *(runner.wanted * runner.plan.minutes for runner in self.runners)))
        """Minutes of trading on earlier days after which nothing shows any more where the history began."""
        self._minute = self.charts.of(1)
        self._higher: Sequence[tuple[Timeframe, Chart]] = ()
        self._unseen: dict[tuple[int, str], int] = {}
        """Minutes with a trade that a series of a timeframe has not seen, though its chart has."""
        self._follow_charts()

    def _follow_charts(self) -> None:
        """Charts and series may have come to those there were."""
        known = {self._minute, *(chart for _, chart in self._higher)}
        new = [chart for chart in self.charts if chart not in known]
        self._higher = (*self._higher, *((Timeframe(chart.minutes, self.hours), chart) for chart in new))
        self._every_minute = self._runners_of((self._minute,))
        self.charts.joined()

    def lacks(self, minutes: int, key: str, unseen: int) -> None:
        """A series came to a chart that had taken so many minutes more than it."""
        if unseen:
            self._unseen[minutes, key] = unseen

    def lacking(self, minutes: int, key: str) -> int:
        """Minutes with a trade that a series has not seen, though its chart has."""
        return self._unseen.get((minutes, key), 0)

    def unseen_by(self, plan: Plan) -> int:
        """Bars of its chart that not all of a plan's series have seen."""
        if not self._unseen:
            return 0
        steps = {(step.minutes, step.key) for recipe in plan.recipes for step in recipe.steps}
        mine = (
            unseen
            for (minutes, key), unseen in self._unseen.items()
            if (minutes, key) in steps or (plan.python is not None and minutes == plan.minutes)
        )
        return -(-max(mine, default=0) // plan.minutes)

    def take_timeframes(self, old: "Study") -> None:
        """Go on with the open bars of another study of the same symbol."""
        open_bars = {chart.minutes: timeframe for timeframe, chart in old._higher}  # noqa: SLF001 - its own kind
        self._higher = tuple((open_bars.get(chart.minutes, timeframe), chart) for timeframe, chart in self._higher)

    def retire(self) -> None:
        """Its symbol has failed: nothing is asked any more."""
        self.runners = self._every_minute = ()

    def take(self, bar: Bar) -> Sequence[Runner]:
        """Take the next closed 1-minute bar; returns the runners to be asked, each about the bar of its chart."""
        if not self._higher:
            self._minute.take(bar)
            return self._every_minute
        closed: list[Closed] = [(self._minute, bar)]
        for timeframe, chart in self._higher:
            timeframe.add(bar)
            whole = timeframe.close_through(bar.end_ms)
            if whole is not None:
                closed.append((chart, whole))
        return self._closed(closed)

    def pass_time(self, until_ms: int) -> Sequence[Runner]:
        """Close the bars of longer timeframes that end at or before `until_ms`, trade or no trade; returns as `take`.

        To be told of a bar's start before the bar, too, for its predecessors may have ended without a trade.
        """
        if not self._higher:
            return ()
        closed = [
            (chart, bar) for timeframe, chart in self._higher if (bar := timeframe.close_through(until_ms)) is not None
        ]
        if len(closed) < 2:
            return self._closed(closed) if closed else ()
        # Longer ones may end later: one after the other, as if each minute's end had been told by itself.
        ends = sorted({bar.end_ms for _, bar in closed})
        return [runner for end in ends for runner in self._closed([each for each in closed if each[1].end_ms == end])]

    def _closed(self, closed: Sequence[Closed]) -> Sequence[Runner]:
        self.charts.take(closed)
        return self._runners_of(tuple(chart for chart, _ in closed))

    def _runners_of(self, charts: tuple[Chart, ...]) -> Sequence[Runner]:
        return tuple(runner for runner in self.runners if runner.chart in charts)
