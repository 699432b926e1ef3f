"""Gives neighbours different colours, so that a border between two services can be seen.

There are more services than colours that an eye tells apart: what must differ is only what
touches. Areas with the same label (a service's code) get the same colour wherever they lie.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

COLOURS = 8
"""How many there are in the style sheet: ``map-1`` to ``map-8``."""


def coloured(
    labels: Mapping[str, str], neighbours: Mapping[str, frozenset[str]]
) -> Mapping[str, int]:
    """The number of a colour, from 1, for each label; ``labels`` holds each area's.

    The label with the most neighbours chooses first, and each takes the colour used least so far
    of those no neighbour has, so that all are about equally common.
    """
    touching = _touching(labels, neighbours)
    chosen: dict[str, int] = {}
    used: Counter[int] = Counter()
    for label in sorted(touching, key=lambda label: (-len(touching[label]), label)):
        taken = Counter(chosen[other] for other in touching[label] if other in chosen)
        colour = min(range(1, COLOURS + 1), key=lambda each: (taken[each], used[each], each))
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
