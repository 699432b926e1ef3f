"""Lets someone at a terminal be the caller, and be whoever is rung."""

from __future__ import annotations

from collections.abc import Callable

from ivr.phone.people import (
    Answered,
    Busy,
    Doing,
    Failed,
    Fate,
    HangUp,
    Moment,
    NoAnswer,
    Press,
    Silent,
    Speak,
    Voicemail,
)
from ivr.phone.told import Event, Kind
from ivr.phone.transcript import timed

CALLED = "answer, decline, busy, no answer, failed or voicemail"

FATES: dict[str, Fate] = {
    "answer": Answered(),
    "decline": Answered(presses=""),
    "busy": Busy(),
    "no answer": NoAnswer(),
    "failed": Failed(),
    "voicemail": Voicemail(),
}

TYPED = {Kind.KEYS, Kind.WORDS, Kind.LEAVES}
"""What the person at the terminal has just typed need not be shown to them."""


class Terminal:
    """The people of one call, all of them at the keyboard.

    ``ask`` shows its text and gives the line typed after it, or raises EOFError; ``show``
    writes one line.
    """

    def __init__(self, ask: Callable[[str], str], show: Callable[[str], None]) -> None:
        self.ask = ask
        self.show = show

    def answer(self, moment: Moment) -> Doing:
        """What is typed: keys, words, nothing, or ``hang up``."""
        ways = [name for name, on in (("keys", True), ("words", moment.gather.speech)) if on]
        try:
            typed = self.ask(f"        {' or '.join(ways)}> ").strip()
        except EOFError:
            return HangUp()
        if not typed:
            return Silent()
        if typed.lower() in ("hang up", "hangs up", "bye"):
            return HangUp()
        keys = typed.replace(" ", "")
        if set(keys) <= set("0123456789*#"):
            return Press(keys)
        return Speak(typed)

    def leg(self, number: str) -> Fate:
        """What is typed to become of the ringing; the first letters are enough."""
        try:
            while True:
                typed = self.ask(f"        {number}: {CALLED}? [answer] ").strip().lower()
                found = [fate for name, fate in FATES.items() if name.startswith(typed or "answer")]
                if len(found) == 1:
                    return found[0]
        except EOFError:
            return NoAnswer()

    def hears(self, event: Event) -> None:
        """Show what happens, with the second it begins."""
        words = timed(event)
        if words and (event.side or event.kind not in TYPED):
            self.show(words)
