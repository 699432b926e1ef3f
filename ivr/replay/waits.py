"""Finds whole seconds of waiting that meet a sum and its limits, one for each of many callers.

Waits are thought of in ascending order, cut into runs: so many callers who waited at least this
and at most that. As the limits only ever rise from one run to the next, every sum between that of
the least and that of the most can be met, and sorting what is found breaks no limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

LONGEST = 6_000
"""Seconds that nobody waits longer than: ten rings of the ten minutes that Twilio allows each."""

WITHIN = 60
"""Seconds that an answer is "within 60 seconds" (B01) at most."""

USUAL = 120
"""Seconds that a caller waits on average where no figure says."""


@dataclass(frozen=True, slots=True)
class Run:
    """``calls`` waits next to each other in ascending order, each from ``least`` to ``most``."""

    calls: int
    least: int
    most: int


def rank(calls: int) -> int:
    """Which of ``calls`` waits in ascending order, counted from 1, is their 95th centile.

    The nearest rank: the first wait that 95 % of all are not longer than.
    """
    return -(-calls * 95 // 100)


def answered(calls: int, within: int | None, centile: int | None) -> list[Run] | None:
    """The runs of ``calls`` answered calls; None if no waits are like that.

    ``within`` of them waited at most :data:`WITHIN` seconds, and their 95th centile is
    ``centile`` seconds. None for either is any.
    """
    short = calls if within is None else within
    if short > calls or (centile is not None and not calls):
        return None
    middle = rank(calls)
    cuts = sorted({0, short, calls} | ({middle - 1, middle} if centile is not None else set()))
    runs = []
    for begins, ends in pairwise(cuts):
        least, most = 0, LONGEST
        if within is not None:
            least, most = (0, WITHIN) if ends <= within else (WITHIN + 1, LONGEST)
        if centile is not None:
            least = max(least, centile) if begins >= middle - 1 else least
            most = min(most, centile) if ends <= middle else most
        runs.append(Run(ends - begins, least, most))
    return runs if all(run.least <= run.most for run in runs) else None


def abandoned(in_30: int, in_60: int, later: int) -> list[Run]:
    """The runs of calls abandoned in 30 s or less, in over 30 and up to 60, and after 60."""
    return [Run(in_30, 0, 30), Run(in_60, 31, 60), Run(later, 61, LONGEST)]


def sums(runs: Sequence[Run]) -> range:
    """Every sum that waits in ``runs`` may have."""
    least = sum(run.calls * run.least for run in runs)
    return range(least, sum(run.calls * run.most for run in runs) + 1)


def waits(runs: Sequence[Run], total: int | None = None) -> list[int]:
    """Waits in ascending order that fit ``runs`` and add up to ``total`` (None: whatever is usual).

    They are shaped as waits are: many short ones and a few that are long. Raises ValueError for a
    total that is not among the :func:`sums`.
    """
    shape = _shape(sum(run.calls for run in runs))
    if total is None:
        return _fitted(runs, shape, USUAL)
    if total not in sums(runs):
        raise ValueError(f"no such waits add up to {total} s")
    found = _nearly(runs, shape, total)
    _add(found, [run.most for run in runs for _ in range(run.calls)], total - sum(found))
    return sorted(found)


def _shape(calls: int) -> list[float]:
    """An exponential distribution's waits where the average is 1."""
    return [-log(1 - (place + 0.5) / calls) for place in range(calls)]


def _fitted(runs: Sequence[Run], shape: Sequence[float], scale: float) -> list[int]:
    """Waits of that ``shape`` and ``scale`` seconds long on average, brought within the limits."""
    found: list[int] = []
    place = 0
    for run in runs:
        least, most = run.least, run.most
        here = shape[place : place + run.calls]
        found += [min(most, max(least, int(scale * wait))) for wait in here]
        place += run.calls
    return found


def _nearly(runs: Sequence[Run], shape: Sequence[float], total: int) -> list[int]:
    """Waits that lack a second each of ``total`` or less, or as little as 60 halvings come to."""
    low, high = 0.0, float(USUAL)
    while sum(_fitted(runs, shape, high)) < total:
        low, high = high, high * 2
    nearest = _fitted(runs, shape, low)
    for _ in range(60):
        if total - sum(nearest) <= len(shape):
            break
        middle = (low + high) / 2
        found = _fitted(runs, shape, middle)
        if sum(found) <= total:
            low, nearest = middle, found
        else:
            high = middle
    return nearest


def _add(found: list[int], most: Sequence[int], seconds: int) -> None:
    """Add ``seconds`` to what was ``found``, a second each from the longest on, within limits."""
    while seconds:
        for place in reversed(range(len(found))):
            if seconds and found[place] < most[place]:
                found[place] += 1
                seconds -= 1
