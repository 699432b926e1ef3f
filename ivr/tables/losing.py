"""What callers lose when one version of the table takes another's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.tables.version import CheckSummary

NOBODY: Mapping[str, Mapping[str, int]] = {}
"""What is said of a table that was never checked: that whoever has no service now is not known."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Places that lose their service; false if there are none."""

    postcodes: int = 0
    """How many in use."""
    uncounted: bool = False
    """Whether there are places among them whose postcodes are not counted: Northern Ireland's."""

    def __bool__(self) -> bool:
        """Whether anybody loses anything."""
        return bool(self.postcodes or self.uncounted)

    def __str__(self) -> str:
        """Such as "1,203 postcodes lose their service"."""
        if not self.postcodes:
            return "Northern Ireland loses its service" if self.uncounted else "nobody loses any"
        some = "1 postcode" if self.postcodes == 1 else f"{self.postcodes:,} postcodes"
        if self.uncounted:
            return f"{some} and Northern Ireland lose their service"
        return f"{some} {'loses its' if self.postcodes == 1 else 'lose their'} service"


def loss(after: CheckSummary | None, before: CheckSummary | None) -> Loss:
    """What is lost by the table that ``after`` is the check of, in the place of ``before``'s.

    They are compared by audience and by first half of the postcode, so that what one place gains
    hides nothing that another loses.
    """
    found = after.lacking if after else NOBODY
    known = before.lacking if before else NOBODY
    more: dict[str, int] = {}
    for whom, districts in found.items():
        had = known.get(whom, {})
        for district, count in districts.items():
            if district not in had or count > had[district]:
                lost = count - had.get(district, 0)
                more[district] = max(lost, more.get(district, 0))
    return Loss(sum(more.values()), 0 in more.values())
