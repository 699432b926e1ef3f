"""The pages on which people sign in, sign out, and take up the one-time link they were given."""

from __future__ import annotations

import structlog
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ivr.console.means import Means
from ivr.console.roles import open_to_all, person_asking
from ivr.console.signing_in import entering, joining, marks, oidc, proofs, sessions
from ivr.console.signing_in.throttle import Throttle

WRONG = "The login, the password or the code is not right"
"""What is said whichever it was, and whoever it was."""

log = structlog.get_logger("ivr")


def blueprint(means: Means) -> Blueprint:
    """The pages for signing in to the console of ``means``."""
    here = Blueprint("signing_in", __name__)
    throttle = Throttle(means.clock)

    @here.get("/sign-in")
    @open_to_all
    def sign_in() -> ResponseReturnValue:
        return _form(means)

    @here.post("/sign-in")
    @open_to_all
    def sign_in_with() -> ResponseReturnValue:
        if means.settings.oidc_issuer:
            abort(404)
        return _attempt(means, throttle)

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


def _attempt(means: Means, throttle: Throttle) -> ResponseReturnValue:
    login = request.form.get("login", "").strip().lower()[:120]
    asking = (login, request.remote_addr or "", marks.of(means, login))
    if not throttle.take(*asking):
        log.warning("sign-in throttled", address=asking[1])
        return _form(means, "Too many attempts. Wait a minute, then try again", 429)
    given = proofs.Given(login, request.form.get("password", ""), request.form.get("code", ""))
    both = not means.settings.test_line
    found = proofs.proven(means.store.people, means.seal, given, means.clock(), both=both)
    if found is None:
        log.warning("sign-in refused", address=asking[1])
        return _form(means, WRONG, 403)
    throttle.give_back(*asking)
    return entering.enter(means, found, request.form.get("then", ""))
