"""A telephone that rings the line and reads our TwiML as Twilio would.

Hand :class:`Phone` a function that posts, how the number is set up, and the people who take
part; :meth:`Phone.ring` plays one call to its end and tells what happened. It knows nothing
of what the line is made of: the command line, the tests and the replay of whole months all
ring the line with it.

* ``people``, ``script``, ``terminal`` - who rings and who is rung
* ``grammar``, ``verbs``, ``reading`` - what TwiML may say
* ``telephone``, ``playing``, ``listening``, ``dialling``, ``underway`` - one call
* ``posting``, ``mischief`` - how the line is reached
* ``told`` - what happened
"""

from __future__ import annotations

from ivr.phone.listening import Pace
from ivr.phone.mischief import Mischief, Troubles
from ivr.phone.people import (
    Answered,
    Busy,
    CallerLeaves,
    Failed,
    HangUp,
    Moment,
    NoAnswer,
    People,
    Press,
    Silent,
    Speak,
    Voicemail,
)
from ivr.phone.posting import Answer, Post, in_process, over_http
from ivr.phone.telephone import CALLER, Phone
from ivr.phone.told import Event, Kind, Told, Verdict
from ivr.phone.underway import Number
from ivr.phone.verbs import Fault

__all__ = [
    "CALLER",
    "Answer",
    "Answered",
    "Busy",
    "CallerLeaves",
    "Event",
    "Failed",
    "Fault",
    "HangUp",
    "Kind",
    "Mischief",
    "Moment",
    "NoAnswer",
    "Number",
    "Pace",
    "People",
    "Phone",
    "Post",
    "Press",
    "Silent",
    "Speak",
    "Told",
    "Troubles",
    "Verdict",
    "Voicemail",
    "in_process",
    "over_http",
]
