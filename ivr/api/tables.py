"""Versions of the routing table, from a file to live and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import request
from flask_smorest import abort  # type: ignore[import-untyped]

from ivr.api.area import Area, found, login
from ivr.api.versions import (
    Before,
    Checking,
    Differs,
    Files,
    FullVersion,
    Imported,
    Importing,
    Live,
    Publishes,
    Publishing,
    Versions,
)
from ivr.console.means import Means
from ivr.console.pages.tables import doing, shown
from ivr.console.pages.tables.checks import Checks
from ivr.console.roles import Role, current_person
from ivr.differing import Difference
from ivr.tables import Version


def areas(means: Means) -> Iterator[Area]:
    """Tables: what is known of them, and what may be done with them."""
    area = Area("tables", "The routing table's versions.", means)
    checks = Checks(means)
    _seeing(area, means)
    _checking(area, means, checks)
    _publishing(area, means)
    yield area


def _seeing(area: Area, means: Means) -> None:
    differences = shown.Differences(means)

    @area.get("/tables", Role.VIEWER, Versions)
    def listed() -> Mapping[str, object]:
        """The versions and the newest publications."""
        kept = means.store.versions
        return {
            "live": doing.live(means),
            "versions": kept.all(),
            "publications": kept.publications(100),
        }

    @area.get("/tables/<version>", Role.VIEWER, FullVersion)
    def table(version: str) -> Version:
        """One version."""
        return _known(means, version)

    @area.get("/tables/<version>/files", Role.VIEWER, Files)
    def files(version: str) -> Mapping[str, object]:
        """A version's files."""
        it = _known(means, version)
        means.audit(login(), "table: downloaded", it.id)
        told = {name: content.decode("utf-8", "replace") for name, content in it.files.items()}
        return {"files": told}

    @area.get("/tables/<version>/difference", Role.VIEWER, Differs, Before)
    def difference(given: Mapping[str, str], version: str) -> Difference:
        """What callers would notice if a version took another's place."""
        after = _known(means, version)
        before = given["before"] or shown.compared_with(means, after)
        return differences.between(_known(means, before).id, after.id)


def _checking(area: Area, means: Means, checks: Checks) -> None:
    @area.post("/tables", Role.EDITOR, Imported, Importing, how="files", status=201)
    def imported(_: Mapping[str, Any]) -> Mapping[str, object]:
        """Import a table: multipart, a part ``files`` for each file, ``note`` and ``based_on``."""
        return _imported(means, checks)

    @area.post("/tables/<version>/check", Role.EDITOR, Checking, status=202)
    def begun(version: str) -> Mapping[str, object]:
        """Have a version checked, which takes some seconds: ask how far it is."""
        checks.begin(_known(means, version).id, current_person())
        return _progress(checks, _known(means, version))

    @area.get("/tables/<version>/check", Role.VIEWER, Checking)
    def check(version: str) -> Mapping[str, object]:
        """How far the check of a version is, and what the newest one found."""
        return _progress(checks, _known(means, version))


def _publishing(area: Area, means: Means) -> None:
    @area.post("/tables/<version>/approve", Role.PUBLISHER, FullVersion)
    def approve(version: str) -> Version:
        """Say that a version is right."""
        doing.approve(means, _known(means, version), current_person())
        return _known(means, version)

    @area.post("/tables/<version>/publish", Role.PUBLISHER, Live, Publishes)
    def publish(given: Mapping[str, Any], version: str) -> Mapping[str, object]:
        """Make a version live."""
        it = _known(means, version)
        said = doing.Said(given["why"], given["live"], given["although"])
        served = doing.publish(means, it, said, current_person())
        return {"version": it.id, "served": served}

    @area.post("/tables/roll-back", Role.PUBLISHER, Live, Publishing)
    def roll_back(given: Mapping[str, str]) -> Mapping[str, object]:
        """Make the version live that was so before."""
        said = doing.Said(given["why"], given["live"])
        version, served = doing.roll_back(means, said, current_person())
        return {"version": version, "served": served}


def _known(means: Means, id_: str) -> Version:
    version: Version = found(means.store.versions.get(id_) if id_.isalnum() else None, "version")
    return version


def _progress(checks: Checks, version: Version) -> Mapping[str, object]:
    going = checks.of(version.id)
    return {
        "going": bool(going and not going.broken),
        "done": going.done if going else 0.0,
        "broken": going.broken if going else "",
        "check": version.check,
    }


def _imported(means: Means, checks: Checks) -> Mapping[str, object]:
    if wrong := Importing(exclude=["files"]).validate(request.form):
        abort(422, errors={"form": wrong})
    told = Importing(exclude=["files"]).load(request.form)
    base = _known(means, told["based_on"]) if told["based_on"] else None
    files = doing.uploaded(request.files.getlist("files"), base.files if base else {})
    made_of = base.id if base else ""
    version, is_new = doing.add(means, files, told["note"], made_of, current_person())
    if not doing.is_checked(means, version):
        checks.begin(version.id, current_person())
    return {"id": version.id, "is_new": is_new}
