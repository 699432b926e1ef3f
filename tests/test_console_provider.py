"""Signing in at an OpenID Connect provider: one that runs here, and says what it is told to."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from ivr.console.roles import Role
from ivr.console.signing_in import inviting
from ivr.console.signing_in.proving import RECENT
from tests.console import Browser, Console
from tests.shipped import NOON

CLIENT = "press-two"
LOGIN = "ada@example.org"


class Provider(ThreadingHTTPServer):
    """A provider whose word is ``says``; ``nonce`` is what the console asked it to repeat."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signs_with = self.key
        self.says: Mapping[str, object] = {"email": LOGIN, "email_verified": True}
        self.nonce = ""

    def pages(self) -> Mapping[str, object]:
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
            "/token": {"access_token": "x", "token_type": "Bearer", "id_token": self.token()},
        }

    def token(self) -> str:
        times = {"iat": 0, "exp": 4_000_000_000}
        whole = {"iss": self.url, "aud": CLIENT, "sub": "1", "nonce": self.nonce, **times}
        return jwt.encode({"alg": "RS256", "kid": "one"}, {**whole, **self.says}, self.signs_with)


class Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content = json.dumps(self.server.pages()[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with Provider() as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        yield provider
        provider.shutdown()


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.says, running.signs_with = {"email": LOGIN, "email_verified": True}, running.key
    return running


@pytest.fixture
def here(tmp_path: Path, provider: Provider) -> Console:
    made = Console(
        tmp_path,
        OIDC_ISSUER=provider.url,
        OIDC_CLIENT_ID=CLIENT,
        OIDC_CLIENT_SECRET="made-up-secret",  # noqa: S106 - made up
    )
    inviting.invite(made.store, ("Ada", LOGIN, Role.EDITOR), made.clock())
    return made


def go(browser: Browser, url: str) -> dict[str, list[str]]:
    """What the provider is asked by whoever goes there."""
    sent = browser.get(url)
    assert sent.status_code == 302, sent.text
    return parse_qs(urlsplit(str(sent.location)).query)


def come_back(browser: Browser, provider: Provider, state: str = "") -> int:
    """Go to the provider, and come back from there; the status of what is then shown."""
    asked = go(browser, "/console/sign-in/provider?then=/console/calls/")
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://localhost/console/sign-in/back"]
    provider.nonce = asked["nonce"][0]
    back = {"code": "x", "state": state or asked["state"][0]}
    answer = browser.get("/console/sign-in/back", query_string=back)
    if answer.status_code == 302:
        assert answer.location == "/console/calls/"
    return answer.status_code


def test_somebody_whom_the_provider_and_we_know_comes_in(here: Console, provider: Provider) -> None:
    browser = here.browser()
    assert come_back(browser, provider) == 302
    assert "Ada (editor)" in browser.page("/console/calls/")


@pytest.mark.parametrize(
    "says",
    [
        {"email": "nobody@example.org", "email_verified": True},
        {"email": LOGIN, "email_verified": False},
        {"email": LOGIN},
        {"email_verified": True},
        {"email": LOGIN, "email_verified": True, "aud": "another"},
        {"email": LOGIN, "email_verified": True, "exp": 1},
        {"email": LOGIN, "email_verified": True, "nonce": "another"},
        {"email": LOGIN, "email_verified": True, "iss": "https://evil.example"},
    ],
)
def test_nobody_else_does(here: Console, provider: Provider, says: Mapping[str, object]) -> None:
    provider.says = says
    browser = here.browser()
    assert come_back(browser, provider) == 403
    assert browser.get("/console/calls/").status_code == 302


def test_a_word_that_another_signed_or_that_was_not_asked_for_is_not_believed(
    here: Console, provider: Provider
) -> None:
    assert come_back(here.browser(), provider, state="made-up") == 403
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert come_back(here.browser(), provider) == 403
    assert here.browser().get("/console/sign-in/back?error=access_denied").status_code == 403
    assert here.browser().get("/console/sign-in/back").status_code == 403


def test_a_provider_that_does_not_answer_is_told_in_words(tmp_path: Path) -> None:
    here = Console(
        tmp_path,
        OIDC_ISSUER="http://127.0.0.1:9",
        OIDC_CLIENT_ID=CLIENT,
        OIDC_CLIENT_SECRET="made-up-secret",  # noqa: S106 - made up
    )
    answer = here.browser().get("/console/sign-in/provider")
    assert answer.status_code == 503
    assert "did not answer" in answer.text


def test_with_a_provider_no_password_is_taken(here: Console) -> None:
    browser = here.as_("viewer")
    form = {"login": LOGIN, "password": "four words nobody guesses"}
    assert browser.submit("/console/sign-in", form).status_code == 404


# -- proving it again ------------------------------------------------------------------------

INVITED = {"name": "Grace", "login": "grace@example.org", "role": "viewer"}
AT_NOON = NOON.timestamp()


@dataclass
class Asked:
    """An administrator who signed in long ago, and has asked for what takes a proof."""

    here: Console
    provider: Provider
    browser: Browser
    page: str

    def prove(self, **says: object) -> TestResponse:
        """Go to the provider, which says so, and come back."""
        where = re.search(r'href="([^"]+again=yes)"', self.page)
        assert where
        asked = go(self.browser, where[1])
        assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
        assert asked["login_hint"] == ["admin@example.org"]
        self.provider.nonce = asked["nonce"][0]
        self.provider.says = {"email": "admin@example.org", "email_verified": True, **says}
        back = {"code": "x", "state": asked["state"][0]}
        return self.browser.get("/console/sign-in/back", query_string=back)

    def is_done(self) -> bool:
        return self.here.store.people.by_login("grace@example.org") is not None


@pytest.fixture
def asked(here: Console, provider: Provider) -> Asked:
    began = here.means.clock
    here.means.clock = lambda: began() - RECENT
    here.clock = here.means.clock
    browser = here.as_("admin")
    here.means.clock = here.clock = began
    answer = browser.submit("/console/people/", INVITED)
    assert (answer.status_code, "Invite Grace" in answer.text) == (401, True)
    assert "proof-password" not in answer.text
    return Asked(here, provider, browser, answer.text)


@pytest.mark.parametrize("told", [{}, {"auth_time": int(AT_NOON) - 5}], ids=["untold", "told"])
def test_who_proved_it_at_the_provider_goes_on(asked: Asked, told: Mapping[str, object]) -> None:
    before = asked.browser.get_cookie("press-two")
    assert before
    back = asked.prove(**told)
    assert (back.status_code, back.location) == (302, "/console/sign-in/go-on")
    page = asked.browser.page("/console/sign-in/go-on")
    assert "Invite Grace (grace@example.org) as viewer" in page
    assert not asked.is_done()
    form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.partition("<main")[2]))
    assert form.items() >= INVITED.items()
    assert asked.browser.post("/console/people/", data=form).status_code == 200
    assert asked.is_done()
    what = [each.what for each in asked.here.store.audit.newest(2)]
    assert what == ["invited a person", "proved who they are again"]
    thief = asked.here.browser()
    thief.set_cookie("press-two", before.value)
    assert thief.get("/console/people/").status_code == 302
    assert asked.browser.get("/console/sign-in/go-on").location == "/console/"


