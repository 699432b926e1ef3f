"""What a check of a table found, each thing as a person thinks of it, and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

ERROR = "error"
"""It must be mended before the table is published."""
GAP = "gap"
"""Callers would ring the fallback, where a service should be."""
WARNING = "warning"
"""It may be meant, and is worth a look."""
WEIGHTS = (ERROR, GAP, WARNING)
"""From heavy to light."""

KEPT = 200
"""How many findings a summary tells."""

FIRST = 5
"""How many rows are told before "and more"."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing an operator should know of a table."""

    kind: str
    """Such as ``no_route``; one word for a program to know it by."""
    weight: str
    """One of :data:`WEIGHTS`."""
    title: str
    """What is the matter, in one line."""
    mend: str
    """What to do about it."""
    postcodes: int = 0
    """How many postcodes in use it concerns; 0 where it is not about places."""
    examples: tuple[str, ...] = ()
    """Some of those, as people write them ("CB1 2AB")."""
    rows: tuple[int, ...] = ()
    """The rows of routes.csv that it is about."""
    service: str = ""
    """The code of the service it is about; "" if it is about none."""
    districts: Mapping[str, int] = field(default_factory=dict)
    """Postcodes by first half ("CB1"), the most first."""

    def __str__(self) -> str:
        """Some lines for a person to read."""
        rows = f" (routes.csv row{'s' * (len(self.rows) > 1)} {_some(self.rows)})" * bool(self.rows)
        such = f"\n    such as {', '.join(self.examples)}" * bool(self.examples)
        return f"{self.weight}: {self.title}{rows}{such}\n    {self.mend}"

    def told(self) -> dict[str, object]:
        """All of it, as JSON can hold it."""
        return {
            "kind": self.kind,
            "weight": self.weight,
            "title": self.title,
            "postcodes": self.postcodes,
            "examples": list(self.examples),
            "mend": self.mend,
            "rows": list(self.rows[:KEPT]),
            "service": self.service,
            "districts": dict(self.districts),
        }


def _some(rows: tuple[int, ...]) -> str:
    told = ", ".join(map(str, rows[:FIRST]))
    return f"{told} and {len(rows) - FIRST} more" if len(rows) > FIRST else told


@dataclass(frozen=True, slots=True)
class Check:
    """All that was found, the heaviest first."""

    version: str
    """The table's."""
    directory: str
    """The version of the directory it was checked against."""
    at: datetime
    """From when on."""
    days: int
    """For how many days."""
    postcodes: int
    """How many postcodes in use were looked at."""
    moments: int
    """At how many moments a service opens or closes, or a row begins or ends."""
    findings: tuple[Finding, ...]
    without: int = 0
    """How many of the postcodes have no service for somebody, on some of the days."""
    lacking: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Those by audience and by first half ("CB1"); Northern Ireland's count as none there."""

    @property
    def ok(self) -> bool:
        """Whether the table may be published: there may be gaps, but no errors."""
        return not self.counts()[ERROR]

    def counts(self) -> Mapping[str, int]:
        """How many findings there are of each weight."""
        found = Counter(finding.weight for finding in self.findings)
        return {weight: found[weight] for weight in WEIGHTS}

    def summary(self) -> Mapping[str, object]:
        """What is kept beside a version, as JSON can hold it (and ``CheckSummary.read`` reads)."""
        counts = self.counts()
        return {
            "at": self.at.isoformat(),
            "ok": self.ok,
            "errors": counts[ERROR],
            "gaps": counts[GAP],
            "warnings": counts[WARNING],
            "findings": [finding.told() for finding in self.findings[:KEPT]],
            "directory": self.directory,
            "without": self.without,
            "lacking": {whom: dict(each) for whom, each in self.lacking.items()},
        }
