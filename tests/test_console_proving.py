"""Who proves again who they are, before what, and that nothing is done or lost until they have."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from ivr.console.signing_in import proofs
from ivr.console.signing_in.proving import AGAIN, CODE, FAILED, PASSWORD, RECENT
from ivr.console.signing_in.throttle import AT_ONCE
from tests.browser import CHROMIUM, MISSING, barriers, browsers, desk
from tests.console import Browser, Console, Time
from tests.servers import free_port
from tests.test_console_access import HTTPS, Live
from tests.test_console_access import PASSWORD as OF_LIVE

OWN = "six words that belong to nobody"
ROLE = "/console/people/viewer/role"
EDITOR = {"role": "editor"}


class House(Console):
    """A console with an administrator who has a password, and a viewer to make something of."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.time = Time()
        super().__init__(folder, self.time, None, **environ)
        self.as_("viewer")
        self.admin = self.as_("admin")
        self.store.people.change("admin", password=proofs.kept_password(OWN))

    def later(self) -> None:
        """Until nobody's proof is recent, and everybody is signed in still."""
        self.time.now += RECENT

    def role(self) -> str:
        """The role of the viewer, who may have become more."""
        found = self.store.people.get("viewer")
        assert found
        return found.role

    def told(self) -> list[str]:
        """What the audit says was done, the first thing first."""
        return [each.what for each in reversed(self.store.audit.newest(100))]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def ticket(browser: Browser) -> str:
    with browser.session_transaction() as kept:
        return str(kept.get("_user_id", ""))


def filled(page: str) -> tuple[str, dict[str, str]]:
    """Where the main form of a page goes, and what is hidden in it."""
    form = page.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    where = re.search(r'action="([^"]+)"', form)
    assert where, page
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return unescape(where[1]), {name: unescape(value) for name, value in hidden}


def answer(browser: Browser, page: str, given: Mapping[str, str]) -> TestResponse:
    """Fill in the page that asks for a proof, and press its button."""
    where, hidden = filled(page)
    return browser.post(where, data={**hidden, **given})


def test_who_proved_lately_who_they_are_is_not_asked(house: House) -> None:
    house.time.now += RECENT - timedelta(seconds=1)
    assert house.admin.submit(ROLE, EDITOR).status_code == 302
    assert house.role() == "editor"


def test_what_was_asked_for_is_kept_until_they_have_proved_who_they_are(house: House) -> None:
    house.later()
    before = ticket(house.admin)
    asked = house.admin.submit(ROLE, EDITOR)
    assert asked.status_code == 401
    assert "Make An viewer (viewer@example.org) editor" in asked.text
    assert (house.role(), ticket(house.admin)) == ("viewer", before)
    assert filled(asked.text)[1]["role"] == "editor"
    done = answer(house.admin, asked.text, {PASSWORD: OWN, CODE: ""})
    assert (done.status_code, done.location) == (302, "/console/people/viewer")
    assert house.role() == "editor"
    assert house.told() == [AGAIN, "changed a role"]


def test_each_proof_is_a_new_ticket_and_the_one_before_is_worth_nothing(house: House) -> None:
    house.later()
    stolen, thief = house.admin.get_cookie("press-two"), house.browser()
    assert stolen
    thief.set_cookie("press-two", stolen.value)
    assert thief.page("/console/people/")
    answer(house.admin, house.admin.submit(ROLE, EDITOR).text, {PASSWORD: OWN})
    assert house.admin.page("/console/people/")
    assert thief.get("/console/people/").status_code == 302
    house.time.now += RECENT - timedelta(seconds=1)
    assert house.admin.submit(ROLE, {"role": "viewer"}).status_code == 302
    assert house.role() == "viewer"


def test_an_answer_that_was_on_its_way_puts_no_ticket_back(house: House) -> None:
    browser = house.browser()
    browser.submit("/console/sign-in", {"login": "admin@example.org", "password": OWN})
    refreshed = browser.get("/console/today/", headers={"HX-Request": "true"})
    assert refreshed.status_code == 200
    assert "Set-Cookie" not in refreshed.headers


def test_a_wrong_answer_changes_nothing_and_is_written_down(house: House) -> None:
    house.later()
    asked = house.admin.submit(ROLE, EDITOR).text
    wrong = answer(house.admin, asked, {PASSWORD: "a guess"})
    assert wrong.status_code == 403
    assert "The password or the code is not right" in wrong.text
    assert f'href="#{PASSWORD}"' in wrong.text
    assert "a guess" not in wrong.text
    assert house.role() == "viewer"
    newest = house.store.audit.newest(1)[0]
    assert (newest.who, newest.what) == ("admin@example.org", FAILED)
    assert newest.detail == {"for": "people.role"}
    assert answer(house.admin, wrong.text, {PASSWORD: OWN}).status_code == 302
    assert house.role() == "editor"


