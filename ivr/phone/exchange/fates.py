"""Who is rung, and what becomes of it each time: they answer, are engaged, a machine answers.

The small file that ``ivr exchange --fates`` reads has a line for each number, and after it what
becomes of ringing it the first time, the second time and so on; the last is what becomes of it
ever after. ``*`` stands for everybody else::

    # number         first time  then
    +441632960001    no-answer, answers 1
    +447700900461    answers - 1 for 90 s after 12 s
    *                answers 1
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

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
    Voicemail,
)
from ivr.phone.told import Event

EVERYBODY_ELSE = "*"

SILENT, RINGS_OFF = "-", "off"
"""Among what somebody presses: at this prompt nothing, and at this prompt they ring off."""

PLAIN: Mapping[str, Fate] = {
    "no-answer": NoAnswer(),
    "busy": Busy(),
    "failed": Failed(),
    "voicemail": Voicemail(),
}
"""The fates that need no more words."""

ANSWERS = re.compile(
    rf"answers(?P<presses>( ([0-9*#]+|{SILENT}|{RINGS_OFF}))*)"
    r"( for (?P<talks>\d+) s)?( after (?P<after>\d+) s)?"
)
ALLOWED = f"{', '.join(PLAIN)} or `answers 1 for 60 s after 6 s`"


class FatesError(Exception):
    """A line of a file of fates is not one; the message says which, and what is allowed."""


class Fates:
    """Whoever may be rung, with what becomes of it by number.

    Where a number has several fates they come to pass in turn, and the last for ever. Each word
    that an :class:`~ivr.phone.people.Answered` one ``presses`` is for one prompt: keys, ``-``
    for silence, or ``off`` to ring off; after the last there is silence.
    """

    def __init__(
        self,
        fates: Mapping[str, Fate | Sequence[Fate]] | None = None,
        hears: Callable[[Event], None] = lambda _: None,
    ) -> None:
        self.fates = {EVERYBODY_ELSE: (Answered(),)} | {
            number: fate if isinstance(fate, Sequence) else (fate,)
            for number, fate in (fates or {}).items()
        }
        self.hears = hears
        self.times: Counter[str] = Counter()

    def answer(self, _: Moment) -> Doing:
        """Nothing: nobody rings in here."""
        return Silent()

    def leg(self, number: str) -> Fate:
        """What becomes of ringing ``number`` this time."""
        fates = self.fates.get(number) or self.fates[EVERYBODY_ELSE]
        self.times[number] += 1
        return fates[min(self.times[number], len(fates)) - 1]


class Pressing:
    """Whoever has answered, prompt by prompt; a machine presses nothing."""

    def __init__(self, fate: Fate) -> None:
        self.words = fate.presses.split() if isinstance(fate, Answered) else []

    def __call__(self, _: Moment) -> Doing:
        """What they do at this prompt."""
        word = self.words.pop(0) if self.words else SILENT
        if word == RINGS_OFF:
            return HangUp()
        return Silent() if word == SILENT else Press(word)


def read_fates(text: str, hears: Callable[[Event], None] = lambda _: None) -> Fates:
    """The people of a file of fates. Raises :class:`FatesError` for the first line that is none."""
    found: dict[str, list[Fate]] = {}
    for count, line in enumerate(text.splitlines(), 1):
        number, _, fates = line.partition("#")[0].strip().partition(" ")
        if not number:
            continue
        if number in found:
            raise FatesError(f"line {count}: {number} stands here a second time")
        found[number] = [_fate(words.strip(), count) for words in fates.split(",")]
    return Fates(found, hears)


def _fate(words: str, line: int) -> Fate:
    words = " ".join(words.split())
    if words in PLAIN:
        return PLAIN[words]
    match = ANSWERS.fullmatch(words)
    if not match:
        raise FatesError(f"line {line}: {words!r} is no fate; allowed: {ALLOWED}")
    usual = Answered()
    return Answered(
        presses=match["presses"].strip(),
        talks=float(match["talks"] or usual.talks),
        after=float(match["after"] or usual.after),
    )
