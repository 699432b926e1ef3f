"""The telephone in the console's page rings the real line, and everybody's part is the page's."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from ivr.console.pages import telephone as page
from ivr.console.pages.telephone.calls import MOST, Calls, Ringing, TooManyError
from ivr.console.pages.telephone.handset import Handset, how
from ivr.phone import Answer, Number, Phone
from ivr.web import create_app
from tests import browser as real
from tests import desk, shipped
from tests.console import Browser, Console
from tests.console import console as console_at
from tests.servers import free_port

CALLS = "/console/telephone/calls"
MOBILE = "+447700900461"
CAMBRIDGE = "2212222#"
SPOKEN = """window.spoken = [];
Object.defineProperty(window, "speechSynthesis", {value: {
  getVoices: () => ["any"], cancel: () => {},
  speak: (one) => window.spoken.push([one.text, one.lang]),
}});"""
"""What listens, in the place of a browser's voices, to all that they are given to speak."""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console beside a line that answers over HTTP, on a port of its own."""
    folder, port = tmp_path_factory.mktemp("line"), free_port()
    with served(folder, port):
        yield Console(folder, PORT=str(port), PUBLIC_URL=desk.URL)


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """The line, on a real port."""
    app = create_app(desk.settings({"LOG_LEVEL": "error"}, folder))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def viewer(console: Console) -> Browser:
    """One who sees the line, and nothing else."""
    return console.as_("viewer")


class Held:
    """One call from a page."""

    def __init__(self, console: Console, **form: str) -> None:
        self.browser = viewer(console)
        chosen = {"from": MOBILE, "to": shipped.table().line.number, **form}
        answer = self.browser.submit(CALLS, chosen)
        assert answer.status_code == 201, answer.text
        self.lines: list[str] = []
        self.state = self.take(answer)
        self.url = str(self.state["url"])

    def take(self, answer: TestResponse) -> Mapping[str, Any]:
        state: Mapping[str, Any] | None = answer.json
        assert state is not None
        self.lines += [each["line"] for each in state["events"]]
        return state

    def does(self, *each: str) -> str:
        """Do ``each`` in turn; what is waited for then, or how the call ended."""
        for words in each:
            self.state = self.take(self.post(words))
        return str(self.state["waits"]["whose"] or self.state["over"])

    def post(self, words: str, **form: object) -> TestResponse:
        known = {"step": self.state["step"], "seen": self.state["seen"], "does": words}
        answer = self.browser.submit(self.url, known | form)
        assert answer.status_code in {200, 400}, answer.text
        return answer


def test_a_caller_keys_a_postcode_and_is_put_through(console: Console) -> None:
    call = Held(console)
    assert call.state["waits"]["whose"] == "caller"
    assert call.state["waits"]["most"] == 1
    assert call.does("2", "22 12 222#".replace(" ", "")) == "caller"
    while call.state["waits"]["whose"] == "caller":
        call.does("1")
    assert call.state["waits"]["whose"] == "called"
    number = call.state["waits"]["number"]
    assert call.does("answers and presses 1") == "either"
    assert f"put through to {number}" in call.lines
    assert call.does("rings off").startswith(f"Reached {number}")


def test_each_prompt_is_told_with_the_language_that_it_is_in(console: Console) -> None:
    call, known = Held(console), console.means.catalogues
    *english, welsh = [each for each in call.state["events"] if each["kind"] == "says"]
    assert {each["language"] for each in english} == {known["en"].language}
    assert welsh["language"] == known["cy"].language == "cy-GB"
    key = welsh["what"].rstrip(".")[-1]
    assert welsh["what"] == known["cy"].prompts["language"].text.format(key=key)
    call.does(key)
    pressed, *said = call.state["events"]
    assert (pressed["kind"], pressed["language"]) == ("keys", "")
    assert {each["language"] for each in said} == {"cy-GB"}
    call.does("hangs up")


def test_whoever_is_rung_is_told_in_the_first_language(console: Console) -> None:
    call = to_ringing(console)
    number = call.state["waits"]["number"]
    call.does("busy")
    call.does("declines")
    heard = [each for each in call.state["events"] if each["kind"] == "says" and each["side"]]
    assert heard
    assert {each["language"] for each in heard} == {"en-GB"}
    assert number not in {each["side"] for each in heard}
    call.does("hangs up")


