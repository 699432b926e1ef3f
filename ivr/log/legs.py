"""Puts together what is known of one number that rang: from the next turn and its own states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ivr.events import OVER, Event
from ivr.log.record import Leg
from ivr.log.told import Arrival, count, text

HELD = frozenset(("in-progress", "answered"))
"""Twilio's words for a telephone that somebody, or a machine, has picked up."""

WHISPER = 40
"""Seconds after which whoever picked up has been let go, if they did not press 1 in time."""

WHOLE_SECONDS = timedelta(seconds=2)
"""What two moments may differ by that are reckoned from whole seconds, and yet agree."""


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
    """When it was answered, and whether to the moment or only to the second.

    Word of anything can come late and never early. So of several that tell how long it lasted the
    earliest is right; and word of the answer that leaves it less time than that had come late.
    """
    held = next((state.at for state in own if text(state, "leg") in HELD), None)
    lasted = min(_answered_by_length((*own, arrival.left)), default=None)
    if held is None:
        return lasted and max(lasted, arrival.at or lasted), lasted is None
    began = arrival.at or held
    if lasted and began <= lasted < held - WHOLE_SECONDS:
        return lasted, False
    # Twilio's whole second may have begun before it rang; if it was over too, a clock is wrong.
    return max(held, began), began - held <= WHOLE_SECONDS


def _answered_by_length(events: Iterable[Event | None]) -> Iterator[datetime]:
    """When it was answered by each of ``events`` that tells how long it lasted until then."""
    for event in events:
        seconds = count(event, "seconds")
        if event and seconds is not None and text(event, "leg") in {"completed", "answered"}:
            yield event.at - timedelta(seconds=seconds)
