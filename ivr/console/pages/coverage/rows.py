"""What each area of the map is told as: its services, its gaps, and what moves in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.call import ADULT, UNDER_18
from ivr.console.maps import Covering, Moves, Pair
from ivr.routing import Service

UNCOUNTED = "Northern Ireland"
"""Where postcodes are known by rule alone, and so not counted."""

DIVIDED = 0.01
"""The share of an area's postcodes from which a second service is told on the map."""

MOST_MOVE = 0.5
"""The share of an area's postcodes from which it is told on the map as moving."""

NO_ROUTE = "no service"


@dataclass(frozen=True, slots=True)
class Part:
    """Some of an area's postcodes, alike in what is told of them."""

    label: tuple[str, ...]
    """What makes them alike: the codes of services."""
    says: str
    postcodes: int
    gap: bool = False
    """Whether some audience of theirs has no service; of what moves, has none any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """One area."""

    key: str
    name: str
    region: str
    parts: tuple[Part, ...]
    """The largest first; none where nothing is to be told."""
    postcodes: int
    """How many postcodes it has in use."""

    @property
    def gaps(self) -> int:
        """Postcodes that have no service for somebody, or of what moves, have none any more."""
        return sum(part.postcodes for part in self.parts if part.gap)

    @property
    def told(self) -> int:
        """Postcodes of all that is told."""
        return sum(part.postcodes for part in self.parts)

    @property
    def counted(self) -> bool:
        """Whether its postcodes are known one by one."""
        return self.key != UNCOUNTED

    @property
    def divided(self) -> bool:
        """Whether a second part is large enough to be seen."""
        return len(self.parts) > 1 and self.parts[1].postcodes >= DIVIDED * self.told

    @property
    def title(self) -> str:
        """All of it in one line, for whoever points at it."""
        says = "; ".join(part.says + self.number(part) for part in self.parts)
        return f"{self.name}: {says or 'nothing moves'}"

    def number(self, part: Part) -> str:
        """How many postcodes a part has, where there is more to tell than one service."""
        if not self.counted or (len(self.parts) == 1 and part.postcodes == self.postcodes):
            return ""
        return f" ({part.postcodes:,})"


Names = Mapping[str, tuple[str, str]]
"""The name and region of each area."""


def covered(
    found: Covering, names: Names, services: Mapping[str, Service], audience: str
) -> list[Row]:
    """A row for each area; those with gaps first, then by name."""
    rows = []
    for key, pairs in found.items():
        seen: Counter[Pair] = Counter()
        for pair, count in pairs.items():
            seen[_seen(pair, audience)] += count
        parts = tuple(
            Part(pair, _says(pair, services, audience), count, gap="" in pair)
            for pair, count in seen.most_common()
        )
        rows.append(_row(key, names, parts, pairs.total()))
    return sorted(rows, key=lambda row: (-row.gaps, row.name))


def moved(
    found: Moves, totals: Covering, names: Names, services: Mapping[str, Service], audience: str
) -> list[Row]:
    """A row for each area, those where most moves first; ``totals`` are all its postcodes."""
    rows = []
    for key, pairs in totals.items():
        seen: Counter[tuple[Pair, Pair]] = Counter()
        for (before, after), count in found.get(key, Counter()).items():
            change = _seen(before, audience), _seen(after, audience)
            if change[0] != change[1]:
                seen[change] += count
        parts = tuple(
            Part(
                (*change[0], *change[1]),
                _change(*change, services, audience),
                count,
                _lost(*change),
            )
            for change, count in seen.most_common()
        )
        rows.append(_row(key, names, parts, pairs.total()))
    return sorted(rows, key=lambda row: (-row.told, row.name))


def total(rows: Iterable[Row]) -> tuple[int, int]:
    """The postcodes that are told of, and those with a gap, Northern Ireland's left out."""
    counted = [row for row in rows if row.counted]
    return sum(row.told for row in counted), sum(row.gaps for row in counted)


def _row(key: str, names: Names, parts: tuple[Part, ...], postcodes: int) -> Row:
    unknown = (f"{key}, district not known" if key else "Nowhere known", key)
    name, region = names.get(key, unknown)
    return Row(key, name, region, parts, postcodes)


def _seen(pair: Pair, audience: str) -> Pair:
    """A pair as ``audience`` sees it; "" is everybody."""
    if audience == ADULT:
        return Pair(pair.adult, pair.adult)
    return Pair(pair.under_18, pair.under_18) if audience == UNDER_18 else pair


def _says(pair: Pair, services: Mapping[str, Service], audience: str) -> str:
    adult = _name(pair.adult, services)
    if audience or pair.adult == pair.under_18:
        return adult
    return f"adults: {adult}, under 18: {_name(pair.under_18, services)}"


def _change(before: Pair, after: Pair, services: Mapping[str, Service], audience: str) -> str:
    return f"from {_says(before, services, audience)} to {_says(after, services, audience)}"


def _lost(before: Pair, after: Pair) -> bool:
    """Whether an audience that had a service has none."""
    return any(had and not has for had, has in zip(before, after, strict=True))


def _name(code: str, services: Mapping[str, Service]) -> str:
    service = services.get(code)
    return f"{service.name} ({code})" if service else code or NO_ROUTE
