"""The words a call is told in: where it has got to, what was heard, and what is said next.

Everything here is a value that never changes. A :class:`Call` is what travels from one turn
to the next, in the URL, so it holds where the caller has got to and never who they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

UNDER_18 = "under_18"
ADULT = "adult"
AUDIENCES = (ADULT, UNDER_18)

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Cover:
    """The services that cover one place: for adults, for the under 18s, and the postcode area.

    ``adult`` and ``under_18`` are service codes and are the same where one service takes all
    ages. ``area`` is the one or two letters a postcode there begins with ("CB"), or "".
    """

    adult: str
    under_18: str
    area: str = ""

    @property
    def by_age(self) -> bool:
        """Whether the caller's age decides which service it is."""
        return self.adult != self.under_18

    def service(self, audience: str) -> str:
        """The service code for ``audience``, one of :data:`AUDIENCES`."""
        return self.under_18 if audience == UNDER_18 else self.adult


@dataclass(frozen=True, slots=True)
class Line:
    """One prompt to be spoken: its name in the catalogue, and the words that fill its gaps."""

    prompt: str
    words: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    language: str = ""
    """The catalogue it is spoken from; "" for the call's own language."""


def line(prompt: str, **words: str) -> Line:
    """The :class:`Line` called ``prompt``, its gaps filled with ``words``."""
    return Line(prompt, MappingProxyType(words))


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a caller may choose by a key: a cover, and the lines that tell it to them.

    ``says`` is spoken once and forgotten; it never travels in a URL.
    """

    cover: Cover
    says: tuple[Line, ...] = field(default=(), compare=False)
    near: tuple[str, str] = field(default=("", ""), compare=False)
    """The two halves of the likeliest postcode it stands for, or as much as is known of them: for
    operators who ask what decides. It travels no more than ``says``."""


@dataclass(frozen=True, slots=True)
class Call:
    """Where one caller has got to.

    Of these, ``step`` is the path of the next URL and the rest its query, save ``ring_back``,
    which lives only within the turn that heard it.
    """

    step: str = "welcome"
    turn: int = 0
    """How many answers have been heard; what keeps every call short."""
    tries: int = 0
    """How many rungs of the ladder have been used up by answers that were not clear."""
    ring: int = 0
    """Which number is ringing, counted from 1; 0 while the call is being announced."""
    service: str = ""
    """The code of the service that is being rung, or that could not be reached."""
    options: tuple[Option, ...] = ()
    """What the caller's next answer chooses among."""
    area: str = ""
    """The postcode area the caller is in ("CB"), for the service's ears; "" if not known."""
    language: str = "en"
    table: str = ""
    """The version of the routing table the call began with."""
    ring_back: str = ""
    """The number to be rung back, in E.164; never in a URL."""

    def at(self, step: str, **changes: object) -> Call:
        """This call, moved to ``step``, with what else has changed."""
        return replace(self, step=step, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from the caller, or from the number that was rung. Silence is empty."""

    digits: str = ""
    speech: str = ""
    confidence: float = 1.0
    """The recogniser's own trust in ``speech``, from 0 to 1."""
    leg: str = ""
    """How the ringing ended, in Twilio's words (``busy``, ``no-answer``, ...); "" if none rang."""
    bridged: bool | None = None
    """Whether the two sides could hear each other; None where Twilio did not say."""

    @property
    def kind(self) -> str:
        """The kind of answer, for the log: keys, words, leg or silence."""
        if self.leg:
            return "leg"
        if self.digits:
            return "keys"
        return "words" if self.speech else "silence"


@dataclass(frozen=True, slots=True)
class Ask:
    """Say something and wait for an answer; silence is answered too."""

    lines: tuple[Line, ...]
    keys: int = 1
    """The most keys worth waiting for. 0 takes any number of keys, ended by ``#``."""
    speech: bool = False
    wait: int = 4
    """Seconds of silence after which the caller has answered with silence."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring one number and put the caller through to whoever answers."""

    lines: tuple[Line, ...]
    number: str
    """E.164 or a SIP address."""
    seconds: int
    person: bool
    """Whether an answer counts only when a person presses 1."""
    area: str = ""
    """The postcode area to be told to whoever answers."""
    crisis: bool = True
    """Whether whoever answers is told that it is a crisis call."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Say something and end the call."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Say something and join the call to whoever else is, or will be, in the same room."""

    lines: tuple[Line, ...]
    room: str
    """What the two calls that belong together alike call it; nobody else's room is called so."""
    after: tuple[Line, ...] = ()
    """What is said to whoever is still there once the other has gone."""


Reply = Ask | Ring | Finish | Join
