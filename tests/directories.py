"""Small directories for the tests, made of postcodes or of files written down in them."""

from __future__ import annotations

from array import array
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.directory import Directory, Place
from ivr.directory.build import Building, Story
from ivr.directory.encode import laid_out
from ivr.directory.format import sealed
from ivr.directory.geography import Geography, read
from ivr.directory.sources import found
from ivr.directory.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SAMPLES = Path(__file__).parent / "data" / "directory"
GEOGRAPHY = Path(__file__).parent.parent / "config" / "geography"
STORY = Story(date(2026, 11, 22))


@cache
def reference() -> Geography:
    """The geography that ships."""
    return read(GEOGRAPHY)


def file_of(postcodes: Mapping[str, tuple[Place, bool]]) -> bytes:
    """The file of a directory of just these."""
    number = {what: at for at, what in enumerate(set(postcodes.values()), 1)}
    sectors: dict[str, array[int]] = {}
    for postcode, what in postcodes.items():
        units = sectors.setdefault(postcode[:-2], array("L", [0] * len(UNITS)))
        units[UNITS.index(postcode[-2:])] = number[what]
    body, width = laid_out(sectors, [None, *number])
    return sealed({"attribution": "none needed"}, body, width)


def directory_of(postcodes: Mapping[str, tuple[Place, bool]]) -> Directory:
    """A directory of just these."""
    return Directory(file_of(postcodes))


def built(*paths: Path, geography: Geography | None = None) -> Building:
    """A building with all of these sources in it."""
    building = Building(geography or reference())
    for path in paths:
        building.add(found(path), lambda _: None)
    return building


def directory_from(*paths: Path, geography: Geography | None = None) -> Directory:
    """The directory of these sources."""
    return Directory(built(*paths, geography=geography).file(STORY))


def place_of(directory: Directory, postcode: str) -> Place:
    """The place of a postcode that must be there."""
    entry = directory.find(postcode)
    assert entry is not None, postcode
    return directory.place(entry.place)


def table(path: Path, header: str, rows: Iterable[str]) -> Path:
    """A CSV of a header and rows, written to ``path``."""
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path
