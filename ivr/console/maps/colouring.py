"""Gives neighbours different colours, so that a border between two services can be seen.

There are more services than colours that an eye tells apart: what must differ is only what
touches. Areas with the same label (a service's code) get the same colour wherever they lie, and
as far as can be the one they had on another map, so that the two can be compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from types import MappingProxyType

COLOURS = 8
"""How many there are in the style sheet: ``map-1`` to ``map-8``."""


def coloured(
    labels: Mapping[str, str],
    neighbours: Mapping[str, frozenset[str]],
    before: Mapping[str, int] = MappingProxyType({}),
) -> Mapping[str, int]:
    """The number of a colour, from 1, for each label; ``labels`` holds each area's.

    A label keeps the colour it has in ``before`` unless a neighbour has that by now. Of the others
    the one with the most neighbours chooses first, and each takes the colour used least so far of
    those no neighbour has, so that all are about equally common.
    """
    touching = _touching(labels, neighbours)
    chosen: dict[str, int] = {}
    used: Counter[int] = Counter()
    for label in sorted(
        touching, key=lambda each: (each not in before, -len(touching[each]), each)
    ):
        taken = Counter(chosen[other] for other in touching[label] if other in chosen)
        kept = before.get(label)
        ranked = {each: (taken[each], each != kept, used[each]) for each in range(1, COLOURS + 1)}
        colour = min(ranked, key=ranked.__getitem__)
        chosen[label] = colour
        used[colour] += 1
    return chosen


def _touching(
    labels: Mapping[str, str], neighbours: Mapping[str, frozenset[str]]
) -> Mapping[str, set[str]]:
    """The labels beside each label."""
    touching: defaultdict[str, set[str]] = defaultdict(set)
    for area, label in labels.items():
        beside = {labels[other] for other in neighbours.get(area, ()) if other in labels}
        touching[label] |= beside - {label}
    return touching
