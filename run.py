"""Bellwether's command line."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from errors import SignalsError

CONFIG = Path(__file__).with_name("config.toml")

app = typer.Typer(
    help="Intraday signals: watches the market over a broker's websocket and sends alerts with their reasons.",
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)
Config = Annotated[Path, typer.Option("--config", help="The settings file.", show_default="config.toml")]


@app.callback(invoke_without_command=True)
def run(context: typer.Context, config: Config = CONFIG) -> None:
    """Run as config.toml says; the commands below ask or check instead."""
    if context.invoked_subcommand is not None:
        return
    from commands.run import run as command

    raise typer.Exit(command(config))


@app.command()
def check(config: Config = CONFIG) -> None:
    """Check settings, sessions, credentials, channels and instruments; nothing is started."""
    from commands.check import check as command

    raise typer.Exit(command(config))


@app.command()
def debug(
    symbol: Annotated[str, typer.Argument(help="Such as NSE:RELIANCE.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,  # noqa: FBT002
    config: Config = CONFIG,
) -> None:
    """Ask the running program everything about one symbol."""
    from commands.debug import debug as command

    raise typer.Exit(command(symbol, config, as_json=json))


@app.command()
def why(
    symbol: Annotated[str, typer.Argument(help="Such as NSE:RELIANCE.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,  # noqa: FBT002
    config: Config = CONFIG,
) -> None:
    """Ask the running program why a symbol makes no signal: what each strategy lacks, the nearest first."""
    from commands.why import why as command

    raise typer.Exit(command(symbol, config, as_json=json))


@app.command()
def near(
    strategy: Annotated[str | None, typer.Argument(help="Such as ema_vwap; by default all of them.")] = None,
    top: Annotated[int, typer.Option(help="How many.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,  # noqa: FBT002
    config: Config = CONFIG,
) -> None:
    """Ask the running program which symbols are closest to an entry."""
    from commands.near import near as command

    raise typer.Exit(command(strategy, top, config, as_json=json))


@app.command()
def reload(config: Config = CONFIG) -> None:
    """Have the running program take over changed strategies, channels and [alerts]; it does not stop for it."""
    from commands.reload import reload as command

    raise typer.Exit(command(config))


@app.command()
def archive(
    day: Annotated[
        datetime | None, typer.Argument(metavar="DATE", formats=["%Y-%m-%d"], help="By default the newest day.")
    ] = None,
    config: Config = CONFIG,
) -> None:
    """Write a day's candles to a Parquet file in the state folder; again and again gives the same file."""
    from commands.archive import archive as command

    raise typer.Exit(command(day.date() if day else None, config))


@app.command()
def reconcile(
    day: Annotated[
        datetime | None, typer.Argument(metavar="DATE", formats=["%Y-%m-%d"], help="By default the newest day.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,  # noqa: FBT002
    against: Annotated[Path | None, typer.Option(help="Candles from this file instead of the broker.")] = None,
    stamp: Annotated[Literal["start", "end"], typer.Option(help="Which end of its candles the file names.")] = "start",
    columns: Annotated[str, typer.Option(help="Other column names: symbol=Code,timestamp=Date.")] = "",
    config: Config = CONFIG,
) -> None:
    """Compare a day's candles and alerts with the broker's own candles."""
    from commands.reconcile import Against
    from commands.reconcile import reconcile as command

    file = Against(against, stamp, columns) if against else None
    raise typer.Exit(command(day.date() if day else None, config, file, as_json=json))


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Bars or ticks: CSV, CSV.gz or Parquet.")],
    config: Config = CONFIG,
    sort: Annotated[bool, typer.Option("--sort", help="Sort rows by time: for files grouped by symbol.")] = False,  # noqa: FBT002
    stamp: Annotated[Literal["start", "end"], typer.Option(help="Which end of a bar its timestamp names.")] = "start",
    columns: Annotated[str, typer.Option(help="Other column names: symbol=Code,timestamp=Date.")] = "",
    signals: Annotated[Path | None, typer.Option(help="Write every signal to this JSON lines file.")] = None,
    bars_out: Annotated[Path | None, typer.Option("--bars-out", help="Write every bar to this CSV file.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 65 if any row was unusable.")] = False,  # noqa: FBT002
) -> None:
    """Play recorded bars or ticks through the program: the same rules, the same signals."""
    from commands.replay import replay as command

    raise typer.Exit(
        command(
            files,
            config=config,
            sort=sort,
            stamp=stamp,
            columns=columns,
            signals=signals,
            bars_out=bars_out,
            strict=strict,
        )
    )


@app.command()
def rules(name: Annotated[str | None, typer.Argument(help="Such as ema; by default all are listed.")] = None) -> None:
    """List what rules may call, or tell all about one function."""
    from commands.rules import rules as command

    raise typer.Exit(command(name))


@app.command("test-alert")
def send_test_alert(config: Config = CONFIG) -> None:
    """Send one marked test alert through every channel."""
    from commands.test_alert import test_alert as command

    raise typer.Exit(command(config))


def main() -> int:
    """Run a command; a fault is one clear line and its exit code, never a traceback."""
    try:
        app(standalone_mode=True)
    except SignalsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
