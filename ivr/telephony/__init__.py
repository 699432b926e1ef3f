"""Rings telephones from the line, and asks how those calls are doing: Twilio's REST API.

The only place that speaks it. Twilio has no way of asking for the same call twice and getting it
once, so whoever places a call must be able to tell three things apart: it was placed, it certainly
was not, and nobody knows (:class:`UnknownOutcomeError`), after which Twilio is asked with
:meth:`Telephony.find` before anybody is rung again.
"""

from ivr.telephony.company import company
from ivr.telephony.outcomes import (
    BusyError,
    CallState,
    NotDoneError,
    Placed,
    RefusedError,
    Ringing,
    UnclearError,
    UnknownOutcomeError,
)
from ivr.telephony.pace import Pace
from ivr.telephony.telephony import Telephony

__all__ = [
    "BusyError",
    "CallState",
    "NotDoneError",
    "Pace",
    "Placed",
    "RefusedError",
    "Ringing",
    "Telephony",
    "UnclearError",
    "UnknownOutcomeError",
    "company",
]
