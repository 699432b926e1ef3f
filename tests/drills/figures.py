"""Compares what the line kept with what the telephone knows that it was told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ivr.log import CallRecord
from ivr.phone import Verdict
from tests.drills.calls import Rung
from tests.drills.journal import Posted
from tests.drills.line import Line


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a drill; it is a success if the last seven are nought."""

    calls: int
    webhooks: int
    worst: float
    """Seconds that the slowest webhook took to be answered."""
    sent: int
    """Events whose webhook was answered."""
    perhaps: int
    """Events whose webhook was not: the program that was asked was killed."""
    kept: int
    left: Counter[str]
    """Calls that reached nobody."""
    lost: set[str]
    twice: int
    phantom: set[str]
    """Events in the log of which the telephone knows nothing."""
    unequal: list[str]
    """Calls whose record tells another story than the telephone."""
    waiting: int
    aside: int

    @property
    def well(self) -> bool:
        """Whether nobody was left, and nothing lost, twice, invented or left over."""
        wrong = (self.left, self.lost, self.twice, self.phantom, self.unequal)
        return not any([*wrong, self.waiting, self.aside])


def compare(line: Line, rung: Rung) -> Figures:
    """The figures of all that was ``rung``, once everything has come to rest."""
    kept = [event.id for call in rung.journal.calls for event in line.store.events(call)]
    sent, perhaps = rung.journal.sent(), rung.journal.perhaps()
    folder = line.settings.state_dir / "aside"
    return Figures(
        calls=len(rung.told),
        webhooks=len(rung.journal.posted),
        worst=rung.journal.worst,
        sent=len(sent),
        perhaps=len(perhaps),
        kept=len(kept),
        left=rung.left,
        lost=sent - set(kept),
        twice=len(kept) - len(set(kept)),
        phantom=set(kept) - sent - perhaps,
        unequal=[call for call in rung.told if _differs(line.store.call(call), call, rung)],
        waiting=line.outbox.depth()[0],
        aside=len(list(folder.glob("*"))),
    )


def _differs(record: CallRecord | None, call: str, rung: Rung) -> bool:
    """Whether the log tells another story of ``call`` than the telephone.

    Where a webhook was not answered the two may rightly differ, since nobody knows what was done.
    """
    posted = rung.journal.calls[call]
    if not all(each.answered for each in posted):
        return False
    reached = rung.told[call].verdict is Verdict.REACHED
    return (
        record is None
        or not record.complete
        or bool(record.answer) != reached
        or record.steps[: len(_steps(posted))] != _steps(posted)
    )


def _steps(posted: list[Posted]) -> tuple[str, ...]:
    """The steps a call came to, as the addresses of the turns that answered them tell."""
    return tuple(each.step for each in sorted(posted, key=lambda one: one.event) if each.step)
