"""The page of people: who runs the line, in what role, and where they are signed in.

Whoever lets somebody in, or gives a role, proves again who they are. To sign people out and to
shut them out asks nothing more, so that it is quick.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ivr.console.means import Means
from ivr.console.roles import Role, allowed, current_person
from ivr.console.signing_in import inviting, proving
from ivr.store import Operator, PeopleError

ROLES = {
    Role.VIEWER: "Viewer: sees the line, its calls and its report",
    Role.EDITOR: "Editor: works on callbacks, and makes candidates of the table",
    Role.PUBLISHER: "Publisher: approves and publishes tables, and rolls them back",
    Role.ADMIN: "Administrator: looks after people, tokens and the audit",
}
KEEP_ONE = (Role.ADMIN.value, 1)
"""There must always be somebody who can let others in."""


def page(means: Means) -> Blueprint:
    """The page, and what may be done on it."""
    here = Blueprint("people", __name__)
    _seeing(here, means)
    _changing(here, means)
    return here


def _seeing(here: Blueprint, means: Means) -> None:
    @here.get("/")
    @allowed(Role.ADMIN)
    def index() -> ResponseReturnValue:
        return render_template("people/index.html", people=means.store.people.every(), roles=ROLES)

    @here.get("/<id_>")
    @allowed(Role.ADMIN)
    def one(id_: str) -> ResponseReturnValue:
        return _one(means, _known(means, id_))


def _changing(here: Blueprint, means: Means) -> None:
    @here.post("/")
    @allowed(Role.ADMIN)
    def invite() -> ResponseReturnValue:
        return _invite(means)

    acts: dict[str, Callable[[Means, Operator], ResponseReturnValue]] = {
        "role": _role,
        "link": _link,
        "revoke": _revoke,
        "disable": _disable,
        "enable": _enable,
    }
    for name, act in acts.items():
        _add(here, means, name, act)


def _add(
    here: Blueprint,
    means: Means,
    name: str,
    act: Callable[[Means, Operator], ResponseReturnValue],
) -> None:
    @allowed(Role.ADMIN)
    def view(id_: str) -> ResponseReturnValue:
        operator = _known(means, id_)
        try:
            return act(means, operator)
        except PeopleError as wrong:
            flash(f"Nothing was changed: {wrong}", "wrong")
            return redirect(url_for("people.one", id_=operator.id))

    here.add_url_rule(f"/<id_>/{name}", name, view, methods=["POST"])


def _known(means: Means, id_: str) -> Operator:
    return means.store.people.get(id_) or abort(404)


def _asked_role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise PeopleError("choose one of the roles") from None


def _named(operator: Operator) -> str:
    return f"{operator.name} ({operator.login})"


def _one(means: Means, operator: Operator, link: str = "") -> ResponseReturnValue:
    sign_ins = means.store.sign_ins.of(operator.id, means.clock())
    return render_template(
        "people/one.html", operator=operator, sign_ins=sign_ins, roles=ROLES, link=link
    )


def _invite(means: Means) -> ResponseReturnValue:
    name, login = request.form.get("name", ""), request.form.get("login", "")
    try:
        role = _asked_role()
        proving.require(means, f"Invite {name} ({login}) as {role}")
        token = inviting.invite(means.store, (name, login, role), means.clock())
    except PeopleError as wrong:
        page = render_template(
            "people/index.html",
            people=means.store.people.every(),
            roles=ROLES,
            said=str(wrong),
            form=request.form,
        )
        return page, 400
    made = means.store.people.by_login(login.strip().lower()) or abort(404)
    _audit(means, "invited a person", made, role=role.value)
    return _one(means, made, inviting.link(means.settings.console_url, token))


def _role(means: Means, operator: Operator) -> ResponseReturnValue:
    role = _asked_role()
    proving.require(means, f"Make {_named(operator)} {role}")
    least = KEEP_ONE if operator.role == Role.ADMIN else None
    means.store.people.change(operator.id, least, role=role.value)
    means.store.sign_ins.revoke_all(operator.id, means.clock())
    _audit(means, "changed a role", operator, was=operator.role, role=role.value)
    return _back(operator, f"{operator.name} is now {role}, and must sign in again.")


def _link(means: Means, operator: Operator) -> ResponseReturnValue:
    proving.require(means, f"Give {_named(operator)} a one-time link")
    token = inviting.again(means.store, operator, means.clock())
    _audit(means, "gave a one-time link", operator)
    return _one(means, operator, inviting.link(means.settings.console_url, token))


def _revoke(means: Means, operator: Operator) -> ResponseReturnValue:
    means.store.sign_ins.revoke_all(operator.id, means.clock())
    _audit(means, "signed a person out", operator)
    return _back(operator, f"{operator.name} is signed out everywhere.")


def _disable(means: Means, operator: Operator) -> ResponseReturnValue:
    least = KEEP_ONE if operator.role == Role.ADMIN else None
    means.store.people.change(operator.id, least, disabled=True, invited=None, invited_until=None)
    means.store.sign_ins.revoke_all(operator.id, means.clock())
    _audit(means, "shut a person out", operator)
    return _back(operator, f"{operator.name} can sign in no longer.")


def _enable(means: Means, operator: Operator) -> ResponseReturnValue:
    proving.require(means, f"Let {_named(operator)} in again")
    means.store.people.change(operator.id, disabled=False)
    _audit(means, "let a person in again", operator)
    return _back(operator, f"{operator.name} can sign in again.")


def _audit(means: Means, what: str, operator: Operator, **detail: object) -> None:
    means.audit(current_person().login, what, operator.login, detail)


def _back(operator: Operator, said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("people.one", id_=operator.id))
