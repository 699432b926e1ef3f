"""What people do about test calls: have a service rung now, or say which services may be."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ivr import trials
from ivr.console.means import Means
from ivr.console.pages.tables import doing as tables_doing
from ivr.console.pages.tables.changing import imported
from ivr.console.pages.tables.checks import Checks
from ivr.console.pages.trials import listing
from ivr.console.roles import Person
from ivr.routing import Table, TableError
from ivr.routing.line import FILE
from ivr.tables import CHANGED, TablesError, Version
from ivr.trials import Telephone

LONGEST_NAME = 64
"""Characters of who asked for a test call."""
LONGEST_NOTE = 200
"""Characters of what a candidate is for."""

NOBODY = "this line is connected to no telephone company: nobody would be rung"
SAME = "the same services were ticked: nothing was changed"


class TrialsError(Exception):
    """Why a telephone may not be rung to test it now; its text is one line for operators."""


def connected(means: Means) -> bool:
    """Whether there is a telephone company to ring by, or a test line's stand-in for one."""
    return bool(means.settings.account_sid or means.settings.api_base)


def ring(
    means: Means, service: str, person: Person, number: str = ""
) -> Sequence[tuple[Telephone, bool]]:
    """Have a service's telephones rung, or the one that has this ``number``.

    Each with whether it is to be rung only now, or was asked for already. Raises
    :class:`TrialsError`, and :class:`ivr.snapshot.NothingToServe`.
    """
    found = [
        each
        for each in trials.telephones(means.table(), service)
        if service and number in {"", each.number.value}
    ]
    if not found:
        what = f"{number} of {service}" if number else service
        raise TrialsError(
            f"{what} may not be rung: the table that is served does not let it be, or not any more"
        )
    if not connected(means):
        raise TrialsError(NOBODY)
    return [(each, _ask(means, each, person)) for each in found]


def _ask(means: Means, telephone: Telephone, person: Person) -> bool:
    who = person.login[:LONGEST_NAME]
    asked = means.store.trials.ask_for(telephone, who, means.clock())
    if asked:
        of = {"service": telephone.service, "place": telephone.place}
        means.audit(person.login, "test call: asked for", asked.id, of)
    return asked is not None


def live(means: Means) -> tuple[Version, Table] | None:
    """The version that is live, and its table; None before there is any that can be read."""
    version = means.store.versions.get(tables_doing.live(means))
    try:
        return (version, means.table(version.id)) if version else None
    except TableError:
        return None


def candidate(
    means: Means, seen: str, services: Collection[str], note: str
) -> tuple[Version, bool]:
    """The version that is live but for its services to be rung, and whether it is new.

    It is on its way to be checked. Raises :class:`ivr.tables.TablesError`, also where what was
    ``seen`` to be live is so no more.
    """
    found = live(means)
    if found is None or found[0].id != seen:
        raise TablesError(CHANGED)
    version, table = found
    chosen, before = sorted(set(services)), sorted(table.line.test_calls)
    if not table.services.keys() >= set(chosen):
        raise TablesError("choose services of the table that is live")
    if chosen == before:
        raise TablesError(SAME)
    files = {**version.files, FILE: listing.listed(version.files[FILE], chosen)}
    why = note or f"may be rung to test them: {listing.told(before, chosen)}"
    try:
        return imported(means, Checks(means), files, why[:LONGEST_NOTE], version.id)
    except TableError as wrong:
        raise TablesError("; ".join(map(str, wrong.mistakes))) from None
