"""What may be done with a version of the table, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ivr.tables.version import Approval, CheckSummary, Publication, State, Version

FRESH = timedelta(days=14)
"""How long a check counts: it looks that far ahead, and no further."""

APPROVED_BY_ANOTHER = "somebody other than {by}, who imported it, must approve it first"


class TablesError(Exception):
    """What was asked of a version may not be done; the message is one clear line."""


def state(
    check: CheckSummary | None, approvals: Sequence[Approval], *, published: bool, live: bool
) -> State:
    """How far a version has come."""
    if live:
        return State.LIVE
    if published:
        return State.REPLACED
    if check and not check.ok:
        return State.REFUSED
    return State.APPROVED if check and approvals else State.CANDIDATE


def may_approve(version: Version, by: str) -> None:
    """Raise TablesError if ``by`` may not approve ``version``."""
    _checked(version)
    if _same(by, version.imported_by):
        raise TablesError(f"{version.id}: " + APPROVED_BY_ANOTHER.format(by=version.imported_by))


def may_publish(version: Version, at: datetime, *, two_people: bool) -> None:
    """Raise TablesError if ``version`` may not go live ``at`` a moment.

    With ``two_people``, somebody other than who imported it must have approved it; the table that
    an installation started with was imported by nobody, and needs one person's approval too.
    """
    if version.state == State.LIVE:
        raise TablesError(f"{version.id} is live already")
    check = _checked(version)
    age = at - check.at
    if age > FRESH:
        raise TablesError(
            f"{version.id} was checked {age.days} days ago, and a check looks {FRESH.days} days "
            "ahead: check it again"
        )
    others = [each for each in version.approvals if not _same(each.by, version.imported_by)]
    if two_people and not others:
        raise TablesError(f"{version.id}: " + APPROVED_BY_ANOTHER.format(by=version.imported_by))


def before(publications: Iterable[Publication]) -> str:
    """The version that a roll back returns to; ``publications`` are all there were, in order.

    Each takes back one more: two in a row never bring back what the first took away. Raises
    TablesError if there is none to return to.
    """
    served: list[str] = []
    for each in publications:
        if each.rolled_back:
            served.pop()
        else:
            served.append(each.version)
    if len(served) < 2:  # noqa: PLR2004 - the one that is live, and the one before it
        raise TablesError("there is no earlier table to roll back to")
    return served[-2]


def _checked(version: Version) -> CheckSummary:
    if version.check is None:
        raise TablesError(f"{version.id} has not been checked: check it first")
    if not version.check.ok:
        errors = "1 error" if version.check.errors == 1 else f"{version.check.errors} errors"
        raise TablesError(f"{version.id} has {errors}: mend them and import it again")
    return version.check


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
