import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from redaction import Redactor, one_line

BOT = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
JWT = "eyJhbGciOiJIUzUxMiJ9.eyJkaGFuQ2xpZW50SWQiOiIxMTAwIn0.c2lnbmF0dXJl-_x"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.mark.parametrize(
    "written",
    [
        lambda secret: secret,
        lambda secret: quote(secret, safe=""),
        lambda secret: base64.b64encode(secret.encode()).decode(),
        repr,
        json.dumps,
        lambda secret: f"x={secret}&y=1",
    ],
)
def test_a_known_secret_is_hidden_however_it_is_written(redactor: Redactor, written: Callable[[str], str]) -> None:
    secret = 'pa ss/w"ö\\rd&1'
    redactor.register(secret)
    shown = redactor.redact(f"before {written(secret)} after")
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert "***" in shown
    assert written(secret) not in shown
    assert "w" not in shown.replace("***", "").removeprefix("before ").removesuffix(" after")


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (f"tgram://{BOT}/-1001234567", BOT.split(":")[1]),
        ("https://hooks.slack.com/services/T0A1B2C3D/B0A1B2C3D/AbCdEfGh12345678", "AbCdEfGh12345678"),
        ("mailto://trader:hunter22@smtp.example.org", "hunter22"),
        ("mailtos://trader:p%40ss%2Fword@smtp.example.org", "p@ss/word"),
        ("json://127.0.0.1:9000/hook?key=zz11yy22xx33", "zz11yy22xx33"),
    ],
)
def test_the_keys_in_an_address_are_hidden_on_their_own_too(redactor: Redactor, address: str, key: str) -> None:
    redactor.register(address)
    assert redactor.redact(f"POST failed for {key}, 401") == "POST failed for ***, 401"


def test_the_host_of_an_address_stays_readable(redactor: Redactor) -> None:
    redactor.register("https://hooks2.example.org/abc12345678")
    assert redactor.redact("hooks2.example.org refused the connection") == "hooks2.example.org refused the connection"


def test_of_two_secrets_the_one_inside_the_other_leaves_nothing_standing(redactor: Redactor) -> None:
    redactor.register("abcd")
    redactor.register("abcdefgh")
    assert redactor.redact("abcdefgh abcd") == "*** ***"


@pytest.mark.parametrize("nothing", ["", "   ", "abc"])
def test_a_text_too_short_to_be_a_secret_does_not_blot_out_the_log(redactor: Redactor, nothing: str) -> None:
    redactor.register(nothing)
    assert redactor.redact("abc of trading   ") == "abc of trading   "


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"https://api.telegram.org/bot{BOT}/sendMessage", "https://api.telegram.org/bot***/sendMessage"),
        (f"tgram://{BOT}/12345", "tgram://***/12345"),
        (f"the token {JWT} expired", "the token *** expired"),
        ("wss://x.dhan.co?version=2&token=abc.d-e&authType=2", "wss://x.dhan.co?version=2&token=***&authType=2"),
        ("access_token=abc, next", "access_token=***, next"),
        ('{"access_token": "abc", "x": 1}', '{"access_token": "***", "x": 1}'),
        ("{'access-token': 'abc'}", "{'access-token': '***'}"),
        ("Authorization: Bearer abcdefghij", "Authorization: Bearer ***"),
        ("Authorization: Basic dTpw", "Authorization: ***"),
        ("{'Authorization': 'Bearer abcdefghij'}", "{'Authorization': 'Bearer ***'}"),
        ("smtp://me:pw@mail.example.org:587", "smtp://***@mail.example.org:587"),
        ("login me:pw@mail.example.org failed", "login ***@mail.example.org failed"),
        ("POST https://hooks.slack.com/services/T1/B2/c3 404", "POST https://hooks.slack.com/services/*** 404"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_hidden_unasked(redactor: Redactor, text: str, shown: str) -> None:
    assert redactor.redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "NSE:M&M closed at 3012.5 @ 10:31:00",
        "NSE:RELIANCE@2500.5",
        "807 access token expired: put a new one into the file",
        "close > ema(9), 12:30:00",
        "feed dhan-1 streaming from wss://api-feed.dhan.co",
    ],
)
def test_what_a_trader_reads_stays_as_it_is(redactor: Redactor, text: str) -> None:
    assert redactor.redact(text) == text


def test_redacted_json_is_still_json(redactor: Redactor) -> None:
    redactor.register("hunter22")
    record = {"detail": f"Bearer {JWT}", "a": "token=abc", "b": "https://u:p@h/", "c": "x hunter22", "d": f"bot{BOT}"}
    assert list(json.loads(redactor.redact(json.dumps(record)))) == list(record)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n10:00:00 ERROR forged", "a\\n10:00:00 ERROR forged"),
        ("a\r\x1b[2Jb\x00", "a\\r\\x1b[2Jb\\x00"),
        ("NSE:\u202eABC\u2028\x85", "NSE:\\u202eABC\\u2028\\x85"),
        ("\udc80", "\\udc80"),
        ("₹1,23,456.50 ✓ M&M हिन्दी", "₹1,23,456.50 ✓ M&M हिन्दी"),
    ],
)
def test_text_is_one_line_and_reads_in_its_own_order(text: str, shown: str) -> None:
    assert one_line(text) == shown
