"""What is asked of Twilio, held to Twilio's description, and what is made of every answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from requests.exceptions import ConnectionError as BrokenError
from requests.exceptions import ConnectTimeout, ReadTimeout
from twilio.http.response import Response
from twilio.rest import Client

from ivr.phone import NoAnswer
from ivr.phone.exchange import ACCOUNT, Exchange, Fates, Request, Seen, Status, Trouble, serving
from ivr.phone.telephone import A_TUESDAY
from ivr.settings import read, signing_tokens
from ivr.telephony import (
    BusyError,
    Pace,
    RefusedError,
    Ringing,
    Telephony,
    UnclearError,
    UnknownOutcomeError,
    company,
)
from ivr.telephony.telephony import MOST_SEARCHED
from tests.fake_line import HOME
from tests.servers import free_port
from tests.test_exchange import CALLER, LINE, SERVICE, TOKEN, line
from tests.twilio_says import telephony

MARK = f"{'0123456789abcdef' * 2}-1-s1"
PLACED = "outbound-api"
SECRET = "SECRET"  # noqa: S105 - what a fault's message must not be quoted for


def ringing(to: str = SERVICE, mark: str = MARK, *, hears_machines: bool = False) -> Ringing:
    url = f"{HOME}/answered?marker={mark}"
    return Ringing(to, LINE, url, f"{HOME}/status?marker={mark}", 25, hears_machines)


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(line(), TOKEN, Fates({CALLER: NoAnswer()}))


@pytest.fixture
def base(exchange: Exchange) -> Iterator[str]:
    with serving(exchange) as base:
        yield base


@pytest.fixture
def twilio(base: str) -> Telephony:
    return telephony(base, ACCOUNT, TOKEN, patience=30)


# -- a call -----------------------------------------------------------------------------------


def test_a_call_is_placed_and_its_state_told(exchange: Exchange, twilio: Telephony) -> None:
    sid = twilio.place(ringing(CALLER, hears_machines=True)).sid
    before = twilio.state(sid)
    assert before
    assert (before.status, before.seconds, before.over) == ("queued", None, False)
    exchange.play()
    after = twilio.state(sid)
    assert after
    assert (after.status, after.over, after.direction) == ("no-answer", True, "outbound-api")
    assert exchange.journal.numbers == [CALLER]


def test_a_call_that_never_was_has_no_state(twilio: Telephony) -> None:
    assert twilio.state("CA" + "0" * 32) is None


def test_a_live_call_is_sent_elsewhere_or_ended_and_one_that_is_over_is_not(
    exchange: Exchange, twilio: Telephony
) -> None:
    sid = twilio.place(ringing()).sid
    assert twilio.hang_up(sid)
    exchange.play()
    assert not twilio.say_instead(sid, f"{HOME}/sorry")
    assert not twilio.hang_up("CA" + "0" * 32)


def test_that_twilio_is_away_is_no_sign_that_a_call_is_over(
    exchange: Exchange, twilio: Telephony
) -> None:
    sid = twilio.place(ringing()).sid
    for request in Request:
        exchange.troubles.order(Trouble.BROKEN, request)
    for asking in (
        lambda: twilio.state(sid),
        lambda: twilio.hang_up(sid),
        lambda: twilio.find(MARK, A_TUESDAY),
        lambda: list(twilio.calls(A_TUESDAY, A_TUESDAY)),
    ):
        with pytest.raises(UnclearError, match=r"500|TwilioException"):
            asking()


# -- what became of placing it ----------------------------------------------------------------


UNKNOWN = (
    Trouble.BROKEN,
    Trouble.BROKEN_AFTER,
    Trouble.STALL,
    Trouble.STALL_AFTER,
    Trouble.LOSE_REPLY,
    Trouble.CUT,
)


@pytest.mark.parametrize("trouble", UNKNOWN)
def test_what_nobody_can_know_is_never_taken_for_a_refusal(
    exchange: Exchange, base: str, trouble: Trouble
) -> None:
    stalls = trouble in {Trouble.STALL, Trouble.STALL_AFTER}
    twilio = telephony(base, ACCOUNT, TOKEN, patience=2 if stalls else 30)
    exchange.troubles.order(trouble)
    with pytest.raises(UnknownOutcomeError) as told:
        twilio.place(ringing())
    exchange.troubles.end()
    assert SERVICE not in str(told.value)
    assert len(exchange.calls) == trouble.done
    assert exchange.troubles.count[Request.PLACE] == 1, "it was asked a second time"


def test_too_much_at_a_time_is_certain_and_passes(exchange: Exchange, twilio: Telephony) -> None:
    exchange.troubles.order(Trouble.TOO_MANY, at=(1,))
    with pytest.raises(BusyError):
        twilio.place(ringing())
    twilio.place(ringing())
    assert len(exchange.calls) == 1


def test_where_twilio_was_not_reached_nothing_was_placed() -> None:
    with pytest.raises(BusyError, match="not reached"):
        telephony(f"http://127.0.0.1:{free_port()}", ACCOUNT, TOKEN).place(ringing())


class Canned:
    """An HTTP client that has one answer, or one fault, to everything."""

    def __init__(self, answer: Response | Exception) -> None:
        self._answer = answer

    def request(self, *_: object, **__: object) -> Response:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def answering(answer: Response | Exception) -> Telephony:
    client = Client(ACCOUNT, TOKEN, http_client=Canned(answer))
    return Telephony(client, Pace(1000, wait=lambda _seconds: None))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response(400, '{"code": 21211, "message": "SECRET", "status": 400}'), 21211),
        (Response(401, '{"code": 20003, "message": "SECRET", "status": 401}'), 20003),
        (Response(403, "<html>SECRET"), 403),
        (
            Response(400, '{"code": 21219, "status": 400, "title": "SECRET", "type": "x"}'),
            21219,
        ),
    ],
)
def test_a_refusal_tells_its_code_and_nothing_else(answer: Response, code: int) -> None:
    with pytest.raises(RefusedError) as told:
        answering(answer).place(ringing())
    assert told.value.code == code
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    "answer",
    [
        Response(201, "{}"),
        Response(201, "not JSON"),
        Response(201, '{"sid": 5}'),
        Response(302, ""),
        Response(408, "{}"),
        Response(500, '{"code": 20500, "message": "SECRET"}'),
        Response(503, ""),
        ReadTimeout(SECRET),
        BrokenError(SECRET),
        BrokenError(),
    ],
)
def test_an_answer_that_makes_no_sense_leaves_it_unknown(answer: Response | Exception) -> None:
    with pytest.raises(UnknownOutcomeError) as told:
        answering(answer).place(ringing())
    assert SECRET not in str(told.value)


def test_a_connection_that_was_never_made_is_certain() -> None:
    with pytest.raises(BusyError):
        answering(ConnectTimeout(SECRET)).place(ringing())


@given(st.integers(100, 599), st.text(max_size=40))
def test_whatever_twilio_answers_is_one_of_four_things(status: int, body: str) -> None:
    twilio = answering(Response(status, body))
    with pytest.raises((RefusedError, BusyError, UnknownOutcomeError)) as told:
        twilio.place(ringing())
    assert isinstance(told.value, RefusedError) == (
        400 <= status < 500 and status not in (408, 429)
    )
    assert isinstance(told.value, BusyError) == (status == 429)


# -- finding it again -------------------------------------------------------------------------


def test_a_call_whose_reply_was_lost_is_found_by_its_marker(
    exchange: Exchange, twilio: Telephony
) -> None:
    other = twilio.place(ringing(mark="f" * 32)).sid
    exchange.troubles.order(Trouble.LOSE_REPLY, at=(2,))
    with pytest.raises(UnknownOutcomeError):
        twilio.place(ringing())
    exchange.play()
    found = twilio.find(MARK, A_TUESDAY)
    assert found
    assert found.sid not in ("", other)
    assert twilio.find("e" * 32, A_TUESDAY) is None


def test_whether_a_call_was_sent_elsewhere_is_known_though_the_reply_was_lost(
    exchange: Exchange, twilio: Telephony
) -> None:
    sid = twilio.place(ringing()).sid
    with pytest.raises(UnclearError):
        twilio.was_sent("CA" + "f" * 32, "words")
    words = f"{HOME}/sorry?marker=words"
    assert not twilio.say_instead(sid, words), "nobody has picked up"
    assert not twilio.was_sent(sid, "words")
    exchange.calls[sid].status = Status.IN_PROGRESS
    exchange.troubles.order(Trouble.CUT, Request.CHANGE, at=(2,))
    exchange.troubles.order(Trouble.LOSE_REPLY, Request.CHANGE, at=(3,))
    for taken in (False, True):
        with pytest.raises(UnclearError):
            twilio.say_instead(sid, words)
        assert twilio.was_sent(sid, "words") is taken
    exchange.tells_requests = False
    with pytest.raises(UnclearError, match="nothing is told"):
        twilio.was_sent(sid, "words")


def test_a_call_that_was_never_placed_is_not_found(exchange: Exchange, twilio: Telephony) -> None:
    exchange.troubles.order(Trouble.CUT, at=(1,))
    with pytest.raises(UnknownOutcomeError):
        twilio.place(ringing())
    assert twilio.find(MARK, A_TUESDAY) is None


def test_a_call_of_which_nothing_is_told_yet_may_be_the_one(
    exchange: Exchange, twilio: Telephony
) -> None:
    exchange.tells_requests = False
    twilio.place(ringing())
    exchange.play()
    with pytest.raises(UnclearError, match="nothing is told yet"):
        twilio.find(MARK, A_TUESDAY)


def test_calls_of_long_ago_and_of_others_are_not_asked_after(
    exchange: Exchange, twilio: Telephony
) -> None:
    exchange.tells_requests = False
    twilio.place(ringing())
    exchange.play()
    exchange.saw(Seen("CA" + "1" * 32, CALLER, SERVICE, A_TUESDAY + timedelta(hours=2)))
    assert twilio.find(MARK, A_TUESDAY + timedelta(hours=1)) is None


def test_among_too_many_calls_none_is_said_not_to_be_there(
    exchange: Exchange, twilio: Telephony
) -> None:
    for number in range(MOST_SEARCHED + 2):
        exchange.saw(Seen(f"CA{number:032x}", CALLER, SERVICE, A_TUESDAY, direction=PLACED))
    with pytest.raises(UnclearError, match="too many"):
        twilio.find(MARK, A_TUESDAY)


def test_a_call_that_is_still_queued_is_found_by_what_we_asked_for(
    exchange: Exchange, twilio: Telephony
) -> None:
    exchange.troubles.order(Trouble.LOSE_REPLY, at=(1,))
    with pytest.raises(UnknownOutcomeError):
        twilio.place(ringing())
    found = twilio.find(MARK, A_TUESDAY)
    assert found
    assert found.status == "queued"
    assert twilio.find("e" * 32, A_TUESDAY) is None


def test_a_queued_call_of_which_is_not_told_what_we_asked_for_may_be_the_one(
    exchange: Exchange, twilio: Telephony
) -> None:
    exchange.tells_parameters = False
    twilio.place(ringing())
    with pytest.raises(UnclearError, match="nothing is told yet"):
        twilio.find(MARK, A_TUESDAY)
    with pytest.raises(UnclearError, match="nothing is told yet"):
        twilio.find("e" * 32, A_TUESDAY)
    exchange.play()
    assert twilio.find(MARK, A_TUESDAY)
    assert twilio.find("e" * 32, A_TUESDAY) is None


def test_a_call_is_found_whatever_number_it_rang_and_shows(
    exchange: Exchange, twilio: Telephony
) -> None:
    exchange.saw(Seen("CA" + "1" * 32, CALLER, LINE, A_TUESDAY, seconds=9))
    placed = twilio.place(replace(ringing("+441134960001"), from_="+441134960002"))
    exchange.saw(Seen("CA" + "2" * 32, CALLER, LINE, A_TUESDAY + timedelta(seconds=9)))
    found = twilio.find(MARK, A_TUESDAY)
    assert found
    assert found.sid == placed.sid


def test_a_request_by_which_a_call_was_changed_tells_nothing_of_which_it_is(
    exchange: Exchange, twilio: Telephony
) -> None:
    exchange.tells_parameters = False
    placed = twilio.place(ringing())
    assert twilio.hang_up(placed.sid)
    exchange.tells_parameters = True
    exchange.requests[placed.sid][0] = replace(exchange.requests[placed.sid][0], form={})
    with pytest.raises(UnclearError, match="nothing is told yet"):
        twilio.find("e" * 32, A_TUESDAY)


# -- the list of calls ------------------------------------------------------------------------


def test_every_call_of_a_time_is_listed_once_and_none_of_another(
    exchange: Exchange, twilio: Telephony
) -> None:
    for number in range(2500):
        began = A_TUESDAY + timedelta(minutes=number)
        exchange.saw(Seen(f"CA{number:032x}", CALLER, LINE, began, seconds=9))
    twilio.place(ringing())
    since, until = A_TUESDAY + timedelta(minutes=100), A_TUESDAY + timedelta(minutes=2300)
    listed = list(twilio.calls(since, until))
    assert sorted(call.sid for call in listed) == [f"CA{n:032x}" for n in range(100, 2300)]
    assert {(call.direction, call.status, call.seconds) for call in listed} == {
        ("inbound", "completed", 9)
    }


# -- which company, and how fast --------------------------------------------------------------


LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "PUBLIC_URL": "https://line.example",
    "SEALING_KEYS": Fernet.generate_key().decode(),
}


def test_a_test_line_has_no_company_until_one_stands_in_for_it(
    exchange: Exchange, base: str, tmp_path: object
) -> None:
    environ = {"STATE_DIR": str(tmp_path)}
    assert company(read(environ)) is None
    settings = read({**environ, "TWILIO_API_BASE": base})
    exchange.token = signing_tokens(settings)[0]
    found = company(settings)
    assert found
    found.place(ringing())
    assert len(exchange.calls) == 1


def test_a_live_line_rings_through_twilio() -> None:
    assert company(read(LIVE))


def test_no_number_is_logged_by_the_library(
    exchange: Exchange, twilio: Telephony, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        twilio.place(ringing())
        exchange.play()
        twilio.find(MARK, A_TUESDAY)
    assert SERVICE not in caplog.text
    assert SERVICE.removeprefix("+") not in caplog.text


@given(st.lists(st.floats(0, 3), max_size=20), st.integers(1, 100))
def test_calls_are_spaced_however_they_are_asked_for(between: list[float], rate: int) -> None:
    now = 0.0
    begun: list[float] = []

    def wait(seconds: float) -> None:
        nonlocal now
        now += seconds

    pace = Pace(rate, lambda: now, wait)
    for pause in between:
        now += pause
        pace.keep()
        begun.append(now)
    gaps = [after - before for before, after in pairwise(begun)]
    assert all(gap >= 1 / rate - 1e-9 for gap in gaps)
    if begun and not any(between):
        assert now == pytest.approx((len(begun) - 1) / rate)
