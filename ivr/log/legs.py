"""Puts together what is known of one number that rang: from the next turn and its own states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ivr.events import OVER, Event
from ivr.log.record import Leg
from ivr.log.told import Arrival, count, text

HELD = frozenset(("in-progress", "answered"))
"""Twilio's words for a telephone that somebody, or a machine, has picked up."""

WHISPER = 40
"""Seconds after which whoever picked up has been let go, if they did not press 1 in time."""


def leg(arrival: Arrival, states: Iterable[Event]) -> Leg:
    """The leg that rang at ``arrival``, of all ``states`` told of the call's legs."""
    own = [state for state in states if count(state, "turn") == arrival.turn]
    came_to = _came_to(arrival, own)
    picked_up, exact = _picked_up(arrival, own)
    return Leg(
        arrival.turn,
        arrival.step,
        count(arrival.came, "ring"),
        next((service for state in own if (service := text(state, "service"))), ""),
        began=arrival.at,
        over=arrival.left.at if arrival.left else None,
        came_to=came_to,
        picked_up=picked_up,
        taken=_taken(arrival, own, came_to),
        exact=exact,
    )


def _came_to(arrival: Arrival, own: list[Event]) -> str:
    """How it ended. A Dial may say "answered" where the leg itself says "completed"."""
    word = text(arrival.left, "leg")
    over = (text(state, "leg") for state in own if text(state, "leg") in OVER)
    return "completed" if word == "answered" else word or next(over, "")


def _taken(arrival: Arrival, own: list[Event], came_to: str) -> bool | None:
    """Whether the caller was put through: then, and only then, does ringing lead to the end."""
    if arrival.left:
        return text(arrival.left, "reached") == "ended"
    if not arrival.last:
        return False  # the call went on
    if any((count(state, "seconds") or 0) > WHISPER for state in own):
        return True
    return False if came_to and came_to != "completed" else None


def _picked_up(arrival: Arrival, own: list[Event]) -> tuple[datetime | None, bool]:
    """When it was answered, and whether to the moment or only to the second."""
    held = next((state.at for state in own if text(state, "leg") in HELD), None)
    if held:
        return held, True
    for event in (*own, arrival.left):
        seconds = count(event, "seconds")
        if event and seconds is not None and text(event, "leg") in {"completed", "answered"}:
            return event.at - timedelta(seconds=seconds), False
    return None, True
