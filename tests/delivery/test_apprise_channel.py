"""Telegram, Slack and e-mail through Apprise, against real servers on this machine.

Telegram's and Slack's plugins have their host in a class attribute, which the fixtures point at loopback.
"""

import json
import threading
from collections.abc import Callable, Iterator
from random import Random

import pytest

from delivery.alert import Alert
from delivery.apprise_channel import apprise_destination
from delivery.channel import Channel
from delivery.destination import Destination
from delivery.message import compose
from delivery.retry import SENT, Verdict
from errors import SettingsError
from signals.record import to_json
from signals.signal import Transition
from store.store import Store
from tests.loopback_services import Answer, HtmlReader, HttpService, Mailbox, mail_server
from tests.transitions import HandClock, Told, entry, exit_of

TOKEN = "123456789:AbCdEfGhIjKlMnOpQrStUvWxYz012345678"
TELEGRAM_URL = f"tgram://{TOKEN}/1001"
SLACK_URL = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
LINES_OF_AN_ALERT = 6


def alert(transition: Transition | None = None, *, repeat: bool = False) -> Alert:
    transition = transition or entry()
    return Alert(transition, to_json(transition), repeat=repeat)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def mail(mailbox: Mailbox) -> Iterator[Destination]:
    with mail_server(mailbox) as host:
        yield apprise_destination(
            "mail", f"mailto://{host}/?from=bellwether@example.com&to=trader@example.com&mode=insecure"
        )


def test_telegram_gets_the_alert_once_with_every_name_intact(telegram: HttpService):
    assert apprise_destination("phone", TELEGRAM_URL).send([alert()], 0) == SENT
    (request,) = telegram.requests
    assert request.path == f"/bot{TOKEN}/sendMessage"
    assert (request.json["chat_id"], request.json["parse_mode"]) == (1001, "HTML")
    assert "<b>🟢 LONG M&amp;M ₹3,012.50 · ema_vwap · 10:31 IST</b>" in request.json["text"]
    assert HtmlReader(request.json["text"]).text.replace("\r\n", "\n") == compose(alert()).text


def test_slack_gets_the_alert_once_with_every_name_intact(slack: HttpService):
    assert apprise_destination("slack", SLACK_URL).send([alert()], 0) == SENT
    (request,) = slack.requests
    (attachment,) = request.json["attachments"]
    shown = (
        f"{attachment['title']}\n{attachment['text']}".replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    )
    message = compose(alert())
    assert shown == f"{message.subject}\n{message.details}"
    assert "M&amp;M" in attachment["title"]
    assert "footer" not in attachment, "no advertisement"


def test_mail_arrives_once_in_both_forms_with_every_name_intact(mail: Destination, mailbox: Mailbox):
    assert mail.send([alert()], 0) == SENT
    (received,) = mailbox.mails
    message = compose(alert())
    assert received["subject"] == message.subject
    plain, html = (part.get_content() for part in received.iter_parts())
    assert plain.replace("\r\n", "\n").strip() == message.text
    assert HtmlReader(html).text.strip() == message.text


@pytest.mark.parametrize(
    "name", ["M&M", "J&KBANK", "BAJAJ-AUTO", "a<b>c</b>", "x_y_z", "[x](http://y.z)", "&amp;", "*s*"]
)
def test_no_name_breaks_telegrams_html_or_a_mail(telegram: HttpService, mail: Destination, mailbox: Mailbox, name: str):
    named = alert(entry(f"NSE:{name}", strategy=name))
    assert apprise_destination("phone", TELEGRAM_URL).send([named], 0) == SENT
    assert mail.send([named], 0) == SENT
    assert f"LONG {name} ₹3,012.50 · {name} ·" in HtmlReader(telegram.requests[0].json["text"]).text
    assert f"LONG {name} ₹3,012.50 · {name} ·" in mailbox.mails[0]["subject"]


def test_random_names_never_break_telegrams_html(telegram: HttpService):
    chance, phone = Random(11), apprise_destination("phone", TELEGRAM_URL)
    alphabet = "AbZ09&<>\"'/_*[]()`~#=-!.;\\ 😀é"
    for _ in range(150):
        name = "".join(chance.choices(alphabet, k=chance.randint(1, 24)))
        assert phone.send([alert(entry(f"NSE:{name}", strategy=name))], 0) == SENT, name


def test_a_burst_is_one_digest_that_every_service_takes(telegram: HttpService, mail: Destination, mailbox: Mailbox):
    many = [alert(entry(f"NSE:M&M{n}")) for n in range(30)]
    assert apprise_destination("phone", TELEGRAM_URL).send(many, 270) == SENT
    assert mail.send(many, 270) == SENT
    text = HtmlReader(telegram.requests[0].json["text"]).text
    assert all(f"LONG M&M{n} " in text for n in range(30))
    assert "270 more follow" in text
    assert mailbox.mails[0]["subject"] == "📋 10:31 IST · 30 signals · 30 long"


def test_telegrams_retry_after_is_heard(telegram: HttpService):
    sentence = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 34"}
    body = json.dumps({**sentence, "parameters": {"retry_after": 34}}).encode()
    telegram.answers.append(Answer(429, body, Content_Type="application/json"))
    outcome = apprise_destination("phone", TELEGRAM_URL).send([alert()], 0)
    assert (outcome.verdict, outcome.pause_s) == (Verdict.RETRY, 34.0)
    assert outcome.detail == "HTTP 429: Too Many Requests: retry after 34"


