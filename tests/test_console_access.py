"""Who comes in to the console, and how nobody else does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from werkzeug.test import TestResponse

from ivr.cli import main
from ivr.console.roles import Role
from ivr.console.security import POLICY
from ivr.console.signing_in import inviting, proofs
from ivr.console.signing_in.entering import safe
from ivr.console.signing_in.throttle import ADDRESS, AT_ONCE, Throttle
from ivr.store import Store
from tests.console import Browser, Console, Time, console
from tests.desk import LIVE
from tests.shipped import NOON

PASSWORD = "four words nobody guesses"  # noqa: S105 - made up
LOGIN = "ada@example.org"
HTTPS = "https://console.example"
LIVE_CONSOLE: dict[str, Any] = {**LIVE, "PUBLIC_URL": "https://line.example", "CONSOLE_URL": HTTPS}


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed with little work; how much it is, is argon2's own default otherwise."""
    light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(proofs, "_hasher", light)
    proofs._nobodys.cache_clear()
    yield
    proofs._nobodys.cache_clear()


def link(here: Console, role: Role = Role.ADMIN) -> str:
    token = inviting.invite(here.store, ("Ada", LOGIN, role), here.clock())
    return f"/console/join/{token}"


def test_a_one_time_link_lets_its_person_in_once(tmp_path: Path) -> None:
    here = console(tmp_path)
    where, browser = link(here), here.browser()
    assert "Welcome, Ada" in browser.page(where)
    assert "Welcome, Ada" in browser.page(where)  # looking uses nothing up
    assert browser.submit(where, {"password": PASSWORD}).location == "/console/"
    assert "Ada (admin)" in browser.get("/console/", follow_redirects=True).text
    again = here.browser()
    assert again.get(where).status_code == 404
    assert again.submit(where, {"password": PASSWORD}).status_code == 404


def test_a_link_is_good_for_a_day_and_only_the_newest_is(tmp_path: Path) -> None:
    time = Time()
    here = Console(tmp_path, time)
    first = link(here)
    operator = here.store.people.by_login(LOGIN)
    assert operator
    newer = f"/console/join/{inviting.again(here.store, operator, here.clock())}"
    assert here.browser().get(first).status_code == 404
    assert here.browser().get(newer).status_code == 200
    time.now += timedelta(days=1)
    assert here.browser().get(newer).status_code == 404


@pytest.mark.parametrize("password", ["short", "a" * 40, LOGIN, "x" * 201, ""])
def test_a_password_that_is_easily_guessed_is_not_taken(tmp_path: Path, password: str) -> None:
    here = console(tmp_path)
    answer = here.browser().submit(link(here), {"password": password})
    assert answer.status_code == 400
    assert "Choose a password" in answer.text


def test_whoever_chose_a_password_signs_in_with_it(tmp_path: Path) -> None:
    here = console(tmp_path)
    here.browser().submit(link(here), {"password": PASSWORD})
    browser = here.browser()
    form = {"login": f" {LOGIN.upper()} ", "password": PASSWORD, "then": "/console/people/"}
    assert browser.submit("/console/sign-in", form).location == "/console/people/"
    assert "Ada" in browser.page("/console/people/")
    assert [each.what for each in here.store.audit.newest(2)] == ["signed in", "signed in"]


