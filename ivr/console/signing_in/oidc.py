"""Signing in at an OpenID Connect provider, which then looks after passwords and second proofs.

The provider says who somebody is; that they may come in, and as what, is said here: there must be
a person whose login is the e-mail address that the provider has verified.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, abort, current_app, request, session
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from ivr.console.means import Means
from ivr.console.roles import open_to_all, person_asking
from ivr.console.signing_in import entering, proving
from ivr.store import Operator

PATIENCE = 10
"""Seconds that the provider has to answer."""

JUST = timedelta(minutes=2)
"""How long ago a proof may be that counts as one made now, with what two clocks may differ."""

ANEW = {"prompt": "login", "max_age": "0"}
"""What asks a provider for a proof, whomever it knows already (OpenID Connect Core, 3.1.2.1)."""

THEN, AGAIN = "then", "again"
NOBODY = "Nobody here has the address that your organisation's account gave. Ask an administrator."
UNREACHED = "Your organisation's sign-in service did not answer as it should."

REFUSED = (RequestException, AuthlibBaseError, JoseError, ValueError, KeyError)
"""What is raised where a provider does not answer, or says what cannot be believed."""

log = structlog.get_logger("ivr")


def join(here: Blueprint, means: Means) -> None:
    """Adds the way to the provider, and the way back, to the blueprint ``here``."""
    oauth = OAuth()
    here.record(lambda state: oauth.init_app(state.app))
    settings = means.settings
    there = oauth.register(
        "provider",
        client_id=settings.oidc_client,
        client_secret=settings.oidc_secret,
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "timeout": PATIENCE,
        },
    )

    @here.get("/sign-in/provider")
    @open_to_all
    def provider() -> ResponseReturnValue:
        session[THEN] = entering.safe(request.args.get("then", ""))
        asked = _anew()
        back = f"{settings.console_url}/console/sign-in/back"
        try:
            answer: ResponseReturnValue = there.authorize_redirect(back, **asked)
        except REFUSED as wrong:
            log.warning("provider not reached", why=type(wrong).__name__)
            abort(503, UNREACHED)
        return answer

    @here.get("/sign-in/back")
    @open_to_all
    def back() -> ResponseReturnValue:
        try:
            told = there.authorize_access_token().get("userinfo") or {}
        except REFUSED as wrong:
            log.warning("provider refused", why=type(wrong).__name__)
            abort(403, UNREACHED)
        return _came_back(means, told)


def _came_back(means: Means, told: dict[str, object]) -> ResponseReturnValue:
    """Sign in the person that the provider told of, or let them go on who had to prove it again."""
    again = str(session.pop(AGAIN, ""))
    operator, proved = _known(means, told), _proved(means, told)
    if again:  # the provider was told to ask, and need not tell when it did
        return proving.returned(means, operator, again, proved=proved is not False)
    return entering.enter(means, operator, str(session.get(THEN, "")), proved=bool(proved))


def _anew() -> dict[str, str]:
    """What to ask the provider for: a proof, of whoever is signed in here and has to make one."""
    person = person_asking()
    session.pop(AGAIN, None)
    if person is None or AGAIN not in request.args:
        return {}
    session[AGAIN] = person.id
    return {**ANEW, "login_hint": person.login}


def _proved(means: Means, told: dict[str, object]) -> bool | None:
    """Whether they proved just now who they are; None if the provider does not tell when."""
    when = told.get("auth_time")
    if not isinstance(when, int | float):
        return None
    return means.clock().timestamp() - when <= JUST.total_seconds()


def _known(means: Means, told: dict[str, object]) -> Operator:
    """The person that the provider told of. Aborts with 403 for anybody who is not known here."""
    email = str(told.get("email") or "").lower()
    found = (
        means.store.people.by_login(email) if email and told.get("email_verified") is True else None
    )
    if found is None or found.disabled:
        log.warning("sign-in refused", provider=current_app.name)
        abort(403, NOBODY)
    return found
