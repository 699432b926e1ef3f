"""How long somebody stays signed in, and that a ticket which has ended is worth nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from ivr.console.roles import Role
from ivr.console.security import LONGEST
from ivr.console.signing_in import inviting
from ivr.console.signing_in.sessions import IDLE, name_of
from tests.console import Browser, Console, Time
from tests.desk import LIVE

PAGE = "/console/people/"


def browser_of(folder: Path) -> tuple[Console, Time, Browser]:
    time = Time()
    here = Console(folder, time)
    return here, time, here.as_("admin")


def ticket(browser: Browser) -> str:
    with browser.session_transaction() as kept:
        return str(kept.get("_user_id", ""))


def test_a_quarter_of_an_hour_without_doing_anything_ends_it(tmp_path: Path) -> None:
    _, time, browser = browser_of(tmp_path)
    for _ in range(5):
        time.now += IDLE - timedelta(seconds=1)
        assert browser.get(PAGE).status_code == 200
    time.now += IDLE
    assert browser.get(PAGE).status_code == 302


def test_what_refreshes_by_itself_keeps_nobody_signed_in(tmp_path: Path) -> None:
    _, time, browser = browser_of(tmp_path)
    codes = []
    for _ in range(4):
        time.now += timedelta(minutes=5)
        codes.append(browser.get(PAGE, headers={"HX-Request": "true"}).status_code)
    assert codes == [200, 200, 401, 401]


def test_eight_hours_are_the_end_whatever_is_done(tmp_path: Path) -> None:
    _, time, browser = browser_of(tmp_path)
    end = time.now + LONGEST
    while time.now + timedelta(minutes=10) < end:
        time.now += timedelta(minutes=10)
        assert browser.get(PAGE).status_code == 200
    time.now = end
    assert browser.get(PAGE).status_code == 302


def test_a_ticket_is_another_after_every_sign_in_and_the_one_before_is_worth_nothing(
    tmp_path: Path,
) -> None:
    here, _, browser = browser_of(tmp_path)
    before = ticket(browser)
    token = inviting.invite(here.store, ("Ada", "ada@example.org", Role.ADMIN), here.clock())
    browser.submit(f"/console/join/{token}", {"password": "four words nobody guesses"})
    after = ticket(browser)
    assert after not in ("", before)
    assert "Ada" in browser.page(PAGE)
    with browser.session_transaction() as kept:
        kept["_user_id"] = before
    assert browser.get(PAGE).status_code == 302


def test_signing_out_ends_it_for_whoever_kept_the_cookie(tmp_path: Path) -> None:
    here, _, browser = browser_of(tmp_path)
    kept_cookie = browser.get_cookie("press-two")
    assert kept_cookie
    assert browser.submit("/console/sign-out").status_code == 302
    assert ticket(browser) == ""
    thief = here.browser()
    thief.set_cookie("press-two", kept_cookie.value)
    assert thief.get(PAGE).status_code == 302


def test_an_administrator_signs_somebody_out_everywhere(tmp_path: Path) -> None:
    here, _, admin = browser_of(tmp_path)
    editors = [here.as_("editor"), here.as_("editor")]
    assert [each.get("/console/today/").status_code for each in editors] == [200, 200]
    assert "Sign out everywhere" in admin.page("/console/people/editor")
    admin.submit("/console/people/editor/revoke")
    assert [each.get("/console/today/").status_code for each in editors] == [302, 302]
    assert admin.get(PAGE).status_code == 200


def test_the_store_holds_no_ticket_that_could_be_used(tmp_path: Path) -> None:
    here, _, browser = browser_of(tmp_path)
    (kept,) = here.store.sign_ins.of("admin", here.clock())
    assert kept.id == name_of(ticket(browser))
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = kept.id
    assert browser.get(PAGE).status_code == 302


def test_a_cookie_that_was_made_up_or_changed_is_nobody_s(tmp_path: Path) -> None:
    here, _, browser = browser_of(tmp_path)
    good = browser.get_cookie("press-two")
    assert good
    for value in ("", "x", good.value[:-2], good.value[2:], "A" + good.value):
        other = here.browser()
        other.set_cookie("press-two", value)
        assert other.get(PAGE).status_code == 302, value


def test_a_new_sealing_key_signs_nobody_out(tmp_path: Path) -> None:
    here, time, browser = browser_of(tmp_path)
    cookie = browser.get_cookie("press-two")
    assert cookie
    newer = "bmV3ZXItc2VhbHMtb2YtdGhlc2UtdGVzdHMtYWxvbmU="
    keys = ",".join([newer, *here.means.settings.sealing_keys])
    later = Console(tmp_path, time, SEALING_KEYS=keys).browser()
    later.set_cookie("press-two", cookie.value)
    assert later.get(PAGE).status_code == 200


def test_behind_a_proxy_the_attempts_are_those_of_who_asked(tmp_path: Path) -> None:
    url = "https://console.example"
    environ: dict[str, Any] = {**LIVE, "PUBLIC_URL": url, "CONSOLE_URL": url}
    for proxies, told in (("0", "127.0.0.1"), ("1", "192.0.2.7")):
        here = Console(tmp_path / proxies, **environ, CONSOLE_PROXIES=proxies)
        seen: list[str | None] = []

        @here.app.before_request
        def note(seen: list[str | None] = seen) -> None:
            from flask import request  # noqa: PLC0415 - of this request

            seen.append(request.remote_addr)

        forwarded = {"X-Forwarded-For": "198.51.100.9, 192.0.2.7", "X-Forwarded-Proto": "https"}
        here.browser().get("/console/sign-in", base_url=url, headers=forwarded)
        assert seen == [told]
