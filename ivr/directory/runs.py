"""Reads one sector of the directory's body: which units it has, and the place of each."""

from __future__ import annotations

from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ivr.directory import format as form
from ivr.directory.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Run: TypeAlias = tuple[int, int, int, int]
"""The live postcodes of one sector, or the terminated ones: the map of them; where in the body
their palette begins, and where their choices; how many bits one choice has. (A plain tuple: a
named one would take a fifth of the time a postcode may.)"""


class Entry(NamedTuple):
    """What is known of one postcode: its place's number, and whether it is still in use."""

    place: int
    live: bool


class Runs:
    """The sectors of ``body``, whose palettes have numbers of ``width`` bytes."""

    __slots__ = ("_body", "_number", "_width")

    def __init__(self, body: memoryview, width: int) -> None:
        self._body = body
        self._width = width
        self._number = form.NUMBERS[width].unpack_from

    def find(self, start: int, bit: int) -> Entry | None:
        """The unit at ``bit`` of the sector that begins at ``start``; None if it is no postcode.

        This is ``read`` and ``place``, written out: their calls would take a fifth of its time.
        """
        body = self._body
        lives, ends, length, ended_from, width, ended_width = form.SECTOR.unpack_from(body, start)
        units = int.from_bytes(lives, "little")
        palette = start + form.SECTOR.size
        choices = palette + length * self._width
        live = True
        if not units & bit:
            live = False
            palette += ended_from * self._width
            choices += units.bit_count() * width + 7 >> 3
            units, width = int.from_bytes(ends, "little"), ended_width
            if not units & bit:
                return None
        at = (units & bit - 1).bit_count() * width
        choice = form.CHOICE.unpack_from(body, choices + (at >> 3))[0] >> (at & 7)
        palette += (choice & (1 << width) - 1) * self._width
        return Entry(self._number(body, palette)[0], live)

    def read(self, start: int, *, live: bool) -> Run:
        """The live postcodes of the sector that begins at ``start``, or the terminated ones."""
        lives, ends, length, ended_from, live_width, ended_width = form.SECTOR.unpack_from(
            self._body, start
        )
        units = int.from_bytes(lives, "little")
        palette = start + form.SECTOR.size
        choices = palette + length * self._width
        if live:
            return units, palette, choices, live_width
        return (
            int.from_bytes(ends, "little"),
            palette + ended_from * self._width,
            choices + (units.bit_count() * live_width + 7 >> 3),
            ended_width,
        )

    def place(self, run: Run, bit: int) -> int:
        """The number of the place of the unit at ``bit``, which must be one of the run's."""
        units, palette, choices, width = run
        at = (units & bit - 1).bit_count() * width
        pair = form.CHOICE.unpack_from(self._body, choices + (at >> 3))[0]
        choice = pair >> (at & 7) & (1 << width) - 1
        place: int = self._number(self._body, palette + choice * self._width)[0]
        return place

    def each(self, run: Run) -> Iterator[tuple[str, int]]:
        """Every unit of the run, in order, with the number of its place."""
        choices = self._choices(run)
        places = self._palette(run, set(choices))
        units = compress(UNITS, map(int, reversed(f"{run[0]:b}")))
        return zip(units, map(places.__getitem__, choices), strict=True)

    def counts(self, run: Run) -> dict[int, int]:
        """How many of the run's postcodes each place has."""
        choices = Counter(self._choices(run))
        places = self._palette(run, choices)
        return {places[choice]: count for choice, count in choices.items()}

    def _palette(self, run: Run, choices: Iterable[int]) -> dict[int, int]:
        """The places that ``choices`` stand for."""
        return {
            choice: self._number(self._body, run[1] + choice * self._width)[0] for choice in choices
        }

    def _choices(self, run: Run) -> list[int]:
        """What each of the run's units chooses from its palette, in order."""
        units, _, choices, width = run
        if not width:
            return [0] * units.bit_count()
        bits = units.bit_count() * width
        packed = int.from_bytes(self._body[choices : choices + (bits + 7 >> 3)], "little")
        mask = (1 << width) - 1
        return [packed >> at & mask for at in range(0, bits, width)]
