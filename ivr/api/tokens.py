"""The tokens that programs show instead of signing in: made once, kept only as a hash.

A token is its maker's: it acts under their login, so that one person stays one person where two
must agree, and it may never do more than they may, nor anything once they are shut out.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from ivr.console.means import Means
from ivr.console.roles import Person, Role, take
from ivr.console.signing_in.sessions import name_of
from ivr.store import Operator, PeopleError, Store, Token

BEGINS = "p2_"
"""By this whoever finds one lying about can tell what it is."""
LONGEST_NAME = 120
SELDOM = timedelta(minutes=1)
"""How often it is written down at most that a token was used."""
NO_TOKEN = f"show a token that is good: Authorization: Bearer {BEGINS}..."

_BEARER = re.compile(rf"Bearer ({BEGINS}[A-Za-z0-9_-]{{43}})", re.IGNORECASE)


def make(store: Store, owner: Operator, name: str, role: Role, now: datetime) -> tuple[Token, str]:
    """Keep a new token of ``owner``; it, and what a program shows, which is kept nowhere.

    Raises :class:`ivr.store.PeopleError` for a name that is none, or a role above the owner's.
    """
    name = " ".join(name.split())
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable()):
        raise PeopleError(f"say in 1 to {LONGEST_NAME} characters what the token is for")
    if owner.disabled or not Role(owner.role).may(role):
        raise PeopleError(f"{owner.login} may not do what a {role} may")
    shown = BEGINS + secrets.token_urlsafe(32)
    made = Token(secrets.token_hex(16), name_of(shown), name, role.value, owner.id, now)
    store.tokens.add(made)
    return made, shown


def known(store: Store, shown: str, now: datetime) -> Person | None:
    """Whoever shows this token; None if it may not be used, or its maker may no longer."""
    token = store.tokens.find(name_of(shown))
    owner = store.people.get(token.person) if token and token.person else None
    if token is None or owner is None or owner.disabled:
        return None
    if token.last_used is None or now - token.last_used > SELDOM:
        store.tokens.used(token.id, now)
    role = min(Role(token.role), Role(owner.role), key=list(Role).index)
    return Person(token.id, token.name, owner.login, role)


def let_in(means: Means) -> None:
    """Take this request as its token's; without a good one it is answered with the status 401.

    A cookie opens nothing here: another site could send it along.
    """
    given = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    person = known(means.store, given[1], means.clock()) if given else None
    if person is None:
        raise Unauthorized(NO_TOKEN, www_authenticate=WWWAuthenticate("bearer"))
    take(person)
