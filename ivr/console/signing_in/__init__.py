"""Signing in: with a password and an authenticator's six digits, or at an OpenID provider."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from ivr.console.means import Means
from ivr.console.roles import open_to_all
from ivr.console.signing_in import attempts, sessions, views

__all__ = ["join"]


def join(app: Flask, means: Means, root: str) -> None:
    """Lets people sign in to ``app``, at addresses under ``root``."""
    login = LoginManager(app)
    login.session_protection = None  # a ticket is enough; an address changes on the way to work
    login.user_loader(lambda ticket: sessions.load(means, ticket))
    attempts.join(app, means)
    app.register_blueprint(views.blueprint(means), url_prefix=root)
    open_to_all(app.view_functions["static"])
