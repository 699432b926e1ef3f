"""The API at ``/api/v1``: all that the console's pages tell and do, for programs, as JSON.

What is asked, answered and allowed is described at ``/api/v1/openapi.json``, made from the code.
It is the same code that the pages gather with; here are only addresses and words for programs.
"""

from __future__ import annotations

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_smorest import Api  # type: ignore[import-untyped]

from ivr.api import callbacks, calls, figures, people, tables, where
from ivr.api.area import ROOT
from ivr.console.means import Means
from ivr.console.roles import open_to_all
from ivr.console.security import csrf

__all__ = ["ROOT", "join"]

AREAS = (where, tables, callbacks, calls, figures, people)

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


class _Quiet(Api):  # type: ignore[misc] # it has no types
    """Leaves what goes wrong on pages to the pages."""

    def _register_error_handlers(self) -> None:
        pass
