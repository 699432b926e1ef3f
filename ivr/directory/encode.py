"""Lays postcodes and their places out as the directory's file has them (see ``format``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ivr.directory import format as form
from ivr.directory.format import NORTHERN_IRELAND, Place, packed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    Known = tuple[Place, bool]
    """A postcode's place, and whether it is live."""


def laid_out(
    sectors: Mapping[str, Sequence[int]], known: Sequence[Known | None]
) -> tuple[bytes, int]:
    """The body of a file that holds ``sectors``, and the bytes of a place number in it.

    A sector ("CB12") has a number for each of its 400 units: which of ``known`` it is, 0 for no
    such postcode. The same postcodes give the same bytes, in whatever order they come.
    """
    places = _in_order({each[0] for each in known if each})
    number = {place: at for at, place in enumerate(places)}
    width = 2 if len(places) <= 1 << 16 else 4
    numbered = [(number[each[0]], each[1]) if each else (0, False) for each in known]
    outwards = sorted({sector[:-1] for sector in sectors})
    tables = _tables(places, outwards)
    at = len(tables) + len(outwards) * form.STARTS.size
    starts: list[bytes] = []
    records: list[bytes] = []
    for outward in outwards:
        row = [0] * 10
        for digit in range(10):
            units = sectors.get(f"{outward}{digit}")
            if units:
                row[digit] = at
                records.append(_sector(units, numbered, width))
                at += len(records[-1])
        starts.append(form.STARTS.pack(*row))
    return b"".join((tables, *starts, *records, form.END)), width


def _in_order(places: set[Place]) -> list[Place]:
    """The places, Northern Ireland first and then neighbours near one another."""
    rest = sorted(
        places - {NORTHERN_IRELAND},
        key=lambda place: (
            form.NATIONS.index(place.nation),
            place.icb,
            place.lad,
            place.lsoa,
            place.sub_icb,
            place.icb_2025,
        ),
    )
    return [NORTHERN_IRELAND, *rest]


def _group(place: Place) -> tuple[int, ...]:
    codes = (place.lad, place.sub_icb, place.icb, place.icb_2025)
    return form.NATIONS.index(place.nation), *map(packed, codes)


def _tables(places: Sequence[Place], outwards: Sequence[str]) -> bytes:
    """The counts, groups, places and outward codes."""
    groups = sorted({_group(place) for place in places})
    at = {group: number for number, group in enumerate(groups)}
    return b"".join(
        (
            form.COUNTS.pack(len(groups), len(places), len(outwards)),
            *(form.GROUP.pack(*group) for group in groups),
            *(form.PLACE.pack(at[_group(place)], packed(place.lsoa)) for place in places),
            *(outward.ljust(form.OUTWARD).encode("ascii") for outward in outwards),
        )
    )


def _sector(units: Sequence[int], numbered: Sequence[tuple[int, bool]], width: int) -> bytes:
    """One sector's record. Its palette: what only live postcodes choose, what both do, the rest."""
    chosen = [(bit, *numbered[known]) for bit, known in enumerate(units) if known]
    live = {bit: place for bit, place, in_use in chosen if in_use}
    ended = {bit: place for bit, place, in_use in chosen if not in_use}
    lives, ends = set(live.values()), set(ended.values())
    palette = [*sorted(lives - ends), *sorted(lives & ends), *sorted(ends - lives)]
    ended_from = len(lives - ends)
    widths = _width(len(lives)), _width(len(ends))
    return b"".join(
        (
            form.SECTOR.pack(_map(live), _map(ended), len(palette), ended_from, *widths),
            *(form.NUMBERS[width].pack(place) for place in palette),
            _choices(live.values(), palette, widths[0]),
            _choices(ended.values(), palette[ended_from:], widths[1]),
        )
    )


def _width(choices: int) -> int:
    """How many bits it takes to choose among so many."""
    return max(choices - 1, 0).bit_length()


def _map(bits: Iterable[int]) -> bytes:
    return sum(1 << bit for bit in bits).to_bytes(50, "little")


def _choices(places: Collection[int], palette: Sequence[int], width: int) -> bytes:
    """Each place as its number in the palette, packed from the low bit up."""
    at = {place: choice for choice, place in enumerate(palette)}
    packed_up = sum(at[place] << count * width for count, place in enumerate(places))
    return packed_up.to_bytes(len(places) * width + 7 >> 3, "little")
