"""Versions of the routing table, from a file to live and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import request
from flask_smorest import abort  # type: ignore[import-untyped]
from flask_smorest.fields import Upload  # type: ignore[import-untyped]
from marshmallow import Schema, fields

from ivr.api.area import Area, found, login
from ivr.api.words import (
    Counts,
    Day,
    Flag,
    Moment,
    Number,
    Text,
    Texts,
    Whole,
    many,
    maybe,
    one,
    words,
)
from ivr.console.means import Means
from ivr.console.pages.tables import doing, shown
from ivr.console.pages.tables.checks import Checks
from ivr.console.roles import Role, current_person
from ivr.differing import Difference
from ivr.tables import Version


class Approval(Schema):
    """Somebody has found a version right."""

    by = Text()
    at = Moment()


class Publication(Schema):
    """A version went live."""

    version = Text()
    at = Moment()
    by = Text()
    why = Text()
    rolled_back = Flag()


class Finding(Schema):
    """One thing that a check found, and how to mend it."""

    kind = Text()
    weight = Text()
    title = Text()
    postcodes = Whole()
    examples = Texts()
    mend = Text()
    rows = fields.List(fields.Integer())
    service = Text()
    districts = Counts()


class Check(Schema):
    """What the newest check of a version found."""

    at = Moment()
    ok = Flag()
    errors = Whole()
    gaps = Whole()
    warnings = Whole()
    directory = Text()
    findings = many(Finding)


class ShortVersion(Schema):
    """A version in the list."""

    id = Text()
    state = Text(metadata={"description": "candidate, refused, approved, live or replaced"})
    imported_at = Moment()
    imported_by = Text()
    note = Text()
    based_on = Text()
    approvals = many(Approval)
    publications = many(Publication)


class FullVersion(ShortVersion):
    """A version, with what its check found."""

    check = one(Check, optional=True)


class Versions(Schema):
    """The versions, the newest import first."""

    live = Text()
    versions = many(ShortVersion)
    publications = many(Publication)


class Imported(Schema):
    """What was imported; it is being checked."""

    id = Text()
    is_new = Flag()


class Importing(Schema):
    """What a table is for, and what it was made from: files that are not sent are as they are there."""  # fmt: skip  # noqa: E501

    note = words(needed=False)
    based_on = words(12, needed=False)
    files = fields.List(Upload(), metadata={"description": "CSV files, line.toml, or one .xlsx"})


class Checking(Schema):
    """How far a check is: ``done`` is from 0 to 1."""

    going = Flag()
    done = Number()
    broken = Text()
    check = one(Check, optional=True)


class Before(Schema):
    """What a version is compared with; the live one if it is not given."""

    before = words(12, needed=False)


class Move(Schema):
    """Postcodes that leave one service for another."""

    from_service = Text()
    to_service = Text()
    audience = Text()
    postcodes = Whole()
    districts = Counts()
    examples = Texts()
    rows = fields.List(fields.Integer())
    first = Day()
    last = maybe(Day)


class ServiceChange(Schema):
    """One thing about a service, or the line, that differs."""

    service = Text()
    what = Text()
    before = Text()
    after = Text()
    noticed = Flag()


class Differs(Schema):
    """What callers would notice."""

    before = Text()
    after = Text()
    today = Day()
    empty = Flag()
    postcodes = Whole()
    moves = many(Move)
    services = many(ServiceChange)


class Publishing(Schema):
    """Publishing a table goes live, and the version that was seen to be live until then."""

    why = words()
    live = words(12, needed=False, says="The live version as you saw it; another is not replaced.")


class Live(Schema):
    """What is live now, and whether this machine serves it already."""

    version = Text()
    served = Flag()


class Files(Schema):
    """The files of a version, as they were imported."""

    files = fields.Dict(keys=fields.String(), values=fields.String())


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

    @area.post("/tables/<version>/publish", Role.PUBLISHER, Live, Publishing)
    def publish(given: Mapping[str, str], version: str) -> Mapping[str, object]:
        """Make a version live."""
        it = _known(means, version)
        served = doing.publish(means, it, given["why"], given["live"], current_person())
        return {"version": it.id, "served": served}

    @area.post("/tables/roll-back", Role.PUBLISHER, Live, Publishing)
    def roll_back(given: Mapping[str, str]) -> Mapping[str, object]:
        """Make the version live that was so before."""
        version, served = doing.roll_back(means, given["why"], given["live"], current_person())
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
