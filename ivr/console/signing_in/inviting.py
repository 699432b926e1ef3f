"""One-time links: how a person first comes in, and comes in again who has lost what they need."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from ivr.console.roles import Role
from ivr.console.signing_in.sessions import name_of
from ivr.store import Operator, PeopleError, Store

HOLDS = timedelta(hours=24)
"""How long a link may be used."""

FIRST = "admin"
"""The login of the person that a test line makes for itself."""

LONGEST = 120
"""Characters of a name, and of a login."""


def invite(store: Store, who: tuple[str, str, Role], now: datetime) -> str:
    """Keep a new person, of this name, login and role; the token of the link for them.

    Raises :class:`ivr.store.PeopleError` for a login that is taken or is none.
    """
    name, login, role = (who[0].strip(), who[1].strip().lower(), who[2])
    if not (0 < len(login) <= LONGEST and login.isprintable() and not login.count(" ")):
        raise PeopleError("a login has 1 to 120 characters and no space, as an e-mail address has")
    if not (0 < len(name) <= LONGEST and name.isprintable()):
        raise PeopleError("a name has 1 to 120 characters")
    token = secrets.token_urlsafe(32)
    store.people.add(
        Operator(
            secrets.token_hex(16),
            name,
            login,
            role.value,
            now,
            invited=name_of(token),
            invited_until=now + HOLDS,
        )
    )
    return token


def again(store: Store, operator: Operator, now: datetime) -> str:
    """The token of a new link for ``operator``, with which they choose everything anew.

    What they had stays good until they use it, but the links before do not.
    """
    token = secrets.token_urlsafe(32)
    store.people.change(operator.id, invited=name_of(token), invited_until=now + HOLDS)
    return token


def first(store: Store, now: datetime) -> str | None:
    """The token of a link for a test line's own administrator; None once they can sign in."""
    found = store.people.by_login(FIRST)
    if found is None:
        return invite(store, ("Administrator", FIRST, Role.ADMIN), now)
    return again(store, found, now) if found.password is None and not found.disabled else None


def link(console_url: str, token: str) -> str:
    """The whole address to hand to somebody."""
    return f"{console_url}/console/join/{token}"
