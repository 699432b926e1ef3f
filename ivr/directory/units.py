"""The letters a postcode's unit may have, the keys they are on, and Northern Ireland's districts.

A sector has 400 possible units (pairs of letters). A *map* is a number of 400 bits, one for each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
"""The letters of a unit: Royal Mail leaves out C I K M O V, which are misread by hand."""

UNITS = tuple(first + second for first in LETTERS for second in LETTERS)
"""The 400 units of a sector, in the order of their bits."""

UNIT_BIT = {unit: 1 << place for place, unit in enumerate(UNITS)}
"""The bit of each unit in a map."""

KEY_OF = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
"""The key each letter is on (ITU-T E.161)."""

BT_DISTRICTS = tuple(
    f"BT{number}"
    for low, high in ((1, 49), (51, 57), (60, 71), (74, 82), (92, 94))
    for number in range(low, high + 1)
)
"""The outward codes in use in Northern Ireland (ONS Postcode Directory, 2018 to 2026)."""


NORTHERN_IRISH = re.compile(r"BT[0-9]{1,2}")


def in_northern_ireland(outward: str) -> bool:
    """Whether an outward code is of area BT, in use or not."""
    return NORTHERN_IRISH.fullmatch(outward) is not None


def unit_map(firsts: Iterable[str], seconds: Iterable[str]) -> int:
    """The map of the units made of a letter of ``firsts`` and one of ``seconds``."""
    return sum(UNIT_BIT.get(first + second, 0) for first in set(firsts) for second in set(seconds))


def _keyed_maps() -> dict[str, int]:
    maps: dict[str, int] = {}
    for unit, bit in UNIT_BIT.items():
        keys = unit.translate(KEY_OF)
        maps[keys] = maps.get(keys, 0) | bit
    return maps


KEYED_MAP = _keyed_maps()
"""The map of the units that two keys stand for; pairs of keys without letters are not in it."""
