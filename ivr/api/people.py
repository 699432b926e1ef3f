"""The people who run the line, the tokens of programs, and the audit of what all of them did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marshmallow import Schema, fields, validate

from ivr import audit
from ivr.api import tokens
from ivr.api.area import Area, found, login
from ivr.api.words import Anything, Flag, Moment, Text, Whole, choice, many, maybe, words
from ivr.audit import ChainError
from ivr.console.means import Means
from ivr.console.pages.people import KEEP_ONE
from ivr.console.roles import Role
from ivr.console.signing_in import inviting
from ivr.store import Operator
from ivr.store import Token as Kept

PAGE = 100
"""Entries of the audit told at once."""
ROLES = [role.value for role in Role]


class Person(Schema):
    """Somebody who may sign in to the console."""

    id = Text()
    name = Text()
    login = Text()
    role = Text()
    disabled = Flag()
    created = Moment()
    last_seen = maybe(Moment)


class People(Schema):
    """Everybody, by name."""

    people = many(Person)


class Inviting(Schema):
    """Who is let in."""

    name = words(inviting.LONGEST)
    login = words(inviting.LONGEST)
    role = choice(*ROLES)


class Invited(Person):
    """Somebody new, and the one-time link to hand to them, which is told only once."""

    link = Text()


class RoleOf(Schema):
    """What somebody may do from now on."""

    role = choice(*ROLES)


class Token(Schema):
    """A program's token; what it shows is kept nowhere."""

    id = Text()
    name = Text()
    role = Text()
    person = maybe(Text)
    created = Moment()
    last_used = maybe(Moment)
    revoked = maybe(Moment)


class Tokens(Schema):
    """Every token, newest first."""

    tokens = many(Token)


class Making(Schema):
    """What the token is for, and what it may do: no more than whoever makes it."""

    name = words(tokens.LONGEST_NAME)
    role = choice(*ROLES)


class Made(Token):
    """A new token, and what a program shows, which is told only now."""

    shown = Text()


class Entry(Schema):
    """One thing that somebody did or saw."""

    position = Whole()
    at = Moment()
    who = Text()
    what = Text()
    about = Text()
    detail = Anything()
    previous = Text()
    hash = Text()


class Audit(Schema):
    """Entries, newest first."""

    entries = many(Entry)


class AuditBefore(Schema):
    """Entries before which one are told."""

    before = fields.Integer(validate=validate.Range(1, 999_999_999))


class Holds(Schema):
    """Whether the chain holds, up to which entry; or from which on it does not."""

    holds = Flag()
    head = Text()
    say = Text()


def areas(means: Means) -> Iterator[Area]:
    """People, tokens, audit."""
    for name, says, join in (
        ("people", "Who runs the line.", _people),
        ("tokens", "What programs show.", _tokens),
        ("audit", "Who did or saw what.", _audit),
    ):
        area = Area(name, says, means)
        join(area, means)
        yield area


def _people(area: Area, means: Means) -> None:
    @area.get("/people", Role.ADMIN, People)
    def everybody() -> Mapping[str, object]:
        """Everybody."""
        return {"people": means.store.people.every()}

    @area.post("/people", Role.ADMIN, Invited, Inviting, status=201)
    def invite(given: Mapping[str, str]) -> Mapping[str, object]:
        """Invite somebody."""
        who = (given["name"], given["login"], Role(given["role"]))
        token = inviting.invite(means.store, who, means.clock())
        it = means.store.people.by_login(given["login"].strip().lower())
        return _invited(means, found(it, "person"), token, "invited a person")

    @area.post("/people/<id>/link", Role.ADMIN, Invited)
    def link(id: str) -> Mapping[str, object]:  # noqa: A002 - what it is
        """Give somebody a new one-time link."""
        it = _person(means, id)
        token = inviting.again(means.store, it, means.clock())
        return _invited(means, it, token, "gave a one-time link")

    _standing(area, means)


