"""Knows the towns that callers name, and the dialling codes of their landlines, by service.

A town is told by its postcodes: those of its postcode areas that lie within its district or its
board, counted by the service that covers each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process

from ivr import postcode
from ivr.call import Cover
from ivr.directory import Directory
from ivr.routing import Answers, Town

ALIKE = 88.0
"""How alike (0 to 100) a heard town and a known one must be; below it, they are confused."""

LONGEST = 200
"""The most characters of speech in which a town is looked for."""

FIXED = ("+441", "+442")
"""How landlines begin; only their codes belong to a place."""


class Gazetteer:
    """The towns of one directory and one day's table."""

    def __init__(self, directory: Directory, answers: Answers, towns: Sequence[Town]) -> None:
        self._directory = directory
        self._answers = answers
        self._towns = towns
        self._shares = lru_cache(maxsize=1024)(self._count)

    def named(self, text: str) -> Town | None:
        """The town named in ``text``: the longest known name in it, or else the one most alike."""
        said = plain(text[:LONGEST])
        inside = [name for name in self._names if f" {name} " in f" {said} "]
        if inside:
            return self._largest(max(inside, key=len))
        close = process.extractOne(said, self._names.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self._largest(close[0]) if close else None

    def dialled(self, number: str) -> Town | None:
        """The town whose dialling code an E.164 ``number`` begins with, the longest code first."""
        if not number.startswith(FIXED):
            return None
        national = "0" + number.removeprefix("+44")
        codes = (national[:length] for length in range(len(national), 0, -1))
        return next((self._codes[code] for code in codes if code in self._codes), None)

    def cover(self, town: Town) -> tuple[Cover, float]:
        """The cover of most of a town's postcodes, and its share of them (0 if none are known)."""
        shares = self._shares(town)
        if not shares:
            return Cover("", ""), 0.0
        cover, count = shares.most_common(1)[0]
        return replace(cover, area=town.areas[0]), count / shares.total()

    @cached_property
    def _names(self) -> Mapping[str, Sequence[Town]]:
        names: defaultdict[str, list[Town]] = defaultdict(list)
        for town in self._towns:
            for name in (town.name, *town.also):
                names[plain(name)].append(town)
        return names

    @cached_property
    def _codes(self) -> Mapping[str, Town]:
        return {code: town for town in self._towns for code in town.codes}

    def _largest(self, name: str) -> Town:
        """Of towns that share a name, the one most people mean; which it was is confirmed."""
        return max(self._names[name], key=lambda town: self._shares(town).total())

    def _count(self, town: Town) -> Counter[Cover]:
        shares: Counter[Cover] = Counter()
        for place, count in self._places(town):
            shares[self._answers.cover(place)] += count
        return shares

    def _places(self, town: Town) -> Iterator[tuple[int, int]]:
        """The places of a town, each with how many live postcodes lie in it."""
        for outward in self._directory.outwards():
            if postcode.area(outward) in town.areas:
                near = self._directory.near(outward)
                yield from ((place, near[place]) for place in near if self._lies(place, town))

    def _lies(self, place: int, town: Town) -> bool:
        where = self._directory.place(place)
        return not town.within or town.within in (where.lad, where.icb, where.sub_icb)


def plain(name: str) -> str:
    """A town's name as it is compared: lower case, letters and single spaces only."""
    bare = name.lower().replace("'", "").replace("\u2019", "")
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())
