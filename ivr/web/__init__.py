"""Where Twilio asks what a caller hears, and where an operator asks whether the line is well."""

from __future__ import annotations

import os
from typing import Any

import structlog
from flask import Flask

from ivr.metrics import meter
from ivr.settings import Settings, read, signing_tokens
from ivr.web import health
from ivr.web.back import RungBack
from ivr.web.metrics import Counting
from ivr.web.mount import mount, mounted
from ivr.web.parts import switchboard, write_log
from ivr.web.ready import checks
from ivr.web.signature import Signatures
from ivr.web.status import Status
from ivr.web.switchboard import Switchboard
from ivr.web.voice import Voice

LARGEST = 64 * 1024
"""Bytes of the largest request read; Twilio's are below 4 KiB."""

log = structlog.get_logger("ivr.web")


class Line(Flask):
    """The line as Flask knows it; of a fault that nothing of ours caught it logs the kind alone."""

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - as Flask has it
        """Write down the kind of fault, and not its message, which may quote a caller."""
        log.error("answered with an error", fault=exc_info[0].__name__)


def create_app(settings: Settings | None = None, board: Switchboard | None = None) -> Flask:
    """The line as a WSGI application, by ``settings`` or else the environment's.

    ``board`` is given by tests that bring parts of their own. Raises
    :class:`ivr.settings.SettingsError` where a setting is wrong; a table, a directory, words or a
    disk that is wrong raises nothing, for callers must still be rung through.
    """
    settings = settings or read(os.environ)
    write_log(settings)
    board = board or switchboard(settings)
    app = Line(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.url_map.strict_slashes = False  # Twilio's console takes "/voice/" as gladly as "/voice"
    signatures = Signatures(settings.public_url, signing_tokens(settings))
    app.register_blueprint(Voice(board, signatures).blueprint())
    app.register_blueprint(Status(board, signatures).blueprint())
    app.register_blueprint(RungBack(board, signatures).blueprint())
    app.register_blueprint(health.blueprint(lambda: checks(settings, board)))
    Counting(settings, board, meter()).join(app)
    root = mount(settings.public_url)
    app.wsgi_app = mounted(app.wsgi_app, root, app.url_map)  # type: ignore[method-assign, assignment]
    return app
