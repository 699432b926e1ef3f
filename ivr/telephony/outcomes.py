"""What comes of asking Twilio for something. No message here holds a telephone number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ivr.events import OVER


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call to be placed. Its ``url`` and ``status_url`` hold the marker it is found again by."""

    to: str = field(repr=False)
    """Whom to ring: E.164 or ``sip:``."""
    from_: str
    """The number shown, in E.164; the account must own it."""
    url: str
    """Asked for what to say once somebody or something has answered."""
    status_url: str
    """Told how the call is doing."""
    seconds: int
    """How long to let it ring."""
    hears_machines: bool = False
    """Whether Twilio is to find out if a machine has answered, and tell ``url``."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Twilio has taken the call on."""

    sid: str


@dataclass(frozen=True, slots=True)
class CallState:
    """How a call is doing, or how it went, as Twilio's list of calls tells it."""

    sid: str
    status: str
    """In Twilio's words: queued, ringing, in-progress, or one of :data:`ivr.events.OVER`."""
    seconds: int | None = None
    """How long it lasted; None while it lasts."""
    direction: str = ""
    """``inbound``, ``outbound-api`` (rung by :meth:`Telephony.place`) or ``outbound-dial``."""
    began: datetime | None = None
    """When, to the second; None for a call that is still queued."""
    ended: datetime | None = None
    to: str = field(default="", repr=False)

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.status in OVER


class NotDoneError(Exception):
    """Twilio has certainly not done what was asked, and nobody was rung."""


class RefusedError(NotDoneError):
    """Twilio will not do what was asked, ever: ``code`` is its number for why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Twilio refused with error {code}")
        self.code = code


class BusyError(NotDoneError):
    """Not now: too much was asked at a time (429), or Twilio was not reached at all."""


class UnknownOutcomeError(Exception):
    """Whether the call was placed is not known: the answer was lost, late, or made no sense."""


class UnclearError(Exception):
    """Twilio could not tell, or not yet."""
