"""The pages on which people sign in, sign out, and take up the one-time link they were given."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ivr.console.means import Means
from ivr.console.roles import open_to_all, person_asking
from ivr.console.signing_in import attempts, entering, joining, oidc, proofs, proving, sessions

WRONG = "The login, the password or the code is not right"
"""What is said whichever it was, and whoever it was."""


def blueprint(means: Means) -> Blueprint:
    """The pages for signing in to the console of ``means``."""
    here = Blueprint("signing_in", __name__)

    @here.get("/sign-in")
    @open_to_all
    def sign_in() -> ResponseReturnValue:
        return _form(means)

    @here.post("/sign-in")
    @open_to_all
    def sign_in_with() -> ResponseReturnValue:
        if means.settings.oidc_issuer:
            abort(404)
        return _attempt(means)

    @here.post("/sign-out")
    @open_to_all
    def sign_out() -> ResponseReturnValue:
        person = person_asking()
        if person:
            means.audit(person.login, "signed out")
        sessions.end(means)
        return redirect(url_for("signing_in.sign_in"))

    joining.join(here, means)
    if means.settings.oidc_issuer:
        oidc.join(here, means)
        proving.join(here)
    return here


def _form(means: Means, said: str = "", status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "signing_in/sign_in.html",
        said=said,
        both=not means.settings.test_line,
        provider=bool(means.settings.oidc_issuer),
        login=request.form.get("login", ""),
        then=entering.safe(request.values.get("then", "")),
    )
    return page, status


def _attempt(means: Means) -> ResponseReturnValue:
    form = request.form
    login = form.get("login", "").strip().lower()[:120]
    given = proofs.Given(login, form.get("password", ""), form.get("code", ""))
    try:
        found = attempts.attempt(means, given)
    except attempts.Refused as wrong:
        said = attempts.WAIT if isinstance(wrong, attempts.TooMany) else WRONG
        return _form(means, said, wrong.status)
    return entering.enter(means, found, form.get("then", ""))