def test_slacks_retry_after_header_is_heard(slack: HttpService):
    slack.answers.append(Answer(429, b"rate_limited", Retry_After="17", Content_Type="text/plain"))
    outcome = apprise_destination("slack", SLACK_URL).send([alert()], 0)
    assert (outcome.verdict, outcome.pause_s) == (Verdict.RETRY, 17.0)
    assert len(slack.requests) == 1, "Apprise does not retry behind our back"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b'{"ok": false, "error_code": 401, "description": "Unauthorized"}'),
        (400, b'{"ok": false, "error_code": 400, "description": "Bad Request: chat not found"}'),
        (403, b'{"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}'),
    ],
)
def test_a_wrong_token_or_chat_is_refused_at_once_in_the_services_own_words(
    telegram: HttpService, status: int, body: bytes
):
    telegram.answers.append(Answer(status, body, Content_Type="application/json"))
    outcome = apprise_destination("phone", TELEGRAM_URL).send([alert()], 0)
    assert outcome.verdict is Verdict.REFUSED
    assert outcome.detail == f"HTTP {status}: {json.loads(body)['description']}"


def test_a_refusal_that_slack_says_with_status_200_is_one(slack: HttpService):
    slack.answers.append(Answer(200, b"no_service", Content_Type="text/plain"))
    outcome = apprise_destination("slack", SLACK_URL).send([alert()], 0)
    assert (outcome.verdict, outcome.detail) == (Verdict.REFUSED, "HTTP 200: no_service")


def test_a_service_in_trouble_is_tried_again_in_doubt(telegram: HttpService):
    telegram.answers.append(Answer(502))
    outcome = apprise_destination("phone", TELEGRAM_URL).send([alert()], 0)
    assert (outcome.verdict, outcome.may_have_arrived) == (Verdict.RETRY, True)


@pytest.mark.parametrize(
    ("refusal", "verdict"), [("550 no such user", Verdict.REFUSED), ("451 try later", Verdict.RETRY)]
)
def test_a_mail_server_that_refuses_is_quoted(mail: Destination, mailbox: Mailbox, refusal: str, verdict: Verdict):
    mailbox.refusals.append(refusal)
    outcome = mail.send([alert()], 0)
    assert (outcome.verdict, outcome.detail) == (verdict, f"SMTP {refusal[:3]}: {refusal[4:]}")


def test_nobody_there_is_certain_not_to_have_got_it(telegram: HttpService, mailbox: Mailbox):
    with mail_server(mailbox) as host:
        gone = apprise_destination("mail", f"mailto://{host}/?from=a@example.com&to=b@example.com&mode=insecure")
    outcome = gone.send([alert()], 0)
    assert (outcome.verdict, outcome.may_have_arrived, outcome.detail) == (Verdict.RETRY, False, "no connection")
    phone = apprise_destination("phone", TELEGRAM_URL)
    telegram.__exit__()
    outcome = phone.send([alert()], 0)
    assert (outcome.verdict, outcome.may_have_arrived, outcome.detail) == (Verdict.RETRY, False, "cannot connect")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "nonsense://host/path", "tgram://", "slack://too-short", "tgram://not-a-token/1001"]
)
def test_an_address_that_leads_nowhere_is_a_settings_error_that_does_not_show_it(url: str):
    with pytest.raises(SettingsError, match="channel phone: ") as caught:
        apprise_destination("phone", url)
    assert "token" not in str(caught.value)
    assert caught.value.exit_code == 78


def test_two_recipients_in_one_address_are_refused_because_a_retry_would_repeat_to_both():
    with pytest.raises(SettingsError, match="2 recipients; make a channel for each"):
        apprise_destination("phone", TELEGRAM_URL + "/1002")


def test_retries_of_apprises_own_are_switched_off(telegram: HttpService):
    telegram.answers.extend([Answer(500)] * 3)
    apprise_destination("phone", TELEGRAM_URL + "?retry=2&wait=0.1").send([alert()], 0)
    assert len(telegram.requests) == 1


def test_one_channel_in_trouble_delays_no_other(
    store: Store, commit: Callable[..., None], clock: HandClock, health: Told, telegram: HttpService, slack: HttpService
):
    """A real 429 on the phone while Slack goes on, with everything real but the time."""
    telegram.answers.append(Answer(429, b'{"parameters": {"retry_after": 34}}', Content_Type="application/json"))
    phone = Channel("phone", apprise_destination("phone", TELEGRAM_URL), store, clock, health)
    chat = Channel("chat", apprise_destination("chat", SLACK_URL), store, clock, health)
    opened = entry()
    commit(opened, exit_of(opened, time="10:40", price=3030.0), to=("phone", "chat"))
    phone.step()
    for _ in range(5):
        phone.step()
        chat.step()
        clock.advance(1.0)
    assert [request.json["attachments"][0]["title"][:6] for request in slack.requests] == ["🟢 LONG", "⚪ EXIT"]
    assert len(telegram.requests) == 1
    clock.advance(35)
    phone.step()
    clock.advance(1.0)
    phone.step()
    assert [request.json["text"][3:9] for request in telegram.requests] == ["🟢 LONG", "🟢 LONG", "⚪ EXIT"]


def test_a_peer_that_drips_holds_up_only_its_own_channel(
    store: Store, commit: Callable[..., None], clock: HandClock, health: Told, webhook: HttpService, slack: HttpService
):
    let_go = threading.Event()
    webhook.answers.append(Answer(200, hold=let_go))
    hung = Channel("hung", apprise_destination("hung", f"json://{webhook.host}/"), store, clock, health, 0.05)
    chat = Channel("chat", apprise_destination("chat", SLACK_URL), store, clock, health)
    commit(entry(), to=("hung", "chat"))
    hung.step()
    chat.step()
    assert (hung.sent, chat.sent) == (0, 1)
    clock.advance(2)
    hung.step()
    let_go.set()
    assert [request.headers.get("possible-repeat") for request in webhook.requests] == [None, "true"]
    assert hung.sent == 1
