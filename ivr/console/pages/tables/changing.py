"""The views of Tables that change something: upload, check, approve, publish, roll back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.console.means import Means
from ivr.console.pages.tables import doing
from ivr.console.pages.tables.checks import Checks
from ivr.console.pages.tables.seeing import WORDS, card, known, listed
from ivr.console.roles import Role, allowed, current_person
from ivr.console.signing_in import proving
from ivr.routing import TableError
from ivr.tables import Files, TablesError, Version

LONGEST_NOTE = 200
"""Characters of what a table is for, and of why it is published."""

Answer = Response | str | tuple[str, int]

SERVED = "{id} is live: every call that begins from now on is led by it."
BEHIND = "{id} is live, but this machine does not serve it yet: see Today."


def join(pages: Blueprint, means: Means, checks: Checks) -> None:
    """Put these views on ``pages``."""
    _importing(pages, means, checks)
    _publishing(pages, means, checks)


def _importing(pages: Blueprint, means: Means, checks: Checks) -> None:
    @pages.get("/upload")
    @allowed(Role.EDITOR)
    def upload() -> Answer:
        return _form(means)

    @pages.post("/upload")
    @allowed(Role.EDITOR)
    def uploaded() -> Answer:
        return _upload(means, checks)

    @pages.post("/<id>/check")
    @allowed(Role.EDITOR)
    def check_again(id: str) -> Answer:  # noqa: A002 - what it is
        checks.begin(known(means, id).id, current_person())
        return _back(id)


def _publishing(pages: Blueprint, means: Means, checks: Checks) -> None:
    @pages.post("/<id>/approve")
    @allowed(Role.PUBLISHER)
    def approve(id: str) -> Answer:  # noqa: A002 - what it is
        def act(version: Version) -> None:
            doing.approve(means, version, current_person())
            flash("You have approved it.")

        return _acted(means, checks, id, act)

    @pages.post("/<id>/publish")
    @allowed(Role.PUBLISHER)
    def publish(id: str) -> Answer:  # noqa: A002 - what it is
        def act(version: Version) -> None:
            asked = doing.Said(said("why"), said("live"), request.form.get("although", type=int))
            doing.check_publishing(means, version, asked)
            proving.require(means, f"Publish table {version.id}: {asked.why}")
            served = doing.publish(means, version, asked, current_person())
            _tell_live(version.id, served=served)

        return _acted(means, checks, id, act)

    @pages.post("/roll-back")
    @allowed(Role.PUBLISHER)
    def roll_back() -> Answer:
        try:
            asked = doing.Said(said("why"), said("live"))
            version, served = doing.roll_back(means, asked, current_person())
        except TablesError as wrong:
            page = render_template(
                "tables/index.html", **listed(means), wrong=str(wrong), why=said("why")
            )
            return page, 409
        _tell_live(version, served=served)
        return _back(version)


def said(field: str) -> str:
    """What a person wrote in a field: what can be seen of it, with single blanks."""
    words = " ".join(request.form.get(field, "").split())
    return "".join(each for each in words if each.isprintable())[:LONGEST_NOTE]


def imported(
    means: Means, checks: Checks, files: Files, note: str, based_on: str
) -> tuple[Version, bool]:
    """The version that ``files`` say, on its way to be checked, and whether it is new.

    Raises :class:`ivr.routing.TableError`.
    """
    version, is_new = doing.add(means, files, note, based_on, current_person())
    if not doing.is_checked(means, version):
        checks.begin(version.id, current_person())
    return version, is_new


def _acted(means: Means, checks: Checks, id_: str, act: Callable[[Version], None]) -> Answer:
    """The version's page after ``act``, or with what stood against it and as it is by now."""
    version = known(means, id_)
    try:
        act(version)
    except TablesError as wrong:
        page = card(means, checks, known(means, id_), wrong=str(wrong), why=said("why"))
        return page, 409
    return _back(id_)


def _upload(means: Means, checks: Checks) -> Answer:
    based_on = said("base")
    base = means.store.versions.get(based_on) if based_on else None
    note = said("note")
    try:
        files = doing.uploaded(request.files.getlist("files"), base.files if base else {})
        version, is_new = imported(means, checks, files, note, base.id if base else "")
    except TableError as wrong:
        return _form(means, wrong), 422
    flash("It is imported." if is_new else "This table is here already, as you see it.")
    return _back(version.id)


def _form(means: Means, wrong: TableError | None = None) -> str:
    return render_template(
        "tables/upload.html",
        versions=means.store.versions.all(20),
        live=doing.live(means),
        mistakes=wrong.mistakes if wrong else (),
        form=request.form,
        **WORDS,
    )


def _tell_live(version: str, *, served: bool) -> None:
    flash((SERVED if served else BEHIND).format(id=version), "message" if served else "wrong")


def _back(id_: str) -> Response:
    return redirect(url_for("tables.one", id=id_), 303)
