"""One test call to one telephone of a service, and how far it has got."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How far a test call has got, or what came of it."""

    ASKED = "asked"
    """It is to be made; nobody has been rung."""
    RINGING = "ringing"
    """It was claimed: from here on somebody may be rung, and nobody else rings them."""
    CONFIRMED = "confirmed"
    """Whoever answered pressed 1: they are the service."""
    DENIED = "denied"
    """Whoever answered pressed 9: they are not."""
    SILENT = "silent"
    """Somebody or something answered, and no key was pressed."""
    UNANSWERED = "unanswered"
    """It rang until it was given up, or was engaged."""
    FAILED = "failed"
    """The telephone company could not put it through to that number, or would not."""
    LOST = "lost"
    """It was never made, or nobody knows what came of it: it tells nothing of the service."""


ENDS = frozenset(State) - {State.ASKED, State.RINGING}
"""Where nothing more is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One test call, as it stands. All times have their zone, UTC."""

    id: str
    """32 hexadecimal digits, opaque: the address of the call has it, so that it is found again."""
    service: str
    """The service's code."""
    place: int
    """Which of the service's own numbers, from 1."""
    number: str
    """That number, as the table had it: E.164 or ``sip:``."""
    asked: datetime
    who: str
    """Who asked for it: a person, or "line" where its time had come."""
    state: State
    changed: datetime
    """When it came to this state."""
    sid: str = ""
    """The call's SID, once it is known."""
    version: int = 0
    """Every change adds one: who changes it says which version they saw."""


def moved(trial: Trial, state: State, at: datetime, sid: str = "") -> Trial:
    """``trial`` come to ``state``, one version on."""
    known = sid or trial.sid
    return replace(trial, state=state, changed=at, sid=known, version=trial.version + 1)
