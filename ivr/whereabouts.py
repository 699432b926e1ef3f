"""Works out which crisis services may be meant by what a caller keyed, said, or rings from.

A caller needs a service, not a postcode. Seven key presses fit up to fifty-eight postcodes, but
seven times in ten they all lie with one service and nothing more need be asked. Where they do
not, the caller is asked in the letters of their own postcode and the post town it belongs to,
which everyone knows, and never in the name of a council, which few do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Protocol

from ivr import postcode
from ivr.asking import Fit, Question, joined, offered
from ivr.call import Cover, Line, Option, line
from ivr.directory import Directory, Match
from ivr.routing import Answers, Geography, Town
from ivr.towns import Gazetteer

MOST = 4
"""The most options read out: four a menu (Ireland's National Disability Authority)."""

FIRM = 0.95
"""The share of a dialling code's postcodes that must lie with one service before it is offered."""

LIKELY = 0.5
"""The share of a town's postcodes that must lie with one service before it is taken for it."""

RIVAL = 0.25
"""How near to the best reading of a spoken postcode another must come to be worth asking about."""

OLD = 0.1
"""How much less likely a terminated postcode is than a live one: people give old ones, seldom."""

BY_RULE = 2.0
"""What a Northern Irish fit weighs beside counted postcodes: about 2 of a sector's fit any keys."""

LONGEST_OUTWARD = 4
"""Characters in the longest first half of a postcode; a whole one has more."""


@dataclass(frozen=True, slots=True)
class Found:
    """The services that may be meant, likeliest first, at most :data:`MOST`; none if not clear."""

    options: tuple[Option, ...] = ()
    sure: bool = False
    """Whether a single option needs no confirming."""
    more: bool = False
    """Whether some that fit are not among the options."""


NOWHERE = Found()


class Ladder(Protocol):
    """What the call asks about where somebody is; :class:`Whereabouts` is the real one."""

    def keyed(self, keys: str) -> Found:
        """Where a postcode may be whose keys were pressed."""

    def said(self, text: str) -> Found:
        """Where a spoken postcode may be."""

    def town(self, text: str) -> Found:
        """Where the town is that was named."""

    def landline(self, number: str) -> Found:
        """Where a landline's dialling code points."""


class Whereabouts:
    """Where callers may be, by one directory and one day's table."""

    def __init__(
        self,
        directory: Directory,
        answers: Answers,
        geography: Geography,
    ) -> None:
        self.directory = directory
        self.answers = answers
        self._post_towns = geography.post_towns
        self._towns = Gazetteer(directory, answers, geography.towns)

    # -- the rungs of the ladder -----------------------------------------------------------

    def written(self, text: str) -> Found:
        """Where a written postcode is ("CB1 2AB"); found exactly, it needs no confirming."""
        whole = postcode.clean(text)
        if not whole:
            return NOWHERE
        outward, inward = postcode.split(whole)
        entry = self.directory.find(whole)
        if entry is None:
            return self._newer([outward], inward[0])
        cover = self.answers.cover(entry.place, whole)
        if not entry.live and self._uncovered(cover):
            return self._newer([outward], inward[0])
        return Found((Option(cover, self._near(outward), (outward, inward)),), sure=True)

    def keyed(self, keys: str) -> Found:
        """Where a postcode keyed with one press for each letter or digit may be.

        A whole postcode takes five to seven keys; two to four are taken for its first half.
        """
        if len(keys) <= LONGEST_OUTWARD:
            return self._districts(self.directory.keyed_outwards(keys))
        matches = self.directory.keyed(keys) or self.directory.keyed(_zero_for_o(keys))
        known = any(match.live and len(match.inward) > 1 for match in matches)
        covers = [self._cover(match.place, match.outward, match.inward) for match in matches]
        if known and len({(cover.adult, cover.under_18) for cover in covers}) == 1:
            # Seven in ten end here, so nothing more is made of them.
            outward, inward = matches[0].outward, matches[0].inward
            return Found((Option(covers[0], self._near(outward), (outward, inward)),), sure=True)
        fits = [
            Fit(cover, match.outward, match.inward, _counted(match))
            for cover, match in zip(covers, matches, strict=True)
        ]
        if known:
            return self._choose(fits)
        newer = self._around(self.directory.keyed_outwards(keys[:-3]), keys[-3:-2])
        return self._choose([*(fit for fit in fits if not self._uncovered(fit.cover)), *newer])

    def said(self, text: str) -> Found:
        """Where a spoken postcode may be; always to be confirmed, for letters sound alike."""
        readings = postcode.spoken(text)
        fits = [fit for reading in readings for fit in self._read(reading)]
        if not fits:
            return self._unfitting(readings)
        best = max(fits, key=lambda fit: fit.weight)
        return self._choose([fit for fit in fits if self._rivals(fit, best)])

    def town(self, text: str) -> Found:
        """Where a caller is who named ``text`` as the nearest town; always to be confirmed.

        Of towns that share a name the one most people mean is asked about, by a name that no
        other has ("Newport, South Wales"); who means another says no, or says which.
        """
        found = (self._lying(town, LIKELY, "confirm") for town in self._towns.named(text))
        return next((each for each in found if each.options), NOWHERE)

    def landline(self, number: str) -> Found:
        """Where the dialling code of an E.164 ``number`` points, if it points to one service.

        Mobiles point nowhere, and a code that several services share is not offered.
        """
        town = self._towns.dialled(number)
        return self._lying(town, FIRM, "nearby") if town else NOWHERE

    # -- what fits -------------------------------------------------------------------------

    def _fit(self, match: Match, weight: float) -> Fit:
        cover = self._cover(match.place, match.outward, match.inward)
        return Fit(cover, match.outward, match.inward, weight)

    def _uncovered(self, cover: Cover) -> bool:
        """Whether no route leads to ``cover``: of some terminated postcodes too little is known."""
        return cover.adult == self.answers.table.line.fallback

    def _lying(self, town: Town, least: float, asked: str) -> Found:
        """The service of ``town``, if it covers at least that share of its postcodes."""
        cover, share, outward = self._towns.cover(town)
        if share < least:
            return NOWHERE
        return Found((Option(cover, (line(asked, town=town.name),), (outward, "")),))

    def _cover(self, place: int, outward: str, inward: str = "") -> Cover:
        """The cover of a postcode, or of its sector or district where that is all there is."""
        return self.answers.cover(place, outward + (inward.ljust(3, "Z") if inward else ""))

    def _read(self, reading: postcode.Reading) -> Iterator[Fit]:
        """Every postcode that one reading of speech may stand for, with how likely it is."""
        if len(reading.characters) <= LONGEST_OUTWARD:
            return
        *first, digits, one, two = reading.characters
        # Its weight is that of its likeliest characters, which each fit weighs for itself.
        beside = reading.weight / prod(max(may_be.values()) for may_be in reading.characters)
        outwards = {outward: _weigh(outward, first) for outward in self._outwards(first)}
        for match in self.directory.fitting(outwards, "".join(digits), "".join(one), "".join(two)):
            inward = (digits, one, two)[: len(match.inward)]  # by rule, its digit alone
            heard = outwards[match.outward] * _weigh(match.inward, inward)
            yield self._fit(match, heard * beside * (1.0 if match.live else OLD))

    def _outwards(self, heard: Sequence[Mapping[str, float]]) -> list[str]:
        """The known outward codes that fit ``heard``, position by position."""
        return [
            outward
            for outward in self._by_length.get(len(heard), ())
            if all(letter in may_be for letter, may_be in zip(outward, heard, strict=True))
        ]

    @cached_property
    def _by_length(self) -> Mapping[int, Sequence[str]]:
        lengths: defaultdict[int, list[str]] = defaultdict(list)
        for outward in self.directory.outwards():
            lengths[len(outward)].append(outward)
        return lengths

    def _rivals(self, fit: Fit, best: Fit) -> bool:
        """Whether the caller must be asked about ``fit`` as well as ``best``.

        What sounds alike but lies by another town is told apart when the town is confirmed.
        """
        near = postcode.area(fit.outward) == postcode.area(best.outward)
        return fit.weight >= best.weight * (RIVAL if near else 0.99)

    def _unfitting(self, readings: Sequence[postcode.Reading]) -> Found:
        """What to make of speech that no postcode fits: a first half alone, or a newer postcode."""
        for reading in readings:
            heard = reading.characters
            whole = len(heard) > LONGEST_OUTWARD
            likeliest = "".join(max(may_be, key=may_be.__getitem__) for may_be in heard)
            outward = likeliest[:-3] if whole else likeliest
            found = self._newer([outward], likeliest[-3]) if whole else self._districts([outward])
            if found.options:
                return found
        return NOWHERE

    def _newer(self, outwards: Iterable[str], digit: str) -> Found:
        """Where a postcode newer than the directory must be: its sector, or else its district."""
        return self._choose(list(self._around(outwards, digit)))

    def _around(self, outwards: Iterable[str], digit: str) -> Iterator[Fit]:
        for outward in outwards:
            near = self.directory.near(outward, digit) or self.directory.near(outward)
            if near:
                covers = self._covers(near, outward, digit)
                cover, count = covers.most_common(1)[0]
                yield Fit(cover, outward, digit, count)

    def _districts(self, outwards: Iterable[str]) -> Found:
        """Where the first half of a postcode is, if each one that fits lies with one service."""
        fits = []
        for outward in outwards:
            covers = self._covers(self.directory.near(outward), outward)
            cover, count = next(iter(covers.most_common(1)), (None, 0))
            if cover is None or count < FIRM * covers.total():
                return NOWHERE
            fits.append(Fit(cover, outward, "", count))
        return self._choose(fits)

    def _covers(self, near: Mapping[int, int], outward: str, digit: str = "") -> Counter[Cover]:
        covers: Counter[Cover] = Counter()
        for place, count in near.items():
            covers[self._cover(place, outward, digit)] += count
        return covers

    # -- what is asked ---------------------------------------------------------------------

    def _near(self, outward: str) -> tuple[Line, ...]:
        return (line("confirm", town=self._post_town(outward)),)

    def _post_town(self, outward: str) -> str:
        return self._post_towns.get(postcode.area(outward), "somewhere else")

    def _choose(self, fits: Sequence[Fit]) -> Found:
        """The options among ``fits``: those of one service joined, likeliest first."""
        if not fits:
            return NOWHERE
        groups = joined(fits)
        if len(groups) == 1:
            best = groups[0][0]
            near = best.outward, best.inward
            return Found((Option(best.cover, self._near(best.outward), near),))
        question = Question(offered(groups, MOST), self._post_town)
        return Found(question.options(), more=len(groups) > MOST)


def _counted(match: Match) -> float:
    """How much a postcode that keys fit counts for: a live one for one."""
    if len(match.inward) == 1:
        return BY_RULE
    return 1.0 if match.live else OLD


def _weigh(text: str, heard: Sequence[Mapping[str, float]]) -> float:
    return prod(may_be[letter] for letter, may_be in zip(text, heard, strict=True))


def _zero_for_o(keys: str) -> str:
    """The keys, with a 0 pressed for the letter O put right: no first half begins with 0."""
    return keys[:2].replace("0", "6") + keys[2:]
