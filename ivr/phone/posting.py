"""Carries what happened on a call to the line, signed as the telephone company signs it.

A *post* is any function of a URL, a form and headers that gives an :class:`Answer`. There are
two here: over HTTP to a line that runs somewhere, and straight into a WSGI application in this
process. Either raises OSError where there is nobody to answer.
"""

from __future__ import annotations

import hmac
import io
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import perf_counter
from urllib.parse import SplitResult, quote_plus, unquote_to_bytes, urlencode, urlsplit

PATIENCE = 15.0
"""Seconds after which Twilio gives up on an answer."""

FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the line answered, and after how many seconds."""

    status: int
    content_type: str
    body: bytes
    seconds: float = 0.0


Post = Callable[[str, Mapping[str, str], Mapping[str, str]], Answer]


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """Twilio's signature of a posted form: HMAC-SHA1 of the URL and the sorted form, in base64.

    The URL is the public one, without its fragment.
    """
    text = url.partition("#")[0] + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


_quoted = lru_cache(maxsize=4096)(quote_plus)
"""Most of a form is the same from one turn to the next, and whole months are rung."""


def _written(form: Mapping[str, str]) -> bytes:
    """``form`` as it is sent."""
    return urlencode(form, quote_via=_quoted).encode()


def in_process(
    app: Callable[..., Iterable[bytes]], stopwatch: Callable[[], float] = perf_counter
) -> Post:
    """A post straight into the WSGI application ``app``; what it raises is raised."""

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        begun = stopwatch()
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, found: list[tuple[str, str]], exc_info: object = None) -> None:
            del exc_info
            started[:] = [(status, found)]

        chunks = app(_environ(urlsplit(url), _written(form), headers), start)
        try:
            body = b"".join(chunks)
        finally:
            getattr(chunks, "close", bool)()
        status, found = started[0]
        kind = next((value for name, value in found if name.lower() == "content-type"), "")
        return Answer(int(status.split()[0]), kind, body, stopwatch() - begun)

    return post


def _environ(url: SplitResult, body: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """What a WSGI server would hand to the application (PEP 3333)."""
    secure = url.scheme == "https"
    environ: dict[str, object] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path or "/").decode("latin-1"),
        "QUERY_STRING": url.query,
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": url.hostname or "localhost",
        "SERVER_PORT": str(url.port or (443 if secure else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ


def over_http(base_url: str, patience: float = PATIENCE) -> OverHttp:
    """A post to the line that runs at ``base_url``."""
    return OverHttp(urlsplit(base_url), patience)


class OverHttp:
    """Posts over connections that are kept, one a thread, until :meth:`close`.

    The URLs posted to stay the line's public ones, as behind a proxy: only where the connection
    goes is ``base``'s.
    """

    def __init__(self, base: SplitResult, patience: float) -> None:
        self.base = base
        self.patience = patience
        self.mine = threading.local()
        self.all: list[HTTPConnection] = []

    def __call__(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Post ``form``. Raises OSError if there is no answer in time."""
        where = urlsplit(url)
        path = f"{where.path or '/'}?{where.query}" if where.query else where.path or "/"
        named = {"Host": where.netloc, "Content-Type": FORM} | dict(headers)
        begun = perf_counter()
        answer = self._ask(path, _written(form), named)
        return replace(answer, seconds=perf_counter() - begun)

    def _ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer to one request; a kept connection that has gone stale is replaced, once."""
        is_new = not hasattr(self.mine, "connection")
        connection = self._connect() if is_new else self.mine.connection
        try:
            connection.request("POST", path, body, headers)
            found = connection.getresponse()
            return Answer(found.status, found.headers.get("Content-Type", ""), found.read())
        except (HTTPException, OSError) as error:
            connection.close()
            del self.mine.connection
            if is_new or isinstance(error, TimeoutError):
                raise ConnectionError(f"no answer from {self.base.netloc}: {error}") from error
        return self._ask(path, body, headers)

    def _connect(self) -> HTTPConnection:
        if self.base.hostname is None:
            raise ConnectionError(f"{self.base.geturl()!r} is not the address of a line")
        make = HTTPSConnection if self.base.scheme == "https" else HTTPConnection
        connection = make(self.base.hostname, self.base.port, timeout=self.patience)
        self.mine.connection = connection
        self.all.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection."""
        for connection in self.all:
            connection.close()
