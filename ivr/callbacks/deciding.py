"""Decides what is next for a callback, and what to write down before a telephone is rung."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ivr.callbacks.callback import (
    CALLER,
    ENDS,
    FULL,
    LET_GO,
    LETTING_GO,
    OPTED_OUT,
    RINGING,
    RULES,
    SERVICE,
    Callback,
    Rules,
    State,
    changed,
    failed,
    marker,
    moved,
    needs_a_person,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be known besides the callback itself, all of it at this moment."""

    rings: tuple[int, ...]
    """Which numbers of the service's chain may be rung now, counted from 1 and in order: those of
    services that are open and allowed by the table."""
    fit: bool = True
    """Whether the caller's number is still held and may be rung."""
    may_call: bool = True
    """Whether the caller has not asked never to be rung."""
    rung_lately: int = 0
    """How often the caller's number was rung in the last 24 hours."""
    rung_last_hour: int = 0
    """How many rings of callers the last hour had."""
    ahead: int = 0
    """How many rings of callers the others will want that go before this one: those whose service
    is being rung or has accepted, and those asked for earlier that wait for the hour's rings."""
    company: bool = True
    """Whether there is a telephone company to ring by."""
    key: bool = True
    """Whether the key is there that the caller's number was sealed with."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is to be done before ``until``; None: not before there are tidings."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Ring:
    """Write down what :func:`claim` gives, and only then ring this side's telephone.

    ``ring`` is which number of the service's chain; of the caller's side, which one accepted.
    """

    side: str
    ring: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the telephone company how the call of this side is doing, and tell it by ``found``."""

    side: str
    sid: str
    """The call's SID; "" if it was never learned."""
    marker: str
    """What finds the call without its SID."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """End a call that waits for nobody, then write down what ``let_go`` gives.

    Whoever has picked up is told so: the service that the caller could not be reached, the caller
    in words that anybody may hear. A caller may then be put through to somebody else, and is not
    to be pulled away from them: what ``letting_go`` gives is written down first, and it is done
    once.
    """

    side: str
    sid: str


@dataclass(frozen=True, slots=True)
class Seek:
    """Find out whether the telephone company took what was asked of it to let a caller go.

    Then write down what ``let_go`` gives, or ``not_let_go``. If it cannot tell, do as for ``call``.
    """

    call: Ask


@dataclass(frozen=True, slots=True)
class Become:
    """Write down that the callback has become another; nobody is rung for it."""

    callback: Callback


Step = Rest | Ring | Ask | LetGo | Seek | Become


def decide(callback: Callback, now: datetime, rules: Rules, facts: Facts) -> Step:
    """What is next for ``callback``. Looked at twice it is decided the same."""
    if callback.state in RINGING and callback.placed:
        return _outstanding(callback, now, rules)
    if callback.service_call and callback.state not in {*RINGING, State.CONNECTED}:
        return LetGo(SERVICE, callback.service_call)
    if callback.state in {*ENDS, State.NEEDS_A_PERSON}:
        return _at_rest(callback, now)
    if now >= callback.expires:
        return Become(needs_a_person(callback, "expired", now))
    if callback.due and now < callback.due:
        return Rest(callback.due)
    return _ring(callback, now, rules, facts)


def claim(callback: Callback, step: Ring, now: datetime, rules: Rules = RULES) -> Callback:
    """What to write down before ``step`` is carried out: whoever succeeds in that rings."""
    fresh = callback.state not in RINGING
    due = now + rules.unsure
    if step.side == CALLER:
        return changed(callback, placed=now, due=due, caller_call="", rung=callback.rung + 1)
    return moved(
        callback,
        State.RINGING_SERVICE,
        now if fresh else callback.changed,
        attempt=callback.attempt + fresh,
        ring=step.ring,
        placed=now,
        due=due,
        service_call="",
        caller_call="",
        gone=None,
        why="",
    )


def _at_rest(callback: Callback, now: datetime) -> Step:
    """Nobody is to be rung: what is connected settles, and is then the same with no time due."""
    if callback.state is State.CONNECTED and callback.due and now >= callback.due:
        return Become(changed(callback, due=None))
    return Rest(callback.due)


def _outstanding(callback: Callback, now: datetime, rules: Rules) -> Step:
    """A call was claimed, and what came of it is not known yet."""
    side = RINGING[callback.state]
    sid = callback.service_call if side == SERVICE else callback.caller_call
    lost = now >= callback.expires + rules.unknown
    ask = Ask(side, sid, marker(callback))
    if callback.gone and callback.why not in {LETTING_GO, LET_GO} and not lost:
        return LetGo(side, sid) if sid else ask
    if callback.due and now < callback.due:
        return Rest(callback.due)
    if lost:  # a service is not let go, for it may be talking with the caller
        kept = callback if side == SERVICE else replace(callback, service_call="")
        return Become(needs_a_person(kept, "unknown", now))
    return Seek(ask) if callback.why == LETTING_GO else ask


def _ring(callback: Callback, now: datetime, rules: Rules, facts: Facts) -> Step:
    """Ring whoever is next, unless something stands against ringing this caller at all."""
    why = _against(rules, facts)
    if why:
        return Become(needs_a_person(callback, why, now))
    if callback.state is State.RINGING_CALLER:
        return _ring_caller(callback, now, rules, facts)
    begun = callback.state is State.RINGING_SERVICE
    if facts.rung_last_hour + (0 if begun else facts.ahead) >= rules.per_hour:
        why = callback.why if begun else FULL
        return Become(changed(callback, why=why, due=now + rules.full))
    following = [ring for ring in facts.rings if ring >= callback.ring or not begun]
    if following:
        return Ring(SERVICE, following[0])
    if begun:
        return Become(failed(callback, callback.why or "no_answer", now, rules))
    attempted = replace(callback, attempt=callback.attempt + 1)
    return Become(failed(attempted, "closed", now, rules))


def _ring_caller(callback: Callback, now: datetime, rules: Rules, facts: Facts) -> Step:
    if callback.gone:
        return Become(failed(callback, "service_gone", now, rules))
    if facts.rung_last_hour >= rules.per_hour:  # others were quicker; the service is not kept
        return Become(failed(callback, "cap", now, rules))
    return Ring(CALLER, callback.ring)


def _against(rules: Rules, facts: Facts) -> str:
    """Why no machine may ring this caller, in a word; "" if nothing is against it."""
    reasons = {
        "no_key": not facts.key,
        OPTED_OUT: not facts.may_call,
        "refused_number": not facts.fit,
        "no_company": not facts.company,
        "cap": facts.rung_lately >= rules.per_number_day,
    }
    return next((why for why, holds in reasons.items() if holds), "")
