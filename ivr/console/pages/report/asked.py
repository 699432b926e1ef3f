"""What the page is asked for: which month, whose figures, and when a wait begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.hours import LONDON
from ivr.report import Clock, Contract, Month

EVERYBODY = ""
"""All contracts together."""

MONTHS = 13
"""Months to choose from: as many as calls are kept for, unless that is set otherwise."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    month: Month
    of: str = EVERYBODY
    """A region, a contract's code, or :data:`EVERYBODY`."""
    clock: Clock = Clock.RINGING

    def among(self, contracts: Iterable[Contract]) -> list[Contract]:
        """Those of ``contracts`` it asks for; none where nobody has heard of them."""
        return [
            each for each in contracts if self.of in (EVERYBODY, each.region, each.contract_code)
        ]

    @property
    def words(self) -> dict[str, str]:
        """It, as it stands in an address."""
        return {"month": str(self.month), "of": self.of, "clock": self.clock.value}


def read(arguments: Mapping[str, str], now: datetime) -> Asked:
    """What ``arguments`` ask for; raises ValueError with what may be asked."""
    month = arguments.get("month", "")
    clock = arguments.get("clock", Clock.RINGING.value)
    try:
        begins = Clock(clock)
    except ValueError:
        allowed = " or ".join(each.value for each in Clock)
        raise ValueError(f"a wait begins with {allowed}") from None
    return Asked(
        Month.parse(month) if month else newest(now), arguments.get("of", EVERYBODY), begins
    )


def newest(now: datetime) -> Month:
    """The month that ``now`` is in, in London."""
    here = now.astimezone(LONDON)
    return Month(here.year, here.month)


def months(now: datetime, *also: Month) -> list[Month]:
    """The months to choose from, the newest first, and ``also`` others."""
    last = newest(now)
    count = last.year * 12 + last.number - 1
    recent = [Month((count - back) // 12, (count - back) % 12 + 1) for back in range(MONTHS)]
    return sorted({*recent, *also}, reverse=True)


def regions(contracts: Iterable[Contract]) -> dict[str, list[Contract]]:
    """The contracts to choose from, by region, each once."""
    found: dict[str, dict[str, Contract]] = {}
    for each in sorted(contracts, key=lambda one: (one.region, one.contract_code)):
        found.setdefault(each.region, {})[each.contract_code] = each
    return {region: [*those.values()] for region, those in found.items()}
