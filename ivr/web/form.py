"""Reads what Twilio posts: what was keyed, said or came of a ring, and what of it may be kept.

Nothing of a form is trusted to have a sound shape, though Twilio signed it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from flask import request

from ivr.call import Heard
from ivr.events import PROBE

LONGEST = {"Digits": 20, "SpeechResult": 1000}
"""The most characters of an answer looked at; a longer one is no postcode and no number."""

SECOND = timedelta(seconds=1)
LONGEST_WAY = timedelta(hours=6)
"""The longest that a tiding may be on its way; one that says more is not believed. Our judgement:
Twilio gives up before, and by then its list of calls has been asked."""

_WORD = re.compile(r"[a-z-]{1,20}")
_COUNT = re.compile(r"[0-9]{1,6}")
_TURN = re.compile(r"[0-9]{1,2}")


def form(name: str) -> str:
    """The form's one value for ``name``; "" if there is none, or several that disagree.

    Repeated names are signed as one, so which of them was meant cannot be known.
    """
    values = set(request.form.getlist(name))
    return values.pop()[: LONGEST.get(name, 100)] if len(values) == 1 else ""


def hear() -> Heard:
    """What the form says was keyed, said, or came of a ring."""
    return Heard(
        digits="".join(key for key in form("Digits") if key in "0123456789*#"),
        speech=form("SpeechResult"),
        confidence=_confidence(form("Confidence")),
        leg=form("DialCallStatus"),
        bridged={"true": True, "false": False}.get(form("DialBridged")),
    )


def of_probe() -> bool:
    """Whether this is asked for a call by which we try the line ourselves, or one it rings."""
    return any(form(name).startswith(PROBE) for name in ("CallSid", "ParentCallSid"))


def word(name: str) -> str:
    """One of Twilio's words, such as in-progress; "" if there is none of that shape."""
    text = form(name)
    return text if _WORD.fullmatch(text) else ""


def count(name: str) -> int | None:
    """A whole number, or None if there is none of at most six digits."""
    text = form(name)
    return int(text) if _COUNT.fullmatch(text) else None


def in_address(name: str) -> int:
    """One of the counts that we write into addresses ourselves; 0 if it is not to be read."""
    text = request.args.get(name, "")
    return int(text) if _TURN.fullmatch(text) else 0


def happened(stamp: str, heard: datetime) -> datetime:
    """When that happened which was ``heard`` of: as its ``stamp`` says, if it came late.

    A stamp is Twilio's Timestamp, in RFC 2822's form and in whole seconds, so that what came
    within its second is known better by our own clock. One that is not sound, is of what is to
    come, or of longer ago than :data:`LONGEST_WAY`, tells nothing.
    """
    try:
        said = parsedate_to_datetime(stamp)
    except (ValueError, TypeError, IndexError, OverflowError):
        return heard
    sound = said.tzinfo is not None and SECOND <= heard - said <= LONGEST_WAY
    return said if sound else heard


def _confidence(text: str) -> float:
    """The recogniser's trust; full where it says none."""
    try:
        return float(text)
    except ValueError:
        return 1.0
