"""Writes down what happened on a call so that anyone can read it, a clinician before all."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

from ivr.phone.told import Event, Kind, Told

WIDTH = 96
"""Characters in the longest line written."""

CALLER = {
    Kind.SAYS: '"{what}"',
    Kind.PLAYS: "(plays {what})",
    Kind.PAUSES: "(silence, {seconds:.0f} s)",
    Kind.SILENCE: "(silence, {seconds:.0f} s)",
    Kind.KEYS: "the caller keys {what}",
    Kind.WORDS: 'the caller says "{what}"',
    Kind.LEAVES: "the caller rings off",
    Kind.FAULT: "(fault {what})",
}
"""How the caller's side of a call is told."""

CALLED = {
    Kind.RINGS: "rings {side} for {seconds:.0f} s",
    Kind.ANSWERS: "{side}: {what} answers",
    Kind.BRIDGES: "put through to {side}",
    Kind.LEG_ENDS: "{side}: {what}",
    Kind.SAYS: '{side} hears "{what}"',
    Kind.PLAYS: "{side} hears {what}",
    Kind.KEYS: "{side} presses {what}",
    Kind.SILENCE: "{side} presses nothing",
}
"""How the side of a number that was rung is told."""


OUTCOMES = {
    "busy": "engaged",
    "no-answer": "nobody answers",
    "failed": "cannot be reached",
    "canceled": "rings no more",
    "not put through": "not put through",
}
"""How a ringing that came to nothing is told; the end of a talk is not."""


def line(event: Event) -> str:
    """``event`` in words; "" for what nobody on the telephone notices."""
    what = event.what
    if event.kind is Kind.LEG_ENDS:
        if what not in OUTCOMES:
            return ""
        what = OUTCOMES[what]
    form = (CALLED if event.side else CALLER).get(event.kind, "")
    return form.format(what=what, side=event.side, seconds=event.seconds)


def timed(event: Event) -> str:
    """``event`` in words with the second it begins; "" for what nobody notices."""
    second = f"[{event.second:3.0f} s] "
    return fill(line(event), WIDTH, initial_indent=second, subsequent_indent=" " * len(second))


def transcript(events: Iterable[Event]) -> list[str]:
    """The lines of a whole call, each with its second."""
    return [words for words in map(timed, events) if words]


def summary(told: Told) -> str:
    """How the call ended, and how long it took: ``reached +44...; first ring at 31 s, ...``."""
    rang = told.first_ring
    ring = "nothing rang" if rang is None else f"first ring at {rang:.0f} s"
    why = f" ({told.why})" if told.why and told.why != told.reached else ""
    who = f" {told.reached}" if told.reached else ""
    return f"{told.verdict}{who}{why}; {ring}, {told.seconds:.0f} s in all"
