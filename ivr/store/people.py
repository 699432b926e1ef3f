"""Keeps the people who run the line, and the times they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update

from ivr.store.database import Database
from ivr.store.operators import people, sessions


class PeopleError(ValueError):
    """What may not be done with people; one clear line."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A person as they are kept."""

    id: str
    name: str
    login: str
    """As they sign in: lower case, often an e-mail address."""
    role: str
    created: datetime
    password: str | None = None
    """As argon2 writes it; None: they have not chosen one yet."""
    totp: str | None = None
    """Sealed; None: they have no authenticator yet."""
    invited: str | None = None
    """The hash of the one-time link they were given; None once it is used."""
    invited_until: datetime | None = None
    disabled: bool = False
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A time for which somebody is signed in, on one browser."""

    id: str
    """The hash of what the browser holds."""
    person: str
    began: datetime
    seen: datetime
    """When they last did something."""
    ends: datetime
    revoked: datetime | None = None


class People:
    """The people of a store, reached as ``Store.people``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: Operator) -> None:
        """Keep a new person. Raises PeopleError if there is one with that login."""
        row = {name: getattr(person, name) for name in Operator.__slots__}
        with self._database.writing() as connection:
            taken = select(people.c.id).where(people.c.login == person.login)
            if connection.scalar(taken):
                raise PeopleError(f"there is somebody with the login {person.login} already")
            connection.execute(insert(people).values(row))

    def get(self, id_: str) -> Operator | None:
        """The person with this id."""
        return self._one(people.c.id, id_)

    def by_login(self, login: str) -> Operator | None:
        """The person who signs in so."""
        return self._one(people.c.login, login)

    def invited(self, hash_: str) -> Operator | None:
        """The person whose one-time link has this hash."""
        return self._one(people.c.invited, hash_)

    def every(self) -> list[Operator]:
        """Everybody, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(people).order_by(people.c.name, people.c.id))
            return [Operator(**row) for row in rows.mappings()]

    def change(self, id_: str, least: tuple[str, int] | None = None, **to: object) -> None:
        """Change what is kept of a person.

        ``least`` is a role and how many people who can sign in must be left with it; raises
        PeopleError, and changes nothing, where there would be fewer.
        """
        with self._database.writing() as connection:
            connection.execute(update(people).where(people.c.id == id_).values(**to))
            if least is None:
                return
            role, number = least
            able = (people.c.role == role) & people.c.disabled.is_(False)
            able &= people.c.password.is_not(None) | people.c.last_seen.is_not(None)
            left = connection.scalar(select(func.count()).select_from(people).where(able)) or 0
            if left < number:
                raise PeopleError(f"somebody who can sign in must stay {role}: name another first")

    def accept(self, hash_: str, at: datetime, **to: object) -> Operator | None:
        """Use up a one-time link, changing what is kept of its person; None if it is used or old.

        Of two who use it at once, one has it.
        """
        good = (people.c.invited == hash_) & (people.c.invited_until > at)
        good &= people.c.disabled.is_(False)
        with self._database.writing() as connection:
            row = connection.execute(select(people).where(good)).mappings().first()
            if row is None:
                return None
            changed = {"invited": None, "invited_until": None, **to}
            connection.execute(update(people).where(people.c.id == row["id"]).values(changed))
            return Operator(**{**row, **changed})

    def swap(self, id_: str, totp: tuple[str, str]) -> bool:
        """Put the second of ``totp`` in the place of the first; False if another was quicker."""
        was, to = totp
        changing = update(people).where(people.c.id == id_, people.c.totp == was).values(totp=to)
        with self._database.writing() as connection:
            return connection.execute(changing).rowcount == 1

    def _one(self, column: Any, value: str) -> Operator | None:  # noqa: ANN401 - a column
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(column == value)).mappings().first()
        return Operator(**row) if row else None


class SignIns:
    """The times for which people are signed in, reached as ``Store.sign_ins``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, sign_in: SignIn) -> None:
        """Keep that somebody has signed in."""
        row = {name: getattr(sign_in, name) for name in SignIn.__slots__}
        with self._database.writing() as connection:
            connection.execute(insert(sessions).values(row))
            who = people.c.id == sign_in.person
            connection.execute(update(people).where(who).values(last_seen=sign_in.began))

    def get(self, id_: str) -> tuple[SignIn, Operator] | None:
        """A time for which somebody is signed in, with that person as they are now."""
        with self._database.reading() as connection:
            row = connection.execute(select(sessions).where(sessions.c.id == id_)).mappings()
            found = row.first()
            if found is None:
                return None
            wanted = select(people).where(people.c.id == found["person"])
            person = connection.execute(wanted).mappings().one()
        return _sign_in(found), Operator(**person)

    def seen(self, id_: str, at: datetime) -> None:
        """Write down that they did something ``at``."""
        with self._database.writing() as connection:
            connection.execute(update(sessions).where(sessions.c.id == id_).values(seen=at))

    def of(self, person: str, now: datetime) -> list[SignIn]:
        """The times for which a person is signed in that have not ended, newest first."""
        live = (sessions.c.person == person) & sessions.c.revoked.is_(None)
        live &= sessions.c.ends > now
        with self._database.reading() as connection:
            rows = connection.execute(select(sessions).where(live).order_by(sessions.c.seen.desc()))
            return [_sign_in(row) for row in rows.mappings()]

    def revoke(self, id_: str, at: datetime) -> None:
        """End one of them."""
        self._end(sessions.c.id == id_, at)

    def revoke_all(self, person: str, at: datetime, but: str = "") -> None:
        """End all of a person's, ``but`` one."""
        self._end((sessions.c.person == person) & (sessions.c.id != but), at)

    def _end(self, which: Any, at: datetime) -> None:  # noqa: ANN401 - a condition
        ending = update(sessions).where(which, sessions.c.revoked.is_(None)).values(revoked=at)
        with self._database.writing() as connection:
            connection.execute(ending)


def _sign_in(row: RowMapping) -> SignIn:
    return SignIn(**row)
