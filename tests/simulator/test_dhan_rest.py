"""The REST half of the local exchange, asked by Dhan's own client."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any, cast

import numpy as np
import pytest
from dhanhq import DhanContext, dhanhq

from brokers.instrument_table import InstrumentTable
from market.bar import MINUTE_MS, Bar
from market.sessions import AddedDay, SessionTable
from simulator.dhan_rest import CANDLES, DhanRest, rest_of
from simulator.rest import RestService
from simulator.rest_faults import Empty, Refuse, RestFaults
from simulator.session import Session
from tests.factories import ClockByHand, at, real_bars

DAY = "2016-09-30"
SYMBOL = "NSE:TCS"


class Played:
    """How far the session was played."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.rows = len(session)

    def to(self, at_ms: int) -> None:
        self.rows = int(np.searchsorted(self._session.due_ms, at_ms))

    def __call__(self) -> int:
        return self.rows


@pytest.fixture
def played(bundled: Session) -> Played:
    return Played(bundled)


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
def service(bundled: Session, master: InstrumentTable, played: Played, clock: ClockByHand) -> Iterator[RestService]:
    with RestService(rest_of(bundled, master, played), clock=clock) as running:
        yield running


@pytest.fixture
def client(service: RestService) -> Iterator[dhanhq]:
    context = DhanContext("100", "tok.en")
    context.get_dhan_http().base_url = service.url
    yield dhanhq(context)
    context.get_dhan_http().session.close()


@pytest.fixture
def security(master: InstrumentTable) -> int:
    return next(listing.security_id for listing in master if listing.instrument.symbol == SYMBOL)


def minutes(client: dhanhq, number: int, since: str, until: str, **changes: Any) -> dict[str, Any]:
    asked = {"security_id": str(number), "exchange_segment": "NSE_EQ", "instrument_type": "EQUITY"}
    reply: dict[str, Any] = client.intraday_minute_data(**{**asked, "from_date": since, "to_date": until, **changes})
    return reply


def rows(reply: dict[str, Any]) -> list[tuple[int, float, float, float, float, int]]:
    assert reply["status"] == "success", reply
    data = reply["data"]
    return list(
        zip(
            [stamp * 1000 for stamp in data["timestamp"]],
            *(data[name] for name in ("open", "high", "low", "close", "volume")),
            strict=True,
        )
    )


def test_a_whole_day_comes_back_as_it_was_recorded(client: dhanhq, security: int):
    assert rows(minutes(client, security, DAY, f"{DAY} 15:30:00")) == [each.values() for each in real_bars()[SYMBOL]]


def test_the_running_minute_is_included_and_the_end_of_today_is_ignored(client: dhanhq, security: int, played: Played):
    tenth = real_bars()[SYMBOL][9]
    played.to(tenth.start_ms + 31_000)
    found = rows(minutes(client, security, f"{DAY} 09:15:00", f"{DAY} 09:16:00"))
    assert [row[0] for row in found] == [each.start_ms for each in real_bars()[SYMBOL][:10]]
    assert found[-1][5] < tenth.volume
    assert found[-2] == real_bars()[SYMBOL][8].values()


def test_minutes_that_just_ended_can_be_missing(client: dhanhq, security: int, played: Played, service: RestService):
    played.to(real_bars()[SYMBOL][1].start_ms + 31_000)
    service.faults.hidden_minutes = 1
    assert rows(minutes(client, security, DAY, DAY)) == []


def test_the_day_before_ends_where_the_recorded_one_begins(client: dhanhq, security: int):
    found = rows(minutes(client, security, "2016-09-28", "2016-09-29 23:59:59"))
    whole = real_bars()[SYMBOL]
    assert len(found) == 2 * len(whole)
    assert found[-1][4] == whole[0].open
    assert found[len(whole)][1] == found[len(whole) - 1][4]
    assert {row[0] % MINUTE_MS for row in found} == {0}


def test_no_candles_on_a_day_without_trading(client: dhanhq, security: int):
    assert rows(minutes(client, security, "2016-09-24", "2016-09-25 23:59:59")) == []


