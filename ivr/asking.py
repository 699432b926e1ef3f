"""Puts the choice between services to a caller in the letters of their own postcode.

Callers know their postcode and its post town ("C B 1, Cambridge") and little else about who
serves them, so what fits one service is joined into one option, and only where two services
share a first half are the last letters read out as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ivr import postcode
from ivr.call import Cover, Line, Option, line


class Fit(NamedTuple):
    """One postcode, or one sector or district, that what was keyed or said may stand for."""

    cover: Cover
    outward: str
    inward: str
    weight: float

    @property
    def service(self) -> tuple[str, str]:
        """The services it leads to, by which fits are joined."""
        return self.cover.adult, self.cover.under_18


Group = Sequence[Fit]


def joined(fits: Iterable[Fit]) -> list[Group]:
    """The fits of one service (or pair of services) together, likeliest service and fit first."""
    groups: defaultdict[tuple[str, str], list[Fit]] = defaultdict(list)
    for fit in fits:
        groups[fit.service].append(fit)
    for group in groups.values():
        group.sort(key=lambda fit: -fit.weight)
    return sorted(groups.values(), key=lambda group: -_weight(group))


def offered(groups: Sequence[Group], most: int) -> list[Group]:
    """At most ``most`` of ``groups``, without any first half that a group left out shares.

    Its callers must not take another service's option for their own, and reading out every
    ending would take half a minute: they choose "none of these" and are asked for their town.
    """
    hidden = {fit.outward for group in groups[most:] for fit in group}
    kept = ([fit for fit in group if fit.outward not in hidden] for group in groups[:most])
    return [group for group in kept if group]


class Question:
    """How a caller is asked which of ``groups`` is theirs, by first half and, if need be, ending.

    ``town`` gives the post town that a first half belongs to.
    """

    def __init__(self, groups: Sequence[Group], town: Callable[[str], str]) -> None:
        self._town = town
        self._groups = groups
        self._weights: defaultdict[str, float] = defaultdict(float)
        self._shared: defaultdict[str, list[Group]] = defaultdict(list)
        for group in groups:
            for outward in _outwards(group):
                self._shared[outward].append(group)
                self._weights[outward] += _weight(_within(group, outward))

    def options(self) -> tuple[Option, ...]:
        """The options in the order they are read: by first half, "any other" after its rivals."""
        ordered = sorted(self._groups, key=self._place)
        return tuple(
            Option(group[0].cover, self._says(group), (group[0].outward, group[0].inward))
            for group in ordered
        )

    def _place(self, group: Group) -> tuple[float, bool, float]:
        outward = max(_outwards(group), key=lambda one: self._weights[one])
        return -self._weights[outward], self._is_rest(group, outward), -_weight(group)

    def _is_rest(self, group: Group, outward: str) -> bool:
        """Whether ``group`` is told as every ending of ``outward`` that its rivals do not name."""
        rivals = self._shared[outward]
        largest = max(rivals, key=lambda rival: len(_within(rival, outward)))
        return len(rivals) > 1 and group is largest

    def _says(self, group: Group) -> tuple[Line, ...]:
        said: list[Line] = []
        for outward in _outwards(group):
            said += [line("or")] if said else []
            said.append(self._spot(group, outward))
        return tuple(said)

    def _spot(self, group: Group, outward: str) -> Line:
        letters, town = postcode.spaced(outward), self._town(outward)
        if len(self._shared[outward]) == 1:
            return line("spot", letters=letters, town=town)
        if self._is_rest(group, outward):
            return line("spot_otherwise", letters=letters)
        endings = self._endings(group, outward)
        return line("spot_ending", letters=letters, town=town, endings=endings)

    def _endings(self, group: Group, outward: str) -> str:
        """The ends of a group's postcodes: the last two letters, and the digit if it tells."""
        digits = {
            fit.inward[0] for rival in self._shared[outward] for fit in _within(rival, outward)
        }
        skip = 1 if len(digits) == 1 else 0
        return ", ".join(postcode.spaced(fit.inward[skip:]) for fit in _within(group, outward))


def _within(group: Group, outward: str) -> list[Fit]:
    return [fit for fit in group if fit.outward == outward]


def _outwards(group: Group) -> list[str]:
    """The first halves in a group, likeliest first, each once."""
    return list(dict.fromkeys(fit.outward for fit in group))


def _weight(group: Iterable[Fit]) -> float:
    return sum(fit.weight for fit in group)
