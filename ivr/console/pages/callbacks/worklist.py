"""What the page Callbacks shows, as values: who waits, how long, what comes next, what was done.

No number is here: it is fetched by itself, on a press that is written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.callbacks import RINGING, Callback, State
from ivr.console.telling import clock, lasted, named
from ivr.routing import Service
from ivr.store import Change

STATES: Mapping[State, str] = {
    State.ASKED: "Asked for",
    State.RINGING_SERVICE: "Ringing the service",
    State.RINGING_CALLER: "Ringing the caller",
    State.CONNECTED: "Connected",
    State.UNANSWERED: "Unanswered, tried again",
    State.NEEDS_A_PERSON: "Needs a person",
    State.CLOSED: "Closed",
}
"""Each state as a page says it."""

WHY: Mapping[str, str] = {
    "no_answer": "Nobody answered",
    "busy": "The telephone was engaged",
    "declined": "Picked up, and 1 was not pressed: a machine, perhaps",
    "closed": "The service was closed",
    "service_gone": "The service rang off before the caller answered",
    "expired": "Four hours went by",
    "cap": "The number was rung as often as may be",
    "opted_out": "The caller asked never to be rung: do not ring, close it",
    "asked_after_9": "They pressed 9, and asked to be rung since: ring them, once, yourself",
    "refused_number": "The number may not be rung",
    "refused": "The telephone company refused the call",
    "no_company": "No telephone company is connected",
    "unknown": "Whether a call was made is not known: look in the telephone company's list first",
    "full": "The hour has had its rings",
    "letting_go": "The service has rung off, and the caller is told so",
    "let_go": "The service had rung off, and the caller was told so",
    "taken_on": "A person has taken it on",
}
"""Why a callback is where it is, as a page says it."""

TAKEN_ON = "taken on"
"""What the history says of a person who has taken a callback on."""


@dataclass(frozen=True, slots=True)
class Item:
    """A callback in the list."""

    id: str
    service: str
    """What operators call the service."""
    state: State
    why: str
    asked: datetime
    age: str
    deadline: str
    """How long until it is overdue, or for how long it has been; "" where it has ended."""
    overdue: bool
    following: str
    """When the line does something for it next; "" if it does nothing more by itself."""
    attempts: int
    whose: str
    """Who has taken it on; "" for nobody."""

    @property
    def short(self) -> str:
        """As much of the id as a person needs."""
        return self.id[:8]


def item(
    callback: Callback, services: Mapping[str, Service], now: datetime, whose: str = ""
) -> Item:
    """``callback`` as the list shows it ``now``."""
    overdue = callback.is_open and now >= callback.deadline
    ends = now if callback.is_open else callback.changed
    return Item(
        callback.id,
        named(callback.service, services),
        callback.state,
        why(callback),
        callback.asked,
        lasted((ends - callback.asked).total_seconds()),
        _deadline(callback, now, overdue=overdue),
        overdue,
        _following(callback, now),
        callback.attempt,
        whose,
    )


def why(callback: Callback) -> str:
    """Why it is where it is, in words; of a closed one, the reason a person gave."""
    return WHY.get(callback.why, callback.why)


def _deadline(callback: Callback, now: datetime, *, overdue: bool) -> str:
    if not callback.is_open:
        return ""
    left = lasted(abs((callback.deadline - now).total_seconds()))
    return f"{left} ago" if overdue else f"in {left}"


def _following(callback: Callback, now: datetime) -> str:
    if callback.due is None or not callback.is_open:
        return ""
    if callback.state in RINGING or callback.due <= now:
        return "now"
    return f"at {clock(callback.due)}"


def done(what: str) -> str:
    """What was done, as a line of the history tells it; where it is a state's word, in words."""
    return STATES[State(what)] if what in set(State) else what


def urgent_first(items: Iterable[Item]) -> list[Item]:
    """The ``items`` in the order somebody should look at them: what no machine does, then by age.

    Those that have ended come last, the newest of them first.
    """
    listed = list(items)
    ended = [each for each in listed if each.state in (State.CONNECTED, State.CLOSED)]
    waiting = [each for each in listed if each not in ended]
    waiting.sort(key=lambda each: (each.state is not State.NEEDS_A_PERSON, each.asked))
    return waiting + sorted(ended, key=lambda each: each.asked, reverse=True)


def taken_on_by(history: Sequence[Change]) -> str:
    """Who took the callback on last, if it has been left to a person since."""
    for change in reversed(history):
        if change.state is not State.NEEDS_A_PERSON:
            return ""
        if change.what == TAKEN_ON:
            return change.who
    return ""