@pytest.mark.parametrize(
    "changes",
    [{"security_id": "999999999"}, {"from_date": "2016-05-01"}, {"from_date": "soon"}, {"instrument_type": ""}],
)
def test_what_cannot_be_answered_is_an_input_error(client: dhanhq, security: int, changes: dict[str, str]):
    reply = minutes(client, security, DAY, DAY, **changes)
    assert (reply["status"], reply["remarks"]["error_code"]) == ("failure", "DH-905")


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [
        ("2016-07-03 09:15:00", "2016-09-30 15:30:00", "success"),
        ("2016-07-02 15:29:00", "2016-09-30 09:15:00", "failure"),
        ("2015-07-03 00:00:00", "2015-09-30 00:00:00", "success"),
        ("2015-07-02 23:59:00", "2015-09-30 00:00:00", "failure"),
    ],
)
def test_one_request_touches_ninety_days_at_most(client: dhanhq, security: int, since: str, until: str, status: str):
    reply = minutes(client, security, since, until)
    assert reply["status"] == status
    assert status == "success" or reply["remarks"]["error_message"] == "more than 90 days"


def test_a_sixth_request_within_a_second_is_too_many(
    client: dhanhq, security: int, service: RestService, clock: ClockByHand
):
    replies = [minutes(client, security, DAY, DAY) for _ in range(6)]
    assert [reply["status"] for reply in replies] == 5 * ["success"] + ["failure"]
    assert replies[-1]["remarks"]["error_code"] == "DH-904"
    assert (service.counts[CANDLES], service.refused, service.most_in_a_second[CANDLES]) == (6, 1, 6)
    clock.pass_ms(1000)
    assert rows(minutes(client, security, DAY, DAY))


def test_quotes_of_a_thousand_instruments_come_in_one_answer(
    client: dhanhq, master: InstrumentTable, played: Played, security: int
):
    first = real_bars()[SYMBOL][0]
    played.to(first.end_ms)
    reply = client.quote_data({"NSE_EQ": [listing.security_id for listing in master]})
    quotes = reply["data"]["data"]["NSE_EQ"]
    assert len(quotes) == len(master)
    assert quotes[str(security)]["volume"] == first.volume
    assert quotes[str(security)]["ohlc"]["close"] == first.open
    assert quotes[str(security)]["last_trade_time"].startswith("30/09/2016 09:15:")


def test_a_token_can_be_refused(client: dhanhq, security: int, service: RestService):
    service.faults.token("tok.en", Refuse(401, "DH-901"))
    assert minutes(client, security, DAY, DAY)["remarks"]["error_code"] == "DH-901"
    service.faults.token("tok.en", Empty())
    assert rows(minutes(client, security, DAY, DAY)) == []


def test_one_instrument_alone_can_be_not_ready_yet(client: dhanhq, security: int, service: RestService):
    service.faults.security(security, Empty(), Refuse(400, "DH-905"))
    assert rows(minutes(client, security, DAY, DAY)) == []
    assert minutes(client, security, DAY, DAY)["remarks"]["error_code"] == "DH-905"
    assert rows(minutes(client, security, DAY, DAY))


def test_before_the_first_tick_it_is_the_midnight_before(bundled: Session, master: InstrumentTable):
    rest: DhanRest = rest_of(bundled, master, lambda: 0)
    listing = next(iter(master))
    wish = {"securityId": listing.security_id, "exchangeSegment": "NSE_EQ", "instrument": "EQUITY"}
    status, body = rest.answer(CANDLES, {**wish, "fromDate": DAY, "toDate": DAY}, RestService(rest).faults)
    assert (status, body["timestamp"]) == (200, [])


def test_a_day_the_user_changed_has_candles_in_its_own_hours(bundled: Session, master: InstrumentTable, security: int):
    drill = AddedDay(date.fromisoformat(DAY), ("NSE",), "drill", time(10), time(11))
    rest = rest_of(bundled, master, lambda: len(bundled), SessionTable([drill]))
    wish = {
        "securityId": str(security), "exchangeSegment": "NSE_EQ", "instrument": "EQUITY", "interval": "1",
        "fromDate": DAY, "toDate": f"{DAY} 23:00:00",
    }  # fmt: skip
    status, body = rest.answer(CANDLES, wish, RestFaults())
    stamps = cast("list[int]", body["timestamp"])
    within = [each for each in real_bars()[SYMBOL] if drill_hours(each)]
    assert (status, [stamp * 1000 for stamp in stamps]) == (200, [each.start_ms for each in within])


def drill_hours(bar: Bar) -> bool:
    day = date.fromisoformat(DAY)
    return at("10:00", day) <= bar.start_ms < at("11:00", day)
