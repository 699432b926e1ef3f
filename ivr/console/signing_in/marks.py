"""The mark in a browser in which somebody has signed in before: guesses elsewhere slow none of it.

It lets nobody in. It names a login, is signed, and holds half a year.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from ivr.console.means import Means
from ivr.console.security import is_secure

HOLDS = timedelta(days=180)


def of(means: Means, login: str) -> str:
    """This browser's mark for ``login``; "" if it has none."""
    try:
        named, own = _signer().loads(
            request.cookies.get(_name(means), ""), max_age=int(HOLDS.total_seconds())
        )
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(own) if named == login else ""


def put(means: Means, answer: Response, login: str) -> None:
    """Give this browser a mark for ``login``."""
    answer.set_cookie(
        _name(means),
        str(_signer().dumps([login, secrets.token_urlsafe(12)])),
        max_age=HOLDS,
        secure=is_secure(means.settings),
        httponly=True,
        samesite="Lax",
    )


def _name(means: Means) -> str:
    return "__Host-press-two-mark" if is_secure(means.settings) else "press-two-mark"


def _signer() -> URLSafeTimedSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="mark")