class Live:
    """The console of a line with real callers, and somebody who has an authenticator."""

    def __init__(self, folder: Path) -> None:
        self.time = Time()
        self.here = Console(folder, self.time, **LIVE_CONSOLE)
        self.browser = self.here.browser()
        where = link(self.here)
        page = self.get(self.browser, where).text
        found = re.search(r'class="p2-code">([A-Z2-7 ]+)<', page)
        assert found
        self.totp = pyotp.TOTP(found[1].replace(" ", ""))
        self.where = where

    def get(self, browser: Browser, url: str) -> TestResponse:
        return browser.get(url, base_url=HTTPS)

    def post(self, browser: Browser, url: str, form: Mapping[str, str]) -> TestResponse:
        page = self.get(browser, "/console/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        whole = {"csrf_token": token[1], **form}
        return browser.post(url, data=whole, base_url=HTTPS, headers={"Referer": HTTPS})

    def sign_in(self, code: str, password: str = PASSWORD) -> int:
        form = {"login": LOGIN, "password": password, "code": code}
        return self.post(self.here.browser(), "/console/sign-in", form).status_code

    def code(self) -> str:
        return self.totp.at(self.time.now)


def test_where_there_are_real_callers_both_proofs_are_needed(tmp_path: Path) -> None:
    live = Live(tmp_path)
    refused = live.post(live.browser, live.where, {"password": PASSWORD})
    assert (refused.status_code, "The code is not" in refused.text) == (400, True)
    joined = live.post(live.browser, live.where, {"password": PASSWORD, "code": live.code()})
    assert joined.status_code == 302
    assert live.sign_in(live.code()) == 403  # that code was used
    live.time.now += timedelta(minutes=2)
    assert live.sign_in("") == 403
    assert live.sign_in("000000") == 403
    assert live.sign_in(live.code(), "not the right one") == 403
    assert live.sign_in(live.code()) == 302
    assert live.sign_in(live.code()) == 403  # each code once


def test_the_cookies_of_such_a_line_go_by_https_alone_and_to_no_script(tmp_path: Path) -> None:
    live = Live(tmp_path)
    joined = live.post(live.browser, live.where, {"password": PASSWORD, "code": live.code()})
    cookies = joined.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-press-two")
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert word in cookie
        assert "Domain" not in cookie
    assert joined.headers["Strict-Transport-Security"]


def test_known_and_unknown_logins_are_told_alike_and_take_the_same_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = console(tmp_path)
    here.browser().submit(link(here), {"password": PASSWORD})
    worked: list[str] = []
    light = proofs._hasher

    class Counting:
        def verify(self, kept: str, given: str) -> bool:
            worked.append(kept.split("$")[3])
            return light.verify(kept, given)

        def hash(self, given: str) -> str:
            return light.hash(given)

    monkeypatch.setattr(proofs, "_hasher", Counting())
    told = [
        here.browser().submit("/console/sign-in", {"login": who, "password": "a wrong guess"})
        for who in (LOGIN, "nobody@example.org")
    ]
    assert [answer.status_code for answer in told] == [403, 403]
    assert re.sub(r'value="[^"]*"', "", told[0].text) == re.sub(r'value="[^"]*"', "", told[1].text)
    assert worked[0] == worked[1]
    assert len(worked) == 2


def test_ten_thousand_guesses_are_a_few_and_keep_nobody_out_who_was_in_before() -> None:
    time = Time()
    throttle = Throttle(time)
    tried = 0
    for guess in range(10_000):  # in a quarter of an hour, from a hundred addresses
        time.now += timedelta(seconds=0.09)
        tried += throttle.take(LOGIN, f"192.0.2.{guess % 100}")
    assert tried <= AT_ONCE + 15
    assert not throttle.take(LOGIN, "198.51.100.1")
    assert throttle.take(LOGIN, "192.0.2.1", mark="this browser's own")


def test_one_address_tries_few_logins() -> None:
    throttle = Throttle(Time())
    assert sum(throttle.take(f"p{at}", "192.0.2.1") for at in range(1_000)) == ADDRESS


def test_attempts_come_back_with_time_and_right_ones_do_not_count() -> None:
    time = Time()
    throttle = Throttle(time)
    for _ in range(100):
        assert throttle.take(LOGIN, "192.0.2.1")
        throttle.give_back(LOGIN, "192.0.2.1")
    while throttle.take(LOGIN, "192.0.2.1"):
        pass
    time.now += timedelta(minutes=1)
    assert throttle.take(LOGIN, "192.0.2.1")
    assert not throttle.take(LOGIN, "192.0.2.1")


def test_guesses_from_elsewhere_lock_nobody_out_of_their_own_browser(tmp_path: Path) -> None:
    here = console(tmp_path)
    own, stranger, where = here.browser(), here.browser(), link(here)
    own.submit(where, {"password": PASSWORD})
    own.submit("/console/sign-out")
    wrong = {"login": LOGIN, "password": "a wrong guess"}
    token = {"csrf_token": stranger.token()}
    codes = [
        stranger.post("/console/sign-in", data={**token, **wrong}).status_code
        for _ in range(AT_ONCE + 2)
    ]
    assert codes == [403] * AT_ONCE + [429] * 2
    right = {"login": LOGIN, "password": PASSWORD}
    assert stranger.submit("/console/sign-in", right).status_code == 429
    assert own.submit("/console/sign-in", right).status_code == 302


def test_the_terminal_always_lets_an_administrator_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = console(tmp_path)
    monkeypatch.setenv("DATABASE_URL", here.means.settings.store_url)
    monkeypatch.setenv("CONSOLE_URL", "http://localhost")
    added = CliRunner().invoke(main, ["operator", "add", "Ada", LOGIN, "--role", "admin"])
    assert added.exit_code == 0
    assert LOGIN in CliRunner().invoke(main, ["operator", "list"]).output
    operator = here.store.people.by_login(LOGIN)
    assert operator
    here.store.people.change(operator.id, disabled=True)
    assert here.browser().get(added.stdout.strip()).status_code == 404
    monkeypatch.setattr("ivr.cli.operator.datetime", Standing)
    reset = CliRunner().invoke(main, ["operator", "reset", LOGIN])
    where = reset.stdout.strip().removeprefix("http://localhost")
    assert here.browser().submit(where, {"password": PASSWORD}).status_code == 302
    assert CliRunner().invoke(main, ["operator", "reset", "nobody"]).exit_code == 1
    assert CliRunner().invoke(main, ["operator", "add", "Ada", LOGIN]).exit_code == 1


class Standing:
    """A clock for the terminal that tells the same time as the console's."""

    @staticmethod
    def now(_: object) -> object:
        return NOON


def test_a_test_line_has_one_administrator_and_a_link_until_it_was_used(tmp_path: Path) -> None:
    here = console(tmp_path)
    first = inviting.first(here.store, here.clock())
    second = inviting.first(here.store, here.clock())
    assert first
    assert second
    assert here.browser().get(f"/console/join/{first}").status_code == 404
    assert here.browser().submit(f"/console/join/{second}", {"password": PASSWORD}).location
    assert inviting.first(here.store, here.clock()) is None
    assert len(here.store.people.every()) == 1


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/console/",
        "//evil.example/console/",
        "/\\evil.example/console/",
        "/console/\n",
        "javascript:alert(1)//console/",
        "http://[/console/",
        "/elsewhere",
        "x",
    ],
)
def test_signing_in_leads_nowhere_else(elsewhere: str) -> None:
    assert safe(elsewhere) == ""


