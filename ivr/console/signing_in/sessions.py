"""Who a browser is signed in as: a ticket in its cookie, of which the store keeps the hash.

The cookie itself is Flask's, signed, and holds no more than the ticket and a form's token. What
counts is the store: a ticket that was revoked, has ended, or was not used for a quarter of an hour
is worth nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import request, session
from flask_login import UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from ivr.console.means import Means
from ivr.console.roles import Person, Role
from ivr.console.security import LONGEST
from ivr.store import Operator, SignIn

IDLE = timedelta(minutes=15)
"""How long somebody stays signed in who does nothing."""

UNPROVED = "unproved"
"""Where the cookie says that a provider knew them from before, and asked for no proof."""

EVERY = timedelta(seconds=20)
"""How often it is written down at most that somebody did something."""


class SignedIn(UserMixin):  # type: ignore[misc] # the library has no types
    """A person who is signed in, and the ticket their browser holds."""

    def __init__(self, person: Person, ticket: str, proved: datetime | None) -> None:
        self.person = person
        self.ticket = ticket
        self.proved = proved
        """When they proved who they are; None if a provider knew them from before."""

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.ticket


def person_of(operator: Operator) -> Person:
    """An operator as the pages know them."""
    return Person(operator.id, operator.name, operator.login, Role(operator.role))


def name_of(ticket: str) -> str:
    """What a ticket, or a one-time link's token, is kept as: it cannot be told from this."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def begin(means: Means, operator: Operator, *, proved: bool = True) -> None:
    """Sign this browser in as ``operator``: whatever it held before is worth nothing now.

    A time for which somebody is signed in begins with each proof of who they are, and so its
    beginning tells when that was; the cookie says it where there was none, ``proved`` is False.
    """
    end(means)
    now = means.clock()
    ticket = secrets.token_urlsafe(32)
    means.store.sign_ins.begin(SignIn(name_of(ticket), operator.id, now, now, now + LONGEST))
    session.permanent = True
    if not proved:
        session[UNPROVED] = True
    login_user(SignedIn(person_of(operator), ticket, now if proved else None))
    generate_csrf()


def end(means: Means) -> None:
    """Sign this browser out."""
    ticket = session.get("_user_id")
    if ticket:
        means.store.sign_ins.revoke(name_of(str(ticket)), means.clock())
    logout_user()
    session.clear()


def load(means: Means, ticket: str) -> SignedIn | None:
    """Who holds ``ticket``, while it is worth something."""
    found = means.store.sign_ins.get(name_of(ticket))
    if found is None:
        return None
    sign_in, operator = found
    now = means.clock()
    if sign_in.revoked or operator.disabled or now >= min(sign_in.ends, sign_in.seen + IDLE):
        return None
    if _did_something() and now >= sign_in.seen + EVERY:
        means.store.sign_ins.seen(sign_in.id, now)
    return SignedIn(person_of(operator), ticket, None if UNPROVED in session else sign_in.began)


def proved_since(moment: datetime) -> bool:
    """Whether whoever asks is signed in here, and proved after ``moment`` who they are."""
    proved = getattr(current_user, "proved", None)
    return isinstance(proved, datetime) and proved > moment


def idle_from(now: datetime) -> datetime:
    """Who was last seen before this is signed in no longer."""
    return now - IDLE


def _did_something() -> bool:
    """Whether this request is a person's doing: what refreshes by itself keeps nobody signed in."""
    return request.method != "GET" or "HX-Request" not in request.headers
