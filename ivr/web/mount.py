"""Takes off the path under which the public address reaches the line, if a proxy has not done so.

With ``PUBLIC_URL`` set to ``https://line.example.org/press-two``, a request for its ``/voice`` may
arrive as ``/press-two/voice``, or as ``/voice`` from a proxy that takes the front off. Both are
the same page, and were signed alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.routing import Map

if TYPE_CHECKING:  # it is there for types alone
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def mount(public_url: str) -> str:
    """The path under which the public address reaches this line: "" or such as "/press-two"."""
    return urlsplit(public_url).path.rstrip("/")


def mounted(app: WSGIApplication, root: str, pages: Map) -> WSGIApplication:
    """``app``, whose ``pages`` are found under ``root`` as well as without it."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        within = environ["PATH_INFO"].removeprefix(root)
        # A root such as "/voice" is the beginning of some of our own pages too.
        if within.startswith("/") and pages.bind("").test(within, environ["REQUEST_METHOD"]):
            front = environ.get("SCRIPT_NAME", "") + root
            environ = {**environ, "SCRIPT_NAME": front, "PATH_INFO": within}
        return app(environ, start)

    return answer if root else app
