"""Acts a script: the caller and whoever is rung do what is written, and the rest is written down.

What comes of it is the same text with the line's side filled in, so that writing down a call
that has not changed gives the very same file, and a change shows as what callers would notice.
"""

from __future__ import annotations

from collections import deque
from textwrap import wrap

from ivr.phone.people import (
    Answered,
    CallerLeaves,
    Doing,
    Fate,
    HangUp,
    Moment,
    Press,
    Silent,
    Speak,
)
from ivr.phone.script import Script
from ivr.phone.told import Event, Kind, Told
from ivr.phone.transcript import WIDTH, line, summary

RINGING_OUT = 10.0
"""Seconds of ringing after which a caller hangs up, where a script does not say."""

CALLED_ACTS = {Kind.ANSWERS, Kind.KEYS, Kind.SILENCE, Kind.LEG_ENDS}
"""What a ``<`` line says already."""


class Actors:
    """The people of one script; good for one call."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.acts = deque(script.acts)
        self.lines = list(script.head)
        self.known: tuple[Kind, str] | None = None
        """What the caller was just written to do; hearing it need not be written down again."""
        self.known_side = ""
        """The number of which the script has just said what becomes."""

    def answer(self, _: Moment) -> Doing:
        """The next thing the caller is written to do, unless another's is written before it."""
        does = self.acts[0].does if self.acts else None
        if not isinstance(does, Doing):
            return Silent()
        self._go_on()
        self.known = _as_heard(does)
        return does

    def leg(self, number: str) -> Fate:
        """What is written to become of this ringing; else an answer, and 1."""
        does = self.acts[0].does if self.acts else None
        self.known_side = ""
        if isinstance(does, HangUp):
            self._go_on()
            self.known = _as_heard(does)
            return CallerLeaves(RINGING_OUT if does.after is None else does.after)
        if not isinstance(does, Fate):
            return Answered()
        self._go_on()
        self.known_side = number
        return does

    def hears(self, event: Event) -> None:
        """Write ``event`` down, unless the script has said it already."""
        if not event.side and self.known == (event.kind, event.what):
            self.known = None
        elif not self._is_said(event):
            self._write(line(event))

    def _is_said(self, event: Event) -> bool:
        """Whether the script's last ``<`` line says as much; who is not put through, it cannot."""
        return (
            event.side != ""
            and event.side == self.known_side
            and event.kind in CALLED_ACTS
            and event.what != "not put through"
        )

    def recording(self, told: Told) -> str:
        """The script again, with what the line did, and how the call ended."""
        rest = [text for act in self.acts for text in act.lines]
        return "\n".join([*self.lines, *rest, f"= {summary(told)}"]) + "\n"

    def _go_on(self) -> None:
        """Write down the act that is now being done."""
        self.lines += self.acts.popleft().lines

    def _write(self, words: str) -> None:
        self.lines += wrap(
            words, WIDTH, initial_indent="  ", subsequent_indent="   ", break_on_hyphens=False
        )


def _as_heard(doing: Doing) -> tuple[Kind, str]:
    """How ``doing`` is told if all of it is heard."""
    match doing:
        case Press():
            return Kind.KEYS, doing.keys
        case Speak():
            return Kind.WORDS, doing.words
        case Silent():
            return Kind.SILENCE, ""
        case HangUp():
            return Kind.LEAVES, ""
