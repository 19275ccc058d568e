"""A small real run, for test_crash.py to kill: store, alert actor, a webhook and signals.jsonl.

Reads `run N` or `commit N` on its standard input and forks a child for each: the child raises the first N signals of
the day, as a start derives them again from its bars. `run` sends them and says `done`; `commit` commits them, says
`committed` and waits for its end without sending. Forking spares each child the imports.
"""

import os
import signal
import sys
from pathlib import Path

from actors.alert_actor import AlertActor
from delivery.apprise_channel import apprise_destination
from delivery.build import stop_channels
from delivery.channel import Channel
from delivery.local_channels import JsonLinesDestination
from market.clock import SystemClock
from settings.schema import Alerts
from store.store import Store
from tests.transitions import Told, entry, raised


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def child(directory: Path, url: str, mode: str, number: int) -> None:
    clock, nobody = SystemClock(), Told()
    store = Store(directory / "state", clock)
    store.start()
    channels = [
        Channel("hook", apprise_destination("hook", url), store, clock, nobody),
        Channel("lines", JsonLinesDestination(directory / "signals.jsonl"), store, clock, nobody),
    ]
    alerts = AlertActor.start(store, Alerts(), channels, nobody)
    if mode == "run":
        for channel in channels:
            channel.start()
    for n in range(number):
        alerts.tell(raised(entry(f"NSE:S{n}")))
    alerts.stop()
    if mode == "commit":
        say("committed")
        signal.pause()
    assert stop_channels(channels, 60) == []
    store.stop()
    say("done")


def main() -> None:
    directory, url = Path(sys.argv[1]), sys.argv[2]
    apprise_destination("hook", url)  # Apprise loads its plugins at the first address: here, once for all children
    for line in sys.stdin:
        mode, number = line.split()
        pid = os.fork()
        if pid == 0:
            child(directory, url, mode, int(number))
            os._exit(0)
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("ended")


if __name__ == "__main__":
    main()
