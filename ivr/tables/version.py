"""A version of the routing table, and what was done with it: checked, approved, published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Files = Mapping[str, bytes]
"""The files of a table by name: services.csv, routes.csv, hours.csv and line.toml."""

INSTALLED = "installation"
"""Who imports and publishes the table that a new installation starts with."""


class State(StrEnum):
    """How far a version has come."""

    CANDIDATE = "candidate"
    """Imported; not checked yet, or checked and not approved."""
    REFUSED = "refused"
    """Its check found errors."""
    APPROVED = "approved"
    """Somebody other than who imported it has approved it."""
    LIVE = "live"
    """The line serves it."""
    REPLACED = "replaced"
    """The line served it, and now serves another."""


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """What a check of a version found, as it is kept beside the version."""

    at: datetime
    ok: bool
    """Whether it may be published: there are no errors. Gaps and warnings are listed, no more."""
    errors: int = 0
    gaps: int = 0
    warnings: int = 0
    findings: tuple[Mapping[str, object], ...] = ()
    """Each finding as JSON has it, the gravest first."""
    directory: str = ""
    """The version of the directory that it was checked against; "" if that is not known."""
    without: int = 0
    """How many postcodes in use have no service for somebody, on some of the days looked at."""
    lacking: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Those by audience and by first half ("CB1"); Northern Ireland's count as none there."""

    def __str__(self) -> str:
        """Such as "929 postcodes without a service, 1 gap"; "" if nothing was found."""
        found = (
            (self.errors, "error", ""),
            (self.without, "postcode", " without a service"),
            (self.gaps, "gap", ""),
            (self.warnings, "warning", ""),
        )
        told = [
            f"{count:,} {name}{'s' * (count != 1)}{more}" for count, name, more in found if count
        ]
        return ", ".join(told)

    def told(self) -> dict[str, object]:
        """All of it, as JSON has it."""
        return {
            "at": self.at.isoformat(),
            "ok": self.ok,
            "errors": self.errors,
            "gaps": self.gaps,
            "warnings": self.warnings,
            "findings": [dict(each) for each in self.findings],
            "directory": self.directory,
            "without": self.without,
            "lacking": {whom: dict(each) for whom, each in self.lacking.items()},
        }

    @classmethod
    def read(cls, told: Mapping[str, object]) -> CheckSummary:
        """What :meth:`told` told. Raises KeyError, TypeError or ValueError for anything else."""
        found = dict(told)
        at = datetime.fromisoformat(str(found.pop("at")))
        findings = found.pop("findings")
        if not isinstance(findings, list):
            raise TypeError("findings are a list")
        return cls(at=at, findings=tuple(findings), **found)  # type: ignore[arg-type] # told() told it


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody has looked at a version and found it right."""

    by: str
    at: datetime
    terminal: str = ""
    """Whose shell it was said in, where nothing but that proves who it was; "" in the console."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A version went live."""

    version: str
    at: datetime
    by: str
    why: str
    rolled_back: bool = False
    """Whether it took back the publication before it."""
    although: str = ""
    """What callers lost by it, as whoever published it said they knew; "" if they lost nothing."""

    @property
    def installed(self) -> bool:
        """Whether nobody published it: it is what the installation started with."""
        return self.by == INSTALLED


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the table: what it says never changes."""

    id: str
    """The first 12 hex digits of the hash of what the files say; a call log's table_version."""
    imported_at: datetime
    imported_by: str
    note: str
    """What it is for, in the words of whoever imported it."""
    files: Files
    """Read from the store only when a file is asked for."""
    based_on: str
    """The version that it was made from; "" if that was not said."""
    check: CheckSummary | None
    """The newest check's; None if there was none yet."""
    approvals: tuple[Approval, ...]
    """The earliest first."""
    publications: tuple[Publication, ...]
    """The times it went live, the earliest first."""
    state: State
