"""Who may do what on every page of the console: a row for each view, tried as each role.

A new view is not let through until it has a row here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from ivr.console import roles
from ivr.console.roles import OPEN, Role, allowed, said
from tests.console import Browser, Console, console

LEAST = {
    "audit.index": "admin",
    "audit.verified": "admin",
    "callbacks.close_": "editor",
    "callbacks.hand_over_": "editor",
    "callbacks.index": "viewer",
    "callbacks.live": "viewer",
    "callbacks.number": "editor",
    "callbacks.one": "viewer",
    "callbacks.retry_": "editor",
    "callbacks.take_on": "editor",
    "calls.index": "viewer",
    "calls.one": "viewer",
    "coverage.index": "viewer",
    "front": "open",
    "guide.index": "viewer",
    "guide.one": "viewer",
    "guide.picture": "viewer",
    "people.disable": "admin",
    "people.enable": "admin",
    "people.index": "admin",
    "people.invite": "admin",
    "people.link": "admin",
    "people.one": "admin",
    "people.revoke": "admin",
    "people.role": "admin",
    "report.download": "viewer",
    "report.index": "viewer",
    "root": "open",
    "signing_in.back": "open",
    "signing_in.go_on": "viewer",
    "signing_in.joined": "open",
    "signing_in.joining": "open",
    "signing_in.provider": "open",
    "signing_in.sign_in": "open",
    "signing_in.sign_in_with": "open",
    "signing_in.sign_out": "open",
    "static": "open",
    "tables.approve": "publisher",
    "tables.change_row": "editor",
    "tables.check": "viewer",
    "tables.check_again": "editor",
    "tables.difference": "viewer",
    "tables.download": "viewer",
    "tables.index": "viewer",
    "tables.one": "viewer",
    "tables.publish": "publisher",
    "tables.roll_back": "publisher",
    "tables.row": "editor",
    "tables.sheet": "viewer",
    "tables.upload": "editor",
    "tables.uploaded": "editor",
    "telephone.begin": "viewer",
    "telephone.call": "viewer",
    "telephone.does": "viewer",
    "telephone.index": "viewer",
    "today.index": "viewer",
    "today.live": "viewer",
    "trials.choose": "editor",
    "trials.index": "viewer",
    "trials.live": "viewer",
    "trials.ring": "publisher",
    "where.ask": "viewer",
    "where.index": "viewer",
}
"""The least role that each view takes; "open" needs nobody signed in."""

PROVIDER = {
    "OIDC_ISSUER": "https://login.example",
    "OIDC_CLIENT_ID": "console",
    "OIDC_CLIENT_SECRET": "made-up-secret",
}
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Console:
    made = console(tmp_path_factory.mktemp("console"))
    made.app.testing = False  # a fault is a page with the status 500, as for people
    return made


@pytest.fixture(scope="module")
def browsers(here: Console) -> dict[str, Browser]:
    return {role.value: here.as_(role) for role in Role}


def guarded(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every address that needs somebody, with a method and an address to try it at."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if LEAST.get(str(rule.endpoint)) == OPEN or _of_programs(rule):
            continue
        url = adapter.build(str(rule.endpoint), dict.fromkeys(rule.arguments, "1"))
        for method in (rule.methods or set()) & {"GET", *CHANGING}:
            yield rule, method, url


def _of_programs(rule: Rule) -> bool:
    """Whether it is the API's, which takes tokens and no cookie; it has tests of its own."""
    return rule.rule.startswith("/api/")


def test_every_view_has_a_row_and_every_row_a_view(tmp_path: Path) -> None:
    here = console(tmp_path, **PROVIDER)
    told = {
        str(rule.endpoint): said(here.app.view_functions[str(rule.endpoint)])
        for rule in here.app.url_map.iter_rules()
        if not _of_programs(rule)
    }
    assert told == LEAST


def test_a_view_that_does_not_say_who_may_see_it_keeps_the_console_from_starting() -> None:
    app = Flask(__name__)
    roles.open_to_all(app.view_functions["static"])
    app.add_url_rule("/", "silent", str)
    with pytest.raises(RuntimeError, match="silent"):
        roles.check(app)
    app.view_functions["silent"] = allowed(Role.VIEWER)(lambda: "")
    roles.check(app)


def test_each_role_comes_to_what_it_may_and_to_nothing_else(
    here: Console, browsers: dict[str, Browser]
) -> None:
    tokens = {role: browser.token() for role, browser in browsers.items()}
    for rule, method, url in guarded(here.app):
        least = Role(LEAST[str(rule.endpoint)])
        for role in Role:
            if role.may(least) and method != "GET":
                continue  # what it then does is tried by the tests of its own page
            form = {"csrf_token": tokens[role]} if method != "GET" else None
            answer = browsers[role].open(url, method=method, data=form)
            answer.close()
            assert (answer.status_code == 403) is not role.may(least), (role, method, url)
            assert answer.status_code < 500, (role, method, url)


