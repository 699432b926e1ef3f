"""The measures beside the published items: each one's heading, its unit and its meaning."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction

from ivr.report.kpis import Kpis
from ivr.report.row import MISSING
from ivr.report.waits import Clock


class Unit(StrEnum):
    """What a measure is in."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    PER_CALL = "per call"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure."""

    name: str
    """The field of :class:`ivr.report.kpis.Kpis`, and the column of a file."""
    title: str
    """The heading of a column on a terminal."""
    unit: Unit
    means: str

    def explained(self, clock: Clock) -> str:
        """What is measured, with where ``clock`` starts."""
        return self.means.format(clock=clock.words)

    def of(self, told: Kpis) -> int | float | None:
        """Its figure, a share to four places and a mean to one; None where it is missing."""
        value: int | Fraction | None = getattr(told, self.name)
        if isinstance(value, Fraction):
            return float(round(value, 4 if self.unit is Unit.SHARE else 1))
        return value

    def shown(self, told: Kpis) -> str:
        """Its figure for a person to read: a share in hundredths."""
        value: int | Fraction | None = getattr(told, self.name)
        if value is None:
            return MISSING
        if self.unit is Unit.SHARE:
            return f"{float(value) * 100:.1f}%"
        return f"{float(value):.1f}" if isinstance(value, Fraction) else str(value)


_TOLD = (
    ("calls", Unit.COUNT, "Calls offered to the service by name, before any other: A01."),
    ("answered", Unit.COUNT, "Those that somebody took: A03."),
    (
        "by others",
        Unit.COUNT,
        (
            "Those answered by another than the service they were offered to: one that takes over "
            "from it, one that the caller named as the right one, or the line that is always open."
        ),
    ),
    ("abandoned", Unit.COUNT, "Those whose caller rang off after {clock}: B02."),
    ("early", Unit.COUNT, "Those whose caller rang off before any telephone rang."),
    ("ab/calls", Unit.SHARE, "Abandoned, of all calls: B02 / A01."),
    ("ab/settled", Unit.SHARE, "Abandoned, of answered and abandoned calls: B02 / (A03 + B02)."),
    (
        "ASA",
        Unit.SECONDS,
        "Average speed to answer: the mean of the known waits of answered calls, from {clock}.",
    ),
    ("95th", Unit.SECONDS, "The 95th centile of the same waits, by nearest rank: B07."),
    ("held", Unit.SECONDS, "The mean of the known waits of abandoned calls."),
    ("misrouted", Unit.COUNT, 'Calls whose caller pressed 9 for "wrong area".'),
    (
        "questions",
        Unit.PER_CALL,
        "How many questions were asked, of the calls of which it is known.",
    ),
    (
        "first ring",
        Unit.SECONDS,
        "The mean from the line's picking up to the first telephone's ringing.",
    ),
    ("incomplete", Unit.COUNT, "Calls of which something is known to be missing from the log."),
    ("unmeasured", Unit.COUNT, "Calls answered or abandoned after a wait that is not known."),
    (
        "recovered",
        Unit.COUNT,
        "Calls whose beginning or end is known from Twilio's list of calls alone.",
    ),
    ("callbacks", Unit.COUNT, "Callbacks promised; they are among none of the published items."),
    ("connected", Unit.COUNT, "Those of them whose caller was rung back and put through."),
    ("waiting", Unit.COUNT, "Those of them that are neither connected nor closed by a person."),
)

MEASURES = tuple(Measure(each.name, *told) for each, told in zip(fields(Kpis), _TOLD, strict=True))
"""Every measure, in the order of its field."""
