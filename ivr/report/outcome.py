"""What became of one call, as a report counts it.

None stands for what the log does not know, here as there: a call whose end was lost is neither
answered nor unanswered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ivr.log import CallRecord
from ivr.log.folding import END, LATER, TAKEN
from ivr.records import MENU
from ivr.report.month import day_of
from ivr.report.waits import Clock, queue, seconds, to_abandonment, to_answer

UNSURE = frozenset((END, LATER, TAKEN))
"""A record that lacks one of these cannot tell that a call was not answered, or not given up."""


class Aside(StrEnum):
    """Why a call belongs to no service."""

    ADVISER = "adviser"
    """The caller chose the health adviser."""
    FALLBACK = "fallback"
    """Straight to the line that is always open, with no service offered by name."""
    RANG_OFF = "rang_off"
    """The caller rang off before anybody was offered."""
    UNKNOWN = "unknown"
    """The turn that would tell was lost, or the call is still going on."""
    UNDATED = "undated"
    """So little is left of the call that it does not say when it was."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call that was offered to a service."""

    day: date
    service: str
    """The service it was first offered to by name; it belongs to that one, whoever took it."""
    by_menu: bool | None
    """Whether it came through the menu, and not by the service's own number."""
    answered: bool | None
    elsewhere: bool | None
    """Whether it was answered, but by another service: a backup, another area's, the fallback."""
    abandoned: bool | None
    """Whether the caller rang off before it was taken; by RINGING, after the announcement."""
    early: bool | None
    """Whether the caller rang off before any telephone rang."""
    wait: int | None
    """Seconds until it was answered."""
    held: int | None
    """Seconds until it was abandoned."""
    to_ring: int | None
    """Seconds from the beginning of the call until the first telephone rang."""
    questions: int | None
    misrouted: bool | None
    """Whether the caller pressed 9: "wrong area"."""
    complete: bool
    recovered: bool


def moment(record: CallRecord) -> datetime | None:
    """The earliest moment known of a call: its beginning, unless that was lost.

    None where every event with a time that a record keeps was lost.
    """
    known = (
        record.began,
        *(each.at for each in record.offers),
        *(each.began for each in record.legs),
        record.ended,
    )
    return next((at for at in known if at), None)


def outcome(record: CallRecord, clock: Clock) -> Outcome | Aside:
    """What became of the call, or why it belongs to no service. It must have a :func:`moment`."""
    at, offer = moment(record), queue(record)
    if not offer or not at:
        return _aside(record)
    answered, early = _answered(record), _early(record)
    abandoned = _abandoned(record, early=early if clock is Clock.RINGING else False)
    return Outcome(
        day_of(at),
        offer.service,
        by_menu=record.via == MENU if record.via else None,
        answered=answered,
        elsewhere=_elsewhere(record, offer.service) if answered else answered,
        abandoned=abandoned,
        early=early,
        wait=to_answer(record, clock) if answered else None,
        held=to_abandonment(record, clock) if abandoned else None,
        to_ring=seconds(record.began, record.rang),
        questions=record.questions,
        misrouted=None if record.wrong_area is None else record.wrong_area > 0,
        complete=record.complete,
        recovered=record.recovered,
    )


def _aside(record: CallRecord) -> Aside:
    offer = record.offered
    if offer:
        named = {"adviser": Aside.ADVISER, "connect": Aside.UNKNOWN}
        return named.get(offer.step, Aside.FALLBACK)
    rang_off = record.abandoned and not record.offers and "" not in record.steps
    return Aside.RANG_OFF if rang_off else Aside.UNKNOWN


def _answered(record: CallRecord) -> bool | None:
    if record.answer:
        return True
    return None if UNSURE.intersection(record.lacks) else False


def _elsewhere(record: CallRecord, service: str) -> bool | None:
    """Whether a call that was answered was so by another than ``service``."""
    leg = record.answer
    if leg is None or (leg.step == "connect" and not leg.service):
        return None
    return leg.service != service


def _early(record: CallRecord) -> bool | None:
    """Whether the caller rang off before any telephone rang."""
    if record.legs:
        return False
    unsure = "" in record.steps or UNSURE.intersection(record.lacks)
    return None if unsure else record.abandoned is not None


def _abandoned(record: CallRecord, *, early: bool | None) -> bool | None:
    """Whether the call was given up; ``early``, that it was so before that is counted."""
    if record.abandoned:
        return None if early is None else not early
    return None if _answered(record) is None else False