@pytest.mark.skipif(not real.CHROMIUM, reason=real.MISSING)
def test_a_browser_speaks_and_shows_each_prompt_in_its_language(console: Console) -> None:
    with real.browsers() as chromium:
        desk_ = real.desk(chromium)
        desk_.add_init_script(SPOKEN)
        desk_.route("**/*", lambda route: through(viewer(console), route))
        desk_.goto("http://localhost/console/telephone/")
        desk_.get_by_role("button", name="Ring", exact=True).click()
        shown = desk_.locator("[data-part=said] [lang]")
        expect(shown.first).to_be_visible()
        spoken = desk_.evaluate("window.spoken")
        assert {lang for _, lang in spoken} == {"en-GB", "cy-GB"}
        seen = shown.evaluate_all("all => all.map(each => [each.textContent, each.lang])")
        assert seen == spoken
        lines = desk_.locator("[data-part=said] li").all_inner_texts()
        assert f'"{spoken[0][0]}"' in lines
        assert not real.barriers(desk_)
        desk_.get_by_role("button", name="Hang up").click()
        expect(desk_.locator("[data-part=status]")).to_contain_text("Hung up")


def through(here: Browser, route: Route) -> None:
    """Answer what a real browser asks as the console in this process answers it."""
    asked = route.request
    path = asked.url.removeprefix("http://localhost")
    with here.open(
        path, method=asked.method, data=asked.post_data_buffer, headers=asked.headers
    ) as answer:
        route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)


def test_the_caller_too_may_end_the_talk(console: Console) -> None:
    call = to_ringing(console)
    assert call.does("answers and presses 1", "hangs up").startswith("Reached ")
    assert call.lines[-1] == "the caller rings off"
    assert not any("fault" in line for line in call.lines)


@pytest.mark.parametrize("fate", ["busy", "no answer", "fails"])
def test_who_does_not_take_the_call_leaves_it_to_the_next(console: Console, fate: str) -> None:
    call = to_ringing(console)
    first = call.state["waits"]["number"]
    assert call.does(fate) == "called"
    assert call.state["waits"]["number"] != first
    call.does("hangs up")


@pytest.mark.parametrize("fate", ["voicemail", "declines"])
def test_a_machine_keeps_nobody_where_a_person_must_press_1(console: Console, fate: str) -> None:
    call = to_ringing(console)
    call.does("busy")
    second = call.state["waits"]["number"]
    call.does(fate)
    assert f"{second}: not put through" in call.lines
    assert not any(line.startswith("put through") for line in call.lines)
    call.does("hangs up")


@pytest.mark.parametrize("when", ["hangs up", "hangs up after 1.5 s"])
def test_a_caller_may_hang_up_at_a_prompt_and_while_it_rings(console: Console, when: str) -> None:
    assert Held(console).does(when).startswith("Hung up")
    assert to_ringing(console).does(when).startswith("Hung up")


def test_words_are_spoken_and_silence_counts(console: Console) -> None:
    call = Held(console)
    call.does('"mental health please"', "silence")
    assert 'the caller says "mental health please"' in call.lines
    assert any(line.startswith("(silence") for line in call.lines)
    call.does("hangs up")


def test_what_cannot_be_done_is_refused_and_the_call_goes_on(console: Console) -> None:
    call = Held(console)
    answer = call.post("busy")
    assert answer.status_code == 400
    assert answer.json is not None
    assert "keys such as" in answer.json["error"]
    assert call.post("9" * 5000).status_code == 400
    assert call.does("hangs up").startswith("Hung up")


def test_what_is_done_twice_is_done_once(console: Console) -> None:
    call = Held(console)
    seen = call.state["step"]
    call.does("2")
    again = call.post("2", step=seen)
    assert again.json is not None
    assert again.json["step"] == call.state["step"]
    call.does("hangs up")
    assert call.post("2", step=seen).json == {**call.state, "events": []}


