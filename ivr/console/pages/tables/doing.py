"""What people do to tables on the page: import, approve, publish, roll back, each written down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from ivr import publishing, tables
from ivr.checking import read_upload
from ivr.console.means import Means
from ivr.console.roles import Person
from ivr.routing import Mistake, TableError
from ivr.routing import read as read_table
from ivr.tables import FRESH, Files, TablesError, Version

CHANGED = tables.CHANGED
WHY = "say why: it is kept"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says who publishes a version, or takes one back."""

    why: str
    seen: str
    """The version that they saw to be live."""
    although: int | None = None
    """How many postcodes lose their service by it, as they know; None: they said nothing of it."""


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
    return means.store.versions.add(files, person.login, note, based_on, means.clock()), True


def approve(means: Means, version: Version, person: Person) -> None:
    """Write down that ``person`` approves of a version; raises TablesError."""
    means.store.versions.approve(version.id, person.login, means.clock())


def check_publishing(means: Means, version: Version, said: Said) -> None:
    """Raise TablesError if a version may not go live now, in the place of the one that was seen."""
    _ask(said.why)
    tables.must_see(live(means), said.seen)
    tables.may_publish(version, means.clock(), two_people=means.settings.two_people)
    tables.must_know(version, means.store.versions.live(), said.although)


def publish(means: Means, version: Version, said: Said, person: Person) -> bool:
    """Make a version live in the place of the one that was seen; whether it is served here now.

    Raises TablesError, in one clear line, if it may not go live.
    """
    _ask(said.why)
    means.store.versions.publish(
        version.id,
        person.login,
        said.why,
        means.clock(),
        two_people=means.settings.two_people,
        although=said.although,
        seen=said.seen,
    )
    return publishing.deliver(means.settings, means.store) == version.id


def roll_back(means: Means, said: Said, person: Person) -> tuple[str, bool]:
    """Make the version live that was so before the one seen; which, and whether it is served.

    Raises TablesError.
    """
    _ask(said.why)
    now = means.clock()
    done = means.store.versions.roll_back(person.login, said.why, now, seen=said.seen)
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


def _ask(why: str) -> None:
    """Raise TablesError unless a reason was given."""
    if not why:
        raise TablesError(WHY)
