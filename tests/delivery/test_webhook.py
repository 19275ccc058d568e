import json

import pytest

from delivery.alert import Alert
from delivery.apprise_channel import apprise_destination
from delivery.retry import SENT, Verdict
from errors import SettingsError
from signals.record import from_record, to_json, to_record
from tests.loopback_services import Answer, HttpService
from tests.transitions import entry


def test_the_body_is_the_signal_record_and_nothing_else(webhook: HttpService):
    signal = entry()
    destination = apprise_destination("hook", f"json://{webhook.host}/hooks/in?+X-Key=abc&-room=7")
    assert destination.send([Alert(signal, to_json(signal))], 0) == SENT
    (request,) = webhook.requests
    assert request.json == to_record(signal)
    assert from_record(request.json, version="1") == signal
    assert request.path == "/hooks/in?room=7"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-key"] == "abc"
    assert request.headers["idempotency-key"] == signal.id
    assert "possible-repeat" not in request.headers


def test_a_possible_repeat_has_the_same_key_and_says_so(webhook: HttpService):
    signal = entry()
    apprise_destination("hook", f"json://{webhook.host}").send([Alert(signal, to_json(signal), repeat=True)], 0)
    assert webhook.requests[0].headers["idempotency-key"] == signal.id
    assert webhook.requests[0].headers["possible-repeat"] == "true"


def test_user_and_password_are_sent_as_basic_authorisation(webhook: HttpService):
    signal = entry()
    apprise_destination("hook", f"json://user:pa%20ss@{webhook.host}/").send([Alert(signal, to_json(signal))], 0)
    assert webhook.requests[0].headers["authorization"] == "Basic dXNlcjpwYSBzcw=="


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(404, b'{"error": "no such hook"}'), Verdict.REFUSED),
        (Answer(302, Location="http://127.0.0.1:1/elsewhere"), Verdict.REFUSED),
        (Answer(503), Verdict.RETRY),
        (Answer(429, Retry_After="3"), Verdict.RETRY),
    ],
)
def test_what_the_receiver_says_is_judged(webhook: HttpService, answer: Answer, verdict: Verdict):
    webhook.answers.append(answer)
    signal = entry()
    outcome = apprise_destination("hook", f"json://{webhook.host}").send([Alert(signal, to_json(signal))], 0)
    assert outcome.verdict is verdict
    assert len(webhook.requests) == 1


def test_the_address_is_in_no_error(webhook: HttpService):
    signal = entry()
    destination = apprise_destination("hook", f"json://{webhook.host}/hooks/s3cretS3cret")
    webhook.answers.append(Answer(404, json.dumps({"error": "no /hooks/s3cretS3cret here"}).encode()))
    first = destination.send([Alert(signal, to_json(signal))], 0)
    webhook.__exit__()
    second = destination.send([Alert(signal, to_json(signal))], 0)
    assert "s3cret" not in first.detail + second.detail
    assert (first.verdict, second.verdict) == (Verdict.REFUSED, Verdict.RETRY)


@pytest.mark.parametrize("host", ["example.com", "192.168.1.5", "10.0.0.1:8080"])
def test_a_plain_connection_to_another_machine_is_refused(host: str):
    with pytest.raises(SettingsError, match="use jsons://"):
        apprise_destination("hook", f"json://{host}/hook")


def test_an_encrypted_one_is_not():
    apprise_destination("hook", "jsons://example.com/hook")
    apprise_destination("hook", "json://localhost:9/hook")
