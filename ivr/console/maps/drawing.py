"""Makes the picture that ``maps/map.html`` writes as SVG: which shapes, how coloured, how large.

Nothing in it needs a style attribute or a script of the page's own: colours are classes of
``maps.css``, and each shape has a title, which browsers show to whoever points at it. Whoever
cannot see the map has the same in a list beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.console.maps.boundaries import Box, Outlines, Shape, around

NORTHERN_IRISH = "N09"
"""How the codes of districts begin that are one place to the directory."""

AROUND = 0.15
"""How much of its size is shown around what is looked at."""

ROUND_ALL = 0.01
"""The same of the whole map."""

TOLD = "map-area-told"
"""The class of an area that is outlined."""

LEAST = 400
"""The least width and height shown, in hundreds of metres: enough to know where one is."""


@dataclass(frozen=True, slots=True)
class Area:
    """How one area is shown."""

    css: str
    """Its class: ``map-1`` to ``map-8``, ``map-gap``, ``map-moved``, ``map-plain`` ..."""
    title: str
    """What is shown to whoever points at it."""
    over: str = ""
    """What is drawn over it: ``stripes``, ``dots``, or "" for nothing."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area of a picture."""

    shape: Shape
    area: Area


@dataclass(frozen=True, slots=True)
class Picture:
    """A map, ready to be written."""

    label: str
    """What it shows, for whoever cannot see it."""
    box: Box
    drawn: tuple[Drawn, ...]

    @property
    def view(self) -> str:
        """SVG's viewBox."""
        left, top, right, bottom = self.box
        return f"{left} {top} {right - left} {bottom - top}"

    def has(self, css: str) -> bool:
        """Whether an area of that class is in it."""
        return any(css in drawn.area.css.split() for drawn in self.drawn)

    @property
    def grain(self) -> float:
        """The units that look about as large as a pixel, for what is striped or dotted."""
        return round((self.box[2] - self.box[0]) / 500, 2)


def by_key(code: str) -> str:
    """What the directory calls the district of a shape's ``code``: Northern Ireland is one."""
    return "Northern Ireland" if code.startswith(NORTHERN_IRISH) else code


def picture(
    label: str, outlines: Outlines, areas: Mapping[str, Area], looked_at: Iterable[Box] = ()
) -> Picture:
    """A map of those ``outlines`` that ``areas`` says how to show, by a shape's code.

    ``looked_at`` are the boxes that must be in it; if there are none, all shapes are. What is
    outlined comes last, so that no neighbour is drawn over its outline.
    """
    shapes = [shape for code, shape in outlines.shapes.items() if code in areas]
    closely = list(looked_at)
    boxes = closely or [shape.box for shape in shapes] or [(0, 0, LEAST, LEAST)]
    box = _widened(around(boxes), AROUND if closely else ROUND_ALL)
    drawn = [Drawn(shape, areas[shape.code]) for shape in shapes if _meet(shape.box, box)]
    return Picture(label, box, tuple(sorted(drawn, key=lambda each: TOLD in each.area.css)))


def _widened(box: Box, share: float) -> Box:
    left, top, right, bottom = box
    across, down = _more(right - left, share), _more(bottom - top, share)
    return left - across, top - down, right + across, bottom + down


def _more(length: int, share: float) -> int:
    """How much to add on each side of something that is so long."""
    return max(round(length * share), (LEAST - length) // 2)


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
