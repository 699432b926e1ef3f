"""Signing in at an OpenID Connect provider, which then looks after passwords and second proofs.

The provider says who somebody is; that they may come in, and as what, is said here: there must be
a person whose login is the e-mail address that the provider has verified.
"""

from __future__ import annotations

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, abort, current_app, request, session
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from ivr.console.means import Means
from ivr.console.roles import open_to_all
from ivr.console.signing_in import entering
from ivr.store import Operator

PATIENCE = 10
"""Seconds that the provider has to answer."""

THEN = "then"
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
        back = f"{settings.console_url}/console/sign-in/back"
        try:
            answer: ResponseReturnValue = there.authorize_redirect(back)
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
        return entering.enter(means, _known(means, told), str(session.get(THEN, "")))


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
