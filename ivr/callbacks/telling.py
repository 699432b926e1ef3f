"""What a callback becomes by tidings of the calls that were rung for it.

They may come late, twice, in any order or not at all, and of an attempt that is long over. Such
change nothing, but for one: who asks never to be rung again is heard whenever it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.callbacks.callback import (
    ASKED_AFTER_9,
    CALLER,
    OPTED_OUT,
    RINGING,
    SERVICE,
    Callback,
    Rules,
    State,
    changed,
    failed,
    moved,
    needs_a_person,
)
from ivr.callbacks.placing import let_go
from ivr.events import Event

ACCEPTED, NEVER, STATUS = "accepted", "never", "status"
"""What tidings there are: 1 was pressed, 9 was pressed, or how a call is doing."""
SORRY, ELSEWHERE = "sorry", "elsewhere"
"""And of who waited for the other in vain: they are told so; they are put through to others."""

OVER = {
    "completed": "declined",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "no_answer",
    "failed": "refused_number",
}
"""The words for a call that is over, and why that means nobody accepted, if nobody did."""


NINE = frozenset({OPTED_OUT, ASKED_AFTER_9})
"""Why a callback is left to a person whose caller has pressed 9."""
LATE = frozenset({State.UNANSWERED, State.NEEDS_A_PERSON})
"""States of a callback whose caller may have accepted all the same: the tidings come late."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How one of a callback's calls is doing."""

    side: str
    sid: str
    leg: str
    """In Twilio's words, such as "ringing" or "no-answer"."""
    seconds: int = 0
    """How long it lasted, if it is over."""


def told(callback: Callback, event: Event, rules: Rules) -> Callback:
    """``callback`` after ``event``, tidings of one of its calls; as it was, if it says nothing new.

    Its facts are ``what`` (accepted, never, sorry, elsewhere or status), ``side``, ``attempt``,
    ``ring`` and, of a status, ``leg`` (how the call is doing, in Twilio's words) and ``seconds``.
    """
    facts, at = event.facts, event.at
    side, what = facts.get("side"), facts.get("what")
    present = facts.get("attempt") == callback.attempt
    present = present and facts.get("ring") in (None, callback.ring)
    if what == NEVER and side == CALLER:
        return _never(callback, at, present=present)
    if not present or callback.is_settled:
        return callback
    if what == ACCEPTED:
        return _accepted(callback, str(side), event.call, at, rules)
    if what in {SORRY, ELSEWHERE}:
        return let_go(callback, str(side), at)
    if what == STATUS:
        seconds = facts.get("seconds")
        lasted = seconds if isinstance(seconds, int) else 0
        heard = Heard(str(side), event.call, str(facts.get("leg")), lasted)
        return _status(callback, heard, at, rules)
    return callback


def found(callback: Callback, heard: Heard, now: datetime, rules: Rules) -> Callback:
    """``callback`` once the telephone company was asked after a call of it, and knew it."""
    return _status(callback, heard, now, rules, asked=True)


def _never(callback: Callback, at: datetime, *, present: bool) -> Callback:
    """The caller is never to be rung again; somebody must see to what was promised.

    If they have been rung since, they may be talking: nobody is let go before that is over.
    """
    rung_since = callback.state is State.RINGING_CALLER and callback.placed and not present
    open_to_it = callback.is_open and callback.why not in NINE
    return needs_a_person(callback, OPTED_OUT, at) if open_to_it and not rung_since else callback


def _accepted(callback: Callback, side: str, sid: str, at: datetime, rules: Rules) -> Callback:
    if side == SERVICE:
        if callback.state is not State.RINGING_SERVICE:
            return callback
        return moved(
            callback, State.RINGING_CALLER, at, due=at, placed=None, why="", service_call=sid
        )
    alone = callback.gone is not None and at >= callback.gone  # nobody was there to be joined to
    waited_for = callback.state in {State.RINGING_CALLER, *LATE} and callback.why not in NINE
    if not waited_for or alone or not callback.rung:
        return callback
    return _connected(callback, sid, at, at + rules.settling)


def _connected(callback: Callback, sid: str, since: datetime, due: datetime) -> Callback:
    """``callback`` whose caller has accepted; until ``due`` it may turn out that they are alone."""
    return moved(callback, State.CONNECTED, since, due=due, placed=None, why="", caller_call=sid)


def _status(
    callback: Callback, heard: Heard, at: datetime, rules: Rules, *, asked: bool = False
) -> Callback:
    over = heard.leg in OVER
    if heard.side == SERVICE and callback.state is not State.RINGING_SERVICE:
        return _service_gone(callback, heard, at) if over else callback
    if RINGING.get(callback.state) != heard.side or not callback.placed:
        return callback
    if not over:
        return _goes_on(callback, heard, at, rules, asked=asked)
    if heard.side == SERVICE:
        why, ring = OVER[heard.leg], callback.ring + 1
        return changed(callback, ring=ring, placed=None, due=at, why=why, service_call="")
    return _caller_over(callback, heard, at, rules)


def _service_gone(callback: Callback, heard: Heard, at: datetime) -> Callback:
    """The service, which had accepted, has rung off: perhaps before the caller accepted too."""
    if callback.service_call not in ("", heard.sid) or callback.gone:
        return callback
    if callback.state is State.CONNECTED:
        return _alone(callback, at) if at <= callback.changed else callback
    if callback.state is State.RINGING_CALLER:
        return changed(callback, service_call="", gone=at, due=at)
    if callback.state in LATE:
        return changed(callback, service_call="", gone=at)
    return changed(callback, service_call="") if callback.service_call else callback


def _alone(callback: Callback, gone: datetime) -> Callback:
    """``callback`` whose caller was taken for connected when the service had already ``gone``."""
    return moved(
        callback,
        State.RINGING_CALLER,
        callback.changed,
        placed=callback.changed,
        due=callback.changed,
        service_call="",
        gone=gone,
    )


def _goes_on(
    callback: Callback, heard: Heard, at: datetime, rules: Rules, *, asked: bool
) -> Callback:
    """The call is being rung or has been picked up: it is asked after only once it is silent."""
    sid = callback.service_call if heard.side == SERVICE else callback.caller_call
    due = max(callback.due or at, at + rules.silence)
    if callback.gone and not asked:
        due = callback.due or at
    if sid == heard.sid and due == callback.due:
        return callback
    return changed(callback, due=due, **{f"{heard.side}_call": heard.sid})


def _caller_over(callback: Callback, heard: Heard, at: datetime, rules: Rules) -> Callback:
    """The caller's call is over: a long one was accepted, though nobody told."""
    answered = at - timedelta(seconds=heard.seconds)
    together = min(callback.gone or at, at) - answered
    if heard.leg == "completed" and together > rules.talk:
        return _connected(callback, heard.sid, answered + rules.talk, at + rules.settling)
    why = "service_gone" if callback.gone else OVER[heard.leg]
    return failed(changed(callback, caller_call=heard.sid), why, at, rules)
