"""Everything about one symbol on one screen, for a trader with five seconds."""

from collections.abc import Iterator, Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actors.views import BarView, StrategyView, SymbolView
from commands.lacks import DOUBT, DOWN, FAINT, UP, conditions_table, held, nearest_table
from control.why import WhyView, why
from delivery.figures import figure, grouped, lean, percent, rupees, time_of_day
from delivery.wording import quality_marks, report_line
from market.clock import clock_text
from market.hours import Phase
from redaction import one_line
from signals.signal import Condition, Transition, short_id

_QUIET_S, _STALE_S = 60, 15 * 60
"""From this age on the last trade is shown in yellow, in red."""
_EARLY = {"not_traded", "pre_open", "snapshot"}
"""What every symbol has in the morning."""
_NEAREST = 3
"""So many directions of strategies are shown as the nearest to a signal."""
_INDENT = 2


def symbol_screen(view: SymbolView) -> RenderableType:
    """The whole screen; it needs 80 columns, and is better with 100."""
    parts: list[RenderableType] = [head(view), _day(view)]
    if view.open_bars or view.bars:
        parts += [Text(), _bars(view.bars, view.open_bars)]
    parts += _nearest(view)
    for strategy in view.strategies:
        parts += [Text(), *_strategy(strategy, view)]
    parts += [Text(), _signals(view.recent)]
    return Group(*parts)


def head(view: SymbolView | WhyView) -> Text:
    """The symbol, its price and how old that is."""
    head = Text(one_line(view.symbol), style="bold")
    if view.last_price is not None:
        head.append(f"  {rupees(view.last_price)}")
    return head.append("  ").append_text(_age(view))


def market_facts(view: SymbolView | WhyView) -> Iterator[str]:
    """The market's time and phase, and whether the indicators have all their history."""
    yield f"market time {clock_text(view.market_ms)}" if view.market_ms else "the market has not begun"
    if view.market_ms and view.phase != Phase.CONTINUOUS:
        yield view.phase
    if view.warm == "partial" or (view.warm == "no" and view.bars_wanted):
        lacking = f"{grouped(view.bars_seen, 0)} of {grouped(view.bars_wanted, 0)} {view.bars_of} bars of history"
        yield f"warm: {view.warm}, {lacking}"


def _day(view: SymbolView) -> Text:
    facts = [*market_facts(view), *([f"day volume {grouped(view.day_volume, 0)}"] if view.day_volume else [])]
    day = Text(" · ".join(facts), style=FAINT)
    told = {what: f"{what.replace('_', ' ')} {grouped(view.counts[what], 0)}" for what in sorted(view.counts)}
    if early := [told[what] for what in told if what in _EARLY and view.counts[what]]:
        day.append(f" · ticks before the first candle: {', '.join(early)}")
    odd = [told[what] for what in told if what not in _EARLY and view.counts[what]]
    return day.append(one_line(f" · out of the ordinary: {', '.join(odd)}"), style=f"not dim {DOUBT}") if odd else day


def _age(view: SymbolView | WhyView) -> Text:
    if not view.last_trade_ms:
        return Text("no trade yet", style=f"not bold {DOUBT}")
    age_s = max(0, view.market_ms - view.last_trade_ms) / 1000
    style = DOWN if age_s >= _STALE_S else DOUBT if age_s >= _QUIET_S else ""
    return Text(f"traded {clock_text(view.last_trade_ms)}, {_span(age_s)} ago", style=f"not bold {style}")


