"""Whole calls written down as plain text, to be rung again and compared with what happens then.

A line that begins with ``>`` is the caller's doing, one with ``<`` that of whoever is rung::

    # A caller keys a Cambridge postcode, and the first number is engaged.
    from +447700900461

    > 2
    > 2212222#
    < busy
    < answers after 4 s and presses 1, talks 60 s

Where nothing is written a caller stays silent, and whoever is rung answers and presses 1. The
lines between, and the last, which begins with ``=``, are what the line did: they are passed
over here, and :meth:`ivr.phone.acting.Actors.recording` writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.phone.people import (
    Answered,
    Busy,
    Doing,
    Failed,
    Fate,
    HangUp,
    NoAnswer,
    Press,
    Silent,
    Speak,
    Voicemail,
)
from ivr.phone.telephone import A_TUESDAY, CALLER

CALLER_DOES = re.compile(
    r"(?:(?P<silence>silence)|(?P<leaves>hangs up)|(?P<keys>[0-9*#](?:[0-9*# ]*[0-9*#])?)"
    r'|"(?P<words>.+)"(?: at (?P<trust>0|1|0?\.\d+))?)'
    r"(?: after (?P<after>\d+(?:\.\d+)?) s)?"
)
CALLER_ALLOWED = (
    'keys such as 2212222#, words such as "charlie bravo" at 0.4, silence, or hangs up; '
    "and then, after 3 s"
)

CALLED_DOES = re.compile(
    r"(?P<fate>answers|declines|busy|no answer|fails|voicemail)"
    r"(?: after (?P<after>\d+(?:\.\d+)?) s)?(?: and presses (?P<presses>[0-9*#]+|nothing))?"
    r"(?:, talks (?P<talks>\d+(?:\.\d+)?) s)?(?P<leaves>, then the caller hangs up)?"
)
CALLED_ALLOWED = (
    "answers, declines, busy, no answer, fails or voicemail; and then, after 4 s and presses 1, "
    "talks 60 s, then the caller hangs up"
)

FATES: dict[str, Fate] = {
    "answers": Answered(),
    "declines": Answered(presses=""),
    "busy": Busy(),
    "no answer": NoAnswer(),
    "fails": Failed(),
    "voicemail": Voicemail(),
}


TRUST = 0.9
"""How far the recogniser trusts itself where a script does not say."""


class ScriptError(ValueError):
    """A script has a line that cannot be understood; the text says which, and what may stand."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the caller or whoever is rung does.

    ``lines`` are those it is written in: comments, and then its own.
    """

    lines: tuple[str, ...]
    does: Doing | Fate


@dataclass(frozen=True, slots=True)
class Script:
    """A call to be made: its lines before the first act, and its acts, in order."""

    head: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    caller: str = CALLER
    number: str = ""
    """The number to be rung; "" is the line's own."""
    began: datetime = A_TUESDAY


def read_script(text: str) -> Script:
    """The call written down in ``text``; raises :class:`ScriptError`."""
    script = Script()
    comments: tuple[str, ...] = ()
    for count, whole in enumerate(text.splitlines(), 1):
        line = whole.rstrip()
        try:
            if line.startswith((">", "<")):
                script = replace(script, acts=(*script.acts, _act(line, comments)))
                comments = ()
            elif line.startswith("#") and script.acts:
                comments = (*comments, line)
            elif not line.startswith((" ", "=")):
                script = _head(script, line)
        except ValueError as error:
            raise ScriptError(f"line {count}, {line!r}: {error}") from error
    return script


def _head(script: Script, line: str) -> Script:
    """``script`` with one more line before its first act; after that, only a blank one."""
    if script.acts and not line:
        return script
    if script.acts:
        raise ValueError("allowed here: > and what the caller does, < and who is rung, # a comment")
    script = replace(script, head=(*script.head, line))
    word, _, value = line.partition(" ")
    if word == "from":
        return replace(script, caller=value.strip('"'))
    if word == "to":
        return replace(script, number=value)
    if word == "at":
        return replace(script, began=_moment(value))
    if line and not line.startswith("#"):
        raise ValueError("allowed here: # and a comment, from NUMBER, to NUMBER, at TIME, > or <")
    return script


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time must say its zone, as in 2026-12-25T03:00+00:00")
    return moment


def _act(line: str, comments: tuple[str, ...]) -> Act:
    lines, words = (*comments, line), line[1:].strip()
    return Act(lines, doing(words) if line.startswith(">") else fate(words))


def doing(words: str) -> Doing:
    """What a caller does, as it stands after ``>``; raises ValueError with what is allowed."""
    found = CALLER_DOES.fullmatch(words)
    if found is None:
        raise ValueError(f"allowed: {CALLER_ALLOWED}")
    after = float(found["after"]) if found["after"] else None
    if found["silence"]:
        return Silent()
    if found["leaves"]:
        return HangUp(after)
    if found["keys"]:
        return Press(found["keys"].replace(" ", ""), after)
    return Speak(found["words"], float(found["trust"] or TRUST), after)


def fate(words: str) -> Fate:
    """What becomes of a ringing, as it stands after ``<``; raises ValueError likewise."""
    found = CALLED_DOES.fullmatch(words)
    if found is None:
        raise ValueError(f"allowed: {CALLED_ALLOWED}")
    changes: dict[str, Any] = {
        name: float(found[name]) for name in ("after", "talks") if found[name]
    }
    if found["presses"]:
        changes["presses"] = found["presses"].replace("nothing", "")
    if found["leaves"]:
        changes["caller_ends"] = True
    try:
        return replace(FATES[found["fate"]], **changes)
    except TypeError as error:
        raise ValueError(f"{found['fate']!r} cannot have {', '.join(changes)}") from error
