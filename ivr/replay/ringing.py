"""Rings the calls of one part of the work, and hands what the line kept of them to the store."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ivr.outbox import Outbox
from ivr.phone import Number, Phone
from ivr.replay.callers import Visit, Visitor
from ivr.replay.line import TIME, Line, Wanted, open_line, outbox_file
from ivr.replay.places import places
from ivr.replay.plan import Figures, plan
from ivr.replay.visits import visits
from ivr.report import Month
from ivr.settings import Settings
from ivr.store import Store

AT_ONCE = 100
"""Calls that are rung before the store is handed what became of them."""

MOST = 4_000
"""Events handed over at once; more than so many calls leave."""


class RingingError(Exception):
    """The line failed a caller; the message says how, in one clear line."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be rung, and where it is kept."""

    settings: Settings
    """Of the line; its state folder is the replay's."""
    month: Month
    contracts: Mapping[str, Wanted]
    """Every contract of the published file, chosen or not."""
    figures: Mapping[str, Figures]
    """The published figures of those contracts that are chosen."""
    parts: int = 1
    """How many processes share the work."""
    at_once: int = AT_ONCE

    @property
    def outboxes(self) -> Iterator[Path]:
        """Where events are kept until the store has them."""
        return (outbox_file(self.settings, part) for part in range(self.parts))


def ring(work: Work, part: int, known: AbstractSet[str], rang: Callable[[int], None]) -> int:
    """Ring ``part`` of the work's calls but those ``known``; how many it rang.

    ``rang`` is told of calls that are done, rung or known. Raises :class:`RingingError`.
    """
    line = open_line(work.settings, work.contracts, work.month.begins, part=part)
    store = Store(work.settings.store_url)
    mine = sorted(
        (visit for visit in _all(work, line) if _part(visit, work.parts) == part),
        key=lambda visit: visit.began,  # so that each day of the table is compiled once
    )
    ringing = [visit for visit in mine if visit.sid not in known]
    rang(len(mine) - len(ringing))
    gc.freeze()  # what is here by now stays; to look through it for rubbish takes a tenth longer
    for begins in range(0, len(ringing), work.at_once):
        some = ringing[begins : begins + work.at_once]
        for visit in some:
            _ring(line, visit)
        hand_over(line.outbox, store)
        rang(len(some))
    store.close()
    return len(ringing)


def hand_over(outbox: Outbox, store: Store) -> None:
    """Give the store all that ``outbox`` keeps of calls, and let go of it there."""
    for old in outbox.outstanding():
        batch = outbox.again(old.id)
        if batch:
            store.keep(batch.events)
        outbox.forget([old.id])
    while batch := outbox.batch(MOST):
        store.keep(batch.events)
        outbox.forget([batch.id])


def _part(visit: Visit, parts: int) -> int:
    return int(visit.sid[2:10], 16) % parts


def _all(work: Work, line: Line) -> Iterable[Visit]:
    """Every call of the work."""
    services = {each.contract: each for each in line.table.services.values() if each.contract}
    through = {services[contract].code for contract, told in work.figures.items() if "A02" in told}
    found = places(line.whereabouts, through, str(work.month))
    for contract, figures in work.figures.items():
        service = services[contract]
        lead = found.get(service.code, [])
        planned = plan(figures, by_menu=bool(lead) or "A02" not in figures)
        yield from visits(planned, service, work.month, line.table.line.number, lead)


def _ring(line: Line, visit: Visit) -> None:
    """Ring one call to its end."""
    visitor = Visitor(visit)
    TIME.tells = visitor.now
    number = Number(
        f"{line.public_url}/voice",
        visit.dialled,
        status_callback=f"{line.public_url}/status",
        token=line.token,
    )
    phone = Phone(line.post, number, new_sid=_sids(visit.sid).__next__)
    told = phone.ring(visitor, visit.caller, visit.began)
    if told.faults or not told.safe:
        fault = told.faults[0] if told.faults else told.why
        raise RingingError(f"the line failed the caller of {visit.sid}: {fault}")


def _sids(call: str) -> Iterator[str]:
    """The name of the call, then those of the telephones it rings: the same each time."""
    yield call
    count = 0
    while True:
        count += 1
        yield "CA" + sha256(f"{call} {count}".encode()).hexdigest()[:32]
