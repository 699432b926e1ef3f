"""A promise to ring somebody back: how far it has got, and the rules it is kept by.

Two telephones are rung for it: the *service's*, whose number is one of a chain, and once somebody
there has pressed 1 the *caller's*. An *attempt* is one time down the chain and, if the service
accepts, one ring of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

SERVICE, CALLER = "service", "caller"
"""Whose telephone a call of ours rings: its side."""
SIDES = (SERVICE, CALLER)


class State(StrEnum):
    """How far a callback has got."""

    ASKED = "asked"
    RINGING_SERVICE = "ringing_service"
    RINGING_CALLER = "ringing_caller"
    """The service has accepted and waits in the conference."""
    CONNECTED = "connected"
    UNANSWERED = "unanswered"
    """An attempt failed; another follows by itself."""
    NEEDS_A_PERSON = "needs_a_person"
    """No machine does anything more for it; somebody must, and then close it."""
    CLOSED = "closed"
    """By a person, who gave a reason."""


ENDS = frozenset({State.CONNECTED, State.CLOSED})
"""Where nothing is owed any longer. The number is erased once it is settled too."""
RINGING: Mapping[State, str] = MappingProxyType(
    {State.RINGING_SERVICE: SERVICE, State.RINGING_CALLER: CALLER}
)
"""The states in which a telephone is rung, and whose it is."""


OPTED_OUT, ASKED_AFTER_9 = "opted_out", "asked_after_9"
"""Why no machine may ring somebody who pressed 9: never to be rung; or they have asked to be rung
since, and a person rings them."""
FULL = "full"
"""Why a callback waits: the hour has had its rings, or others that go first will have them."""
LETTING_GO, LET_GO = "letting_go", "let_go"
"""How far it is with a caller whose service has rung off: it was written down that they will be
told so, and they were."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How often, for how long and how much is rung. Every figure is data, with its reason."""

    retries: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (3, 7, 15, 30, 60))
    """How long to wait after each failed attempt; after the last, a person is needed. Close
    together at first, while somebody in distress is near their telephone. Our judgement."""
    expiry: timedelta = timedelta(hours=4)
    """Nobody is rung later than this after they last asked. A telephone company that is overloaded
    may keep a call waiting for 24 hours, and a call at dawn about last night frightens."""
    deadline: timedelta = timedelta(minutes=30)
    """Not connected by then, it is an alarm: NHS 111 asks for urgent callbacks within 30
    minutes at most. Our judgement within that."""
    per_number_day: int = 3
    """How often one number may be rung in 24 hours, so that nobody can have another harassed. It
    never limits who may ring in."""
    per_hour: int = 30
    """How many rings of callers, whoever they are, an hour may have: what a flood of made-up
    requests can cost. A service that is rung counts to no cap, for its numbers are the table's."""
    silence: timedelta = timedelta(seconds=90)
    """A call of ours of which nothing has been heard for so long is asked after. A telephone
    rings for a minute at most and the words before the key take half of one."""
    unsure: timedelta = timedelta(seconds=30)
    """A call of ours whose SID was not told to us so long after it was claimed is asked after: we
    wait for the telephone company's answer for ten seconds, so whoever waited was killed. The
    reconciler comes round every 30 seconds, so whatever was killed is looked at within 60 of a
    restart. That there was no such call is believed only after :attr:`silence`."""
    breath: timedelta = timedelta(seconds=30)
    """How long to wait where it is certain that nothing was rung and the same may be tried
    again: the telephone company took no more calls just then."""
    full: timedelta = timedelta(minutes=5)
    """How long to wait where the hour has had its rings."""
    talk: timedelta = timedelta(seconds=90)
    """A caller's call that lasted longer was accepted, though the tidings be lost: who does not
    press 1 is let go within a minute, however often they are asked."""
    settling: timedelta = timedelta(seconds=60)
    """For so long after the caller has pressed 1 the number is kept: if tidings come meanwhile that
    the service had rung off before, the caller is alone on the line and must be rung again. What is
    told of a call is with us in a few seconds; a minute outlasts one turn of the reconciler."""
    still: timedelta = timedelta(seconds=60)
    """How long to wait where the telephone company could not tell, before it is asked again."""
    unknown: timedelta = timedelta(minutes=15)
    """So long after expiry a call that nobody can tell anything of is for a person to look at."""


