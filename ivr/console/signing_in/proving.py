"""Proving again who one is, before what a stolen or unattended browser must never do.

A view that does such a thing calls :func:`require` before it changes anything. Whoever proved
lately who they are notices nothing. Anybody else is asked to, on a page that says what will be
done; what they had filled in is kept in it, and the view goes on with that once they have. With
a provider they are sent there, and what they had asked for waits in the cookie, which is signed.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass
from datetime import timedelta

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from ivr.console.means import Means
from ivr.console.roles import Role, allowed, current_person
from ivr.console.signing_in import attempts, proofs, sessions
from ivr.store import Operator

RECENT = timedelta(minutes=10)
"""How long nobody is asked again who has proved who they are."""

PASSWORD, CODE = "proof-password", "proof-code"
"""The fields of the proof, which are none of what was asked for."""

KEPT = "asked"
"""Where the cookie has what was asked for, while its person is at the provider."""

LARGEST = 2000
"""Bytes of it, packed as Flask packs them: browsers take 4 kB of everything in a cookie."""

AGAIN = "proved who they are again"
FAILED = "failed to prove who they are"
WRONG = "The password or the code is not right"
NOT_ASKED = "Your organisation's sign-in service did not ask you anew. Nothing was changed."
ANOTHER = "You came back as somebody else than who is signed in here. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for, and has to prove first who they are."""

    what: str
    """In words, for them to see before they do."""
    where: str
    """Its address."""
    form: list[list[str]]
    """Each field's name and value, as they were filled in."""


def require(means: Means, what: str) -> None:
    """Let this request go on only if its person proved lately who they are, or does so with it.

    Else it ends here, with a page that asks them to. ``what`` tells them what they had asked for,
    such as "Publish table 0123456789ab". Call it before anything is changed, and not where files
    are uploaded: they are not kept.
    """
    if sessions.proved_since(means.clock() - RECENT):
        session.pop(KEPT, None)
        return
    asked = Asked(what, url_for(str(request.endpoint), **(request.view_args or {})), _form())
    if means.settings.oidc_issuer:
        if len(zlib.compress(json.dumps(asdict(asked)).encode())) > LARGEST:
            abort(413, "What you wrote is too long.")
        session[KEPT] = asdict(asked)
        abort(_page(means, asked, 401))
    if PASSWORD not in request.form:
        abort(_page(means, asked, 401))
    _prove(means, asked)


def join(here: Blueprint) -> None:
    """Adds the page on which those who come back from a provider go on to ``here``."""

    @here.get("/sign-in/go-on")
    @allowed(Role.VIEWER)
    def go_on() -> ResponseReturnValue:
        if KEPT not in session:
            return redirect(url_for("front"))
        return render_template("signing_in/go_on.html", asked=Asked(**session[KEPT]))


def returned(means: Means, operator: Operator, id_: str, *, proved: bool) -> Response:
    """Whoever is ``operator`` came back from a provider that was to ask the person ``id_`` anew.

    Aborts with 403 unless they are that person, and ``proved`` who they are.
    """
    if not proved or operator.id != id_:
        named = means.store.people.get(id_)
        means.audit(named.login if named else id_, FAILED)
        abort(403, ANOTHER if proved else NOT_ASKED)
    kept = session.get(KEPT)
    _begin_anew(means, operator)
    if kept is not None:
        session[KEPT] = kept
    return redirect(url_for("signing_in.go_on"))


def _prove(means: Means, asked: Asked) -> None:
    """Take the proof that came with the form; ends the request if it is none."""
    login = current_person().login
    given = proofs.Given(login, request.form[PASSWORD], request.form.get(CODE, ""))
    try:
        operator = attempts.attempt(means, given)
    except attempts.TooMany as wrong:
        abort(_page(means, asked, wrong.status, attempts.WAIT))
    except attempts.Refused as wrong:
        means.audit(login, FAILED, detail={"for": request.endpoint})
        abort(_page(means, asked, wrong.status, WRONG))
    _begin_anew(means, operator)


def _begin_anew(means: Means, operator: Operator) -> None:
    """Whoever holds the ticket of before holds nothing: it may have been stolen."""
    sessions.begin(means, operator)
    means.audit(operator.login, AGAIN)


def _form() -> list[list[str]]:
    own = {PASSWORD, CODE, "csrf_token"}
    return [[name, text] for name, text in request.form.items(multi=True) if name not in own]


def _page(means: Means, asked: Asked, status: int, said: str = "") -> Response:
    page = render_template(
        "signing_in/prove.html",
        asked=asked,
        said=said,
        both=not means.settings.test_line,
        provider=bool(means.settings.oidc_issuer),
        minutes=int(RECENT.total_seconds() // 60),
        fields={"password": PASSWORD, "code": CODE},
    )
    return make_response(page, status)
