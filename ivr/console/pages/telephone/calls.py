"""The calls that are rung from the page, each in a thread of its own, and whose they are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from ivr.console.pages.telephone.handset import Handset, how
from ivr.phone import Number, Phone, over_http
from ivr.settings import Settings, signing_tokens

MOST = 8
"""Calls at a time from all pages together."""

KEPT = 32
"""Calls that are remembered, ended ones included."""


class TooManyError(Exception):
    """As many calls are going on as may be; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """Who rings which number, and who at the console it is."""

    person: str
    caller: str
    """In E.164; "" is a withheld number."""
    number: str


Ring = Callable[[Handset, Ringing], str]
"""Rings, with the handset for its people, until the call is over; it says how that was."""


class Calls:
    """The calls of this console. Safe to share between threads."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._calls: dict[str, tuple[str, Handset]] = {}
        self._changing = threading.Lock()

    def begin(self, ringing: Ringing) -> tuple[str, Handset]:
        """Begin a call: its name, and its handset. Raises :class:`TooManyError`."""
        name, handset = token_urlsafe(12), Handset()
        with self._changing:
            going = sum(not each.is_over for _, each in self._calls.values())
            if going >= MOST:
                raise TooManyError(
                    f"{MOST} calls are going on, as many as may be: hang one up, or try again "
                    "in five minutes"
                )
            self._calls = dict([*self._calls.items()][-KEPT:])
            self._calls[name] = (ringing.person, handset)
        threading.Thread(target=self._go, args=(handset, ringing), daemon=True).start()
        return name, handset

    def of(self, person: str, name: str) -> Handset | None:
        """The call ``name``, if it is this person's."""
        whose, handset = self._calls.get(name, ("", None))
        return handset if whose == person else None

    def _go(self, handset: Handset, ringing: Ringing) -> None:
        try:
            handset.ended(self._ring(handset, ringing))
        except Exception as wrong:  # noqa: BLE001 - nobody may be left waiting at the page
            handset.ended(f"The telephone has failed: {type(wrong).__name__}")


def ring_local(settings: Settings, clock: Callable[[], datetime]) -> Ring:
    """Rings the test line that runs on this machine, as ``ivr call`` does."""

    def ring(handset: Handset, ringing: Ringing) -> str:
        public, token = settings.public_url, signing_tokens(settings)[0]
        number = Number(
            f"{public}/voice", ringing.number, status_callback=f"{public}/status", token=token
        )
        with closing(over_http(settings.local_url)) as post:
            return how(Phone(post, number).ring(handset, ringing.caller, clock()))

    return ring
