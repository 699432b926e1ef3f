"""The eleven published items: each one's name, its meaning here, and how it is reckoned.

A number of calls is of those known to be so; it is missing if there were calls and of none is it
known. A sum or centile of waits is of those whose wait is known, and missing if none is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ivr.report.outcome import Outcome
from ivr.report.waits import Clock, centile_95

Calls = Sequence[Outcome]

SHORT, LONG = 30, 60
"""Seconds: the boundaries in the items' published names, each within the item that ends at it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item."""

    id: str
    name: str
    """As published, to the letter."""
    means: str
    """What is counted here, in words; ``{clock}`` stands for where the clock starts."""
    reckon: Callable[[Calls], int | None]
    """The figure; None where it is missing."""

    def explained(self, clock: Clock) -> str:
        """What is counted here, with where ``clock`` starts."""
        return self.means.format(clock=clock.words)


def waits(calls: Calls) -> list[int]:
    """The known waits of the calls that were answered."""
    return [each.wait for each in calls if each.wait is not None]


def holds(calls: Calls) -> list[int]:
    """The known waits of the calls that were abandoned."""
    return [each.held for each in calls if each.held is not None]


def count(facts: Iterable[bool | None]) -> int | None:
    """How many ``facts`` are so; None if there are some, and of none is it known."""
    told = list(facts)
    known = [fact for fact in told if fact is not None]
    return None if told and not known else sum(known)


def within(*, least: int, most: int | None, of: int | None, so: bool | None) -> bool | None:
    """Whether a call is one that is ``so`` and took from ``least`` to ``most`` seconds."""
    if not so:
        return so
    if of is None:
        return None
    return least <= of and (most is None or of <= most)


def _received(calls: Calls) -> int | None:
    return len(calls)


def _by_menu(calls: Calls) -> int | None:
    return count(each.by_menu for each in calls)


def _answered(calls: Calls) -> int | None:
    return count(each.answered for each in calls)


def _answered_soon(calls: Calls) -> int | None:
    return count(within(least=0, most=LONG, of=each.wait, so=each.answered) for each in calls)


def _abandoned(calls: Calls) -> int | None:
    return count(each.abandoned for each in calls)


def _abandoned_within(least: int, most: int | None) -> Callable[[Calls], int | None]:
    def reckon(calls: Calls) -> int | None:
        return count(
            within(least=least, most=most, of=each.held, so=each.abandoned) for each in calls
        )

    return reckon


def _time_to_answer(calls: Calls) -> int | None:
    return _total(waits(calls), _answered(calls))


def _centile(calls: Calls) -> int | None:
    return centile_95(waits(calls))


def _time_abandoned(calls: Calls) -> int | None:
    return _total(holds(calls), _abandoned(calls))


def _total(known: Sequence[int], calls: int | None) -> int | None:
    """The sum of the waits ``known`` of so many ``calls``: nought only if there were none."""
    return sum(known) if known or calls == 0 else None


_ALL = (
    Item(
        "A01",
        "Number of calls received",
        "Calls offered to the service by name, before any other, whatever then became of them.",
        _received,
    ),
    Item(
        "A02",
        "Calls routed through IVR",
        "Those of A01 that came by the line's menu, and not by the service's own number.",
        _by_menu,
    ),
    Item(
        "A03",
        "Number of answered calls",
        "Those of A01 that somebody took: the service, whoever takes over from it, or the line "
        "that is always open. A number marked `person` takes a call by pressing 1, so a machine "
        "never does; one marked `queue`, by picking up.",
        _answered,
    ),
    Item(
        "B01",
        "Number of calls answered within 60 seconds",
        "Those of A03 that waited 60 seconds or less, from {clock}, to the picking up.",
        _answered_soon,
    ),
    Item(
        "B02",
        "Number of calls abandoned",
        "Those of A01 whose caller rang off after {clock}, and before anybody took the call.",
        _abandoned,
    ),
    Item(
        "B03",
        "Calls abandoned in 30 seconds or less",
        "Those of B02 that had waited 30 seconds or less.",
        _abandoned_within(0, SHORT),
    ),
    Item(
        "B04",
        "Calls abandoned in over 30 seconds and up to and including 60 seconds",
        "Those of B02 that had waited from 31 to 60 seconds, both included.",
        _abandoned_within(SHORT + 1, LONG),
    ),
    Item(
        "B05",
        "Calls abandoned after 60 seconds",
        "Those of B02 that had waited 61 seconds or more.",
        _abandoned_within(LONG + 1, None),
    ),
    Item(
        "B06",
        "Total time to call answer (seconds)",
        "The sum of the waits of A03, from {clock}, to the picking up.",
        _time_to_answer,
    ),
    Item(
        "B07",
        "95th centile call answer time (seconds)",
        "Of the waits of A03 in order, the one that 95 in 100 do not exceed: by nearest rank, from "
        "the waits themselves and never from other centiles. Of no waits there is none.",
        _centile,
    ),
    Item(
        "B09",
        "Total time of abandoned calls (seconds)",
        "The sum of the waits of B02, from {clock}, to the ringing off.",
        _time_abandoned,
    ),
)

ITEMS = MappingProxyType({item.id: item for item in _ALL})
"""The items by their published ids, in the published order."""
