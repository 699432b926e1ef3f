"""The people at both ends of a call: what a caller may do, and whoever is rung.

The telephone asks its people what they do each time something is up to them. A script, a
person at a terminal and a simulated caller are all people to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ivr.phone.told import Event
from ivr.phone.verbs import Gather


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys: digits, ``*`` and ``#``.

    ``after`` is how many seconds into the prompts the first is pressed; None is a moment
    after they end.
    """

    keys: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Speak:
    """Say something, which the recogniser takes for ``words`` with this trust in itself."""

    words: str
    confidence: float = 0.9
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Ring off, ``after`` seconds into the prompts, or when they end."""

    after: float | None = None


Doing = Press | Speak | Silent | HangUp


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody (or a service's queue) answers, after some seconds of ringing.

    ``presses`` are the keys they press when asked to accept the call, "" for none. They talk
    for ``talks`` seconds unless cut off, and then one of the two rings off.
    """

    presses: str = "1"
    talks: float = 60.0
    after: float = 6.0
    caller_ends: bool = False


@dataclass(frozen=True, slots=True)
class Voicemail:
    """A machine answers: it presses nothing, and records whatever it hears."""

    talks: float = 60.0
    after: float = 10.0


@dataclass(frozen=True, slots=True)
class Busy:
    """The number is engaged."""

    after: float = 1.0


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """It rings until the telephone gives up."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The network cannot reach the number."""

    after: float = 1.0


@dataclass(frozen=True, slots=True)
class CallerLeaves:
    """The caller rings off, after some seconds of listening to it ring."""

    after: float


Fate = Answered | Voicemail | Busy | NoAnswer | Failed | CallerLeaves


@dataclass(frozen=True, slots=True)
class Moment:
    """What a caller knows when they are asked: the second, the prompts, and what is waited for."""

    second: float
    prompts: str
    gather: Gather


class People(Protocol):
    """The caller, and everybody the line may ring on their behalf."""

    def answer(self, moment: Moment) -> Doing:
        """What the caller does about a prompt that waits for an answer."""

    def leg(self, number: str) -> Fate:
        """What becomes of ringing ``number``."""

    def hears(self, event: Event) -> None:
        """Be told of ``event`` as it begins."""
