"""What may be done with a version of the table, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from ivr.tables.losing import Loss, loss
from ivr.tables.version import Approval, CheckSummary, Publication, State, Version

FRESH = timedelta(days=14)
"""How long a check counts: it looks that far ahead, and no further."""

MOST_STEPS = 50
"""How many candidates, each made from the next, are followed."""

CHANGED = "another table went live while you were looking: see how it stands now, and try again"

APPROVED_BY_ANOTHER = "somebody other than {by}, who imported it, must approve it first"


class TablesError(Exception):
    """What was asked of a version may not be done; the message is one clear line."""


class UnsaidError(TablesError):
    """Callers would lose their service by it, and whoever asked for it did not say they know."""

    def __init__(self, version: str, loss: Loss) -> None:
        super().__init__(f"{version}: {loss}; if that is meant, say that you know it")
        self.loss = loss


def counts(check: CheckSummary | None, at: datetime, directory: str) -> bool:
    """Whether a check still counts ``at`` a moment, beside one against the same ``directory``."""
    return check is not None and at - check.at <= FRESH and check.directory == directory


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
    if same(by, version.imported_by):
        raise TablesError(f"{version.id}: " + APPROVED_BY_ANOTHER.format(by=version.imported_by))


def has_approved(version: Version, by: str, *, terminal: str = "") -> bool:
    """Whether ``by`` approved already, as surely as it would be now: a terminal proves nobody."""
    own = [each for each in version.approvals if same(each.by, by)]
    return any(terminal or not each.terminal for each in own)


def must_see(live: str, seen: str | None) -> None:
    """Raise TablesError unless what is ``live`` is what whoever acts has ``seen`` to be so."""
    if seen is not None and live != seen:
        raise TablesError(CHANGED)


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
    others = [each for each in version.approvals if not same(each.by, version.imported_by)]
    if two_people and not others:
        raise TablesError(f"{version.id}: " + APPROVED_BY_ANOTHER.format(by=version.imported_by))


def must_know(version: Version, live: Version | None, although: int | None) -> Loss:
    """What callers lose if ``version`` takes the place of the ``live`` one.

    Raises UnsaidError where they lose anything, unless whoever publishes it said that they know:
    ``although`` is then just as many postcodes as lose their service. A number large enough for
    every table, which somebody types by habit, says nothing.
    """
    found = loss(version.check, live.check if live else None)
    if found and although != found.postcodes:
        raise UnsaidError(version.id, found)
    return found


def superseded(version: Version, live: str, get: Callable[[str], Version | None]) -> str:
    """The table that ``version`` was made from, if others took that one's place; else "".

    To publish such a version takes back what was changed since. A candidate may be made from
    another, and that from the live table: it is the first that ever was live that counts.
    """
    for _ in range(MOST_STEPS):
        made_from = get(version.based_on) if version.based_on else None
        if made_from is None or made_from.id == live:
            return ""
        if made_from.publications:
            return made_from.id
        version = made_from
    return ""


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


def same(one: str, other: str) -> bool:
    """Whether two names are one person's."""
    return one.strip().casefold() == other.strip().casefold()
