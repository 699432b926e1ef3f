"""Holds every request that the line makes of Twilio to Twilio's own description of its API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest
from requests import Request
from twilio.rest import Client

from ivr.telephony import Pace, Telephony
from ivr.telephony.company import Caller

DESCRIPTION = Path(__file__).parent / "data" / "twilio" / "calls.json"


@cache
def described() -> OpenAPI:
    """Twilio's description."""
    number = re.compile(r"\+[1-9][0-9]{6,14}|sip:.+")
    form = {"phone-number": lambda text: bool(number.fullmatch(text))}
    as_it_is: dict[str, Callable[[Any], Any]] = {"phone-number": str}
    config = Config(extra_format_validators=form, extra_format_unmarshallers=as_it_is)
    return OpenAPI.from_file_path(str(DESCRIPTION), config=config)


@cache
def words(path: str, method: str) -> frozenset[str]:
    """The form parameters that Twilio describes, for the library passes over any other."""
    operation = json.loads(DESCRIPTION.read_bytes())["paths"][path][method]
    content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
    return frozenset(content["schema"]["properties"])


class Checked(Caller):
    """Asks Twilio only what Twilio describes; anything else fails the test."""

    def __init__(self, base: str, patience: float = 5) -> None:
        super().__init__(base, patience)
        self.made: list[tuple[str, str, dict[str, Any]]] = []

    def request(self, method: str, url: str, *told: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        names = ("params", "data", "headers", "auth")
        given = dict(zip(names, told, strict=False)) | {
            name: named[name] for name in names if name in named
        }
        asked = RequestsOpenAPIRequest(Request(method, url, **given))
        found = described().unmarshal_request(asked)
        assert found.errors == []
        form = given.get("data") or {}
        path = found.parameters.path
        assert path["AccountSid"].startswith("AC")
        if form:
            where = "/2010-04-01/Accounts/{AccountSid}/Calls"
            own = f"{where}/{{Sid}}.json" if "Sid" in path else f"{where}.json"
            assert set(form) <= words(own, method.lower())
        self.made.append((method, url.partition("/Calls")[2], dict(form)))
        return super().request(method, url, *told, **named)


def telephony(base: str, account: str, token: str, patience: float = 5) -> Telephony:
    """The telephone company at ``base``, asked nothing that Twilio does not describe."""
    client = Client(account, token, http_client=Checked(base, patience))
    return Telephony(client, Pace(1000, wait=lambda _seconds: None))
