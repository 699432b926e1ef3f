"""Decides, for one service's published month, who rings and how long each of them waits.

Every figure that can be met is met exactly. Published figures contradict each other here and
there; then the fewest possible are given up, the least direct first, and each is told with what
it would have to be, and with those others that allow nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from ivr.replay import waits
from ivr.replay.waits import Run

Figures = Mapping[str, int]
"""Published figures by their ids; one that was published as "-" is not there."""

ANSWERED = ("B07", "B06", "B01")
"""What is told of answered calls beside their number (A03): the first is given up first."""

ABANDONED = ("B09", "B02", "B05", "B04", "B03")
"""What is told of abandoned calls, likewise."""

ANY_NUMBER = 10**9
"""More calls than any month has."""

BANDS = ("B03", "B04", "B05")
"""The calls abandoned, by how long they waited."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """A figure that no calls can have together with the others."""

    item: str
    published: int
    allowed: range
    """What it could be, the figures named in ``beside`` being what they are; empty for nothing.
    One that ends at :data:`ANY_NUMBER` has no end."""
    beside: tuple[str, ...] = ()
    why: str = ""
    """In words, where it is not the other figures that stand against it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls of one service in one month."""

    answered: tuple[int, ...]
    """How long each call waits that is answered, in whole seconds, ascending."""
    abandoned: tuple[int, ...]
    """How long each caller waits who then rings off, likewise."""
    unanswered: int
    """How many calls are neither: nobody can be reached, and the line has the last word."""
    by_menu: int
    """How many of all come by the line's menu, the others by the service's own number."""
    unmet: tuple[Unmet, ...] = ()

    @property
    def calls(self) -> int:
        """How many there are."""
        return len(self.answered) + len(self.abandoned) + self.unanswered


def plan(figures: Figures, *, by_menu: bool = True) -> Plan:
    """The calls that meet ``figures``, a service's published month.

    Without ``by_menu`` no postcode leads to the service, so that nobody can come that way.
    """
    picked_up, of_answered = _answered(figures)
    rang_off, of_abandoned = _abandoned(figures, figures.get("A01", ANY_NUMBER) - len(picked_up))
    calls = max(len(picked_up) + len(rang_off), figures.get("A01", figures.get("A02", 0)))
    through = min(figures.get("A02", 0), calls) if by_menu else 0
    neither = calls - len(picked_up) - len(rang_off)
    unmet = (*_received(figures, calls, through), *of_answered, *of_abandoned)
    return Plan(picked_up, rang_off, neither, through, tuple(unmet))


def _received(figures: Figures, calls: int, through: int) -> Iterator[Unmet]:
    """What of A01 and A02 cannot be, where so many calls are answered or abandoned."""
    beside = tuple(item for item in ("A03", *_told_abandoned(figures)) if item in figures)
    if "A01" in figures and figures["A01"] < calls:
        yield Unmet("A01", figures["A01"], range(calls, ANY_NUMBER), beside)
    if figures.get("A02", 0) > calls:
        beside = ("A01",) if figures.get("A01") == calls else beside
        yield Unmet("A02", figures["A02"], range(calls + 1), beside)
    elif figures.get("A02", 0) > through:
        why = "no postcode of the routing table leads to this service, so all ring its own number"
        yield Unmet("A02", figures["A02"], range(1), (), why)


def _told_abandoned(figures: Figures) -> tuple[str, ...]:
    return ("B02",) if "B02" in figures else BANDS


# -- calls that are answered ---------------------------------------------------------------


def _answered(figures: Figures) -> tuple[tuple[int, ...], list[Unmet]]:
    """How long answered calls wait, and what of their figures is given up."""
    known = {item: figures[item] for item in reversed(ANSWERED) if item in figures}
    if "A03" not in figures:
        return (), [_unknown(figures, item, "answered") for item in known]
    calls = figures["A03"]
    for given_up in _fewest(item for item in ANSWERED if item in known):
        kept = _without(known, given_up)
        runs = _runs_answered(calls, kept)
        if runs is not None:
            found = tuple(waits.waits(runs, kept.get("B06")))
            return found, [_unmet_answered(calls, known, kept, item) for item in given_up]
    raise AssertionError("giving up everything but their number always leaves an answer")


def _runs_answered(calls: int, kept: Figures) -> list[Run] | None:
    """The runs of waits that meet what is ``kept``; None if nothing does."""
    runs = waits.answered(calls, kept.get("B01"), kept.get("B07"))
    if runs is None or kept.get("B06", waits.sums(runs)[0]) not in waits.sums(runs):
        return None
    return runs


def _unmet_answered(calls: int, known: Figures, kept: Figures, item: str) -> Unmet:
    """Why ``item`` cannot be: by as few of the figures ``kept`` as tell it."""
    for beside in _fewest(kept):
        some = {name: kept[name] for name in beside}
        if _runs_answered(calls, {**some, item: known[item]}) is None:
            allowed = _allowed_answered(calls, some, item)
            return Unmet(item, known[item], allowed, ("A03", *beside))
    raise AssertionError("what is given up contradicts what is kept")


def _allowed_answered(calls: int, kept: Figures, item: str) -> range:
    """The least to the most that ``item`` can be beside what is ``kept``; empty for nothing."""
    if item == "B06":
        runs = _runs_answered(calls, kept)
        return waits.sums(runs) if runs is not None else range(0)
    most = calls if item == "B01" else waits.LONGEST
    fits = [
        figure
        for figure in range(most + 1)
        if _runs_answered(calls, {**kept, item: figure}) is not None
    ]
    return range(fits[0], fits[-1] + 1) if fits else range(0)


# -- calls that are abandoned --------------------------------------------------------------


def _abandoned(figures: Figures, room: int) -> tuple[tuple[int, ...], list[Unmet]]:
    """How long those wait who then ring off, and what of their figures is given up.

    Of ways that give up equally few, one with at most ``room`` calls is taken, if there is one.
    """
    known = {item: figures[item] for item in reversed(ABANDONED) if item in figures}
    if "B09" in known and "B02" not in known and set(BANDS) - known.keys():
        found, unmet = _abandoned(_without(known, ("B09",)), room)
        return found, [*unmet, _unknown(figures, "B09", "abandoned")]
    ways: list[tuple[bool, tuple[int, ...], list[Unmet]]] = []
    for given_up in _fewest(item for item in ABANDONED if item in known):
        if ways and len(given_up) > len(ways[0][2]):
            break
        kept = _without(known, given_up)
        runs = _runs_abandoned(kept)
        if runs is not None:
            found = tuple(waits.waits(runs, kept.get("B09")))
            unmet = [_unmet_abandoned(known, kept, item) for item in given_up]
            ways.append((len(found) > room, found, unmet))
    _, found, unmet = min(ways, key=lambda way: way[0])
    return found, unmet


def _runs_abandoned(kept: Figures) -> list[Run] | None:
    """The runs of waits that meet what is ``kept``; None if nothing does."""
    told = sum(kept.get(band, 0) for band in BANDS)
    untold = [band for band in BANDS if band not in kept]
    rest = kept.get("B02", told) - told
    if rest < 0 or (rest and not untold):
        return None
    for runs in _shared_out(kept, untold, rest):
        if kept.get("B09", waits.sums(runs)[0]) in waits.sums(runs):
            return runs
    return None


def _shared_out(kept: Figures, untold: list[str], rest: int) -> Iterator[list[Run]]:
    """The runs, the ``rest`` of the calls being in one of the bands ``untold`` or two of them."""
    if len(untold) == len(BANDS):
        yield [Run(rest, 0, waits.LONGEST)]
        return
    first, last = (untold[0], untold[-1]) if untold else ("", "")
    for later in range(rest + 1) if first != last else (0,):
        share = {first: rest - later, last: later} if first != last else {first: rest}
        yield waits.abandoned(*(kept.get(band, share.get(band, 0)) for band in BANDS))


def _unmet_abandoned(known: Figures, kept: Figures, item: str) -> Unmet:
    """Why ``item`` cannot be: by as few of the figures ``kept`` as tell it.

    How long callers waited says nothing unless it is known how many they were.
    """
    if item == "B09":
        whole = not set(BANDS) - kept.keys()
        some = {name: kept[name] for name in kept if name != "B02" or not whole}
        return Unmet(item, known[item], _allowed_abandoned(some, item), tuple(some))
    for beside in _fewest(name for name in kept if name != "B09"):
        some = {name: kept[name] for name in beside}
        if _runs_abandoned({**some, item: known[item]}) is None:
            return Unmet(item, known[item], _allowed_abandoned(some, item), beside)
    most = max(known.values())
    fits = [some for some in range(most) if _runs_abandoned({**kept, item: some}) is not None]
    allowed = range(fits[0], fits[-1] + 1) if fits else range(0)
    return Unmet(item, known[item], allowed, tuple(kept))


def _allowed_abandoned(kept: Figures, item: str) -> range:
    """The least to the most that ``item`` can be beside what is ``kept``; empty for nothing."""
    told = sum(kept.get(band, 0) for band in BANDS)
    if item == "B09":
        runs = _runs_abandoned(kept)
        return waits.sums(runs) if runs is not None else range(0)
    if item == "B02":
        return range(told, told + 1)
    rest = kept.get("B02", told) - told
    return range(rest, rest + 1) if rest >= 0 else range(0)


def _unknown(figures: Figures, item: str, what: str) -> Unmet:
    """Of ``item`` nothing can be made, since it is not known of how many calls it is told."""
    return Unmet(item, figures[item], range(0), (), f"how many calls were {what} is not published")


# -- giving up as little as can be ---------------------------------------------------------


def _fewest(items: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Nothing, then each of ``items`` alone, then each two of them, and so on."""
    all_of_them = tuple(items)
    for size in range(len(all_of_them) + 1):
        yield from combinations(all_of_them, size)


def _without(known: Figures, given_up: Iterable[str]) -> dict[str, int]:
    return {item: figure for item, figure in known.items() if item not in set(given_up)}
