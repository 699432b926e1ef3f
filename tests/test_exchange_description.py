"""What the company answers, held to Twilio's own description of its API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from ivr.phone import NoAnswer, Voicemail
from ivr.phone.exchange import ACCOUNT, Exchange, Fates, Seen, Stage, rest
from ivr.phone.exchange.asked import Wanted
from ivr.phone.exchange.rest import Reply
from ivr.phone.telephone import A_TUESDAY
from tests.fake_line import HOME
from tests.test_exchange import CALLER, LINE, SERVICE, TOKEN, line

TWILIO = OpenAPI.from_file_path(str(Path(__file__).parent / "data/twilio/calls.json"))
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
FORM = "application/x-www-form-urlencoded"


class Asking:
    """Asks a company, and refuses every answer that Twilio would not give."""

    def __init__(self) -> None:
        people = Fates({CALLER: [NoAnswer(), Voicemail()]})
        self.exchange = Exchange(line(), TOKEN, people)

    def get(self, path: str, **query: str) -> Reply:
        """What is answered to a GET."""
        return self._ask("GET", path, query, {})

    def post(self, path: str, **form: str) -> Reply:
        """What is answered to a POST."""
        return self._ask("POST", path, {}, form)

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str]
    ) -> Reply:
        wanted = Wanted(method, path, many(query), many(form), ACCOUNT, TOKEN)
        reply = rest.answer(self.exchange, wanted)
        check(method, path, dict(query), dict(form), reply)
        return reply


def many(given: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Parameters as they come over HTTP, where each may come repeatedly."""
    return {name: [value] for name, value in given.items()}


def check(
    method: str, path: str, query: dict[str, str], form: dict[str, str], reply: Reply
) -> None:
    """Hold a request and its answer to Twilio's description. Raises OpenAPIError."""
    host, body = "https://api.twilio.com", urlencode(form).encode()
    request = MockRequest(host, method, path, args=query, data=body, content_type=FORM)
    TWILIO.validate_response(request, MockResponse(reply.body, reply.status))


def place(asking: Asking, number: str = SERVICE) -> str:
    url = f"{HOME}/answered?callback=0123"
    return str(asking.post(f"{CALLS}.json", To=number, From=LINE, Url=url).json["sid"])


def test_every_answer_about_a_call_is_one_that_twilio_could_give() -> None:
    asking = Asking()
    sids = [place(asking), place(asking, CALLER), place(asking, CALLER)]
    for until in Stage:
        for sid in sids:
            asking.get(f"{CALLS}/{sid}.json")
            asking.get(f"{CALLS}/{sid}/Events.json")
        asking.exchange.play(until)
    statuses = [asking.get(f"{CALLS}/{sid}.json").json["status"] for sid in sids]
    assert statuses == ["in-progress", "no-answer", "completed"]
    asking.post(f"{CALLS}/{sids[0]}.json", Url=f"{HOME}/over")
    asking.post(f"{CALLS}/{sids[0]}.json", Status="completed")


def test_every_page_of_a_list_is_one_that_twilio_could_give() -> None:
    asking = Asking()
    assert asking.get(f"{CALLS}.json").json["calls"] == []
    leg = Seen("CA" + "1" * 32, LINE, SERVICE, A_TUESDAY, 9, "completed", "outbound-dial")
    asking.exchange.saw(leg)
    place(asking)
    first = asking.get(f"{CALLS}.json", PageSize="1").json
    assert str(first["next_page_uri"]).startswith(f"{CALLS}.json?PageSize=1&Page=1&PageToken=CA")
    token = str(first["next_page_uri"]).rpartition("=")[2]
    second = asking.get(f"{CALLS}.json", PageSize="1", Page="1", PageToken=token).json
    assert second["next_page_uri"] is None


def test_an_answer_that_twilio_could_not_give_is_noticed() -> None:
    asking = Asking()
    path = f"{CALLS}/{place(asking)}.json"
    good = asking.get(path)
    for wrong in ({"sid": "CA1"}, {"status": "engaged"}, {"start_time": 5}):
        with pytest.raises(OpenAPIError):
            check("GET", path, {}, {}, Reply(200, {**good.json, **wrong}))
    assert json.loads(good.body) == good.json
