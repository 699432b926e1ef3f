"""Which telephone company the line rings through, by its settings: Twilio, a stand-in, or none."""

from __future__ import annotations

import logging

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from ivr.settings import Settings, signing_tokens
from ivr.telephony.pace import Pace
from ivr.telephony.telephony import Telephony

PATIENCE = 5
"""Seconds to wait for Twilio to be reached, and for its answer to come, and go on coming."""

TEST_ACCOUNT = "AC" + "0" * 32
"""The account of a test line: no telephone company knows it."""

TWILIO = "https://api.twilio.com"


def company(settings: Settings) -> Telephony | None:
    """The company that ``settings`` name; None where there is no account and no stand-in for one.

    A test line's stand-in knows it by the test line's own token. Raises SettingsError where that
    cannot be kept.
    """
    known = bool(settings.account_sid and settings.auth_tokens)
    if not known and not settings.api_base:
        return None
    account = settings.account_sid or TEST_ACCOUNT
    caller = Caller(settings.api_base or TWILIO)
    client = Client(account, signing_tokens(settings)[0], http_client=caller)
    return Telephony(client, Pace(settings.calls_per_second))


class Caller(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """Twilio's own client of HTTP, at another address if need be, and silent.

    It keeps no connection: one that was closed meanwhile fails just as a reply that was lost does,
    and then nobody knows whether somebody was rung. It asks nothing twice.
    """

    def __init__(self, base: str, patience: float = PATIENCE) -> None:
        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it logs numbers
        super().__init__(pool_connections=False, timeout=patience)
        self._base = base

    def request(self, method: str, url: str, *words: object, **named: object) -> Response:
        """Ask Twilio, or whoever stands in for it."""
        return super().request(method, url.replace(TWILIO, self._base, 1), *words, **named)
