"""What may be kept of a call: small facts, each of a kind and shape named here, and nothing else.

:data:`FACTS` is the one list of them. A fact that is not on it, or has not its shape, is refused;
no shape there has room for a postcode, for words or for a telephone number. A call is told by its
events, each of which has an id derived from what happened, so that told twice it is one event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

TURN = "turn"
"""The caller, or a ring, has answered a step; turn 0 is the picking up."""
STATUS = "status"
"""Twilio tells how the call, or one of the telephones it rings, is doing."""
CALLBACK = "callback"
"""What came of one of the calls that we place: to ring somebody back, or to test a number."""

PROBE = "CA" + b"probe".hex()
"""How the name of a call begins by which the line is tried, and of which nothing is kept. Of a
caller's it does so once in 2^40."""

Fact = str | int | bool | None

CALL = re.compile(r"(CA|x)[0-9a-f]{32}")
"""What a call is known by: its CallSid, or what it is called where Twilio gave it no sound one."""
OVER = frozenset(("completed", "busy", "no-answer", "failed", "canceled"))
"""Twilio's words for a call, or one number's ringing, that is over."""

_ID = re.compile(r"-[a-z0-9_-]{1,40}")
_LARGEST = 1_000_000_000


def _like(pattern: str) -> Callable[[Fact], bool]:
    """A rule that fits text that the whole of ``pattern`` matches."""
    form = re.compile(pattern)
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _count(value: Fact) -> bool:
    return type(value) is int and 0 <= value < _LARGEST


def _yes_or_no(value: Fact) -> bool:
    return isinstance(value, bool)


_WORD = _like(r"[a-z_-]{0,32}")

FACTS: Mapping[str, Callable[[Fact], bool]] = MappingProxyType(
    {
        "step": _WORD,  # where the call was
        "heard": _WORD,  # the kind of answer: keys, words, leg or silence
        "reached": _WORD,  # the step it went to, or "last_resort"
        "service": _like(r"(?!.*\d{9})[a-z0-9-]{0,40}"),  # of a leg: whose telephone rings
        "ring": _count,  # which number is ringing, counted from 1; 0 while being announced
        "area": _like(r"[A-Z]{0,2}"),  # the letters a postcode there begins with
        "language": _like(r"[a-z]{0,3}"),
        "table": _like(r"[0-9a-z]{0,12}"),  # the version of the routing table
        "turn": _count,  # how many answers had been heard; of a leg: at which turn it rings
        "tries": _count,  # rungs of the ladder used up by answers that were not clear
        "via": _like(r"menu|own_number|"),  # which of the line's numbers was dialled
        "leg": _WORD,  # how a ring ended (of a turn) or is doing (of a status), in Twilio's words
        "bridged": _yes_or_no,  # whether the two sides could hear each other
        "seconds": _count,  # how long the leg (of a turn or a leg's status) or the call lasted
        "status": _WORD,  # how the caller's own call is doing, in Twilio's words
        "caller": _like(r"([0-9a-f]{32})?"),  # a keyed pseudonym; "" if withheld
        "callback": _like(r"[0-9a-f]{32}"),  # the opaque id of a callback, or of a test call
        "attempt": _count,  # which attempt at a callback, from 1
        "side": _like(r"service|caller|test"),  # whose telephone rang, or that it was a test call
        "what": _WORD,  # what came of it
        "recovered": _yes_or_no,  # told by Twilio's list of calls and not by a webhook
        "ms": _count,  # how long our answer took, in milliseconds
    }
)
"""Every fact that may be kept, and the rule its value must fit; None fits all: not known."""


def fits(name: str, value: Fact) -> bool:
    """Whether a fact called ``name`` with this ``value`` may be kept."""
    return name in FACTS and (value is None or FACTS[name](value))


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on a call, and when: of tidings, as Twilio says if they came late.

    ``call`` is Twilio's CallSid, or "x" and 32 hexadecimal digits where it gave no sound one;
    ``id`` begins with it. Raises ValueError, naming no value, for what may not be kept and for a
    time without a zone.
    """

    id: str
    call: str
    kind: str
    at: datetime
    facts: Mapping[str, Fact]

    def __post_init__(self) -> None:
        if not CALL.fullmatch(self.call):
            raise ValueError("an event's call is a CallSid, or x and 32 hexadecimal digits")
        if not self.id.startswith(self.call) or not _ID.fullmatch(self.id, len(self.call)):
            raise ValueError("an event's id is its call's, a hyphen, and which event it is")
        if self.kind not in {TURN, STATUS, CALLBACK}:
            raise ValueError(f"an event is a {TURN}, a {STATUS} or a {CALLBACK}")
        if self.at.tzinfo is None:
            raise ValueError("an event says in which time zone it was heard")
        for name, value in self.facts.items():
            if not fits(name, value):
                known = name if name in FACTS else "one that is not on the list"
                raise ValueError(f"a fact may not be kept: {known}")


def write(events: Sequence[Event]) -> bytes:
    """``events`` as JSON in UTF-8, for sealing."""
    rows = [[each.id, each.call, each.kind, moment(each.at), dict(each.facts)] for each in events]
    return json.dumps(rows, separators=(",", ":")).encode()


def read(content: bytes) -> list[Event]:
    """The events that :func:`write` wrote. Raises ValueError for anything else."""
    try:
        return [
            Event(id_, call, kind, datetime.fromisoformat(at), MappingProxyType(facts))
            for id_, call, kind, at, facts in json.loads(content)
        ]
    except (TypeError, AttributeError, RecursionError) as wrong:
        raise ValueError("these are not events") from wrong


def moment(at: datetime) -> str:
    """``at`` as ISO 8601 in UTC, to the microsecond: text that sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
