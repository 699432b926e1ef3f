"""Tells many cells as a person thinks of them: how many postcodes, around which towns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.routing.patches import Cell

EXAMPLES = 4
"""How many postcodes stand for the rest."""

TOWNS = 3
"""How many towns are named, and how many districts beside them."""


@dataclass(frozen=True, slots=True)
class Where:
    """Some cells, as they are told to a person."""

    postcodes: int
    """Those in use."""
    districts: Mapping[str, int]
    """Of those, how many in each first half ("CB1"), the most first."""
    towns: tuple[str, ...]
    """The post towns of most of them ("Cambridge")."""
    examples: tuple[str, ...]
    """A postcode of each of the first districts, as people write it ("CB1 2AB")."""

    @property
    def uncounted(self) -> str:
        """What they are where no postcode among them is counted."""
        irish = any(district.startswith("BT") for district in self.districts)
        return "Northern Ireland's postcodes" if irish else "postcodes no longer in use"

    def __str__(self) -> str:
        """Such as "1,203 postcodes (Cambridge, Ely: CB1, CB2, CB7 and 4 more)"."""
        noun = "1 postcode" if self.postcodes == 1 else f"{self.postcodes:,} postcodes"
        noun = noun if self.postcodes else self.uncounted
        named = [*self.districts][:TOWNS]
        more = len(self.districts) - len(named)
        around = ", ".join(named) + (f" and {more:,} more" if more else "")
        return f"{noun} ({', '.join(self.towns)}: {around})" if self.towns else f"{noun} ({around})"


def where(cells: Iterable[Cell], post_towns: Mapping[str, str]) -> Where:
    """How ``cells`` are told, with the post town of each postcode area."""
    districts: Counter[str] = Counter()
    towns: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for cell in sorted(cells, key=lambda cell: -cell.postcodes):
        districts[cell.district] += cell.postcodes
        towns[post_towns.get(cell.district[:2].rstrip("0123456789"), "")] += cell.postcodes
        examples.setdefault(cell.district, _written(cell.example))
    most = dict(districts.most_common())
    return Where(
        postcodes=districts.total(),
        districts=most,
        towns=tuple(town for town, _ in towns.most_common(TOWNS) if town),
        examples=tuple(examples[district] for district in [*most][:EXAMPLES]),
    )


def _written(postcode: str) -> str:
    return postcode if " " in postcode else f"{postcode[:-3]} {postcode[-3:]}"
