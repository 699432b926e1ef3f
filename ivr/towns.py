"""Knows the towns that callers name, and the dialling codes of their landlines, by service.

A town is told by its postcodes: those of its postcode areas that lie within its district or its
board, counted by the service that covers each. Of towns that share a name, the one that stands
first in the list is likeliest, unless the caller says which.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import chain
from unicodedata import normalize

from rapidfuzz import fuzz, process

from ivr import postcode
from ivr.call import Cover
from ivr.directory import Directory
from ivr.routing import Answers, Town

ALIKE = 88.0
"""How alike (0 to 100) a heard town and a known one must be; below it, they are confused."""

SHORT = 4
"""Letters of the longest names that are too short to be told from others by likeness."""

LONGEST = 200
"""The most characters of speech in which a town is looked for."""

FIXED = ("+441", "+442")
"""How landlines begin; only their codes belong to a place."""

_WORDS = (
    "angus ash barry bath battle bow crook deal denny douglas eye fleet flint hale hamilton harris "
    "hart hay hook keith kyle lewis lynn march maud nelson peel reading ross rugby sale sandy "
    "settle shaw shirley stanley stone stow street tongue victoria ware wells"
)
ORDINARY = frozenset(_WORDS.split())
"""Towns whose names are also words or people's names: named only as a place would be."""

LEADING = frozenset({"around", "at", "by", "from", "in", "is", "its", "near", "outside", "to"})
"""Words before the name of a place."""

_LED_BY = re.compile(rf"\b(?:{'|'.join(sorted(LEADING))}) ")

LINKING = re.compile(
    r"^((on|in|upon|under|near|next|by|le|of|the) )+|^(north|northern|south|east|west|mid|greater) "
)
"""How what tells two towns apart may begin, which people leave out: "on the", "North"."""

SPELT_OUT = {
    "&": "and",
    "saint": "st",
    "co": "county",
    "beds": "bedfordshire",
    "berks": "berkshire",
    "bucks": "buckinghamshire",
    "cambs": "cambridgeshire",
    "derbys": "derbyshire",
    "glos": "gloucestershire",
    "hants": "hampshire",
    "herts": "hertfordshire",
    "lancs": "lancashire",
    "leics": "leicestershire",
    "lincs": "lincolnshire",
    "middx": "middlesex",
    "northants": "northamptonshire",
    "notts": "nottinghamshire",
    "oxon": "oxfordshire",
    "salop": "shropshire",
    "staffs": "staffordshire",
    "wilts": "wiltshire",
    "worcs": "worcestershire",
    "yorks": "yorkshire",
}
"""Words that are written in two ways, and the one they are compared by."""


