"""The console: where operators see the line, and change what it says, in a browser.

It is a program of its own, so that nothing in it can trouble a caller. It reads and writes the
store, reads the line's files, and asks for work by what it leaves in the store.
"""

from __future__ import annotations

import os

from flask import Flask, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from ivr.console import frame, pages, parts, roles, security, signing_in
from ivr.console.means import Means
from ivr.settings import Settings, read
from ivr.web.mount import mount, mounted
from ivr.web.parts import write_log

__all__ = ["ROOT", "Means", "create_app"]

ROOT = "/console"
"""The path under which all of the console is, but for the API."""


def create_app(settings: Settings | None = None, means: Means | None = None) -> Flask:
    """The console as a WSGI application, by ``settings`` or else the environment's.

    ``means`` are given by tests. Raises what :func:`ivr.console.parts.means` raises, and
    RuntimeError for a page that does not say who may see it.
    """
    if means is None:
        settings = settings or read(os.environ)
        write_log(settings)
        means = parts.means(settings)
    settings = means.settings
    app = Flask(__name__, static_url_path=f"{ROOT}/static")
    security.join(app, means)
    frame.join(app, means)
    signing_in.join(app, means, ROOT)
    for blueprint in pages.blueprints(means):
        app.register_blueprint(blueprint, url_prefix=f"{ROOT}/{blueprint.name}")
    pages.join_api(app, means)
    app.add_url_rule("/", "root", _front)
    app.add_url_rule(f"{ROOT}/", "front", _front)
    roles.check(app)
    root = mount(settings.console_url)
    app.wsgi_app = mounted(app.wsgi_app, root, app.url_map)  # type: ignore[method-assign, assignment]
    return app


@roles.open_to_all
def _front() -> ResponseReturnValue:
    _, _, first = pages.fronts(current_app)[0]
    return redirect(url_for(first))