def test_guesses_are_as_few_as_at_signing_in_and_keep_nobody_out(house: House) -> None:
    own = house.browser()
    login = {"login": "admin@example.org", "password": OWN}
    assert own.submit("/console/sign-in", login).status_code == 302
    house.later()
    asked = house.admin.submit(ROLE, EDITOR).text  # one who stole the ticket, not the browser
    guesses = [answer(house.admin, asked, {PASSWORD: f"guess {at}"}) for at in range(AT_ONCE + 2)]
    assert [each.status_code for each in guesses] == [403] * AT_ONCE + [429] * 2
    assert "Wait a minute" in guesses[-1].text
    assert answer(house.admin, asked, {PASSWORD: OWN}).status_code == 429
    assert house.told().count(FAILED) == AT_ONCE
    assert house.browser().submit("/console/sign-in", login).status_code == 429  # counted as one
    assert answer(own, own.submit(ROLE, EDITOR).text, {PASSWORD: OWN}).status_code == 302
    assert house.role() == "editor"
    house.time.now += timedelta(minutes=1)
    assert answer(house.admin, asked, {PASSWORD: OWN}).status_code == 302


def test_the_proof_of_another_person_is_none(house: House) -> None:
    house.as_("publisher")
    house.store.people.change("publisher", password=proofs.kept_password("another's own password"))
    house.later()
    asked = house.admin.submit(ROLE, EDITOR).text
    given = {PASSWORD: "another's own password", "login": "publisher@example.org"}
    assert answer(house.admin, asked, given).status_code == 403
    assert house.role() == "viewer"


def test_a_proof_without_the_form_s_token_is_not_looked_at(house: House) -> None:
    house.later()
    token = house.as_("admin").token()
    for forged in ({}, {"csrf_token": token}):
        sent = house.admin.post(ROLE, data={**EDITOR, PASSWORD: OWN, **forged})
        assert sent.status_code == 403
        assert "That was not done" in sent.text
    assert (house.role(), house.told()) == ("viewer", [])


def test_a_role_comes_before_a_proof(house: House) -> None:
    publisher = house.as_("publisher")
    house.later()
    refused = publisher.submit(ROLE, EDITOR)
    assert (refused.status_code, PASSWORD in refused.text) == (403, False)


def test_what_was_written_is_told_as_words(house: House) -> None:
    house.later()
    form = {"name": '"><script>', "login": "x@example.org", "role": "viewer"}
    asked = house.admin.submit("/console/people/", form)
    assert "<script>" not in asked.text.partition("<main")[2]
    assert filled(asked.text)[1].items() >= form.items()
    page = answer(house.admin, asked.text, {PASSWORD: OWN}).text
    assert "http://localhost/console/join/" in page


ASKING = {
    "/console/people/": {"name": "Ada", "login": "ada@example.org", "role": "viewer"},
    ROLE: EDITOR,
    "/console/people/viewer/link": {},
    "/console/people/viewer/enable": {},
}
QUICK = ("/console/people/viewer/revoke", "/console/people/viewer/disable")


@pytest.mark.parametrize("url", ASKING)
def test_whoever_gives_somebody_more_is_asked(house: House, url: str) -> None:
    people = house.store.people.every()
    house.later()
    asked = house.admin.submit(url, ASKING[url])
    assert (asked.status_code, PASSWORD in asked.text) == (401, True)
    assert house.store.people.every() == people


@pytest.mark.parametrize("url", QUICK)
def test_whoever_takes_something_away_is_not(house: House, url: str) -> None:
    house.later()
    assert house.admin.submit(url).status_code == 302
    assert len(house.told()) == 1


def test_where_they_have_an_authenticator_its_code_is_needed(tmp_path: Path) -> None:
    live = Live(tmp_path)
    live.post(live.browser, live.where, {"password": OF_LIVE, "code": live.code()})
    form = {"name": "Grace", "login": "grace@example.org", "role": "viewer"}
    live.time.now += RECENT
    for code in ("", "000000"):
        refused = live.post(
            live.browser, "/console/people/", {**form, PASSWORD: OF_LIVE, CODE: code}
        )
        assert refused.status_code == 403
    given = {**form, PASSWORD: OF_LIVE, CODE: live.code()}
    sent = live.post(live.browser, "/console/people/", given)
    assert sent.status_code == 200
    assert f"{HTTPS}/console/join/" in sent.text


@contextmanager
def served(house: House, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(not CHROMIUM, reason=MISSING)
def test_in_a_browser_they_are_asked_and_the_page_keeps_nobody_out(tmp_path: Path) -> None:
    port = free_port()
    console = f"http://127.0.0.1:{port}/console"
    house = House(tmp_path, CONSOLE_URL=console.removesuffix("/console"))
    with served(house, port), browsers() as browser:
        page = desk(browser)
        page.goto(f"{console}/sign-in")
        page.fill("#login", "admin@example.org")
        page.fill("#password", OWN)
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{console}/people/viewer")
        house.later()
        page.select_option("#role", "editor")
        page.get_by_role("button", name="Change the role").click()
        assert "Is it still you" in page.inner_text("h1")
        assert barriers(page) == []
        page.get_by_label("Your password").fill("a guess")
        page.get_by_role("button", name="It is me").click()
        assert "is not right" in page.inner_text(".nhsuk-error-summary")
        assert barriers(page) == []
        page.get_by_label("Your password").fill(OWN)
        page.get_by_role("button", name="It is me").click()
        assert "is now editor" in page.inner_text("main")
    assert house.role() == "editor"
