"""The views of Tables that show: the list, one version, how far its check is, what differs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response

from ivr import publishing
from ivr.console import telling
from ivr.console.means import Means
from ivr.console.pages.tables import doing, sheets, shown
from ivr.console.pages.tables.checks import Checks
from ivr.console.roles import Role, allowed, current_person
from ivr.differing import Difference
from ivr.differing.telling import counted, moving, runs
from ivr.routing import Service
from ivr.snapshot import NothingToServe
from ivr.tables import Version

PUBLICATIONS = 20
"""How many of the newest publications are listed."""

NOTHING = "There is no table or no directory to compare with: see what Today says is wrong."


def join(pages: Blueprint, means: Means, checks: Checks) -> None:
    """Put these views on ``pages``."""
    differences = shown.Differences(means)

    @pages.get("/")
    @allowed(Role.VIEWER)
    def index() -> str:
        return render_template("tables/index.html", **listed(means))

    @pages.get("/<id>")
    @allowed(Role.VIEWER)
    def one(id: str) -> str:  # noqa: A002 - what it is
        return card(means, checks, known(means, id))

    @pages.get("/<id>/check")
    @allowed(Role.VIEWER)
    def check(id: str) -> str | Response:  # noqa: A002 - what it is
        going = checks.of(known(means, id).id)
        if "HX-Request" not in request.headers:
            return redirect(url_for("tables.one", id=id))
        if going and not going.broken:
            return render_template("tables/progress.html", id=id, going=going)
        return Response(headers={"HX-Refresh": "true"})  # its page has more to show by now

    @pages.get("/<id>/difference")
    @allowed(Role.VIEWER)
    def difference(id: str) -> str:  # noqa: A002 - what it is
        return _difference(means, differences, known(means, id))

    @pages.get("/<id>/download")
    @allowed(Role.VIEWER)
    def download(id: str) -> Response:  # noqa: A002 - what it is
        version = known(means, id)
        means.audit(current_person().login, "table: downloaded", version.id)
        return send_file(
            _zipped(version),
            mimetype="application/zip",
            as_attachment=True,
            download_name=f"table-{version.id}.zip",
        )


def known(means: Means, id_: str) -> Version:
    """The version with this id; else there is no such page."""
    found = means.store.versions.get(id_) if id_.isalnum() else None
    return found or abort(404)


def listed(means: Means) -> dict[str, object]:
    """What the list of versions shows."""
    person, refused = current_person(), means.snapshots.refused()
    return {
        "versions": means.store.versions.all(),
        "publications": means.store.versions.publications(PUBLICATIONS),
        "live": doing.live(means),
        "earlier": doing.earlier(means),
        "differs": publishing.differs(means.settings, means.store),
        "refused": refused.get("routing table", ""),
        "may_edit": person.may(Role.EDITOR),
        "may_publish": person.may(Role.PUBLISHER),
        **WORDS,
    }


def card(means: Means, checks: Checks, version: Version, wrong: str = "", why: str = "") -> str:
    """The page of one version; ``wrong`` is what stood against what was asked."""
    check = version.check
    return render_template(
        "tables/one.html",
        version=version,
        going=checks.of(version.id),
        groups=shown.by_weight(check) if check else (),
        untold=shown.untold(check) if check else 0,
        old_directory=bool(check and check.directory not in ("", _directory(means))),
        may=shown.may(means, version, current_person()),
        before=shown.compared_with(means, version),
        live=doing.live(means),
        earlier=doing.earlier(means),
        two_people=means.settings.two_people,
        wrong=wrong,
        why=why,
        **WORDS,
    )


def _directory(means: Means) -> str:
    """The version of the directory that is served; "" if none is."""
    try:
        return means.snapshots.current().directory.version
    except NothingToServe:
        return ""


def _difference(means: Means, differences: shown.Differences, version: Version) -> str:
    """The difference from another version, as a page or as the part of one that was asked for."""
    before = request.args.get("before") or shown.compared_with(means, version)
    others = [each for each in means.store.versions.all() if each.id != version.id]
    found: Difference | None = None
    names: Mapping[str, Service] = {}
    if before:
        known(means, before)
        try:
            found = differences.between(before, version.id)
            names = shown.services(means, before, version.id)
        except NothingToServe:
            abort(503, NOTHING)
    part = "HX-Request" in request.headers
    return render_template(
        "tables/moves.html" if part else "tables/difference.html",
        version=version,
        before=before,
        others=others,
        found=found,
        names=names,
        counted=counted,
        moving=moving,
        runs=runs,
        has_map="coverage.index" in current_app.view_functions,
        **WORDS,
    )


def _zipped(version: Version) -> io.BytesIO:
    """The version's files, byte for byte as they were imported."""
    made = io.BytesIO()
    day = version.imported_at.timetuple()[:6]
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in version.files.items():
            entry = zipfile.ZipInfo(f"table-{version.id}/{name}", day)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, content)
    made.seek(0)
    return made


WORDS = {
    "telling": telling,
    "states": shown.STATES,
    "found_by": shown.counted,
    "sheets": sheets.SHEETS,
}
"""What every template of Tables says things with."""