class Gazetteer:
    """The towns of one directory and one day's table."""

    def __init__(self, directory: Directory, answers: Answers, towns: Sequence[Town]) -> None:
        self._directory = directory
        self._answers = answers
        self._towns = towns
        self._shares = lru_cache(maxsize=1024)(self._count)

    def named(self, text: str) -> tuple[Town, ...]:
        """The towns that ``text`` names, likeliest first; () if none.

        All that share a name, unless the caller says which ("Ashford in Kent"): then that alone.
        Only where no town is named exactly is one taken whose name is alike.
        """
        said = plain(text[:LONGEST])
        names = list(self._spoken(said.split())) or self._alike(said)
        for name in names:
            told = [town for town in self._names[name] if _told_apart(town, name, said)]
            if told:
                return tuple(told)
        return tuple(dict.fromkeys(chain.from_iterable(self._names[name] for name in names)))

    def dialled(self, number: str) -> Town | None:
        """The town whose dialling code an E.164 ``number`` begins with, the longest code first."""
        if not number.startswith(FIXED):
            return None
        national = "0" + number.removeprefix("+44")
        codes = (national[:length] for length in range(len(national), 0, -1))
        return next((self._codes[code] for code in codes if code in self._codes), None)

    def cover(self, town: Town) -> tuple[Cover, float, str]:
        """The cover of most of a town's postcodes, its share of them (0 if none are known).

        And the first half of a postcode that most of those have.
        """
        shares, outwards = self._shares(town)
        if not shares:
            return Cover("", ""), 0.0, ""
        cover, count = shares.most_common(1)[0]
        outward = max(outwards[cover].items(), key=lambda counted: counted[1])[0]
        return replace(cover, area=town.areas[0]), count / shares.total(), outward

    # -- names -----------------------------------------------------------------------------

    @cached_property
    def _names(self) -> Mapping[str, Sequence[Town]]:
        """The towns of each name, in the order of the list, each once."""
        names: defaultdict[str, dict[Town, None]] = defaultdict(dict)
        for town in self._towns:
            for name in (town.name, *town.also):
                names[plain(name)][town] = None
        return {name: tuple(towns) for name, towns in names.items()}

    @cached_property
    def _most_words(self) -> int:
        return max((len(name.split()) for name in self._names), default=0)

    @cached_property
    def _distinct(self) -> Sequence[str]:
        """The names that likeness may find."""
        return [name for name in self._names if len(name) > SHORT and name not in ORDINARY]

    @cached_property
    def _codes(self) -> Mapping[str, Town]:
        return {code: town for town in self._towns for code in town.codes}

    def _spoken(self, words: Sequence[str]) -> Iterator[str]:
        """The names among ``words`` as they come, each the longest that begins there."""
        at = 0
        while at < len(words):
            ends = range(min(at + self._most_words, len(words)), at, -1)
            end = next((end for end in ends if " ".join(words[at:end]) in self._names), None)
            if end and _as_a_place(words, at, end):
                yield " ".join(words[at:end])
            at = end or at + 1

    def _alike(self, said: str) -> list[str]:
        """The name most like all that was said, or like what ends "I'm in ..."; none if short."""
        ends = (said, _LED_BY.split(said)[-1])
        found = [
            process.extractOne(end, self._distinct, scorer=fuzz.ratio, score_cutoff=ALIKE)
            for end in dict.fromkeys(ends)
            if len(end) > SHORT
        ]
        close = max(filter(None, found), key=lambda match: match[1], default=None)
        return [close[0]] if close else []

    # -- postcodes -------------------------------------------------------------------------

    def _count(self, town: Town) -> tuple[Counter[Cover], Mapping[Cover, Counter[str]]]:
        """How many postcodes of a town have each cover, in all and by their first half."""
        shares: Counter[Cover] = Counter()
        outwards: defaultdict[Cover, Counter[str]] = defaultdict(Counter)
        for outward, place, count in self._places(town):
            cover = self._answers.cover(place)
            shares[cover] += count
            outwards[cover][outward] += count
        return shares, outwards

    def _places(self, town: Town) -> Iterator[tuple[str, int, int]]:
        """First halves and places of a town, each with how many live postcodes lie in it."""
        for outward in self._directory.outwards():
            if postcode.area(outward) in town.areas:
                near = self._directory.near(outward)
                lying = (place for place in near if self._lies(place, town))
                yield from ((outward, place, near[place]) for place in lying)

    def _lies(self, place: int, town: Town) -> bool:
        where = self._directory.place(place)
        return not town.within or town.within in (where.lad, where.icb, where.sub_icb)


def plain(name: str) -> str:
    """A town's name as it is compared: lower case, unaccented, abbreviations spelt out."""
    letters = normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return " ".join(SPELT_OUT.get(word, word) for word in re.findall(r"[a-z0-9]+|&", letters))


def _as_a_place(words: Sequence[str], start: int, end: int) -> bool:
    """Whether the words from ``start`` to ``end`` are meant for a town: ordinary ones seldom."""
    if " ".join(words[start:end]) not in ORDINARY:
        return True
    return len(words) == end - start or (start > 0 and words[start - 1] in LEADING)


def _told_apart(town: Town, name: str, said: str) -> bool:
    """Whether ``said`` has what ``town`` is called besides the ``name`` it shares with others."""
    rest = f" {said} ".replace(f" {name} ", "  ")
    return any(f" {words} " in rest for words in _qualifiers(town, name))


@lru_cache(maxsize=1024)
def _qualifiers(town: Town, name: str) -> frozenset[str]:
    """What a caller may add to ``name`` for ``town``: "isle of wight" to Newport's."""
    added = set()
    for full in map(plain, (town.name, *town.also)):
        if full.startswith(f"{name} "):
            words = full.removeprefix(f"{name} ")
            added |= {words, LINKING.sub("", words)}
    return frozenset(added)
