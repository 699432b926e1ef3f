"""Reads what Twilio posts: what was keyed, said or came of a ring, and what of it may be kept.

Nothing of a form is trusted to have a sound shape, though Twilio signed it.
"""

from __future__ import annotations

import re

from flask import request

from ivr.call import Heard

LONGEST = {"Digits": 20, "SpeechResult": 1000}
"""The most characters of an answer looked at; a longer one is no postcode and no number."""

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


def _confidence(text: str) -> float:
    """The recogniser's trust; full where it says none."""
    try:
        return float(text)
    except ValueError:
        return 1.0
