"""The page that a one-time link leads to: choose a password, and set an authenticator up.

The link is used up when that is done, and not when it is looked at: programs that preview what
they are sent look at links too. With it a person needs neither password nor code, so nobody who
guesses at theirs can keep them out.
"""

from __future__ import annotations

import segno
from flask import Blueprint, abort, render_template, request, session
from flask.typing import ResponseReturnValue

from ivr.console.means import Means
from ivr.console.roles import open_to_all
from ivr.console.signing_in import entering, proofs, sessions
from ivr.sealing import SealError
from ivr.store import Operator

SECRET = "joining"  # noqa: S105 - where in the cookie the sealed secret is
GONE = "This link was used already, or is too old. Ask whoever gave it to you for another."


def join(here: Blueprint, means: Means) -> None:
    """Adds the page to the blueprint ``here``."""

    @here.get("/join/<token>")
    @open_to_all
    def joining(token: str) -> ResponseReturnValue:
        return _form(means, _invited(means, token))

    @here.post("/join/<token>")
    @open_to_all
    def joined(token: str) -> ResponseReturnValue:
        return _join(means, token)


def _invited(means: Means, token: str) -> Operator:
    found = means.store.people.invited(sessions.name_of(token))
    if found is None or found.disabled or (found.invited_until or means.clock()) <= means.clock():
        abort(404, GONE)
    return found


def _form(means: Means, operator: Operator, said: str = "") -> ResponseReturnValue:
    secret = _secret(means)
    where = proofs.address(secret, operator.login)
    page = render_template(
        "signing_in/join.html",
        operator=operator,
        said=said,
        shortest=proofs.SHORTEST,
        both=not means.settings.test_line,
        provider=bool(means.settings.oidc_issuer),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=segno.make(where, error="m").svg_data_uri(scale=5),
    )
    return page, 400 if said else 200


def _join(means: Means, token: str) -> ResponseReturnValue:
    operator = _invited(means, token)
    password, code = request.form.get("password", ""), request.form.get("code", "")
    secret = _secret(means)
    step = proofs.step_of(secret, code, means.clock())
    wanted = bool(code.strip()) or not means.settings.test_line
    said = proofs.wrong_password(password, operator.login)
    if not said and wanted and step is None:
        said = "The code is not the one that your authenticator shows now"
    if said:
        return _form(means, operator, said)
    chosen = {
        "password": proofs.kept_password(password),
        "totp": proofs.sealed(means.seal, secret, step) if wanted and step else None,
    }
    taken = means.store.people.accept(sessions.name_of(token), means.clock(), **chosen)
    if taken is None:
        abort(404, GONE)
    return _in(means, taken)


def _in(means: Means, operator: Operator) -> ResponseReturnValue:
    """Sign them in, here alone: whoever knew the password of before is signed out."""
    means.store.sign_ins.revoke_all(operator.id, means.clock())
    means.audit(operator.login, "took up a one-time link")
    return entering.enter(means, operator)


def _secret(means: Means) -> str:
    """The secret that this browser is shown until it is taken: one, however often it asks."""
    try:
        return means.seal.open(str(session.get(SECRET, "")).encode()).decode()
    except SealError:
        secret = proofs.new_secret()
        session[SECRET] = means.seal.seal(secret.encode()).decode()
        return secret
