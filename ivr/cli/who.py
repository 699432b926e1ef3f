"""Who does something at a terminal, as far as a terminal can prove it.

Nothing is proved by a name that somebody types: whoever has a shell on the machine can do what the
store can. What is certain is whose shell it was, as the operating system says. So a name must be
an operator's who may do it, what is done is kept with both, and nobody is told that it was proved.
"""

from __future__ import annotations

import os
import pwd

import click

from ivr.cli.stored import name
from ivr.console.roles import Role
from ivr.settings import Settings
from ivr.store import Operator, Store

NOBODY = "nobody may do this who could be named with --who: `ivr operator add` lets them in"


def terminal() -> str:
    """Whose shell this is, as the operating system says, whatever the environment does."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def who(settings: Settings, store: Store, given: str | None, role: Role) -> str:
    """The login of the operator who does something that needs ``role``; raises ClickException.

    On a test line to which no operator has come in yet it is as whom they are logged in; and where
    one person's word is enough and just one may do it, that one, if nobody is named.
    """
    people = store.people.every()
    if not settings.two_people and not any(map(_active, people)):
        return name(given)
    able = {each.login: each for each in people if _may(each, role)}
    if given is not None:
        login = given.strip().lower()
        if login not in able:
            raise click.ClickException(f"{given} {_why_not(people, login, role)}")
        return login
    if name(None).lower() in able:
        return name(None).lower()
    if len(able) == 1 and not settings.two_people:
        return next(iter(able))
    raise click.ClickException(f"say with --who which {role} does it" if able else NOBODY)


def _may(operator: Operator, role: Role) -> bool:
    return _active(operator) and Role(operator.role).may(role)


def _active(operator: Operator) -> bool:
    """Whether they have come in once, by a password or from their organisation, and still may."""
    came = operator.password is not None or operator.last_seen is not None
    return came and not operator.disabled


def _why_not(people: list[Operator], login: str, role: Role) -> str:
    found = next((each for each in people if each.login == login), None)
    if found is None:
        return "is no operator of this line: `ivr operator list` tells them"
    if not _active(found):
        return "is shut out" if found.disabled else "has not come in by their one-time link yet"
    return f"is {found.role}, and may not do this: it takes a {role}"
