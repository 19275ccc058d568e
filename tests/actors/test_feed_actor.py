"""The feed against the local exchange: everything a live connection can suffer, and that it heals by itself."""

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from actors.feed_reader import MANY
from actors.messages import Watch
from brokers.cooldowns import Cooldowns
from brokers.dhan.credentials import read_credentials
from market.clock import SystemClock
from settings.schema import Dhan
from simulator.faults import Close, Fault, Faults, Garbage, HalfFrame, Kick, Mute, NoData, Reset
from simulator.handshakes import Refuse
from tests.actors.feeds import CLIENT, PATIENCE_S, QUICK, QUOTES, SLOWLY, SOON, TOKEN, Feeds, Play, Told

# --- a session ---------------------------------------------------------------------------------------------------


def test_a_session_comes_whole_and_its_end_is_the_end_of_the_data(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(ticks=5000)
    reader = feeds.start(feeds.protocol(local.url, market_clock="data"), told, "data")
    told.wait(lambda: told.is_finished)
    assert told.states == ["connecting", "streaming", "finished"]
    assert told.statuses[1].detail == "4 instruments"
    assert told.ticks == local.packets_sent == 5004  # with a snapshot of each on subscribing
    assert told.interruptions == 0
    totals = reader.totals()
    assert (totals.ticks, totals.reconnects, totals.errors) == (told.ticks, 0, 0)
    assert totals.counts["quote"] == told.ticks
    assert totals.frames > told.ticks
    assert totals.last_frame_age_s is not None
    assert reader.heartbeat.beats > 0


def test_the_heartbeat_is_given_to_health_and_nothing_is_told_twice(exchange: Play, feeds: Feeds, told: Told):
    local = exchange()
    reader = feeds.start(feeds.protocol(local.url, market_clock="data"), told, "data")
    told.wait_state("finished")
    assert told.messages[0] == Watch((reader.heartbeat,))
    assert reader.heartbeat.backlog() == 0
    assert len(told.messages) == 1 + len(set(told.states))


def test_a_live_market_that_closes_in_order_is_connected_to_again(exchange: Play, feeds: Feeds, told: Told):
    local = exchange()
    feeds.start(feeds.protocol(local.url), told)
    told.wait_state("streaming", times=2)
    assert not told.is_finished
    assert "closed by the server: 1000 end of session" in told.wait_state("waiting").detail


# --- losses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Reset(), "Connection reset"),
        (Close(1011, "keepalive"), "1011 keepalive"),
        (Kick(800), "800 internal server error"),
        (Mute(), "no frame for"),
        (HalfFrame(20), "half a message"),
        (Garbage(b"", b"\x04", bytes(50), "text", b"\xff" * 500), None),
    ],
    ids=["reset", "close", "kick", "mute", "half a frame", "garbage"],
)
def test_after_any_loss_everything_is_asked_for_again(
    exchange: Play, feeds: Feeds, told: Told, fault: Fault, why: str | None
):
    local = exchange(Faults().after(300, fault), count=250, **SLOWLY)
    deadlines = replace(QUICK, frame=0.4, quiet_frame=0.4, half_frame=0.2)
    protocol = feeds.protocol(local.url, count=250)
    assert len(protocol.subscriptions()) == 3
    reader = feeds.start(protocol, told, deadlines=deadlines)
    if why is None:
        told.wait(lambda: told.ticks >= 1000)
        assert reader.totals().counts["rejected_length"] + reader.totals().counts["rejected_code"] >= 3
        return
    assert why in told.wait_state("waiting").detail
    told.wait(lambda: "streaming" in told.states[told.states.index("waiting") :])
    assert local.wait_until(
        lambda: any(len(one.subscriptions.get(QUOTES, ())) == 250 for one in local.connections[-1:]), PATIENCE_S
    )
    assert told.interruptions >= 1
    assert reader.totals().reconnects >= 1


def test_a_first_connection_that_fails_is_like_any_other(exchange: Play, feeds: Feeds, told: Told):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    feeds.start(feeds.protocol(f"ws://127.0.0.1:{port}"), told)
    assert "Connection refused" in told.wait_state("waiting").detail
    assert told.interruptions == 0
    exchange(port=port)
    told.wait_state("streaming")


def test_connected_but_mute_is_noticed_only_where_data_is_due(exchange: Play, feeds: Feeds, told: Told):
    deadlines = replace(QUICK, data=0.2, data_again=0.2)
    local = exchange(Faults().after(200, NoData()), count=MANY, ticks=100_000)
    feeds.start(feeds.protocol(local.url, count=MANY), told, deadlines=deadlines, data_expected=True)
    assert told.wait_state("waiting").detail.startswith("connected, but no data for")
    told.wait_state("streaming", times=2)


