"""Who may see and do what: four roles, each of which may all that the one before it may.

Every view says with :func:`allowed` which role it takes at least, and the console does not start
while there is one that does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
View = Callable[..., Any]

OPEN = "open"
"""What is said of a view that needs nobody signed in, such as the one that signs in."""
_SAID = "__allowed__"


class Role(StrEnum):
    """What a person may do, least first."""

    VIEWER = "viewer"
    """Sees the line, its calls and its report, and never a number."""
    EDITOR = "editor"
    """Works on callbacks, and makes candidates of the table."""
    PUBLISHER = "publisher"
    """Approves and publishes tables, and rolls them back."""
    ADMIN = "admin"
    """Looks after people, tokens and the audit."""

    def may(self, needed: Role) -> bool:
        """Whether this role may do what ``needed`` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever asks: an operator who is signed in, or a program by its token."""

    id: str
    name: str
    """As people are shown it."""
    login: str
    """As the audit and the table's versions name them: one login is one person."""
    role: Role

    @property
    def roles(self) -> frozenset[Role]:
        """Every role whose work they may do."""
        return frozenset(role for role in Role if self.role.may(role))

    def may(self, needed: Role) -> bool:
        """Whether they may do what ``needed`` may."""
        return self.role.may(needed)


def allowed(needed: Role) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Lets only people of the role ``needed``, or a higher one, to a view.

    It stands under the line that gives the view its address. Who is not signed in is sent to do
    so; of a program's address, and of what refreshes in a page, that is told by the status 401.
    """

    def close(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @wraps(view)
        def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            person = person_asking()
            if person is None:
                return _sign_in_first()  # type: ignore[return-value] # as good an answer as any
            if not person.may(needed):
                abort(403)
            return view(*args, **kwargs)

        setattr(guarded, _SAID, needed)
        return guarded

    return close


def open_to_all(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Says of a view that it needs nobody signed in."""
    setattr(view, _SAID, OPEN)
    return view


def person_asking() -> Person | None:
    """Whoever asks, if anybody is known to."""
    known = g.get("person") or getattr(current_user, "person", None)
    return known if isinstance(known, Person) else None


def current_person() -> Person:
    """Whoever asks, in a view that is :func:`allowed` to somebody."""
    person = person_asking()
    if person is None:
        abort(401)
    return person


def take(person: Person) -> None:
    """Answer this request as one of ``person``, who showed a token instead of signing in."""
    g.person = person


def said(view: View) -> object:
    """What a view says of who may see it: a :class:`Role`, :data:`OPEN`, or None: nothing.

    A class of views says it on each of its methods; the least of those is told.
    """
    of_class = getattr(view, "view_class", None)
    if of_class is None:
        return getattr(view, _SAID, None)
    methods = [getattr(of_class, name.lower()) for name in of_class.methods or ()]
    each: list[Any] = [getattr(method, _SAID, None) for method in methods]
    if not each or None in each:
        return None
    return OPEN if OPEN in each else min(map(Role, each), key=list(Role).index)


def check(app: Flask) -> None:
    """Raises RuntimeError if a view of ``app`` does not say who may see it."""
    silent = sorted(name for name, view in app.view_functions.items() if said(view) is None)
    if silent:
        raise RuntimeError(f"these views do not say who is @allowed to see them: {silent}")


def _sign_in_first() -> AnyResponse:
    if request.blueprint and request.blueprint.startswith("api"):
        abort(401)
    where = url_for("signing_in.sign_in", then=request.full_path.rstrip("?"))
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("signing_in.sign_in")})
    return redirect(where if request.method == "GET" else url_for("signing_in.sign_in"))