def test_a_call_may_be_looked_at_again(console: Console) -> None:
    call = Held(console)
    answer = call.browser.get(f"{call.url}?seen=0&step=0")
    assert answer.json is not None
    assert [each["line"] for each in answer.json["events"]] == call.lines
    call.does("hangs up")


def test_a_call_is_nobody_elses(console: Console) -> None:
    call = Held(console)
    other = console.as_("admin")
    assert other.get(call.url).status_code == 404
    assert other.submit(call.url, {"step": 1, "does": "hangs up"}).status_code == 404
    assert other.get(f"{CALLS}/none").status_code == 404
    call.does("hangs up")


def test_only_numbers_of_the_line_are_rung_and_from_made_up_ones(console: Console) -> None:
    browser = viewer(console)
    line = shipped.table().line.number
    for form in ({"from": MOBILE, "to": MOBILE}, {"from": "+44999", "to": line}, {}):
        assert browser.submit(CALLS, form).status_code == 400


def test_a_withheld_number_and_a_services_own_number_ring_too(console: Console) -> None:
    assert Held(console, **{"from": ""}).does("hangs up").startswith("Hung up")
    own = next(each for each in shipped.table().services.values() if each.own_number)
    call = Held(console, to=own.own_number)
    call.does("silence")
    assert call.state["waits"]["number"] in {each.value for each in own.numbers}
    call.does("hangs up")


def test_a_call_without_its_token_is_refused(console: Console) -> None:
    answer = viewer(console).post(CALLS, data={"from": MOBILE})
    assert answer.status_code == 403


def test_the_page_has_every_key_and_every_fate(console: Console) -> None:
    html = viewer(console).page("/console/telephone")
    for key, _ in page.KEYS:
        assert f'data-key="{key}"' in html
    for words, does in page.FATES:
        assert words in html
        assert does in html
    assert "style=" not in html


def test_a_line_that_does_not_run_is_told(tmp_path: Path) -> None:
    call = Held(Console(tmp_path, PORT=str(free_port()), PUBLIC_URL=desk.URL))
    assert call.state["over"].startswith("Dropped")
    assert any("no answer from 127.0.0.1" in line for line in call.lines)


def test_a_line_that_takes_real_callers_has_no_telephone(tmp_path: Path) -> None:
    url = {"PUBLIC_URL": desk.URL, "CONSOLE_URL": "https://line.example"}
    live = console_at(tmp_path, **desk.LIVE, **url)
    assert "telephone" not in live.app.blueprints
    with pytest.raises(RuntimeError, match="real callers"):
        page.page(live.means)


def test_a_page_that_has_gone_away_hangs_up() -> None:
    board = {"url": b""}

    def post(url: str, _form: Mapping[str, str], _headers: Mapping[str, str]) -> Answer:
        board["url"] = url.encode()
        return Answer(200, "text/xml", b"<Response><Gather/></Response>")

    handset = Handset(patience=0.01)
    phone = Phone(post, Number("https://line.example/voice", token="t"))  # noqa: S106 - made up
    assert how(phone.ring(handset)).startswith("Hung up")


def test_only_so_many_calls_go_on_at_once_and_a_fault_ends_one() -> None:
    over = threading.Event()

    def ring(_handset: Handset, _ringing: Ringing) -> str:
        over.wait()
        raise ZeroDivisionError

    calls = Calls(ring)
    ringing = Ringing("a", MOBILE, MOBILE)
    begun = [calls.begin(ringing)[1] for _ in range(MOST)]
    with pytest.raises(TooManyError, match="hang one up"):
        calls.begin(ringing)
    over.set()
    told = [each.told(0, 0)["over"] for each in begun]
    assert told == ["The telephone has failed: ZeroDivisionError"] * MOST
    assert calls.begin(ringing)


def to_ringing(console: Console) -> Held:
    """A call that rings somebody of a service for which one of two numbers is free."""
    call = Held(console)
    call.does("2", CAMBRIDGE)
    while call.state["waits"]["whose"] == "caller":
        call.does("1")
    return call


def test_nothing_of_it_needs_more_than_to_see(console: Console) -> None:
    anybody = console.browser()
    assert isinstance(anybody, Browser)
    assert anybody.get("/console/telephone").status_code == 302