def test_who_is_not_signed_in_comes_to_nothing(here: Console) -> None:
    browser = here.browser()
    token = browser.token()
    for _, method, url in guarded(here.app):
        form = {"csrf_token": token} if method != "GET" else None
        answer = browser.open(url, method=method, data=form)
        assert answer.status_code == 302, (method, url)
        assert str(answer.location).startswith("/console/sign-in"), (method, url)
        refreshing = browser.open(url, method=method, data=form, headers={"HX-Request": "true"})
        assert refreshing.status_code == 401, (method, url)


def test_nothing_is_changed_without_a_form_s_token(
    here: Console, browsers: dict[str, Browser]
) -> None:
    for rule in here.app.url_map.iter_rules():
        if _of_programs(rule):
            continue
        url = here.app.url_map.bind("localhost").build(
            str(rule.endpoint), dict.fromkeys(rule.arguments, "1")
        )
        for method in (rule.methods or set()) & CHANGING:
            for form in ({}, {"csrf_token": "made up"}, {"csrf_token": browsers["viewer"].token()}):
                answer = browsers["admin"].open(url, method=method, data=form)
                assert answer.status_code == 403, (method, url)
                assert "That was not done" in answer.text


def test_a_role_may_all_that_those_before_it_may() -> None:
    for at, role in enumerate(Role):
        assert [role.may(other) for other in Role] == [n <= at for n in range(len(Role))]


def test_the_menu_shows_each_role_what_it_may_open(browsers: dict[str, Browser]) -> None:
    for role, browser in browsers.items():
        page = browser.page("/console/sign-in")
        assert ("/console/people/" in page) is (role == "admin")
        assert ("/console/audit/" in page) is (role == "admin")


def test_a_line_with_real_callers_has_no_telephone_in_its_console(tmp_path: Path) -> None:
    from tests.test_console_access import LIVE_CONSOLE  # noqa: PLC0415 - its settings alone

    live = Console(tmp_path, **LIVE_CONSOLE)
    assert not [rule for rule in live.app.url_map.iter_rules() if "telephone" in rule.rule]


def test_a_person_is_given_a_role_and_is_it_at_once(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin, viewer = here.as_("admin"), here.as_("viewer")
    assert viewer.get("/console/people/").status_code == 403
    admin.submit("/console/people/viewer/role", {"role": "admin"})
    assert viewer.get("/console/people/").status_code == 302  # they sign in again
    assert here.signed_in("viewer").get("/console/people/").status_code == 200
    newest = here.store.audit.newest(1)[0]
    assert (newest.who, newest.what, newest.about) == (
        "admin@example.org",
        "changed a role",
        "viewer@example.org",
    )
    assert newest.detail == {"was": "viewer", "role": "admin"}


def test_the_last_administrator_stays_one(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin = here.as_("admin")
    for act, form in (("role", {"role": "viewer"}), ("disable", {})):
        answer = admin.submit(f"/console/people/admin/{act}", form)
        assert "somebody who can sign in must stay admin" in admin.page(str(answer.location))
    assert admin.page("/console/people/")


def test_a_person_is_invited_with_a_link_that_is_shown_once(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin = here.as_("admin")
    form = {"name": "Ada <b>", "login": "Ada@Example.org", "role": "editor"}
    page = admin.submit("/console/people/", form).text
    assert "http://localhost/console/join/" in page
    assert "Ada &lt;b&gt;" in page
    made = here.store.people.by_login("ada@example.org")
    assert made
    assert made.role == "editor"
    assert "/console/join/" not in admin.page(f"/console/people/{made.id}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": "admin@example.org"},
        {"login": ""},
        {"name": " "},
        {"role": "king"},
        {"login": "a b"},
    ],
)
def test_a_person_who_cannot_be_is_refused_in_words(tmp_path: Path, wrong: dict[str, str]) -> None:
    here = console(tmp_path)
    form = {"name": "Ada", "login": "ada@example.org", "role": "viewer", **wrong}
    answer = here.as_("admin").submit("/console/people/", form)
    assert answer.status_code == 400
    assert "Nobody was invited" in answer.text
    assert len(here.store.people.every()) == 1


def test_whoever_is_shut_out_is_out_at_once_and_may_be_let_in_again(tmp_path: Path) -> None:
    here = console(tmp_path)
    admin, editor = here.as_("admin"), here.as_("editor")
    assert editor.page("/console/today/")
    admin.submit("/console/people/editor/disable")
    assert editor.get("/console/today/").status_code == 302
    assert here.signed_in("editor").get("/console/today/").status_code == 302
    admin.submit("/console/people/editor/enable")
    assert here.signed_in("editor").page("/console/today/")
