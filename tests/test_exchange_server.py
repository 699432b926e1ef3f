"""The company over HTTP: Twilio's own client asks, and what goes wrong goes wrong on order."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from ivr.phone import Answered, NoAnswer, Voicemail
from ivr.phone.exchange import ACCOUNT, Exchange, Fates, Request, Seen, Stage, Trouble, serving
from ivr.phone.telephone import A_TUESDAY
from ivr.telephony.company import Caller
from tests.fake_line import HOME
from tests.test_exchange import CALLER, LINE, SERVICE, TOKEN, line

CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
WANTED = {"To": SERVICE, "From": LINE, "Url": f"{HOME}/answered?callback=0123-1-s1"}


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(line(), TOKEN, Fates({CALLER: NoAnswer()}))


@pytest.fixture
def base(exchange: Exchange) -> Iterator[str]:
    with serving(exchange) as base:
        yield base


@pytest.fixture
def client(base: str) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=Caller(base))


def place(client: Client, to: str = SERVICE, **more: Any) -> str:  # noqa: ANN401 - untyped library
    url = f"{HOME}/answered?callback=0123-1-s1"
    return str(client.calls.create(to=to, from_=LINE, url=url, **more).sid)


def ask(
    base: str,
    path: str,
    form: Mapping[str, str] | None = None,
    sign_in: str = f"{ACCOUNT}:{TOKEN}",
    patience: float = 5,
) -> tuple[int, Any]:
    """The status and JSON that are answered to one plain request."""
    coded = b64encode(sign_in.encode()).decode()
    headers = {
        "Authorization": f"Basic {coded}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    where = urlsplit(base)
    with closing(HTTPConnection(str(where.hostname), where.port, timeout=patience)) as connection:
        body = None if form is None else urlencode(form)
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_twilios_own_client_places_reads_sends_and_ends_a_call(
    exchange: Exchange, client: Client
) -> None:
    sid = place(client, timeout=30, status_callback=f"{HOME}/status", machine_detection="Enable")
    assert client.calls(sid).fetch().status == "queued"
    assert client.calls(sid).fetch().start_time is None
    exchange.play()
    found = client.calls(sid).fetch()
    assert (found.status, found.direction, found.to) == ("in-progress", "outbound-api", SERVICE)
    assert (found.start_time, found.answered_by) == (A_TUESDAY, "human")

    client.calls(sid).update(url=f"{HOME}/over", method="POST")
    exchange.play()
    found = client.calls(sid).fetch()
    assert found.status == "completed"
    assert found.end_time == A_TUESDAY + timedelta(seconds=int(found.duration))
    with pytest.raises(TwilioRestException) as refused:
        client.calls(sid).update(status="completed")
    assert (refused.value.status, refused.value.code) == (400, 21220)


def test_a_call_that_nobody_took_has_no_length(exchange: Exchange, client: Client) -> None:
    sid = place(client, to=CALLER)
    exchange.play()
    found = client.calls(sid).fetch()
    assert (found.status, found.duration, found.end_time) == ("no-answer", None, None)


def test_a_call_that_rings_can_be_ended_and_not_sent_elsewhere(
    exchange: Exchange, client: Client
) -> None:
    sid = place(client)
    exchange.play(Stage.RINGING)
    with pytest.raises(TwilioRestException):
        client.calls(sid).update(url=f"{HOME}/over")
    client.calls(sid).update(status="canceled")
    exchange.play()
    assert client.calls(sid).fetch().status == "canceled"


def test_what_a_call_was_asked_for_with_and_what_it_fetched_can_be_read(
    exchange: Exchange, client: Client
) -> None:
    sid = place(client)
    (asked,) = client.calls(sid).events.list()
    assert asked.request["parameters"]["url"] == WANTED["Url"]
    exchange.play()
    urls = [event.request["url"] for event in client.calls(sid).events.list()]
    assert urls[1:] == [WANTED["Url"], f"{HOME}/pressed"]
    exchange.tells_requests = False
    assert client.calls(sid).events.list() == []


def test_calls_are_listed_page_by_page_the_newest_first(exchange: Exchange, client: Client) -> None:
    for minute in range(7):
        began = A_TUESDAY + timedelta(minutes=minute)
        exchange.saw(Seen(f"CA{minute:032x}", CALLER, LINE, began, 60))
    listed = client.calls.list(page_size=3)
    assert [call.sid for call in listed] == [f"CA{minute:032x}" for minute in range(6, -1, -1)]
    assert {call.direction for call in listed} == {"inbound"}


def test_calls_are_picked_by_who_when_and_how(exchange: Exchange, client: Client) -> None:
    placed = [place(client), place(client, to=CALLER)]
    exchange.play()
    queued = place(client)
    day = A_TUESDAY.replace(hour=0)
    exchange.saw(Seen("CA" + "1" * 32, CALLER, LINE, day - timedelta(days=1), 60))

    def sids(**wanted: Any) -> set[str]:  # noqa: ANN401 - as the library has it
        return {call.sid for call in client.calls.list(**wanted)}

    assert sids(to=CALLER) == {placed[1]}
    assert sids(to=SERVICE) == {placed[0], queued}
    assert sids(status="no-answer") == {placed[1]}
    assert sids(start_time_after=A_TUESDAY) == set(placed), "a queued call has not started"
    assert sids(start_time_before=day) == {"CA" + "1" * 32}
    assert sids(start_time=A_TUESDAY.date()) == set(placed)
    assert sids(end_time_before=day) == {"CA" + "1" * 32}


def test_a_list_may_lag_behind_what_was_asked_for(exchange: Exchange, client: Client) -> None:
    exchange.lists_queued = False
    sid = place(client)
    assert client.calls.list() == []
    assert client.calls(sid).fetch().status == "queued"
    exchange.play(Stage.RINGING)
    assert [call.sid for call in client.calls.list()] == [sid]


def test_a_call_that_is_new_between_two_pages_shifts_none(
    exchange: Exchange, client: Client
) -> None:
    for minute in range(4):
        exchange.saw(Seen(f"CA{minute:032x}", CALLER, LINE, A_TUESDAY + timedelta(minutes=minute)))
    first = client.calls.page(page_size=2)
    exchange.saw(Seen("CA" + "f" * 32, CALLER, LINE, A_TUESDAY + timedelta(hours=1)))
    seen = [*(call.sid for call in first), *(call.sid for call in first.next_page())]
    assert seen == [f"CA{minute:032x}" for minute in (3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "01632 960001"}, 21211),
        ({"From": "anonymous"}, 21210),
        ({"Url": ""}, 21205),
        ({"Url": "/answered"}, 21205),
        ({"StatusCallback": "status"}, 21205),
        ({"StatusCallbackEvent": "initiated ringing"}, 21626),
        ({"Timeout": "601"}, 20001),
        ({"Timeout": "\u0663"}, 20001),
        ({"Method": "GET"}, 20001),
        ({"StatusCalback": f"{HOME}/status"}, 20001),
        ({"MachineDetection": "Yes"}, 20001),
    ],
)
def test_what_twilio_would_refuse_is_refused_and_nobody_is_rung(
    exchange: Exchange, base: str, changed: Mapping[str, str], code: int
) -> None:
    status, told = ask(base, f"{CALLS}.json", {**WANTED, **changed})
    assert (status, told["code"], exchange.calls) == (400, code, {})


def test_only_the_accounts_own_numbers_may_be_shown(exchange: Exchange, base: str) -> None:
    exchange.owned = {LINE}
    assert ask(base, f"{CALLS}.json", WANTED)[0] == 201
    assert ask(base, f"{CALLS}.json", {**WANTED, "From": CALLER})[1]["code"] == 21210


@pytest.mark.parametrize("sign_in", ["", f"{ACCOUNT}:wrong", f"AC{'1' * 32}:{TOKEN}", "\x00"])
def test_a_stranger_is_turned_away(exchange: Exchange, base: str, sign_in: str) -> None:
    assert ask(base, f"{CALLS}.json", WANTED, sign_in)[0] == 401
    assert exchange.calls == {}


@pytest.mark.parametrize(
    "path",
    ["/", "/2010-04-01/Accounts.json", f"{CALLS}/CA{'0' * 32}.json", f"{CALLS}/nonsense.json"],
)
def test_what_is_not_there_is_not_found(base: str, path: str) -> None:
    assert ask(base, path)[0] == 404


@pytest.mark.parametrize("query", ["Page=1", "PageSize=0", "StartTime=soon", "Sort=up"])
def test_a_list_that_twilio_does_not_know_is_refused(base: str, query: str) -> None:
    assert ask(base, f"{CALLS}.json?{query}")[0] == 400


@pytest.mark.parametrize(
    ("trouble", "status", "placed"),
    [
        (Trouble.TOO_MANY, 429, 0),
        (Trouble.BROKEN, 500, 0),
        (Trouble.BROKEN_AFTER, 500, 1),
        (Trouble.LOSE_REPLY, None, 1),
        (Trouble.CUT, None, 0),
    ],
)
def test_trouble_comes_to_the_request_it_was_ordered_for_and_no_other(
    exchange: Exchange, base: str, trouble: Trouble, status: int | None, placed: int
) -> None:
    exchange.troubles.order(trouble, at=(2,))
    answered: list[int | None] = []
    for _ in range(3):
        try:
            answered.append(ask(base, f"{CALLS}.json", WANTED)[0])
        except (HTTPException, OSError):
            answered.append(None)
    assert answered == [201, status, 201]
    assert len(exchange.calls) == 2 + placed
    assert ask(base, f"{CALLS}.json")[0] == 200, "lists are requests of another kind"


@pytest.mark.parametrize(("trouble", "placed"), [(Trouble.STALL, 0), (Trouble.STALL_AFTER, 1)])
def test_who_stalls_does_not_answer_in_time(
    exchange: Exchange, base: str, trouble: Trouble, placed: int
) -> None:
    exchange.troubles.order(trouble)
    with pytest.raises(TimeoutError):
        ask(base, f"{CALLS}.json", WANTED, patience=0.05)
    assert len(exchange.calls) == placed
    exchange.troubles.end()
    assert ask(base, f"{CALLS}.json", WANTED)[0] == 201


def test_every_kind_of_request_may_meet_trouble(exchange: Exchange, client: Client) -> None:
    sid = place(client)
    for kind in (Request.CHANGE, Request.READ, Request.LIST, Request.EVENTS):
        exchange.troubles.order(Trouble.BROKEN, kind)
    for asks in (
        lambda: client.calls(sid).update(status="completed"),
        lambda: client.calls(sid).fetch(),
        client.calls.list,
        client.calls(sid).events.list,
    ):
        with pytest.raises(TwilioException, match="500"):
            asks()


def test_a_company_that_plays_by_itself_needs_no_telling() -> None:
    over = threading.Event()

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Any:  # noqa: ANN401
        if "CallDuration" in form:
            over.set()
        return line()(url, form, headers)

    exchange = Exchange(post, TOKEN, Fates({SERVICE: Voicemail(), CALLER: Answered("")}))
    with serving(exchange, plays=True) as base:
        client = Client(ACCOUNT, TOKEN, http_client=Caller(base))
        sid = place(client, status_callback=f"{HOME}/status")
        assert over.wait(5)
        exchange.play()
        assert client.calls(sid).fetch().status == "completed"


def test_many_ask_at_once_and_every_call_is_rung_once(exchange: Exchange, base: str) -> None:
    threads = [
        threading.Thread(target=ask, args=(base, f"{CALLS}.json", WANTED)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    exchange.play()
    assert exchange.journal.numbers == [SERVICE] * 20
