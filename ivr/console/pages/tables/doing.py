"""What people do to tables on the page: import, approve, publish, roll back, each written down."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.datastructures import FileStorage

from ivr import publishing, tables
from ivr.checking import read_upload
from ivr.console.means import Means
from ivr.console.roles import Person
from ivr.routing import Mistake, TableError
from ivr.routing import read as read_table
from ivr.tables import FRESH, Files, TablesError, Version

CHANGED = "another table went live while you were looking: see how it stands now, and try again"
WHY = "say why: it is kept"


def uploaded(given: Iterable[FileStorage], base: Files) -> Files:
    """The files of the table that were uploaded, those that were not as they are in ``base``.

    Raises :class:`ivr.routing.TableError`.
    """
    found: dict[str, bytes] = {}
    for each in given:
        if not each.filename:  # a browser sends one that is empty where none was chosen
            continue
        if each.filename in found:
            raise TableError((Mistake(each.filename[:80], "it is there twice", "each file once"),))
        found[each.filename] = each.read()
    return read_upload(found, base)


def add(means: Means, files: Files, note: str, based_on: str, person: Person) -> tuple[Version, bool]:  # fmt: skip  # noqa: E501
    """The version that ``files`` say, and whether it is new; raises TableError."""
    known = means.store.versions.get(read_table(files).version)
    if known:
        return known, False
    made = means.store.versions.add(files, person.login, note, based_on, means.clock())
    means.audit(person.login, "table: imported", made.id, {"note": note, "based_on": based_on})
    return made, True


def approve(means: Means, version: Version, person: Person) -> None:
    """Write down that ``person`` approves of a version; raises TablesError."""
    means.store.versions.approve(version.id, person.login, means.clock())
    means.audit(person.login, "table: approved", version.id)


def publish(means: Means, version: Version, why: str, seen: str, person: Person) -> bool:
    """Make a version live in the place of the one ``seen``; whether this machine serves it now.

    Raises TablesError, in one clear line, if it may not go live.
    """
    _ask(means, why, seen)
    two = means.settings.two_people
    means.store.versions.publish(version.id, person.login, why, means.clock(), two_people=two)
    means.audit(person.login, "table: published", version.id, {"why": why, "before": seen})
    return publishing.deliver(means.settings, means.store) == version.id


def roll_back(means: Means, why: str, seen: str, person: Person) -> tuple[str, bool]:
    """Make the version live that was so before the one ``seen``; which, and whether it is served.

    Raises TablesError.
    """
    _ask(means, why, seen)
    done = means.store.versions.roll_back(person.login, why, means.clock())
    means.audit(person.login, "table: rolled back", done.version, {"why": why, "before": seen})
    return done.version, publishing.deliver(means.settings, means.store) == done.version


def is_checked(means: Means, version: Version) -> bool:
    """Whether a version has a check that counts still."""
    return version.check is not None and means.clock() - version.check.at <= FRESH


def live(means: Means) -> str:
    """The id of the version that is live; "" before there is any."""
    newest = means.store.versions.newest()
    return newest.version if newest else ""


def earlier(means: Means) -> str:
    """The id of the version that a roll back returns to; "" if there is none."""
    try:
        return tables.before(reversed(means.store.versions.publications()))
    except TablesError:
        return ""


def _ask(means: Means, why: str, seen: str) -> None:
    """Raise TablesError unless a reason was given, and what is live is what was seen."""
    if not why:
        raise TablesError(WHY)
    if live(means) != seen:
        raise TablesError(CHANGED)
