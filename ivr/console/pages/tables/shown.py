"""A version, its difference from another and its place among the rest, as the page shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from ivr import differing, tables
from ivr.checking import ERROR, GAP, WARNING
from ivr.console.means import Means
from ivr.console.pages.tables import doing
from ivr.console.roles import Person, Role
from ivr.differing import Difference
from ivr.hours import LONDON
from ivr.routing import Service
from ivr.tables import CheckSummary, Loss, State, TablesError, Version

STATES: Mapping[State, tuple[str, str]] = {
    State.CANDIDATE: ("Candidate", "blue"),
    State.REFUSED: ("Refused", "red"),
    State.APPROVED: ("Approved", "aqua-green"),
    State.LIVE: ("Live", "green"),
    State.REPLACED: ("Replaced", "grey"),
}
"""What each state is called, and the colour of its tag."""

HEADINGS: Mapping[str, str] = {
    ERROR: "Errors: mend these first",
    GAP: "Gaps: callers there would ring the fallback",
    WARNING: "Warnings: worth a look",
}


@dataclass(frozen=True, slots=True)
class May:
    """What a person may do with a version now; where they may not, why."""

    edit: bool
    approve: bool
    publish: bool
    roll_back: bool
    not_published: str
    """Why it may not go live, in one line; "" if it may."""
    not_approved: str
    loses: Loss
    """What callers would lose by it."""
    takes_back: str
    """The table it was made from, if others took that one's place since; "" if none did."""


def may(means: Means, version: Version, person: Person) -> May:
    """What ``person`` may do with ``version``."""
    two = means.settings.two_people
    no_publish = _why_not(lambda: tables.may_publish(version, means.clock(), two_people=two))
    no_approve = _why_not(lambda: tables.may_approve(version, person.login))
    publisher, live = person.may(Role.PUBLISHER), means.store.versions.live()
    approves = version.state != State.LIVE and not tables.has_approved(version, person.login)
    return May(
        edit=person.may(Role.EDITOR),
        approve=publisher and not no_approve and approves,
        publish=publisher and not no_publish,
        roll_back=publisher and version.state == State.LIVE,
        not_published=no_publish,
        not_approved=no_approve,
        loses=tables.loss(version.check, live.check if live else None),
        takes_back=tables.superseded(version, live.id if live else "", means.store.versions.get),
    )


@dataclass(frozen=True, slots=True)
class Bare:
    """The places that the live table leaves without a service."""

    at: datetime
    """When that was found."""
    without: int
    """How many postcodes in use."""
    lost: Loss
    """What of that the table before it did not leave."""
    before: str
    """The table before it; "" if there was none."""


def bare(means: Means) -> Bare | None:
    """What the live table leaves without a service; None where nobody has checked it."""
    versions = means.store.versions
    live, id_ = versions.live(), doing.earlier(means)
    if live is None or live.check is None:
        return None
    before = versions.get(id_) if id_ else None
    known = before.check if before else None
    lost = tables.loss(live.check, known) if known else Loss()
    return Bare(live.check.at, live.check.without, lost, id_)


def _why_not(ask: Callable[[], None]) -> str:
    try:
        ask()
    except TablesError as wrong:
        return str(wrong)
    return ""


def counted(check: CheckSummary | None) -> str:
    """What a check found, in a few words."""
    if check is None:
        return "Not checked"
    return str(check) or "Nothing found"


def by_weight(check: CheckSummary) -> Sequence[tuple[str, Sequence[Mapping[str, object]]]]:
    """Each heading with the findings below it, the heaviest first."""
    groups = (
        (heading, [each for each in check.findings if each["weight"] == weight])
        for weight, heading in HEADINGS.items()
    )
    return [(heading, found) for heading, found in groups if found]


def untold(check: CheckSummary) -> int:
    """How many findings were too many to keep."""
    return check.errors + check.gaps + check.warnings - len(check.findings)


class Differences:
    """What callers would notice from one version to another, worked out once a day."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._found = lru_cache(maxsize=16)(self._find)

    def between(self, before: str, after: str) -> Difference:
        """The difference; raises KeyError for a version that is nowhere, and NothingToServe."""
        today = self._means.clock().astimezone(LONDON).date()
        directory = self._means.snapshots.current().directory.version
        return self._found(before, after, directory, today)

    def _find(self, before: str, after: str, _directory: str, _today: date) -> Difference:
        means = self._means
        return differing.difference(
            means.table(before),
            means.table(after),
            means.snapshots.current().directory,
            means.geography,
            means.clock(),
        )


def services(means: Means, *versions: str) -> Mapping[str, Service]:
    """The services of these versions by code, those of the last where several have one."""
    found: dict[str, Service] = {}
    for each in versions:
        found.update(means.table(each).services)
    return found


def compared_with(means: Means, version: Version) -> str:
    """The version that ``version`` is compared with unless another is asked for; "" for none."""
    live = doing.live(means)
    return live if live != version.id else doing.earlier(means) or version.based_on
