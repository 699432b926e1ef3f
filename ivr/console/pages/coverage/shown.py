"""Turns the rows of areas into a map: which shapes, in which colours, looked at how closely."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from ivr.console.maps import (
    TOLD,
    Area,
    Boundaries,
    Outlines,
    Picture,
    by_key,
    coloured,
    district,
    picture,
)
from ivr.console.maps.boundaries import Box
from ivr.console.pages.coverage.asked import Asked
from ivr.console.pages.coverage.rows import MOST_MOVE, Names, Row
from ivr.directory import Place

KeyOf = Callable[[str], str]
"""The key of the row that tells of a shape, by the shape's code."""

_NAMED = ("NHS ", " Integrated Care Board")


class Ground:
    """What the areas of the map are: districts, or health boards."""

    def __init__(self, boundaries: Boundaries, by: str) -> None:
        self._boundaries = boundaries
        self._by_board = by == "board"
        self.outlines: Outlines = boundaries.bodies if self._by_board else boundaries.districts
        self.keys = {code: self.key(code) for code in self.outlines.shapes}
        """The key of the row that tells of each shape."""

    def key(self, code: str) -> str:
        """The key of the row that tells of the shape with that code."""
        if self._by_board and code in self._boundaries.devolved:
            return self._boundaries.devolved[code][0]
        return by_key(code)

    def named(self, place: Place) -> str:
        """The key of the row that tells of a place."""
        if not self._by_board:
            return district(place)
        return place.icb or self._boundaries.devolved.get(place.lad, (place.nation,))[0]

    @property
    def names(self) -> Names:
        """The name and region of each row's area."""
        found = {
            self.keys[code]: (_short(shape.name), shape.part)
            for code, shape in self.outlines.shapes.items()
        }
        if self._by_board:
            for code, name in self._boundaries.devolved.values():
                found[code] = (name, found[code][1])
        return {**found, "Northern Ireland": ("Northern Ireland", "Northern Ireland")}


def colours(
    rows: Iterable[Row],
    ground: Ground,
    asked: Asked,
    before: Mapping[str, int] = MappingProxyType({}),
) -> Mapping[str, int]:
    """The colour of each label of ``rows``: as far as can be the one it has in ``before``."""
    return coloured(_labels(rows, ground, asked), ground.outlines.neighbours, before)


def _labels(rows: Iterable[Row], ground: Ground, asked: Asked) -> dict[str, str]:
    """The label of each shape, by its code."""
    row_of = {row.key: row for row in rows if row.parts}
    return {code: _label(row_of[key], asked) for code, key in ground.keys.items() if key in row_of}


def by_cover(
    rows: Sequence[Row], ground: Ground, asked: Asked, colours: Mapping[str, int]
) -> dict[str, Area]:
    """How each shape is shown, by its code, where it is coloured by its services or as a board."""
    row_of = {row.key: row for row in rows if row.parts}
    labels = _labels(rows, ground, asked)
    return {
        code: _area(row_of[ground.keys[code]], colours[label], asked)
        for code, label in labels.items()
    }


def by_moves(rows: Sequence[Row], ground: Ground, asked: Asked) -> dict[str, Area]:
    """How each shape is shown, by its code, where what moves is coloured."""
    row_of = {row.key: row for row in rows}
    return {code: _moving(row_of[key], asked) for code, key in ground.keys.items() if key in row_of}


def drawn(label: str, areas: Mapping[str, Area], ground: Ground, asked: Asked) -> Picture:
    """The map, of all or of the part that is looked at."""
    looked_at = list(_boxes(ground, lambda code: ground.keys[code] == asked.area and code in areas))
    if not looked_at and asked.part:
        shapes = ground.outlines.shapes
        looked_at = list(_boxes(ground, lambda code: shapes[code].part == asked.part))
    return picture(label, ground.outlines, areas, looked_at)


def _boxes(ground: Ground, wanted: Callable[[str], bool]) -> Iterator[Box]:
    return (shape.box for code, shape in ground.outlines.shapes.items() if wanted(code))


def near(rows: Iterable[Row], asked: Asked) -> list[Row]:
    """The rows of the part that is looked at."""
    return [row for row in rows if row.parts and asked.part in ("", row.region)]


def _label(row: Row, asked: Asked) -> str:
    return row.key if asked.by == "board" else " ".join(row.parts[0].label)


def _area(row: Row, colour: int, asked: Asked) -> Area:
    css = "map-gap" if row.parts[0].gap else f"map-{colour}"
    over = "stripes" if row.gaps else "dots" if row.divided else ""
    return Area(_classes(css, row, asked), row.title, "" if row.parts[0].gap else over)


def _moving(row: Row, asked: Asked) -> Area:
    """A district from which postcodes move; what loses its service is as red as any gap."""
    most = MOST_MOVE * row.postcodes
    if row.gaps and row.gaps >= most:
        return Area(_classes("map-gap", row, asked), row.title)
    css = "map-plain" if not row.told else "map-moved" if row.told >= most else "map-moved-some"
    return Area(_classes(css, row, asked), row.title, "stripes" if row.gaps else "")


def _classes(css: str, row: Row, asked: Asked) -> str:
    return f"{css} {TOLD}" if row.key == asked.area else css


def _short(name: str) -> str:
    return name.removeprefix(_NAMED[0]).removesuffix(_NAMED[1])