@pytest.mark.parametrize("why", ["few listings", "market closed", "data clock"])
def test_silence_is_no_fault_where_no_data_is_due(exchange: Play, feeds: Feeds, told: Told, why: str):
    count = MANY - 1 if why == "few listings" else MANY
    clock = "data" if why == "data clock" else "wall"
    local = exchange(Faults().after(200, NoData()), count=count, ticks=100_000)
    protocol = feeds.protocol(local.url, count, clock)
    deadlines = replace(QUICK, data=0.05, data_again=0.05)
    reader = feeds.start(protocol, told, clock, deadlines, data_expected=why != "market closed")
    told.wait(lambda: told.ticks >= 200)
    beats = reader.heartbeat.beats
    while reader.heartbeat.beats < beats + 8:
        threading.Event().wait(0.01)
    assert told.states == ["connecting", "streaming"]


# --- refusals ----------------------------------------------------------------------------------------------------


def test_too_many_connections_are_met_with_patience_that_other_feeds_share(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(Faults().next_handshake(Kick(805)), **SLOWLY)
    feeds.start(feeds.protocol(local.url), told, delays=replace(SOON, cool_first=3600.0, cool_longest=3600.0))
    waiting = told.wait_state("waiting", "805 too many connections")
    assert waiting.retry_in_s is not None
    assert waiting.retry_in_s >= 3600
    second = Told()
    feeds.start(feeds.protocol(local.url), second)
    assert second.wait_state("waiting").detail == "the server asked this account to stay away"
    assert local.attempts == 1


def test_a_429_is_waited_out_even_across_a_restart(exchange: Play, feeds: Feeds, told: Told):
    clock = SystemClock()
    local = exchange(Faults().next_handshake(Refuse(429, retry_after_s=1)), **SLOWLY)
    first = feeds.start(feeds.protocol(local.url), told)
    told.wait_state("waiting", "HTTP 429")
    first.stop()
    until = clock.monotonic() + Cooldowns(feeds.directory, clock).left("dhan")
    again = Told()
    feeds.start(feeds.protocol(local.url), again)
    again.wait_state("waiting", "stay away")
    assert local.attempts == 1
    again.wait_state("streaming")
    assert local.attempts == 2
    assert clock.monotonic() >= until - 0.01


def test_a_new_token_in_the_file_heals_an_expired_one_without_a_restart(
    exchange: Play, feeds: Feeds, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "token"
    put(file, "yesterday")
    monkeypatch.setenv("DHAN_CLIENT_ID", CLIENT)
    local = exchange(Faults().token("yesterday", Kick(807)), **SLOWLY)
    settings = Dhan(access_token_file=file)
    feeds.start(feeds.protocol(local.url, credentials=lambda: read_credentials(settings)), told)
    told.wait_state("waiting", "807 access token expired; waiting for another token")
    assert told.statuses[-1].retry_in_s is None
    assert local.attempts == 3
    put(file, "today")
    told.wait_state("streaming")
    assert local.attempts == 4
    assert local.connections[-1].account.token == "today"


def put(file: Path, token: str) -> None:
    """Replace a token file as a careful person would."""
    draft = file.with_suffix(".new")
    draft.write_text(token)
    draft.chmod(0o600)
    draft.replace(file)


def test_a_missing_token_is_waited_for(exchange: Play, feeds: Feeds, told: Told, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DHAN_CLIENT_ID", CLIENT)
    monkeypatch.delenv("DHAN_ACCESS_TOKEN", raising=False)
    local = exchange(**SLOWLY)
    feeds.start(feeds.protocol(local.url, credentials=lambda: read_credentials(Dhan())), told)
    told.wait_state("waiting", "DHAN_ACCESS_TOKEN is not set")
    monkeypatch.setenv("DHAN_ACCESS_TOKEN", TOKEN)
    told.wait_state("streaming")
    assert told.states.count("waiting") == 1


def test_a_token_that_is_taken_and_then_cut_off_is_suspected(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(Faults().next_handshake(Reset(), Reset(), Reset()))
    feeds.start(feeds.protocol(local.url), told)
    told.wait_state("waiting", "is the token dead?")
    told.wait_state("streaming")


def test_what_would_be_refused_again_stops_the_feed(exchange: Play, feeds: Feeds, told: Told):
    local = exchange(Faults().next_handshake(Kick(806)))
    reader = feeds.start(feeds.protocol(local.url), told)
    assert told.wait_state("stopped").detail == "806 the account has no data API subscription"
    assert reader.stop()
    assert local.attempts == 1