def _span(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 2 * _QUIET_S else f"{seconds / 60:.0f} min"


def _bars(closed: Sequence[BarView], still_open: Sequence[BarView]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=FAINT)
    table.add_column("1-minute bar")
    for column in ("open", "high", "low", "close", "volume"):
        table.add_column(column, justify="right")
    for bar in closed:
        _add_bar(table, bar, "")
    for bar in still_open:
        _add_bar(table, bar, " open")
    return table


def _add_bar(table: Table, bar: BarView, mark: str) -> None:
    start = Text(time_of_day(bar.start_ms))
    start.append(mark, style=FAINT)
    if bar.partial:
        start.append(" partial", style=DOUBT)
    close = Text(grouped(bar.close), style=UP if bar.close > bar.open else DOWN if bar.close < bar.open else "")
    table.add_row(start, *map(grouped, (bar.open, bar.high, bar.low)), close, grouped(bar.volume, 0))


def _strategy(strategy: StrategyView, view: SymbolView) -> Iterator[RenderableType]:
    title = Text(one_line(f"{strategy.name} v{strategy.version} · {strategy.timeframe}"), style="bold")
    title.append("  ")
    title.append_text(_state(strategy, view))
    yield title
    if strategy.state == "IN_SIGNAL" and strategy.entry_price is not None:
        yield _indented(_levels(strategy, strategy.entry_price, view.last_price))
        reported = next((report_line(made) for made in view.recent if made.id == strategy.state_id), "")
        if reported:
            yield _indented(Text(one_line(reported)))
    yield _indented(_indicators(strategy))
    if any(strategy.conditions.values()):
        sides = [_conditions(side, conditions) for side, conditions in strategy.conditions.items() if conditions]
        yield _indented(Columns(sides, padding=(0, 4)))


def _state(strategy: StrategyView, view: SymbolView) -> Text:
    match strategy.state:
        case "IN_SIGNAL":
            text = Text(f"IN SIGNAL {strategy.direction}", style=UP if strategy.direction == "LONG" else DOWN)
            if strategy.state_id:
                since = next((made.time_ms for made in view.recent if made.id == strategy.state_id), None)
                text.append(f" since {time_of_day(since)}" if since is not None else "")
                text.append(f" #{short_id(strategy.state_id)}")
            return text.append_text(_gain(strategy, view.last_price))
        case "COOLDOWN":
            bars = "bar" if strategy.cooldown_left == 1 else "bars"
            return Text(f"COOLDOWN, {strategy.cooldown_left} {bars} left", style=DOUBT)
        case other:
            return Text(one_line(other))


def _gain(strategy: StrategyView, price: float | None) -> Text:
    """What the signal has brought so far, in percent of its entry."""
    if price is None or not strategy.entry_price:
        return Text()
    gain = (price - strategy.entry_price) / strategy.entry_price * 100
    gain = -gain if strategy.direction == "SHORT" else gain
    return Text(f"  {percent(gain)} so far", style=UP if gain > 0 else DOWN if gain < 0 else "")


def _levels(strategy: StrategyView, entry: float, price: float | None) -> Text:
    """Entry, target and stop, and how far the price is from the last two."""
    text = Text(f"entry {rupees(entry)}")
    for name, level in (("target", strategy.target), ("stop", strategy.stop)):
        if level is not None:
            text.append(f" · {name} {rupees(level)}")
            text.append(f" ({percent((level - price) / price * 100)})" if price else "", style=FAINT)
    return text


def _indicators(strategy: StrategyView) -> Text:
    text = Text()
    for indicator in strategy.indicators:
        text.append(f"{one_line(indicator.name)} ", style=FAINT)
        if indicator.ready:
            text.append(f"{figure(indicator.value)}   ")
        else:
            text.append("not ready   ", style=DOUBT)
    text.rstrip()
    return text


def _conditions(side: str, conditions: Sequence[Condition]) -> Table:
    whole = all(condition.ok for condition in conditions)
    return conditions_table(Text(f"{side} {held(conditions)}", style=UP if whole else ""), conditions)


def _nearest(view: SymbolView) -> Iterator[RenderableType]:
    """Of a silent symbol, what is nearest to a signal."""
    sides = why(view).sides[:_NEAREST]
    if sides and not any(strategy.state == "IN_SIGNAL" for strategy in view.strategies):
        yield Text()
        yield nearest_table(sides)


def _signals(recent: Sequence[Transition]) -> RenderableType:
    if not recent:
        return Text("No signal yet", style=FAINT)
    scored = any(made.score is not None for made in recent)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=FAINT)
    for column in ("last signals", "id", "", "price", "reason", "strategy", *(["score"] if scored else []), ""):
        numeric = column in {"price", "score"}
        table.add_column(column, justify="right" if numeric else "left", no_wrap=bool(column))
    for made in reversed(recent):
        doubts = " · ".join(mark.partition(":")[0] for mark in quality_marks(made.quality))
        table.add_row(
            time_of_day(made.time_ms),
            f"#{made.short_id}",
            f"{made.type} {made.direction}",
            grouped(made.price),
            made.reason.replace("_", " "),
            Text(one_line(made.strategy)),
            *(["" if made.score is None else lean(made.score)] if scored else []),
            Text(doubts, style=DOUBT),
        )
    return table


def _indented(content: RenderableType) -> Padding:
    return Padding(content, (0, 0, 0, _INDENT), expand=False)
