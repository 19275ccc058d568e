"""`run.py test-alert`: one marked test alert through every configured channel, and for each whether it arrived."""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from actors.alert_actor import AlertActor
from actors.messages import HealthMessage, MachineRow, Raised
from delivery.build import build_destination, stop_channels
from delivery.channel import SEND_LIMIT_S, Channel
from errors import CredentialsError, SignalsError
from logs import start_logging
from market.bar import MINUTE_MS
from market.clock import SystemClock
from settings import schema
from settings.loader import load
from signals.signal import Condition, Quality, Reason, Side, SignalType, Transition, fingerprint
from store.deliveries import DeliveryState
from store.store import Store

PRIVATE = 0o077
_LIMIT_S = SEND_LIMIT_S + 5.0
_ADVICE = (
    (r"chat not found", "write to the bot once from that chat, and check the chat id at the end of the address"),
    (r"HTTP (401|403|404)", "the address is not accepted: copy its token and its ids once more"),
    (r"HTTP 429", "too many requests: wait a minute and try again"),
    (r"HTTP 3\d\d", "the address has moved: use the one it leads to"),
    (r"HTTP 5\d\d", "the service is in trouble itself: try again later"),
    (r"HTTP", "the service does not take this message: check the address"),
    (r"SMTP 53[0-9]", "the mail server does not accept the login: most providers want an app password here"),
    (r"SMTP", "the mail server does not take this mail: check sender and recipient"),
    (r"connect|connection|hung up", "nobody answers there: check the host, the port and this machine's connection"),
    (r"no answer", "the service does not answer: try again later, and check the host"),
)


def test_alert(config: Path) -> int:
    """Send the test and print a line for each channel; 0 when it arrived everywhere, else the code for credentials.

    Raises: SettingsError when the configuration itself cannot be read.
    """
    os.umask(PRIVATE)
    settings = load(config)
    start_logging("WARNING", None)
    faults = _send_to_all(settings)
    for channel in settings.channel:
        print(f"{channel.name:<12} {_line(channel, faults.get(channel.name))}")
    return CredentialsError.exit_code if faults else 0


def _send_to_all(settings: schema.Settings) -> dict[str, str]:
    """What went wrong, by channel. Everything is as in a real run, but for the store, which is thrown away."""
    clock, faults, channels = SystemClock(), dict[str, str](), list[Channel]()
    with TemporaryDirectory(prefix="test-alert-") as folder:
        store = Store(Path(folder) / "state", clock)
        store.start()
        for channel in settings.channel:
            try:
                channels.append(Channel(channel.name, build_destination(channel), store, clock, _Nobody()))
            except SignalsError as error:
                faults[channel.name] = str(error).removeprefix(f"channel {channel.name}: ")
        alerts = AlertActor.start(store, settings.alerts, channels, _Nobody())
        alerts.tell(_test_signal(clock.now_ms()))
        alerts.stop()
        for tried in channels:
            tried.start()
        stop_channels(channels, _LIMIT_S)
        store.flush(_LIMIT_S)
        counts = store.delivery_counts()
        for tried in channels:
            if not counts.get(tried.name, {}).get(DeliveryState.DONE):
                faults[tried.name] = _advised(store.last_error(tried.name) or "no answer")
        store.stop()
    return faults


class _Nobody:
    """Health, in a run that lasts seconds: what happened is printed at its end."""

    def tell(self, message: HealthMessage) -> None:
        pass


def _line(channel: schema.Channel, fault: str | None) -> str:
    if fault is None:
        return "the test alert arrived"
    place = f" (address in {channel.url_env or channel.url_file})" if channel.kind == "apprise" else ""
    return f"did not arrive: {fault}{place}"


def _advised(error: str) -> str:
    for pattern, advice in _ADVICE:
        if re.search(pattern, error):
            return f"{error}; {advice}"
    return error


def _test_signal(now_ms: int) -> Raised:
    bar_start_ms = now_ms // MINUTE_MS * MINUTE_MS
    symbol, strategy, version = "TEST:ALERT", "test_alert", "1"
    identity = fingerprint(strategy, version, symbol, Side.LONG, SignalType.ENTRY, bar_start_ms)
    transition = Transition(
        id=identity,
        symbol=symbol,
        strategy=strategy,
        version=version,
        direction=Side.LONG,
        type=SignalType.ENTRY,
        reason=Reason.RULE,
        time_ms=now_ms,
        bar_start_ms=bar_start_ms,
        timeframe="1m",
        price=100.0,
        target=101.0,
        stop=99.5,
        indicators=(),
        conditions=(Condition("this is a test > nothing happened in the market", 100.0, 99.9, ok=True),),
        state_id=identity,
        quality=Quality(),
    )
    return Raised(transition, MachineRow(symbol, strategy, version, {}))
