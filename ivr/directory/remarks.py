"""Counts what a build left wanting, or decided for itself, so that an operator can see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.directory.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ivr.directory.format import Place
    from ivr.directory.gather import Gathering
    from ivr.directory.geography import Geography
    from ivr.directory.said import Said

NO_NATION = "have no nation"
NO_LAD = "of Great Britain have no district (LAD)"
NO_LSOA = "of England and Wales have no LSOA"
NO_ICB = "of England have no integrated care board"
STRANGE_LSOA = "have an LSOA that the geography of reference does not know"
STRANGE_BOARD = "name a board that no LSOA is in today: it was left out"
OVERRULED = "name a board that is not their LSOA's: the LSOA's was taken"

BRITISH = {"England", "Wales", "Scotland", ""}
WITH_LSOA = {"England", "Wales"}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to be known of some of the postcodes that were kept."""

    what: str
    count: int
    example: str


def remarks(gathering: Gathering, geography: Geography, places: Sequence[Place]) -> list[Remark]:
    """What there is to be known; ``places`` are those of ``gathering.said``, one for one."""
    uses = gathering.uses()
    concerned: dict[str, set[int]] = {}
    for number, (said, place) in enumerate(zip(gathering.said, places, strict=True)):
        for what in _of(said, place, geography) if uses[number] else ():
            concerned.setdefault(what, set()).add(number)
    counts = {what: sum(uses[number] for number in concerned[what]) for what in concerned}
    return [
        Remark(what, count, _example(gathering, concerned[what]))
        for what, count in sorted(counts.items(), key=lambda each: -each[1])
    ]


def _of(said: Said, place: Place, geography: Geography) -> Iterator[str]:
    if not place.nation:
        yield NO_NATION
    if not place.lad and place.nation in BRITISH:
        yield NO_LAD
    if not place.lsoa and place.nation in WITH_LSOA:
        yield NO_LSOA
    if not place.icb and place.nation == "England":
        yield NO_ICB
    if place.lsoa and place.lsoa not in geography.boards:
        yield STRANGE_LSOA
    named = said.sub_icb, said.icb, said.icb_2025
    today = [board in geography.current for board in named]
    if place.lsoa not in geography.boards and any(
        board and not known for board, known in zip(named, today, strict=True)
    ):
        yield STRANGE_BOARD
    taken = place.sub_icb, place.icb, place.icb_2025
    if any(
        known and mine != theirs for known, mine, theirs in zip(today, named, taken, strict=True)
    ):
        yield OVERRULED


def _example(gathering: Gathering, numbers: Collection[int]) -> str:
    """The first postcode of which one of ``numbers`` is said."""
    for sector, units in gathering.sectors.items():
        for unit, number in zip(UNITS, units, strict=True):
            if number in numbers:
                return f"{sector[:-1]} {sector[-1]}{unit}"
    return ""