@pytest.mark.parametrize(
    "says",
    [{"auth_time": int(AT_NOON) - 600}, {"email": LOGIN, "auth_time": int(AT_NOON)}],
    ids=["too long ago", "another person"],
)
def test_who_did_not_does_not(asked: Asked, says: Mapping[str, object]) -> None:
    back = asked.prove(**says)
    assert (back.status_code, "Nothing was changed" in back.text) == (403, True)
    newest = asked.here.store.audit.newest(1)[0]
    assert (newest.who, newest.what) == ("admin@example.org", "failed to prove who they are")
    assert asked.browser.submit("/console/people/", INVITED).status_code == 401
    assert "An admin (admin)" in asked.browser.page("/console/people/")
    assert not asked.is_done()


@pytest.mark.parametrize(
    ("told", "status"),
    [({}, 401), ({"auth_time": int(AT_NOON) - 600}, 401), ({"auth_time": int(AT_NOON)}, 200)],
    ids=["untold", "long ago", "now"],
)
def test_signing_in_counts_as_a_proof_only_where_the_provider_asked_for_one(
    here: Console, provider: Provider, told: Mapping[str, object], status: int
) -> None:
    found = here.store.people.by_login(LOGIN)
    assert found
    here.store.people.change(found.id, role="admin")
    provider.says = {**provider.says, **told}
    browser = here.browser()
    assert come_back(browser, provider) == 302
    assert browser.submit("/console/people/", INVITED).status_code == status


def test_nothing_is_kept_that_a_cookie_would_not_hold(asked: Asked) -> None:
    long = {**INVITED, "name": "".join(chr(0x4E00 + at) for at in range(3000))}
    assert asked.browser.submit("/console/people/", long).status_code == 413
