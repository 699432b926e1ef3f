"""Builds a directory from files that can be downloaded, and puts it in place of the old one."""

from __future__ import annotations

import os
import re
from calendar import month_name
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.directory import format as form
from ivr.directory.encode import laid_out
from ivr.directory.gather import Gathering, Tally
from ivr.directory.geography import looked_up
from ivr.directory.layouts import ACCEPTED
from ivr.directory.reader import Directory
from ivr.directory.remarks import Remark, remarks
from ivr.directory.sheets import opened
from ivr.directory.sources import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from ivr.directory.format import Place
    from ivr.directory.geography import Geography
    from ivr.directory.sources import Source, Tick

ATTRIBUTION = (
    "Contains OS data © Crown copyright and database right {year}. Contains Royal Mail data © "
    "Royal Mail copyright and database right {year}. Source: Office for National Statistics "
    "licensed under the Open Government Licence v.3.0. Contains NHS England (ODS) information "
    "licensed under the OGL v3.0."
)
"""What must be said wherever the postcodes are used; the year is that of the data."""

YEAR = re.compile(r"\b20\d\d\b")
MONTHS = {name[:3].lower(): name for name in month_name if name}
DATED = re.compile(rf"({'|'.join(MONTHS)})[a-z]*[ _-]?(20\d\d)", re.IGNORECASE)
"""A month in the name of a file, such as ONSPD_NOV_2025_UK.csv."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is to be told of a directory that its sources do not tell themselves."""

    built: date
    vintage: str = ""
    """How old the data is: "November 2025"; if blank, what the sources' names say."""
    provenance: tuple[str, ...] = ()
    """Sentences on where it comes from and what its limits are."""


@dataclass(slots=True)
class Building:
    """A directory that is being built: add sources, then ask for the file."""

    geography: Geography
    """What completes the postcodes; a source may be a newer lookup that changes it."""
    sources: list[Source] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    """What became of the rows of each file."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Name of a source -> how many of its files were taken for documents and lists of codes."""
    remarks: list[Remark] = field(default_factory=list)
    """What there is to be known of the postcodes in the file."""
    _gathering: Gathering = field(default_factory=Gathering)

    def add(self, source: Source, tick: Tick) -> None:
        """Takes in a source. Raises SourceError if it, or any file in it, cannot be used."""
        used = 0
        self.passed_over[source.name] += source.passed_over
        for member in source.members:
            sheet = opened(member, tick)
            if sheet is None:
                self.passed_over[source.name] += 1
            elif sheet.layout.of_postcodes:
                self.tallies.append(self._gathering.add(sheet))
                used += self.tallies[-1].kept
            else:
                areas = looked_up(sheet)
                self.geography = self.geography.updated(areas)
                used += len(areas)
        if not used:
            raise SourceError(f"{source.name}: no postcode was found in it; {ACCEPTED}")
        self.sources.append(source)

    def file(self, story: Story) -> bytes:
        """The whole directory. The same sources, geography and story give the same bytes."""
        said, uses = self._gathering.said, self._gathering.uses()
        places = [self.geography.place(each) for each in said]
        self.remarks = remarks(self._gathering, self.geography, places)
        known = [
            (place, each.live is not False) if uses[number] else None
            for number, (place, each) in enumerate(zip(places, said, strict=True))
        ]
        body, width = laid_out(self._gathering.sectors, known)
        counts = _counts((each, uses[number]) for number, each in enumerate(known) if each)
        return form.sealed(self._info(story) | {"counts": counts}, body, width)

    def _info(self, story: Story) -> dict[str, object]:
        names = [*(source.name for source in self.sources), *(each.name for each in self.tallies)]
        vintage = story.vintage or dated(names)
        year = YEAR.search(vintage)
        return {
            "attribution": ATTRIBUTION.format(year=year[0] if year else story.built.year),
            "vintage": vintage,
            "built": story.built.isoformat(),
            "provenance": list(story.provenance),
            "sources": [{"name": source.name, "sha256": source.sha256} for source in self.sources],
        }


def dated(names: Iterable[str]) -> str:
    """The latest month that is in the names of files ("November 2025"), or "not stated"."""
    order = list(MONTHS)
    found = [
        (year, order.index(month.lower())) for name in names for month, year in DATED.findall(name)
    ]
    if not found:
        return "not stated"
    year, month = max(found)
    return f"{MONTHS[order[month]]} {year}"


def _counts(known: Iterable[tuple[tuple[Place, bool], int]]) -> dict[str, object]:
    """How many postcodes there are, and how many of the live ones in each nation."""
    lives: Counter[str] = Counter()
    ended = 0
    for (place, live), count in known:
        if live:
            lives[place.nation or "unknown"] += count
        else:
            ended += count
    return {
        "live": lives.total(),
        "terminated": ended,
        "live_by_nation": dict(sorted(lives.items())),
    }


def put(file: bytes, path: Path) -> None:
    """Puts a directory at ``path``, in one step, once it is whole on the disk and reads back.

    Whoever has the old one open keeps it. Raises OSError if it cannot be written, and then the
    old one is still in place.
    """
    Directory(file)
    path = path.resolve()
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("xb") as out:
            out.write(file)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
