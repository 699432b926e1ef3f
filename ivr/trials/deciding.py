"""Decides which telephones are due for a test call, and what one comes to of which nobody hears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr import numbers
from ivr.routing import Number, Table
from ivr.trials.trial import State, Trial, moved

MONTH = timedelta(days=28)
"""How long after a service has confirmed a number that number is rung again (reliability.md T27:
each real destination monthly)."""

AGAIN = timedelta(days=1)
"""How long after a test call that was not confirmed the next follows by itself. Our judgement: a
service that is busy today is not to be rung for it all day."""

SLOW = timedelta(minutes=10)
"""So long after it was claimed a call is asked after: a queue hears the words for three minutes."""

GIVEN_UP = timedelta(hours=1)
"""So long after it was asked for, or claimed, a test call of which nothing is known is given up:
one that was meant for the afternoon must not ring at night."""

LATELY = timedelta(days=7)
"""How long an untaken test call is news: it is repeated daily, but a service may open weekly."""

UNTAKEN: Mapping[State, str] = {
    State.DENIED: "whoever answered said they are not the service",
    State.SILENT: "it was answered, and nobody pressed a key",
    State.UNANSWERED: "nobody answered",
    State.FAILED: "the number could not be rung",
}
"""The ends that an operator must look at, in words."""


@dataclass(frozen=True, slots=True)
class Telephone:
    """One telephone of a service that may be rung to test it."""

    service: str
    place: int
    """Which of the service's own numbers, from 1."""
    number: Number


def asked(id: str, of: Telephone, who: str, at: datetime) -> Trial:  # noqa: A002 - what it is
    """The test call that ``who`` asked for."""
    return Trial(
        id=id,
        service=of.service,
        place=of.place,
        number=of.number.value,
        asked=at,
        who=who,
        state=State.ASKED,
        changed=at,
    )


def telephones(table: Table, service: str = "") -> Iterator[Telephone]:
    """Every telephone that the ``table`` lets be rung to test it, or those of one ``service``."""
    for code in table.line.test_calls:
        if service in ("", code):
            own = table.services[code]
            for place, number in enumerate(own.numbers, 1):
                if not numbers.allowed_to_ring(number.value, table.line.test_line, own.nation):
                    yield Telephone(code, place, number)


def due(table: Table, newest: Iterable[Trial], now: datetime) -> Iterator[Telephone]:
    """The telephones whose time has come and whose service is open, by their ``newest`` trials."""
    last = {(each.service, each.number): each for each in newest}
    for each in telephones(table):
        before = last.get((each.service, each.number.value))
        if table.is_open(each.service, now) and (before is None or _old(before, now)):
            yield each


def _old(before: Trial, now: datetime) -> bool:
    if before.state in {State.ASKED, State.RINGING}:
        return False
    return now - before.changed >= (MONTH if before.state is State.CONFIRMED else AGAIN)


def still(trial: Trial, table: Table) -> Telephone | None:
    """The telephone of ``trial``, if the ``table`` still has it there and lets it be rung."""
    same = (trial.place, trial.number)
    for each in telephones(table, trial.service):
        if (each.place, each.number.value) == same:
            return each
    return None


def claimed(trial: Trial, now: datetime) -> Trial:
    """``trial`` about to be rung: whoever writes this down first rings, and nobody else."""
    return moved(trial, State.RINGING, now)


def placed(trial: Trial, sid: str) -> Trial:
    """``trial`` whose call the telephone company has taken on."""
    return replace(trial, sid=sid, version=trial.version + 1)


def given_up(trial: Trial, now: datetime) -> Trial:
    """``trial`` that was never made, or of which nobody can tell anything."""
    return moved(trial, State.LOST, now)


def not_taken(newest: Iterable[Trial], now: datetime) -> tuple[str, ...]:
    """The numbers whose newest test call the service did not take lately, each with why."""
    return tuple(
        f"{each.service} number {each.place}: {UNTAKEN[each.state]}"
        for each in sorted(newest, key=lambda each: (each.service, each.place))
        if each.state in UNTAKEN and now - each.changed <= LATELY
    )
