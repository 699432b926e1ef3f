"""The pretend telephone company over HTTP, on this machine only."""

from __future__ import annotations

import sys
import threading
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ivr.phone.exchange import rest
from ivr.phone.exchange.asked import Wanted
from ivr.phone.exchange.company import Exchange
from ivr.phone.exchange.resource import error
from ivr.phone.exchange.rest import Reply
from ivr.phone.exchange.troubles import Trouble

HERE = "127.0.0.1"

LARGEST = 64 * 1024
"""The most bytes of a request's form that are read."""

TOO_MANY = Reply(429, error(429, 20429, "Too Many Requests"))
BROKEN = Reply(500, error(500, 20500, "Internal Server Error"))
REPLIES = {
    Trouble.TOO_MANY: TOO_MANY,
    Trouble.BROKEN: BROKEN,
    Trouble.BROKEN_AFTER: BROKEN,
}
"""What is answered all the same; the other troubles end in no answer."""


class Server(ThreadingHTTPServer):
    """Takes requests for one exchange."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, exchange: Exchange, port: int) -> None:
        super().__init__((HERE, port), Visit)
        self.exchange = exchange
        self.is_closing = False

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """Say nothing of clients that were gone before the answer; all else is ours to mend."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def play(self) -> None:
        """Play whatever is asked for as it comes, until closing."""
        while not self.is_closing:
            self.exchange.stirred.wait()
            self.exchange.stirred.clear()
            self.exchange.play()


class Visit(BaseHTTPRequestHandler):
    """One connection, and the requests that come over it."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer what is read."""
        self._answer("")

    def do_POST(self) -> None:
        """Answer what is asked for."""
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(self.rfile.read(min(length, LARGEST)).decode("utf-8", "replace"))

    def _answer(self, form: str) -> None:
        exchange = self.server.exchange
        wanted = self._wanted(form)
        kind = rest.kind(wanted)
        trouble = exchange.troubles.meets(kind) if kind else None
        reply = rest.answer(exchange, wanted) if trouble is None or trouble.done else BROKEN
        if trouble is None:
            self._send(reply)
        elif trouble in REPLIES:
            self._send(REPLIES[trouble])
        else:
            if trouble in (Trouble.STALL, Trouble.STALL_AFTER):
                exchange.troubles.stall()
            self._cut()

    def _wanted(self, form: str) -> Wanted:
        url = urlsplit(self.path)
        user, password = _signed_in(self.headers.get("Authorization", ""))
        query = parse_qs(url.query, keep_blank_values=True)
        body = parse_qs(form, keep_blank_values=True)
        return Wanted(self.command, url.path, query, body, user, password)

    def _send(self, reply: Reply) -> None:
        body = reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        """Break the connection off without a word."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: the numbers rung are in the journal, and in no log."""


def _signed_in(header: str) -> tuple[str, str]:
    """The user and password of HTTP's Basic authentication; "" where there are none."""
    way, _, coded = header.partition(" ")
    try:
        user, _, password = b64decode(coded, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        return "", ""
    return (user, password) if way == "Basic" else ("", "")


@contextmanager
def serving(exchange: Exchange, port: int = 0, *, plays: bool = False) -> Iterator[str]:
    """``exchange`` over HTTP; what is given is its address, for TWILIO_API_BASE.

    With ``plays``, calls are played as they are asked for, in a thread of their own. Port 0 is
    one that nobody uses.
    """
    server = Server(exchange, port)
    threads = [threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)]
    if plays:
        threads.append(threading.Thread(target=server.play, daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield f"http://{HERE}:{server.server_port}"
    finally:
        server.is_closing = True
        exchange.troubles.end()
        exchange.stirred.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join()