def test_every_page_has_a_strict_policy_and_nothing_inline(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin = here.as_("admin")
    urls = ("/console/sign-in", "/console/people/", "/console/audit/", "/nothing", link(here))
    for url in urls:
        answer = admin.get(url)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert "unsafe" not in POLICY
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", answer.text), (
            url
        )


def test_what_we_ship_of_others_asks_nothing_of_anybody_else() -> None:
    vendor = Path(__file__).parent.parent / "ivr" / "console" / "static" / "vendor"
    css = (vendor / "nhsuk-frontend.min.css").read_text("utf-8")
    assert "@font-face" not in css
    assert "frutiger" not in css.lower()
    for where in re.findall(r"url\(\"?([^)\"]+)", css):
        assert where.startswith("data:") or (vendor / where).is_file(), where
    told = (vendor / "README.md").read_text("utf-8")
    for file in vendor.iterdir():
        assert file.name in told or file.name == "README.md", file


def test_a_name_of_another_site_is_not_answered(tmp_path: Path) -> None:
    here = console(tmp_path)
    answer = here.browser().get("/console/sign-in", base_url="http://evil.example")
    assert answer.status_code == 400


def test_the_store_counts_as_able_only_those_who_can_sign_in(tmp_path: Path) -> None:
    here = console(tmp_path)
    store: Store = here.store
    admin = here.as_("admin")
    link(here)  # an administrator who never came
    answer = admin.submit("/console/people/admin/disable")
    assert "Nothing was changed" in admin.page(str(answer.location))
    found = store.people.get("admin")
    assert found
    assert not found.disabled
