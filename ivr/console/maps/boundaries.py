"""Reads the shapes of districts and boards from the file that ``ivr.console.maps.build`` made.

Every border is a line that the shapes on its two sides share, which is also how neighbours are
known. One unit is a hundred metres; x grows to the east and y to the south, as in SVG.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, combinations
from types import MappingProxyType
from typing import Any

import structlog

from ivr.settings import Settings
from ivr.snapshot.lists import GEOGRAPHY

FILE = "boundaries.json.gz"
"""Its name, in the folder of the lists of places."""

ENGLISH = "E"
"""How the codes of English areas begin."""

Box = tuple[int, int, int, int]
"""The least x and y, and the greatest."""


class BoundariesError(ValueError):
    """A file that no map can be drawn from."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One area on the map."""

    code: str
    """An ONS code, or the name of a nation that is drawn as a circle."""
    name: str
    part: str
    """The English region, or the nation, it is in."""
    path: str
    """Its borders as SVG writes them, to be filled by the even-odd rule."""
    box: Box


@dataclass(frozen=True, slots=True)
class Outlines:
    """Shapes that fit together, by code."""

    shapes: Mapping[str, Shape]
    neighbours: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Boundaries:
    """All that the file holds."""

    width: int
    height: int
    districts: Outlines
    boards: Outlines
    """England's alone."""
    devolved: Mapping[str, tuple[str, str]]
    """The code and name of the health board of each Scottish and Welsh district."""

    @property
    def parts(self) -> list[str]:
        """The regions and nations of the districts, in the order of the alphabet."""
        return sorted({shape.part for shape in self.districts.shapes.values()})

    @cached_property
    def bodies(self) -> Outlines:
        """England's boards, and the districts of everywhere else."""
        others = {
            code: shape
            for code, shape in self.districts.shapes.items()
            if not code.startswith(ENGLISH)
        }
        beside = {code: self.districts.neighbours.get(code, frozenset()) for code in others}
        return Outlines(
            MappingProxyType({**self.boards.shapes, **others}),
            MappingProxyType({**self.boards.neighbours, **beside}),
        )

    @property
    def box(self) -> Box:
        """The whole map."""
        return 0, 0, self.width, self.height


@lru_cache(maxsize=1)
def read(content: bytes) -> Boundaries:
    """The boundaries in ``content``, read once for all who ask; raises BoundariesError."""
    try:
        held = json.loads(gzip.decompress(content))
        return Boundaries(
            held["width"],
            held["height"],
            _outlines(held["districts"]),
            _outlines(held["boards"]),
            MappingProxyType({lad: (code, name) for lad, (code, name) in held["devolved"].items()}),
        )
    except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError) as wrong:
        raise BoundariesError(f"{FILE} is not a file of boundaries: {wrong}") from None


def found(settings: Settings) -> Boundaries | None:
    """The boundaries of the configuration folder; None if there are none to be used."""
    try:
        return read((settings.config_dir / GEOGRAPHY / FILE).read_bytes())
    except (OSError, BoundariesError) as wrong:
        structlog.get_logger().warning("no map can be drawn", why=str(wrong))
        return None


def names(settings: Settings) -> Mapping[str, str]:
    """What each district and board is called, by its code; nothing without boundaries."""
    known = found(settings)
    shapes = {**known.districts.shapes, **known.boards.shapes} if known else {}
    return MappingProxyType({code: shape.name for code, shape in shapes.items()})


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box with all of ``boxes``, of which there is one at least, in it."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _outlines(held: Mapping[str, Any]) -> Outlines:
    lines = [_points(numbers) for numbers in held["lines"]]
    shapes = {shape["code"]: _shape(shape, lines) for shape in held["shapes"]}
    return Outlines(MappingProxyType(shapes), _neighbours(held["shapes"]))


def _points(numbers: Sequence[int]) -> list[tuple[int, int]]:
    across, down = accumulate(numbers[::2]), accumulate(numbers[1::2])
    return list(zip(across, down, strict=True))


def _shape(held: Mapping[str, Any], lines: Sequence[list[tuple[int, int]]]) -> Shape:
    rings = [list(_ring(ring, lines)) for ring in held["rings"]]
    path = "".join(map(_path, rings))
    box = around((x, y, x, y) for ring in rings for x, y in ring)
    return Shape(held["code"], held["name"], held["part"], path, box)


def _ring(ring: Sequence[int], lines: Sequence[list[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """The points of a ring; a line that is run backwards stands there as ``~`` its number."""
    for number in ring:
        line = lines[number] if number >= 0 else lines[~number][::-1]
        yield from line[:-1]


def _path(ring: Sequence[tuple[int, int]]) -> str:
    """One ring in SVG's fewest letters: where it begins, then its steps."""
    if not ring:
        return ""
    (x, y), *others = ring
    steps = []
    for to_x, to_y in others:
        steps.append(f"{to_x - x} {to_y - y}")
        x, y = to_x, to_y
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def _neighbours(shapes: Iterable[Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    beside: defaultdict[int, set[str]] = defaultdict(set)
    for shape in shapes:
        for ring in shape["rings"]:
            for number in ring:
                beside[number if number >= 0 else ~number].add(shape["code"])
    found: defaultdict[str, set[str]] = defaultdict(set)
    for codes in beside.values():
        for one, other in combinations(codes, 2):
            found[one].add(other)
            found[other].add(one)
    return MappingProxyType({code: frozenset(others) for code, others in found.items()})
