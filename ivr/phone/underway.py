"""One call while it is going on: its clock, what has happened so far, and its way of posting.

The clock is the call's own and counts seconds from the first; nothing here waits for real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

from ivr.phone.listening import Pace
from ivr.phone.people import People
from ivr.phone.posting import PATIENCE, Answer, Post, signature
from ivr.phone.reading import read
from ivr.phone.told import Event, Kind, Told
from ivr.phone.verbs import Document, Fault, FaultError

NO_ANSWER, BAD_URL = 11200, 11100
"""Twilio's numbers for a URL that gives no good answer, and for one that is none."""

REFUSED = 300
"""From this HTTP status on an answer is no good; a line like ours never redirects over HTTP."""


class CallerLeftError(Exception):
    """The caller has rung off; whatever was going on stops."""


@dataclass(frozen=True, slots=True)
class Number:
    """How a telephone number is set up at Twilio, and with which token its webhooks are signed."""

    voice_url: str
    number: str = "+441632960111"
    """The number itself, in E.164: what is dialled to ring the line."""
    fallback_url: str = ""
    fallback_twiml: str = ""
    """The text of a TwiML Bin; it is played where the line fails, and goes before the URL."""
    status_callback: str = ""
    account: str = "AC" + "0" * 32
    token: str = ""
    caller_ids: tuple[str, ...] = ()
    """The caller IDs the account owns; () allows any that is a telephone number."""


class Underway:
    """One call while it is going on."""

    def __init__(self, number: Number, post: Post, people: People, began: datetime) -> None:
        self.number = number
        self.post = post
        self.people = people
        self.began = began
        self.pace = Pace()
        self.now = 0.0
        self.told = Told()
        self.posted = 0

    def tell(self, kind: Kind, what: str = "", seconds: float = 0.0, side: str = "") -> None:
        """Write down, and let the people hear, what begins now."""
        self.happens(Event(self.now, kind, what, seconds, side))

    def happens(self, event: Event) -> None:
        """Write down ``event``, and let the people hear it."""
        self.told.events.append(event)
        self.people.hears(event)

    def fail(self, fault: Fault) -> None:
        """Write down a fault, for the line's makers."""
        self.told.faults.append(fault)
        self.tell(Kind.FAULT, f"{fault.code}: {fault.what}")

    def fetch(self, url: str, form: Mapping[str, str]) -> Document:
        """The document at ``url``; raises :class:`FaultError`."""
        answer = self.send(url, form)
        return read(answer.body, answer.content_type, url)

    def call_back(self, url: str, form: Mapping[str, str], sequence: int) -> None:
        """Post a status callback; if it fails the call goes on, as at Twilio."""
        moment = self.began + timedelta(seconds=self.now)
        stamp = {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(sequence),
            "Timestamp": format_datetime(moment),
        }
        try:
            self.send(url, {**form, **stamp})
        except FaultError as error:
            self.fail(error.fault)

    def send(self, url: str, form: Mapping[str, str]) -> Answer:
        """Post ``form``, signed; raises :class:`FaultError` unless all is well, and in time."""
        if not url.startswith(("https://", "http://")):
            raise FaultError(BAD_URL, f"{url!r} is not a whole URL", url)
        self.posted += 1
        once = sha256(f"{form['CallSid']} {self.posted}".encode()).hexdigest()[:32]
        headers = {
            "X-Twilio-Signature": signature(self.number.token, url, form),
            "I-Twilio-Idempotency-Token": once,
            "User-Agent": "TwilioProxy/1.1",
        }
        try:
            answer = self.post(url.partition("#")[0], form, headers)
        except OSError as error:
            raise FaultError(NO_ANSWER, str(error), url) from error
        self.tell(Kind.POSTS, url, answer.seconds)
        self.now += min(answer.seconds, PATIENCE)
        if answer.seconds > PATIENCE:
            raise FaultError(NO_ANSWER, f"no answer within {PATIENCE:.0f} s", url)
        if answer.status >= REFUSED:
            raise FaultError(NO_ANSWER, f"HTTP {answer.status}", url)
        return answer
