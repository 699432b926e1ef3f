"""Posts are signed as Twilio signs, and reach an application here or a line over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from ivr.phone import Mischief, Troubles, Verdict, in_process, over_http
from ivr.phone.posting import signature
from tests.fake_line import HOME, Cast, FakeLine, phone, say

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
FORMS = st.dictionaries(TEXT.filter(bool), TEXT)


@given(TEXT, FORMS)
def test_the_signature_is_twilios(token: str, form: dict[str, str]) -> None:
    url = "https://line.example/voice/place?tries=1&service=cpft"
    assert signature(token, url, form) == RequestValidator(token).compute_signature(url, form)


def test_the_fragment_that_overrides_timeouts_is_neither_signed_nor_sent() -> None:
    line = FakeLine(voice=say("Hello."))
    told = phone(line).ring(Cast())
    assert told.verdict is Verdict.ENDED
    assert signature("t", f"{HOME}/voice#ct=1000&rt=3000", {}) == signature(
        "t", f"{HOME}/voice", {}
    )


def test_every_post_is_signed_with_the_numbers_token_and_has_a_token_of_its_own() -> None:
    line = FakeLine(voice="<Redirect>/on?tries=1</Redirect>", on=say("Hello."))
    phone(line, token="a-test-token").ring(Cast())  # noqa: S106 - of no line
    validator = RequestValidator("a-test-token")
    for url, form, headers in line.posted:
        assert validator.validate(url, form, headers["X-Twilio-Signature"])
    assert len({headers["I-Twilio-Idempotency-Token"] for _, _, headers in line.posted}) == 2


FORM = {"Digits": "2212222", "SpeechResult": "tŷ & £5 = ?"}
URL = f"{HOME}/voice/t%C5%B7?tries=1"
HEADERS = {"X-Twilio-Signature": "c2ln"}


def form_in(body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def test_a_post_reaches_an_application_in_this_process() -> None:
    asked: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start: Callable[..., object]) -> list[bytes]:
        asked.append(environ)
        body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
        return [body]

    post = in_process(validator(app), stopwatch=iter([1.0, 1.5]).__next__)
    answer = post(URL, FORM, HEADERS)
    assert (answer.status, answer.content_type, answer.seconds) == (200, "text/xml", 0.5)
    assert form_in(answer.body) == FORM
    assert asked[0]["PATH_INFO"] == "/voice/tŷ".encode().decode("latin-1")
    assert asked[0]["QUERY_STRING"] == "tries=1"
    assert asked[0]["HTTP_HOST"] == "line.example"
    assert asked[0]["HTTP_X_TWILIO_SIGNATURE"] == "c2ln"
    assert asked[0]["CONTENT_TYPE"].startswith("application/x-www-form-urlencoded")


class Echo(BaseHTTPRequestHandler):
    """Answers with what reached it and from which port, and keeps the connection unless told."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        ASKED.append((self.path, headers, self.client_address[1]))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = "leave" in self.path

    def log_message(self, *_: object) -> None:
        """Say nothing."""


ASKED: list[tuple[str, dict[str, str], int]] = []


@pytest.fixture
def address() -> Iterator[str]:
    """Where an Echo listens on this machine."""
    ASKED.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_post_reaches_a_line_over_http_at_another_address_than_its_public_one(
    address: str,
) -> None:
    with closing(over_http(address)) as post:
        answer = post(URL, FORM, HEADERS)
    assert (answer.status, answer.content_type) == (200, "text/xml; charset=utf-8")
    assert form_in(answer.body) == FORM
    assert answer.seconds > 0
    path, headers, _ = ASKED[0]
    assert path == "/voice/t%C5%B7?tries=1"
    assert (headers["host"], headers["x-twilio-signature"]) == ("line.example", "c2ln")


def test_posts_over_http_share_a_connection(address: str) -> None:
    with closing(over_http(address)) as post:
        for _ in range(3):
            post(URL, FORM, HEADERS)
    assert len({port for _, _, port in ASKED}) == 1


def test_a_connection_that_the_line_has_left_is_replaced(address: str) -> None:
    with closing(over_http(address)) as post:
        statuses = [post(f"{HOME}/{path}", FORM, HEADERS).status for path in ("leave", "on")]
    assert statuses == [200, 200]
    assert len({port for _, _, port in ASKED}) == 2


@pytest.mark.parametrize("nowhere", ["http://127.0.0.1:1", "nowhere"])
def test_where_nobody_listens_an_oserror_says_so(nowhere: str) -> None:
    with closing(over_http(nowhere)) as post, pytest.raises(OSError, match=r"no answer|address"):
        post(URL, FORM, HEADERS)


CALLBACK = {"CallbackSource": "call-progress-events", "CallSid": "CA1"}


def test_a_mischievous_network_repeats_each_webhook_and_gives_the_last_answer() -> None:
    line = FakeLine(voice=lambda _: say(f"Answer {len(line.posted)}."))
    network = Mischief(line, Troubles(repeats=5), seed=3)
    answers = [network(f"{HOME}/voice", {}, {}) for _ in range(20)]
    assert 20 < len(line.posted) <= 100
    assert str(len(line.posted)).encode() in answers[-1].body


def test_a_mischievous_network_delays_answers() -> None:
    network = Mischief(FakeLine(voice="<Hangup/>"), Troubles(delay=20.0))
    seconds = [network(f"{HOME}/voice", {}, {}).seconds for _ in range(50)]
    assert 0 <= min(seconds) < 5
    assert 15 < max(seconds) <= 20


def test_a_mischievous_network_loses_status_callbacks_and_never_a_voice_webhook() -> None:
    line = FakeLine(voice="<Hangup/>", status="")
    network = Mischief(line, Troubles(loses=0.5))
    for _ in range(100):
        network(f"{HOME}/voice", {}, {})
        network(f"{HOME}/status", CALLBACK, {})
    assert len(line.forms("/voice")) == 100
    assert 20 < len(line.forms("/status")) == 100 - len(network.lost) < 80


def test_a_mischievous_network_holds_status_callbacks_back_and_shuffles_them() -> None:
    line = FakeLine(status="")
    network = Mischief(line, Troubles(shuffles=True))
    for count in range(20):
        network(f"{HOME}/status", CALLBACK | {"SequenceNumber": str(count)}, {})
    assert line.posted == []
    assert len(network.settle()) == 20
    order = [int(form["SequenceNumber"]) for form in line.forms("/status")]
    assert order != sorted(order)
    assert sorted(order) == list(range(20))
    assert network.settle() == []


def test_mischief_is_the_same_for_the_same_seed() -> None:
    def sent(seed: int) -> int:
        line = FakeLine(voice="<Hangup/>")
        network = Mischief(line, Troubles(repeats=9), seed)
        for _ in range(9):
            network(f"{HOME}/voice", {}, {})
        return len(line.posted)

    assert sent(7) == sent(7)
    assert len({sent(seed) for seed in range(9)}) > 1
