"""What a test call becomes by what is heard of it, late, twice or in any order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from ivr.events import Event
from ivr.ringing_back import ACCEPTED, DENIED, STATUS
from ivr.trials.trial import ENDS, State, Trial, moved

PRESSED: Mapping[str, State] = MappingProxyType({ACCEPTED: State.CONFIRMED, DENIED: State.DENIED})
"""What the two keys say."""

OVER: Mapping[str, State] = MappingProxyType(
    {
        "completed": State.SILENT,
        "busy": State.UNANSWERED,
        "no-answer": State.UNANSWERED,
        "canceled": State.UNANSWERED,
        "failed": State.FAILED,
    }
)
"""What the end of the call says, in Twilio's words, where no key was heard of."""


def told(trial: Trial, event: Event) -> Trial:
    """``trial`` after ``event``, tidings of its call; as it was, if it says nothing new.

    A key counts whenever it is heard of, and the first one for good; how the call ended only until
    then.
    """
    if trial.state in PRESSED.values():
        return trial
    what = event.facts.get("what")
    if what in PRESSED:
        return moved(trial, PRESSED[str(what)], event.at, event.call)
    return found(trial, str(event.facts.get("leg")), event.at) if what == STATUS else trial


def found(trial: Trial, status: str, at: datetime) -> Trial:
    """``trial`` once its call is known to have the ``status``, in Twilio's words."""
    if status not in OVER or trial.state in ENDS:
        return trial
    return moved(trial, OVER[status], at)