RULES = Rules()
"""The rules as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One promise to ring somebody back, as it stands. All times have their zone, UTC.

    It holds no number: the store has it, sealed, for as long as the callback is open.
    """

    id: str
    """32 hexadecimal digits, opaque: all that Redis, addresses and logs ever hold of it."""
    call: str
    """The CallSid of the call on which it was promised."""
    service: str
    """The service's code."""
    state: State
    asked: datetime
    expires: datetime
    """Nobody is rung from then on."""
    deadline: datetime
    """Not connected by then, it is an alarm."""
    due: datetime | None
    """When to look at it next; None: only tidings or a person move it."""
    attempt: int = 0
    """Attempts begun."""
    ring: int = 0
    """Which number of the service's chain this attempt has come to, from 1."""
    placed: datetime | None = None
    """When the call of this step was claimed; None: none is claimed, none can be under way."""
    service_call: str = ""
    """The SID of the call to the service, while it may be going on and was told to us."""
    caller_call: str = ""
    """The SID of the latest call to the caller; "" until it was told."""
    gone: datetime | None = None
    """When the service, having accepted, rang off again before anybody was connected."""
    rung: int = 0
    """How often the caller's telephone was rung, all attempts together; for the caps."""
    why: str = ""
    """Why it is where it is, in a word; of a closed one, the reason a person gave."""
    version: int = 0
    """Every change adds one: who changes it says which version they saw."""
    changed: datetime
    """When it came to this state."""

    @property
    def is_open(self) -> bool:
        """Whether anything is still owed to the caller, as far as is known."""
        return self.state not in ENDS

    @property
    def is_settled(self) -> bool:
        """Whether nothing more can follow, so that the caller's number is to be erased."""
        return self.state in ENDS and self.due is None


def asked(id: str, call: str, service: str, at: datetime, rules: Rules = RULES) -> Callback:  # noqa: A002 - what it is
    """The callback that was promised ``at``, due at once."""
    return Callback(
        id=id,
        call=call,
        service=service,
        state=State.ASKED,
        asked=at,
        expires=at + rules.expiry,
        deadline=at + rules.deadline,
        due=at,
        changed=at,
    )


def marker(callback: Callback) -> str:
    """What tells the call of the present step from every other, if its SID was never learned.

    ``<id>-<attempt>-<s or c><ring>``: it goes into the address that the call asks for its words.
    """
    side = RINGING.get(callback.state, SERVICE)
    return f"{callback.id}-{callback.attempt}-{side[0]}{callback.ring}"


def moved(callback: Callback, state: State, at: datetime, **changes: object) -> Callback:
    """``callback`` come to ``state``, one version on."""
    return changed(callback, state=state, changed=at, **changes)


def changed(callback: Callback, **changes: object) -> Callback:
    """``callback`` with ``changes``, one version on."""
    return replace(callback, version=callback.version + 1, **changes)  # type: ignore[arg-type]


def needs_a_person(callback: Callback, why: str, at: datetime) -> Callback:
    """``callback``, for which no machine does anything more."""
    return moved(callback, State.NEEDS_A_PERSON, at, why=why, due=None, placed=None)


def failed(callback: Callback, why: str, at: datetime, rules: Rules) -> Callback:
    """``callback`` after an attempt at it has failed: another follows, or a person must."""
    if callback.attempt > len(rules.retries):
        return needs_a_person(callback, why, at)
    due = at + rules.retries[callback.attempt - 1]
    return moved(callback, State.UNANSWERED, at, why=why, due=due, placed=None)
