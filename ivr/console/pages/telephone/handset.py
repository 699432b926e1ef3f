"""One call as the page's handset has it: what has happened, and what it waits for next.

The call goes on in a thread of its own until somebody has to do something: the caller at a prompt,
whoever is rung, or either of the two to end their talk. Then it waits for what the page is told,
in the words of a written call (:mod:`ivr.phone.script`), so that both mean the same.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ivr.phone import (
    Answered,
    CallerLeaves,
    Event,
    HangUp,
    Kind,
    Moment,
    NoAnswer,
    Silent,
    Told,
    Voicemail,
)
from ivr.phone.people import Doing, Fate
from ivr.phone.script import doing, fate
from ivr.phone.transcript import line, summary
from ivr.phone.underway import CallerLeftError

PATIENCE = 300.0
"""Seconds that a call waits for somebody at the page; then they have gone, and the caller too."""

SOON = 20.0
"""Seconds that the page waits for the line: more than any telephone company waits for it."""

LONGEST = 1000
"""Characters of the longest thing that is done, or said."""

RINGING_OUT = 10.0
"""Seconds of ringing after which a caller hangs up, where they do not say."""

UNHEARD = {Kind.POSTS}
"""What nobody on a telephone notices."""


class Whose(StrEnum):
    """Who is waited for."""

    NOBODY = ""
    CALLER = "caller"
    """The caller, at a prompt."""
    CALLED = "called"
    """Whoever is rung."""
    EITHER = "either"
    """Either side, to end the talk."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What is waited for. ``about`` tells the page more: the prompt's keys, or who is rung."""

    whose: Whose = Whose.NOBODY
    about: Mapping[str, object] = field(default_factory=dict)


class Handset:
    """The people of one call, all of them at the page. Safe to share between threads."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._wait = Wait()
        self._step = 0
        self._said: Doing | Fate | None = None
        self._leaves = False
        self._over = ""

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return bool(self._over)

    # What the telephone asks, in the call's own thread.

    def answer(self, moment: Moment) -> Doing:
        """What the caller is told to do at a prompt; one who has gone hangs up."""
        gather = moment.gather
        about = {
            "keys": gather.keys,
            "speech": gather.speech,
            "seconds": gather.timeout,
            "finish": gather.finish_on,
            "most": gather.most,
        }
        said = self._asked(Wait(Whose.CALLER, about))
        return said if isinstance(said, Doing) else HangUp()

    def leg(self, number: str) -> Fate:
        """What whoever is rung is told to do; nobody takes a call that is left ringing."""
        seconds = next(e.seconds for e in reversed(self._events) if e.kind is Kind.RINGS)
        said = self._asked(Wait(Whose.CALLED, {"number": number, "seconds": seconds}))
        if isinstance(said, HangUp):
            return CallerLeaves(RINGING_OUT if said.after is None else said.after)
        return said if isinstance(said, Fate) else NoAnswer()

    def hears(self, event: Event) -> None:
        """Keep ``event`` for the page; while the two sides talk, wait until one of them ends it."""
        if event.kind in UNHEARD:
            self._leave_if_told()
            return
        with self._changed:
            self._events.append(event)
        if event.kind is Kind.BRIDGES:
            said = self._asked(Wait(Whose.EITHER, {"number": event.side}))
            self._leaves = isinstance(said, HangUp)

    def ended(self, how: str) -> None:
        """The call is over, and ``how``."""
        with self._changed:
            self._over = how
            self._wait = Wait()
            self._changed.notify_all()

    def _leave_if_told(self) -> None:
        """Ring off for a caller who ended the talk, once the line has heard that the leg is over.

        The telephone knows beforehand who ends a talk; here it is known only afterwards.
        """
        leaves, self._leaves = self._leaves, False
        if leaves:
            self.hears(Event(0.0, Kind.LEAVES))
            raise CallerLeftError

    def _asked(self, wait: Wait) -> Doing | Fate | None:
        """What the page is told to do about ``wait``; None if nothing, for too long."""
        with self._changed:
            self._wait = wait
            self._step += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._said is not None, self._patience)
            said, self._said = self._said, None
            self._wait = Wait()
            return said

    # What the page does, in a request's thread.

    def does(self, step: int, words: str) -> None:
        """Somebody does ``words`` about what is waited for; ValueError says what they may do.

        ``step`` is the wait they saw: what is done twice, or too late, is passed over.
        """
        with self._changed:
            if step != self._step or self._wait.whose is Whose.NOBODY or self._said is not None:
                return
            self._said = _read(self._wait.whose, words)
            self._changed.notify_all()

    def told(self, seen: int, after: int, soon: float = SOON) -> dict[str, Any]:
        """How the call stands, with its events but the first ``seen``.

        The page has seen it wait at the step ``after``: it is told once the call waits anew, or
        is over, or after some seconds as it stands.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stands(after), soon)
            return {
                "step": self._step,
                "events": [_event(event) for event in self._events[seen:]],
                "seen": len(self._events),
                "waits": {"whose": self._wait.whose.value, **self._wait.about},
                "over": self._over,
            }

    def _stands(self, after: int) -> bool:
        """Whether there is a wait beyond ``after``, or there will be none."""
        waits = self._wait.whose is not Whose.NOBODY and self._said is None
        return bool(self._over) or (waits and self._step > after)


def how(told: Told) -> str:
    """How a call ended, in one line."""
    words = summary(told)
    return words[:1].upper() + words[1:]


def _read(whose: Whose, words: str) -> Doing | Fate:
    """What somebody does, from the words of a written call; raises ValueError."""
    if len(words) > LONGEST:
        raise ValueError(f"allowed: at most {LONGEST} characters")
    if whose is Whose.CALLER:
        return doing(words)
    if words.startswith("hangs up"):
        return doing(words)
    if whose is Whose.EITHER:
        if words != "rings off":
            raise ValueError("allowed: hangs up (the caller), or rings off (whoever was rung)")
        return Silent()
    found = fate(words)
    # How long they talk is known once they have.
    return replace(found, talks=0.0) if isinstance(found, Answered | Voicemail) else found


def _event(event: Event) -> dict[str, str | float]:
    """``event`` as the page shows it."""
    return {
        "kind": event.kind.value,
        "what": event.what,
        "side": event.side,
        "language": event.language,
        "seconds": round(event.seconds, 1),
        "line": line(event),
    }
