"""Makes the file of boundaries that the console's maps are drawn from; run by hand, seldom.

    python -m ivr.console.maps.build DISTRICTS BOARDS BOARDS.csv DEVOLVED.csv -o FILE

DISTRICTS and BOARDS are TopoJSON in degrees, each shape with a ``code`` and ``name``. BOARDS.csv
tells the region of each English board (``icb_code``, ``region``), DEVOLVED.csv the health board of
each Scottish and Welsh district (``lad25cd``, ``health_code``, ``health_name``).
``config/geography/PROVENANCE.md`` says where they were had.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from math import asinh, atan2, cos, hypot, pi, radians, sin, tan
from pathlib import Path
from typing import Any

import click

from ivr.directory import Directory

EARTH = 63_710.0
"""The earth's radius in hundreds of metres, the unit of the file."""

MERIDIAN = -2.0
"""The degree of longitude that stands upright, as on the Ordnance Survey's maps."""

MARGIN = 60
"""Hundreds of metres left free around the map."""

ISLANDS = {
    "Isle of Man": (-4.55, 54.22, 150),
    "Jersey": (-2.13, 49.21, 90),
    "Guernsey": (-2.57, 49.45, 80),
}
"""Longitude, latitude and radius of those that no list of boundaries has: drawn as circles."""

DEVOLVED = {"N": "Northern Ireland", "S": "Scotland", "W": "Wales"}

Point = tuple[float, float]
Topology = Mapping[str, Any]
Rings = list[list[int]]


def projected(longitude: float, latitude: float) -> Point:
    """Hundreds of metres east and south of a point on the meridian (transverse Mercator)."""
    across, up = radians(longitude - MERIDIAN), radians(latitude)
    east = asinh(cos(up) * sin(across) / hypot(sin(up), cos(up) * cos(across)))
    return EARTH * east, -EARTH * atan2(tan(up), cos(across))


def _lines(topology: Topology) -> list[list[Point]]:
    """The lines that the shapes of ``topology`` share, projected."""
    across, up = topology["transform"]["scale"]
    west, south = topology["transform"]["translate"]
    lines = []
    for steps in topology["arcs"]:
        points = accumulate(steps, lambda at, step: [at[0] + step[0], at[1] + step[1]])
        lines.append([projected(west + x * across, south + y * up) for x, y in points])
    return lines


def _rings(shape: Mapping[str, Any]) -> Rings:
    """A shape's rings, outer and inner alike: they are filled by the even-odd rule."""
    parts = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    return [ring for part in parts for ring in part]


def _shapes(topology: Topology, replaced: Mapping[str, str]) -> list[dict[str, Any]]:
    (collection,) = topology["objects"].values()
    return [
        {
            "code": replaced.get(shape["properties"]["code"], shape["properties"]["code"]),
            "name": shape["properties"]["name"],
            "rings": _rings(shape),
        }
        for shape in collection["geometries"]
    ]


def _add_islands(lines: list[list[Point]], shapes: list[dict[str, Any]]) -> None:
    for name, (longitude, latitude, radius) in ISLANDS.items():
        x, y = projected(longitude, latitude)
        turns = [2 * pi * step / 24 for step in range(25)]
        shapes.append({"code": name, "name": name, "part": name, "rings": [[len(lines)]]})
        lines.append([(x + radius * cos(turn), y + radius * sin(turn)) for turn in turns])


def _written(lines: list[list[Point]], corner: Point) -> list[list[int]]:
    """Each line as whole numbers: where it begins, then its steps; what stands still is left."""
    west, north = corner
    found = []
    for line in lines:
        points = [(round(x - west), round(y - north)) for x, y in line]
        steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(points)]
        moved = [step for step in steps if step != (0, 0)]
        found.append([*points[0], *chain.from_iterable(moved)])
    return found


def _corners(lines: Iterable[Sequence[Point]]) -> tuple[Point, Point]:
    across, down = zip(*chain.from_iterable(lines), strict=True)
    return (
        (min(across) - MARGIN, min(down) - MARGIN),
        (max(across) + MARGIN, max(down) + MARGIN),
    )


def _main_board(directory: Directory) -> Mapping[str, str]:
    """The board that most places of each English district are in."""
    boards: dict[str, Counter[str]] = {}
    for number in range(len(directory)):
        place = directory.place(number)
        boards.setdefault(place.lad, Counter())[place.icb] += 1
    return {lad: found.most_common(1)[0][0] for lad, found in boards.items()}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compiled(districts: Topology, boards: Topology, files: Mapping[str, Path]) -> dict[str, Any]:
    """Everything the file says. ``files``: the directory, and the three lists."""
    replaced = {row["old"]: row["new"] for row in _rows(files["changes"])}
    directory = Directory(files["directory"].read_bytes())
    regions = {row["icb_code"]: row["region"] for row in _rows(files["boards"])}
    board = _main_board(directory)
    lines, areas = _lines(districts), _shapes(districts, replaced)
    for area in areas:
        area["part"] = DEVOLVED.get(area["code"][0]) or regions[board[area["code"]]]
    _add_islands(lines, areas)
    outlines, bodies = _lines(boards), _shapes(boards, {})
    for body in bodies:
        body["part"] = regions[body["code"]]
    corner, far = _corners([*lines, *outlines])
    health = {
        row["lad25cd"]: [row["health_code"], row["health_name"]]
        for row in _rows(files["devolved"])
        if row["lad25cd"][0] in "SW"
    }
    return {
        "width": round(far[0] - corner[0]),
        "height": round(far[1] - corner[1]),
        "devolved": health,
        "districts": {"lines": _written(lines, corner), "shapes": areas},
        "boards": {"lines": _written(outlines, corner), "shapes": bodies},
    }


@click.command()
@click.argument("districts", type=click.Path(exists=True, path_type=Path))
@click.argument("boards", type=click.Path(exists=True, path_type=Path))
@click.argument("board_list", type=click.Path(exists=True, path_type=Path))
@click.argument("devolved", type=click.Path(exists=True, path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), default=Path("config"))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
def main(  # noqa: PLR0913, PLR0917 - one parameter a file
    districts: Path, boards: Path, board_list: Path, devolved: Path, config: Path, output: Path
) -> None:
    """Write the boundaries of DISTRICTS and BOARDS into one file."""
    files = {
        "boards": board_list,
        "devolved": devolved,
        "changes": config / "geography" / "lad_changes.csv",
        "directory": config / "directory.p2d",
    }
    found = compiled(json.loads(districts.read_bytes()), json.loads(boards.read_bytes()), files)
    written = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    output.write_bytes(gzip.compress(written.encode(), mtime=0))


if __name__ == "__main__":
    main()