def _standing(area: Area, means: Means) -> None:
    """What somebody may do, and whether they may come in at all."""

    @area.post("/people/<id>/role", Role.ADMIN, Person, RoleOf)
    def role(given: Mapping[str, str], id: str) -> Operator:  # noqa: A002 - what it is
        """Change what somebody may do; they sign in again."""
        return _changed(means, id, "changed a role", role=given["role"])

    @area.post("/people/<id>/sign-out", Role.ADMIN, Person)
    def sign_out(id: str) -> Operator:  # noqa: A002 - what it is
        """Sign somebody out everywhere; their tokens stay good."""
        it = _person(means, id)
        means.store.sign_ins.revoke_all(it.id, means.clock())
        means.audit(login(), "signed a person out", it.login)
        return it

    @area.post("/people/<id>/disable", Role.ADMIN, Person)
    def disable(id: str) -> Operator:  # noqa: A002 - what it is
        """Shut somebody out, with all their tokens."""
        gone = {"disabled": True, "invited": None, "invited_until": None}
        return _changed(means, id, "shut a person out", **gone)

    @area.post("/people/<id>/enable", Role.ADMIN, Person)
    def enable(id: str) -> Operator:  # noqa: A002 - what it is
        """Let somebody in again."""
        return _changed(means, id, "let a person in again", disabled=False)


def _tokens(area: Area, means: Means) -> None:
    @area.get("/tokens", Role.ADMIN, Tokens)
    def every() -> Mapping[str, object]:
        """Every token."""
        return {"tokens": means.store.tokens.every()}

    @area.post("/tokens", Role.ADMIN, Made, Making, status=201)
    def make(given: Mapping[str, str]) -> Mapping[str, object]:
        """Make another token of one's own, which is told only now."""
        owner: Operator = found(means.store.people.by_login(login()), "person")
        role = Role(given["role"])
        kept, shown = tokens.make(means.store, owner, given["name"], role, means.clock())
        means.audit(login(), "made a token", kept.id, {"name": kept.name, "of": owner.login})
        return {**_of(kept, Token), "shown": shown}

    @area.post("/tokens/<id>/revoke", Role.ADMIN, Token)
    def revoke(id: str) -> Kept:  # noqa: A002 - what it is
        """Let a token be used no longer."""
        _token(means, id)
        means.store.tokens.revoke(id, means.clock())
        means.audit(login(), "revoked a token", id)
        return _token(means, id)


def _audit(area: Area, means: Means) -> None:
    @area.get("/audit", Role.ADMIN, Audit, AuditBefore)
    def entries(given: Mapping[str, int]) -> Mapping[str, object]:
        """What was done or seen, newest first."""
        return {"entries": means.store.audit.newest(PAGE, given.get("before"))}

    @area.get("/audit/chain", Role.ADMIN, Holds)
    def chain() -> Mapping[str, object]:
        """Whether the audit is whole, and as it was written."""
        try:
            head = audit.verify(means.store.audit.every())
        except ChainError as wrong:
            return {"holds": False, "head": "", "say": str(wrong)}
        return {"holds": True, "head": str(head), "say": ""}


def _person(means: Means, id_: str) -> Operator:
    it: Operator = found(means.store.people.get(id_) if id_.isalnum() else None, "person")
    return it


def _token(means: Means, id_: str) -> Kept:
    it: Kept = found(next((e for e in means.store.tokens.every() if e.id == id_), None), "token")
    return it


def _changed(means: Means, id_: str, what: str, **to: object) -> Operator:
    """Somebody as they are after a change, signed out everywhere; one administrator must stay."""
    it = _person(means, id_)
    means.store.people.change(it.id, KEEP_ONE if it.role == Role.ADMIN else None, **to)
    means.store.sign_ins.revoke_all(it.id, means.clock())
    after = _person(means, id_)
    means.audit(login(), what, it.login, {"was": it.role, "role": after.role})
    return after


def _invited(means: Means, it: Operator, token: str, what: str) -> Mapping[str, object]:
    means.audit(login(), what, it.login, {"role": it.role})
    return {**_of(it, Person), "link": inviting.link(means.settings.console_url, token)}


def _of(it: object, schema: type[Schema]) -> dict[str, object]:
    return {name: getattr(it, name) for name in schema().fields}
