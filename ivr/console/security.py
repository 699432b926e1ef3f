"""What keeps the console's pages to the people they are for: headers, cookies, a token a form."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from ivr.console.means import Means
from ivr.settings import Settings, sealing_keys

LARGEST = 12 * 1024 * 1024
"""Bytes of the largest request read: a table of 10 MB, and the form around it."""

LONGEST = timedelta(hours=8)
"""How long anybody stays signed in, whatever they do."""

POLICY = "; ".join(  # noqa: FLY002 - a line for each, with why
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the style sheet's own icons, and the picture for an authenticator
        "connect-src 'self'",
        "media-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""The content security policy: nothing but our own files, and nothing inline."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # a form's token is checked with it
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

csrf = CSRFProtect()
"""Takes no form without its token. The API, which takes no cookie, is excused from it."""


def join(app: Flask, means: Means) -> None:
    """Makes ``app`` careful."""
    settings = means.settings
    secure = is_secure(settings)
    keys = [_cookie_key(key) for key in sealing_keys(settings)]
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST,
        MAX_FORM_MEMORY_SIZE=LARGEST,
        PERMANENT_SESSION_LIFETIME=LONGEST,
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=keys[1:],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME="__Host-press-two" if secure else "press-two",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_REFRESH_EACH_REQUEST=False,  # an answer on its way puts no old ticket back
        TRUSTED_HOSTS=_hosts(settings),
        WTF_CSRF_TIME_LIMIT=None,  # it lasts as long as the sign-in does
    )
    csrf.init_app(app)
    app.after_request(lambda answer: _headers(answer, secure=secure))
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def is_secure(settings: Settings) -> bool:
    """Whether cookies go by https alone: everywhere but on a test line that has none."""
    return not settings.test_line or settings.console_url.startswith("https:")


def _cookie_key(key: str) -> str:
    """What cookies are signed with: made of a sealing key, and of no use for what that seals."""
    return hashlib.sha256(f"console cookie {key}".encode()).hexdigest()


def _hosts(settings: Settings) -> list[str]:
    named = urlsplit(settings.console_url).hostname or "localhost"
    return [named, "localhost", "127.0.0.1", "::1", "[::1]"]


def _headers(answer: Response, *, secure: bool) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        answer.headers["Cache-Control"] = "public, max-age=3600"
    else:
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer
