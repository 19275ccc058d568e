"""What the program itself has to say, in the form of each kind of destination."""

import io

import pytest

from delivery.alert import Announcement
from delivery.apprise_channel import apprise_destination
from delivery.late import LateEntries, missed_while_down
from delivery.local_channels import ScreenDestination
from delivery.notice import Notice, from_json, to_json
from delivery.retry import SENT
from tests.loopback_services import HttpService
from tests.transitions import at

NOTICE = Notice("closing 2025-11-17", at("15:45"), "Closed: 2 entries, M&M best", ("phone <b>: 4 of 4", "all equal"))


def announcement(*, repeat: bool = False) -> Announcement:
    return Announcement(NOTICE, to_json(NOTICE), repeat=repeat)


def test_a_notice_comes_back_from_its_record_and_has_the_same_id():
    assert from_json(to_json(NOTICE)) == NOTICE
    assert from_json(to_json(NOTICE)).id == NOTICE.id
    assert NOTICE.id != Notice("closing 2025-11-18", 0, "").id


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"key": "a", "time": 3, "title": "", "lines": []}'])
def test_what_is_no_notice_is_refused(text: str):
    with pytest.raises(ValueError, match="not a notice"):
        from_json(text)


def test_a_phone_shows_its_lines_and_no_name_becomes_markup(telegram: HttpService):
    destination = apprise_destination("phone", "tgram://123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0/42/")
    assert destination.announce(announcement(repeat=True)) == SENT
    (request,) = telegram.requests
    assert request.json["text"].strip().splitlines() == [
        "<b>⚙ Closed: 2 entries, M&amp;M best</b>",
        f"(possible repeat #{NOTICE.short_id})",
        "phone &lt;b&gt;: 4 of 4",
        "all equal",
    ]


def test_a_webhook_gets_its_record_and_can_tell_it_from_a_signal(webhook: HttpService):
    assert apprise_destination("hook", f"json://{webhook.host}").announce(announcement()) == SENT
    (request,) = webhook.requests
    assert (request.json["type"], request.json["title"]) == ("NOTICE", NOTICE.title)
    assert request.headers["idempotency-key"] == NOTICE.id


def test_a_screen_shows_it():
    screen = io.StringIO()
    assert ScreenDestination(screen).announce(announcement()) == SENT
    assert screen.getvalue() == "⚙ Closed: 2 entries, M&M best\nphone <b>: 4 of 4\nall equal\n"


def test_nothing_missed_is_said_too_and_who_is_still_unknown():
    notice = missed_while_down(at("10:02"), at("10:07:31"), LateEntries(), 1712)
    assert notice.title == "Down 10:02\N{EN DASH}10:07. No entry was missed."
    assert notice.lines == ("1,712 symbols are still without the candles of that time.",)
