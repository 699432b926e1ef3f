"""Says which areas a postcode lies in, and which postcodes a string of keys may stand for.

A :class:`Directory` reads its file where it lies: handed a memory map, all the programs on a
machine share one copy, and each keeps only the outward codes, about 3,000, for itself.

Northern Ireland is not in the file. Its postcodes may not be copied freely, and need not be:
area BT is all of it and nothing else, so BT is answered by rule, with place 0.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ivr.directory import format as form
from ivr.directory.format import DirectoryError, Place
from ivr.directory.runs import Entry, Runs
from ivr.directory.units import (
    BT_DISTRICTS,
    KEY_OF,
    KEYED_MAP,
    UNIT_BIT,
    UNITS,
    in_northern_ireland,
    unit_map,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from mmap import mmap

__all__ = ["Directory", "DirectoryError", "Entry", "Match", "Place"]

DIGITS = "0123456789"
START_OF = {digit: at * form.START.size for at, digit in enumerate(DIGITS)}
BY_RULE = -1
NORTHERN_IRELAND = 0
NO_RUN = (0, 0, 0, 0)
LIVE_THEN_ENDED = (True, False)


class Match(NamedTuple):
    """A postcode that fits what was keyed or heard.

    ``inward`` is a digit and two letters ("2AB"); in Northern Ireland, whose postcodes are not
    known one by one, it is the digit alone.
    """

    outward: str
    inward: str
    place: int
    live: bool


class Directory:
    """Every postcode there is, over ``buffer``: bytes, or a memory map of a directory's file.

    Raises :class:`DirectoryError` if the buffer is not a directory, is cut short or was altered.
    It never changes, so threads may share it.
    """

    version: str
    """12 hex digits, which differ whenever any postcode or area does."""
    info: Mapping[str, object]
    """Provenance: attribution, vintage, sources, counts, and the day it was built."""

    def __init__(self, buffer: bytes | mmap | memoryview) -> None:
        file = form.opened(memoryview(buffer))
        self.version = file.digest.hex()[:12]
        self.info = MappingProxyType(file.info)
        self._body = file.body
        self._runs = Runs(file.body, file.width)
        self._length: int
        groups, self._length, outwards = form.COUNTS.unpack_from(self._body)
        at = form.COUNTS.size
        self._groups = [self._group(at + number * form.GROUP.size) for number in range(groups)]
        self._places_at = at + groups * form.GROUP.size
        self._starts = self._outward_starts(
            self._places_at + self._length * form.PLACE.size, outwards
        )
        self._keyed = self._outwards_by_keys()

    def _group(self, at: int) -> tuple[str, str, str, str, str]:
        nation, *codes = form.GROUP.unpack_from(self._body, at)
        lad, sub_icb, icb, icb_2025 = map(form.unpacked, codes)
        return form.NATIONS[nation], lad, sub_icb, icb, icb_2025

    def _outward_starts(self, at: int, count: int) -> dict[str, int]:
        """Where in the body the ten starts of each outward code are."""
        end = at + count * form.OUTWARD
        names = bytes(self._body[at:end]).decode("ascii")
        listed = {
            names[number * form.OUTWARD : (number + 1) * form.OUTWARD].rstrip(): (
                end + number * form.STARTS.size
            )
            for number in range(count)
        }
        return listed | dict.fromkeys(BT_DISTRICTS, BY_RULE)

    def _outwards_by_keys(self) -> dict[str, tuple[str, ...]]:
        keyed: dict[str, tuple[str, ...]] = {}
        for outward in self._starts:
            keys = outward.translate(KEY_OF)
            keyed[keys] = (*keyed.get(keys, ()), outward)
        return keyed

    def __len__(self) -> int:
        """How many places there are."""
        return self._length

    def place(self, number: int) -> Place:
        """The areas of place ``number``; raises IndexError if there is no such place."""
        if not 0 <= number < self._length:
            raise IndexError(f"there is no place {number}: they run from 0 to {self._length - 1}")
        group, lsoa = form.PLACE.unpack_from(self._body, self._places_at + number * form.PLACE.size)
        nation, lad, sub_icb, icb, icb_2025 = self._groups[group]
        return Place(nation, lad, form.unpacked(lsoa), sub_icb, icb, icb_2025)

    def outwards(self) -> Collection[str]:
        """Every known outward code, those of Northern Ireland included."""
        return self._starts.keys()

    def keyed_outwards(self, keys: str) -> Sequence[str]:
        """The outward codes that ``keys`` stand for, one press for each character."""
        return self._keyed.get(keys, ())

    def find(self, postcode: str) -> Entry | None:
        """What is known of ``postcode`` ("CB12AB": upper case, no space), or None."""
        bit = UNIT_BIT.get(postcode[-2:], 0)
        start = self._sector(postcode[:-3], postcode[-3:-2])
        if start and bit:
            return self._runs.find(start, bit)
        by_rule = bit and postcode[-3:-2] in START_OF and in_northern_ireland(postcode[:-3])
        return Entry(NORTHERN_IRELAND, live=True) if by_rule else None

    def keyed(self, keys: str) -> list[Match]:
        """The postcodes that a whole one keyed as ``keys`` (5 to 7 digits) may be.

        Live ones, and terminated ones only where no live one fits. Keys that may be of Northern
        Ireland add one match for each outward code there.
        """
        units = KEYED_MAP.get(keys[-2:], 0)
        outwards = self._keyed.get(keys[:-3], ()) if units else ()
        digit = keys[-3:-2]
        found = self._matches(outwards, digit, units, live=True)
        found = found or self._matches(outwards, digit, units, live=False)
        return found + self._by_rule(outwards, digit)

    def fitting(
        self, outwards: Iterable[str], digits: str, firsts: str, seconds: str
    ) -> list[Match]:
        """Live and terminated postcodes with one of these outward codes, digits and letters.

        Northern Ireland gives one match for each of its outward codes and digits.
        """
        units = unit_map(firsts, seconds)
        known = [outward for outward in outwards if outward in self._starts] if units else []
        return [
            match
            for digit in digits
            for match in (
                *self._matches(known, digit, units, live=True),
                *self._matches(known, digit, units, live=False),
                *self._by_rule(known, digit),
            )
        ]

    def near(self, outward: str, digit: str = "") -> Mapping[int, int]:
        """How many live postcodes each place has in a sector, or in a whole district.

        Terminated ones are counted where there is no live one. Empty where there is neither.
        Northern Ireland's count is 1.
        """
        if in_northern_ireland(outward):
            return {0: 1}
        starts = [start for each in digit or DIGITS if (start := self._sector(outward, each))]
        for live in LIVE_THEN_ENDED:
            counts: Counter[int] = Counter()
            for start in starts:
                counts.update(self._runs.counts(self._runs.read(start, live=live)))
            if counts:
                return counts
        return {}

    def every(self) -> Iterator[tuple[str, int, bool]]:
        """Every postcode in the file: itself without a space, its place's number, whether live.

        In order of outward code and digit. Northern Ireland, known only by rule, is not among
        them.
        """
        for outward, digit, live, units in self.sectors():
            sector = outward + digit
            for unit, place in units:
                yield sector + unit, place, live

    __iter__ = every

    def sectors(self) -> Iterator[tuple[str, str, bool, Iterator[tuple[str, int]]]]:
        """Every sector, its live postcodes first and its terminated ones second.

        Outward code, digit, whether they are live, and each one's unit with the number of its
        place. Northern Ireland, known only by rule, is not among them.
        """
        for outward in self._starts:
            for digit in DIGITS:
                start = self._sector(outward, digit)
                for live in LIVE_THEN_ENDED if start else ():
                    yield outward, digit, live, self._runs.each(self._runs.read(start, live=live))

    def _sector(self, outward: str, digit: str) -> int:
        """Where in the body a sector begins; 0 if there is no such sector."""
        starts = self._starts.get(outward, BY_RULE)
        if starts == BY_RULE or digit not in START_OF:
            return 0
        start: int = form.START.unpack_from(self._body, starts + START_OF[digit])[0]
        return start

    def _matches(
        self, outwards: Iterable[str], digit: str, units: int, *, live: bool
    ) -> list[Match]:
        found = []
        for outward in outwards:
            start = self._sector(outward, digit)
            run = self._runs.read(start, live=live) if start else NO_RUN
            left = run[0] & units
            while left:
                bit = left & -left
                left ^= bit
                inward = digit + UNITS[bit.bit_length() - 1]
                found.append(Match(outward, inward, self._runs.place(run, bit), live))
        return found

    def _by_rule(self, outwards: Iterable[str], digit: str) -> list[Match]:
        """Northern Ireland's share of a list of matches."""
        return [
            Match(outward, digit, NORTHERN_IRELAND, live=True)
            for outward in outwards
            if self._starts[outward] == BY_RULE and digit in START_OF
        ]
