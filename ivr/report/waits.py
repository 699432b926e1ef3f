"""How long a caller waited: from which moment it is counted, and how many waits make one figure.

A wait is in whole seconds, rounded down, so that one of 60.9 s is within 60. Where two machines'
clocks disagree so that the end comes before the beginning, it is nought.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.log import CallRecord, Offer

SECOND = timedelta(seconds=1)


class Clock(StrEnum):
    """The moment from which a wait is counted. NHS England's definition is not public."""

    RINGING = "ringing"
    """When the first telephone rings, after the announcement: the rule that Wales publishes, by
    which nobody is abandoned who rings off before the recorded message has ended."""
    OFFERED = "offered"
    """When the caller comes into the service's queue: the announcement is part of the wait."""

    @property
    def words(self) -> str:
        """Where it starts, to be read by a person."""
        ringing = "the moment the first telephone rings, after the announcement"
        offered = "the moment the caller is offered to the service, before the announcement"
        return ringing if self is Clock.RINGING else offered


def queue(record: CallRecord) -> Offer | None:
    """The first service offered by name; None if there was none, or if it is not known which."""
    offer = record.offered
    return offer if offer and offer.step == "connect" and offer.service else None


def starts(record: CallRecord, clock: Clock) -> datetime | None:
    """When the wait of ``record``'s caller begins; None where it never did, or is not known."""
    if clock is Clock.RINGING:
        return record.rang
    offer = queue(record)
    return offer.at if offer else None


def seconds(begins: datetime | None, ends: datetime | None) -> int | None:
    """The whole seconds from ``begins`` to ``ends``; None if either is not known."""
    return max(0, (ends - begins) // SECOND) if begins and ends else None


def to_answer(record: CallRecord, clock: Clock) -> int | None:
    """How long the caller waited until the one who took the call picked up; None if not known."""
    return seconds(starts(record, clock), record.answer.picked_up if record.answer else None)


def to_abandonment(record: CallRecord, clock: Clock) -> int | None:
    """How long the caller waited before ringing off with nobody there; None if not known."""
    return seconds(starts(record, clock), record.abandoned)


def centile_95(waits: Collection[int]) -> int | None:
    """The 95th centile of ``waits`` by nearest rank: the least that 95 in 100 do not exceed.

    None for no waits: there is no centile of nothing, and least of all nought.
    """
    ordered = sorted(waits)
    return ordered[-(-95 * len(ordered) // 100) - 1] if ordered else None
