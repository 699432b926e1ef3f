"""The API at ``/api/v1``: all that the console's pages tell and do, for programs, as JSON.

What is asked, answered and allowed is described at ``/api/v1/openapi.json``, made from the code.
It is the same code that the pages gather with; here are only addresses and words for programs.
"""

from __future__ import annotations

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect

from ivr.api import callbacks, calls, coverage, figures, people, tables, trials, where
from ivr.api.area import ROOT, Wrong, explained
from ivr.console.means import Means
from ivr.console.roles import open_to_all
from ivr.console.security import csrf
from ivr.web.mount import mount

__all__ = ["ROOT", "join"]

AREAS = (where, coverage, tables, trials, callbacks, calls, figures, people)

NO_ADDRESS = f"there is no such address: {ROOT}/openapi.json tells which there are"

SETTINGS = {
    "API_TITLE": "Press Two",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": ROOT,
}


def join(app: Flask, means: Means) -> None:
    """Put the API on ``app``."""
    app.config.update(SETTINGS)
    api = _Quiet(app)
    token = {"type": "http", "scheme": "bearer", "description": "made with ivr token add"}
    api.spec.components.security_scheme("token", token)
    for each in AREAS:
        for area in each.areas(means):
            csrf.exempt(area.blueprint)  # it takes no cookie, so no other site can use one
            api.register_blueprint(area.blueprint)
    described = app.view_functions["api-docs.openapi_json"]

    @open_to_all
    def description() -> ResponseReturnValue:
        return app.ensure_sync(described)()  # type: ignore[no-any-return] # as it was

    app.view_functions["api-docs.openapi_json"] = description
    front = mount(means.settings.console_url)
    app.before_request(lambda: _nowhere(request.path.removeprefix(front)))


def _nowhere(path: str) -> Wrong | None:
    """The answer, in the API's own shape, to what is asked at none of its addresses."""
    wrong = request.routing_exception
    within = f"{path}/".startswith(f"{ROOT}/")
    if not within or not isinstance(wrong, HTTPException) or isinstance(wrong, RequestRedirect):
        return None
    return explained(NotFound(NO_ADDRESS) if isinstance(wrong, NotFound) else wrong)


class _Quiet(Api):  # type: ignore[misc] # it has no types
    """Leaves what goes wrong on pages to the pages."""

    def _register_error_handlers(self) -> None:
        pass
