"""Counts the postcodes of every place, so that what holds for all of them is found in a moment.

The postcodes of one sector that lie in one place are told apart only by a row of the routing
table that names one of them, so a million and three quarters of them are some 75,000 cells.
Northern Ireland, known only by rule, has cells for its sectors, in which no postcode is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple, TypeAlias

from ivr.directory.reader import DIGITS, NORTHERN_IRELAND, Directory
from ivr.directory.units import BT_DISTRICTS

Sector: TypeAlias = tuple[str, str, bool, Iterator[tuple[str, int]]]
"""Some postcodes of one sector, as :meth:`Directory.sectors` gives them."""

TOLD_EVERY = 200
"""Sectors between two tidings of progress."""


class Cell(NamedTuple):
    """The postcodes of one sector that lie in one place."""

    sector: str
    """Such as "CB1 2"."""
    place: int
    postcodes: int
    """Those in use; 0 where all are terminated, and in Northern Ireland."""
    example: str
    """One of them, in use if any is: "CB12AB"; in Northern Ireland the sector's own letters."""


def _untold(_done: float) -> None:
    """Tells nobody."""


_counted: dict[str, tuple[Cell, ...]] = {}
"""The cells of the directory that was counted last, by its version."""


def census(directory: Directory, progress: Callable[[float], None] = _untold) -> tuple[Cell, ...]:
    """Every cell of ``directory``, in order; ``progress`` is told what part is done, 0 to 1.

    A directory is counted once; that takes a second or two.
    """
    cells = _counted.get(directory.version)
    if cells is None:
        cells = tuple(_counting(directory, progress))
        _counted.clear()
        _counted[directory.version] = cells
    progress(1.0)
    return cells


def _counting(directory: Directory, progress: Callable[[float], None]) -> Iterator[Cell]:
    parts = {outward: part for part, outward in enumerate(directory.outwards())}
    by_sector = groupby(directory.sectors(), key=lambda each: each[:2])
    for number, ((outward, digit), runs) in enumerate(by_sector):
        if number % TOLD_EVERY == 0:
            progress(parts[outward] / len(parts))
        yield from _sector(outward, digit, runs)
    for district in BT_DISTRICTS:
        for digit in DIGITS:
            yield Cell(f"{district} {digit}", NORTHERN_IRELAND, 0, f"{district} {digit}")


def _sector(outward: str, digit: str, runs: Iterable[Sector]) -> Iterator[Cell]:
    counts: Counter[int] = Counter()
    examples: dict[int, str] = {}
    for *_, live, units in runs:
        pairs = tuple(units)
        if live:
            counts = Counter(place for _, place in pairs)
        examples = {place: unit for unit, place in reversed(pairs)} | examples
    for place, unit in examples.items():
        yield Cell(f"{outward} {digit}", place, counts[place], outward + digit + unit)
