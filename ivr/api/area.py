"""One area of the API: its addresses, who may ask them, what they take and what they answer.

Every address names a role, and is described by the same words that read and write it, so the
description at ``openapi.json`` cannot say anything else than what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint, abort  # type: ignore[import-untyped]
from marshmallow import Schema
from werkzeug.exceptions import HTTPException, default_exceptions

from ivr.api import tokens
from ivr.callbacks import CallbackError
from ivr.console.means import Means
from ivr.console.pages.trials.doing import TrialsError
from ivr.console.roles import Role, allowed, current_person, person_asking
from ivr.report import ContractsError
from ivr.routing import TableError
from ivr.snapshot import NothingToServe
from ivr.store import PeopleError
from ivr.tables import TablesError

ROOT = "/api/v1"
REFUSED = (TablesError, CallbackError, PeopleError, ContractsError, TrialsError)
"""What says in one clear line why a thing may not be done now."""
FAILED = 400
"""From this status on nothing was done."""

Act = Callable[..., object]
Wrong = tuple[Mapping[str, object], int, list[tuple[str, str]]]


class Area:
    """The addresses about one thing, to which a program shows its token."""

    def __init__(self, name: str, says: str, means: Means) -> None:
        self.blueprint = Blueprint(f"api_{name}", __name__, url_prefix=ROOT, description=says)
        self.blueprint.before_request(lambda: tokens.let_in(means))
        self.blueprint.after_request(lambda answer: _noted(means, answer))
        for status in default_exceptions:
            self.blueprint.register_error_handler(status, explained)
        for kind in REFUSED:
            self.blueprint.register_error_handler(kind, _refused)
        self.blueprint.register_error_handler(TableError, _mistaken)
        self.blueprint.register_error_handler(NothingToServe, _nothing)

    def get(
        self, rule: str, role: Role, answers: type[Schema], asks: type[Schema] | None = None
    ) -> Callable[[Act], Act]:
        """Answers GET at ``rule``; ``asks`` is what may stand in the query, given as a mapping."""
        return self._add(("GET", rule), role, (asks, "query"), (answers, 200))

    def post(  # noqa: PLR0913 - all of it is said of each address
        self,
        rule: str,
        role: Role,
        answers: type[Schema],
        takes: type[Schema] | None = None,
        *,
        how: str = "json",
        status: int = 200,
    ) -> Callable[[Act], Act]:
        """Answers POST at ``rule``; ``takes`` is what the body must hold, given as a mapping."""
        return self._add(("POST", rule), role, (takes, how), (answers, status))

    def _add(
        self,
        at: tuple[str, str],
        role: Role,
        given: tuple[type[Schema] | None, str],
        answers: tuple[type[Schema], int],
    ) -> Callable[[Act], Act]:
        def add(act: Act) -> Act:
            view = self.blueprint.response(answers[1], answers[0])(act)
            if given[0]:
                view = self.blueprint.arguments(given[0], location=given[1])(view)
            view = allowed(role)(view)
            documented = self.blueprint.doc(security=[{"token": []}])(view)
            self.blueprint.route(at[1], methods=[at[0]])(documented)
            return act

        return add


def login() -> str:
    """As whom whoever asks is written down."""
    return current_person().login


def found(known: Any, what: str) -> Any:  # noqa: ANN401 - whatever it is
    """``known``; where there is nothing, the answer is that there is no such ``what``."""
    return known or abort(404, message=f"there is no such {what}")


def told(status: int, message: str, errors: object = None) -> tuple[Mapping[str, object], int]:
    """An answer that something was wrong, as the description says it."""
    answer: dict[str, object] = {"code": status, "message": message}
    return (answer | {"errors": errors} if errors else answer), status


def explained(wrong: HTTPException) -> Wrong:
    """The answer to what cannot be read, found or done, as :func:`told` writes it."""
    given: Mapping[str, Any] = getattr(wrong, "data", None) or {}
    message = given.get("message") or wrong.description or wrong.name
    headers = [each for each in wrong.get_headers() if each[0].lower() != "content-type"]
    answer = told(wrong.code or 500, str(message), given.get("messages") or given.get("errors"))
    return (*answer, headers)


def _noted(means: Means, answer: Response) -> Response:
    """Writes down by which token something was done: what was done stands before it."""
    person = person_asking()
    if person and request.method == "POST" and answer.status_code < FAILED:
        means.audit(person.login, "did that by a token", person.id, {"asked": request.endpoint})
    return answer


def _refused(wrong: Exception) -> tuple[Mapping[str, object], int]:
    return told(409, str(wrong))


def _mistaken(wrong: TableError) -> tuple[Mapping[str, object], int]:
    each = [
        {"file": it.file, "row": it.row, "column": it.column, "say": str(it)}
        for it in wrong.mistakes
    ]
    return told(422, "the table has mistakes: nothing was imported", {"mistakes": each})


def _nothing(_: NothingToServe) -> tuple[Mapping[str, object], int]:
    return told(503, "there is no table or no directory here: see /ready of the line")
