"""Knows which areas each LSOA lies in, and completes with it what is said of a postcode.

An LSOA decides a postcode's boards, even where the postcode's own row says otherwise: files of
different years disagree, and one answer must hold. Its district stays its own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ivr.directory.format import Place
from ivr.directory.said import NATION_OF, Said, said
from ivr.directory.sheets import opened
from ivr.directory.sources import SourceError, found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ivr.directory.sheets import Sheet

LOOKUP = "lsoa.csv.gz"
CHANGES = "lad_changes.csv"


class Boards(NamedTuple):
    """The district of an LSOA, and the boards it is in."""

    lad: str = ""
    sub_icb: str = ""
    icb: str = ""
    icb_2025: str = ""

    def or_else(self, other: Boards) -> Boards:
        """These, with what they lack taken from ``other``."""
        return Boards(*(mine or theirs for mine, theirs in zip(self, other, strict=True)))

    def within(self, other: Boards) -> bool:
        """Whether ``other`` has all of these that are not blank."""
        return all(mine in ("", theirs) for mine, theirs in zip(self, other, strict=True))


NONE = Boards()


@dataclass(frozen=True, slots=True)
class Geography:
    """The areas of today, by LSOA."""

    boards: Mapping[str, Boards]
    """LSOA of 2021 -> its areas."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Code of a former district -> the code of the one that it is now part of."""
    combinations: frozenset[Boards] = field(init=False)
    """Every combination of areas that some LSOA has."""
    current: frozenset[str] = field(init=False)
    """Every code that some LSOA has."""

    def __post_init__(self) -> None:
        combinations = frozenset(self.boards.values())
        object.__setattr__(self, "combinations", combinations)
        object.__setattr__(self, "current", frozenset().union(*combinations) - {""})

    def updated(self, newer: Mapping[str, Boards]) -> Geography:
        """This geography with what a newer lookup says; what that leaves out is kept."""
        joined = {lsoa: each.or_else(self.boards.get(lsoa, NONE)) for lsoa, each in newer.items()}
        return Geography({**self.boards, **joined}, self.changes)

    def place(self, what: Said) -> Place:
        """The place of a postcode of which the sources say ``what``, completed."""
        lsoa = what.lsoa or (what.lsoa_2011 if what.lsoa_2011 in self.boards else "")
        own = self.own(what)
        boards = self.boards.get(lsoa, NONE).or_else(self._inferred(own))
        lad = own.lad or boards.lad
        nation = what.nation or NATION_OF.get((lad or lsoa)[:1], "")
        return Place(nation, lad, lsoa, boards.sub_icb, boards.icb, boards.icb_2025)

    def own(self, what: Said) -> Boards:
        """The areas a postcode's own row gives: its district of today, boards that still are."""
        boards = (what.sub_icb, what.icb, what.icb_2025)
        kept = (board if board in self.current else "" for board in boards)
        return Boards(self.changes.get(what.lad, what.lad), *kept)

    def _inferred(self, own: Boards) -> Boards:
        """The boards of a postcode without an LSOA: its own, and those that follow from them.

        A board follows if every LSOA that has all of ``own`` is in it: a district that lies
        wholly in one board gives that board, and a divided one gives none.
        """
        fitting = [each for each in self.combinations if own.within(each)] if any(own) else []
        if not fitting:
            return own
        return own.or_else(Boards(*map(_only, zip(*fitting, strict=True))))


def _only(codes: Iterable[str]) -> str:
    """The one code that all of ``codes`` are; "" if they differ."""
    different = set(codes)
    return different.pop() if len(different) == 1 else ""


def looked_up(sheet: Sheet) -> dict[str, Boards]:
    """The areas of each LSOA in a lookup of them; raises SourceError at a bad row."""
    areas = {}
    for row, cells in sheet.rows:
        try:
            what = said(sheet.layout, cells)
        except ValueError as mistake:
            raise SourceError(f"{sheet.name}, row {row}, {mistake}") from None
        if what.lsoa:
            areas[what.lsoa] = Boards(what.lad, what.sub_icb, what.icb, what.icb_2025)
    return areas


def read(folder: Path) -> Geography:
    """The geography of reference kept in ``folder``; raises SourceError if it is not all there."""
    sheet = opened(found(folder / LOOKUP).members[0], lambda _: None)
    if sheet is None or sheet.layout.of_postcodes:
        raise SourceError(f"{LOOKUP}: not a lookup of LSOAs; restore it from a copy")
    try:
        with (folder / CHANGES).open(encoding="utf-8", newline="") as file:
            changes = {row["old"]: row["new"] for row in csv.DictReader(file)}
    except (OSError, KeyError) as mistake:
        raise SourceError(
            f"{CHANGES}: cannot be read ({mistake}); restore it from a copy"
        ) from None
    return Geography(looked_up(sheet), changes)
