"""The page Callbacks: the list, a number on a press alone, and what a person may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from html import unescape

import pytest
from werkzeug.test import TestResponse

from ivr.callbacks import (
    Callback,
    CallbackError,
    State,
    asked,
    barred,
    close,
    decide,
    hand_over,
    retry,
    take_on,
)
from ivr.callbacks.callback import RULES
from ivr.callbacks.deciding import Facts, Rest, Ring
from ivr.console.pages.callbacks import worklist
from ivr.store import Change
from tests import shipped
from tests.console import Browser, Console
from tests.shipped import NOON

SERVICE, OTHER = sorted(shipped.table().services)[3:5]
CALL = "CA" + "1" * 32


def fresh(minutes: int = 0, name: str = "a") -> Callback:
    """A callback that was asked for so many minutes before noon."""
    return asked(name * 32, CALL, SERVICE, NOON - timedelta(minutes=minutes))


def words(page: str) -> str:
    text = unescape(re.sub("<[^>]*>", " ", page)).replace("\u00a0", " ")
    return " ".join(text.split())


# What a person makes of one.


def test_handed_over_it_is_the_other_service_that_is_rung() -> None:
    failed = replace(fresh(), state=State.NEEDS_A_PERSON, why="no_answer", due=None)
    after = hand_over(failed, OTHER, NOON)
    assert (after.service, after.state, after.due) == (OTHER, State.ASKED, NOON)
    assert after.expires >= NOON + timedelta(hours=1)
    assert decide(after, NOON, RULES, Facts(rings=(1,))) == Ring("service", 1)


def test_taken_on_no_machine_rings_any_more() -> None:
    after = take_on(fresh(), NOON)
    assert (after.state, after.why) == (State.NEEDS_A_PERSON, "taken_on")
    assert decide(after, NOON, RULES, Facts(rings=(1,))) == Rest(None)
    assert retry(after, NOON).state is State.ASKED


def test_one_that_must_not_be_rung_is_neither_tried_again_nor_handed_over() -> None:
    never = barred(fresh(), "opted_out", NOON)
    assert take_on(never, NOON) == never
    with pytest.raises(CallbackError, match="never to be rung"):
        retry(never, NOON)
    with pytest.raises(CallbackError, match="never to be rung"):
        hand_over(never, OTHER, NOON)


@pytest.mark.parametrize("state", [State.RINGING_SERVICE, State.RINGING_CALLER])
def test_nothing_is_changed_while_a_telephone_rings(state: State) -> None:
    ringing = replace(fresh(), state=state)
    with pytest.raises(CallbackError, match="is being rung"):
        hand_over(ringing, OTHER, NOON)
    with pytest.raises(CallbackError, match="is being rung"):
        take_on(ringing, NOON)
    with pytest.raises(CallbackError, match="is being rung"):
        close(ringing, "rang them", NOON)


def test_a_service_is_not_handed_what_it_has() -> None:
    with pytest.raises(CallbackError, match="has it already"):
        hand_over(fresh(), SERVICE, NOON)


# What the list shows.


def test_the_list_begins_with_what_no_machine_does_and_then_the_oldest() -> None:
    left = barred(fresh(1, "d"), "cap", NOON)
    done = replace(fresh(90, "e"), state=State.CLOSED)
    found = [fresh(5, "a"), done, fresh(50, "b"), left]
    items = worklist.urgent_first(worklist.item(each, {}, NOON) for each in found)
    assert [each.short[0] for each in items] == ["d", "b", "a", "e"]
    assert [each.overdue for each in items] == [False, True, False, False]


def test_an_item_tells_its_age_its_deadline_and_what_follows() -> None:
    item = worklist.item(fresh(45), shipped.table().services, NOON)
    assert item.age.replace("\u00a0", " ") == "45 min"
    assert item.deadline.replace("\u00a0", " ") == "15 min ago"
    assert item.following == "now"
    waits = replace(fresh(5), state=State.UNANSWERED, due=NOON + timedelta(minutes=3))
    assert worklist.item(waits, {}, NOON).following == "at 12:03:00"
    ended = replace(fresh(5), state=State.CLOSED, due=None, changed=NOON - timedelta(minutes=4))
    item = worklist.item(ended, {}, NOON)
    assert (item.age.replace("\u00a0", " "), item.deadline, item.following) == ("1 min", "", "")


def test_every_state_has_words() -> None:
    assert set(worklist.STATES) == set(State)


def test_whoever_took_it_on_last_is_told_until_it_is_tried_again() -> None:
    def line(who: str, what: str, state: State) -> Change:
        return Change(NOON, who, what, state)

    first = line("a@example.org", "taken on", State.NEEDS_A_PERSON)
    history = [first, line("b@example.org", "number shown", State.NEEDS_A_PERSON)]
    assert worklist.taken_on_by(history) == "a@example.org"
    assert worklist.taken_on_by([*history, line("line", "retry", State.ASKED)]) == ""
    assert worklist.taken_on_by([]) == ""


# The pages.


class Desk:
    """A console with one more promise that is open, to a number that had none yet."""

    def __init__(self, console: Console, which: int) -> None:
        self.console = console
        self.store = console.store
        self.number = f"+447700900{which:03}"
        asked_at = NOON - timedelta(minutes=10)
        made = self.store.callbacks.promise(f"p{which}", CALL, SERVICE, self.number, asked_at)
        self.id = made.id
        self.url = f"/console/callbacks/{self.id}"

    @property
    def now(self) -> Callback:
        found = self.store.callbacks.get(self.id)
        assert found
        return found

    def done(self) -> list[str]:
        return [each.what for each in self.store.callbacks.history(self.id)]

    def does(self, what: str, browser: Browser | None = None, **form: object) -> TestResponse:
        browser = browser or self.console.as_("editor")
        return browser.submit(f"{self.url}/{what}", {"version": self.now.version, **form})


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    made = Console(tmp_path_factory.mktemp("callbacks"))
    made.as_ = cache(made.as_)  # type: ignore[method-assign] # each is signed in once
    yield made
    made.store.close()


@pytest.fixture
def desk(console: Console) -> Desk:
    return Desk(console, len(console.store.callbacks.among(list(State), NOON - timedelta(days=1))))


def test_no_page_shows_a_number_by_itself(desk: Desk) -> None:
    admin = desk.console.as_("admin")
    for url in ("/console/callbacks/", "/console/callbacks/live", desk.url):
        page = admin.page(url)
        assert desk.id in page
        assert desk.number[1:] not in page
        assert desk.number[-6:] not in page


def test_a_number_is_shown_on_a_press_that_is_written_down_twice(desk: Desk) -> None:
    answer = desk.does("number")
    assert desk.number in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    newest = desk.store.audit.newest(1)[0]
    assert (newest.who, newest.what, newest.about) == (
        "editor@example.org",
        "callback: number shown",
        desk.id,
    )
    assert desk.number[1:] not in str(newest)
    assert desk.done()[-1] == "number shown"
    assert desk.number not in desk.console.as_("editor").page(desk.url)


def test_where_it_cannot_be_written_down_no_number_is_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("the disk is full")

    desk.console.app.testing = False
    monkeypatch.setattr(desk.console.means, "audit", full)
    answer = desk.does("number")
    assert answer.status_code == 500
    assert desk.number not in answer.text


def test_a_viewer_sees_the_list_and_changes_nothing(desk: Desk) -> None:
    viewer, before = desk.console.as_("viewer"), desk.now
    page = viewer.page(desk.url)
    assert "Shown to editors" in page
    assert "<form" not in page.split("<main", 1)[1]
    for what in ("number", "close", "retry", "hand-over", "take-on"):
        assert desk.does(what, viewer, reason="rang them", service=OTHER).status_code == 403
        assert viewer.get(f"{desk.url}/{what}").status_code == 405
    assert desk.now == before
    assert desk.done() == ["asked"]


def test_nothing_is_done_without_a_forms_token(desk: Desk) -> None:
    editor = desk.console.as_("editor")
    for what in ("number", "close", "retry", "hand-over", "take-on"):
        assert editor.post(f"{desk.url}/{what}", data={"version": 0}).status_code == 403
    assert desk.done() == ["asked"]


def test_closing_takes_a_reason_and_erases_the_number(desk: Desk) -> None:
    assert "Give a reason" in desk.does("close", reason=" ").text
    refused = desk.does("close", reason="rang 07700 900123")
    assert refused.status_code == 409
    assert "may be a number" in refused.text
    assert desk.now.is_open
    answer = desk.does("close", reason="rang them,\0\r\n they are well")
    assert (answer.status_code, answer.location) == (303, desk.url)
    assert (desk.now.state, desk.now.why) == (State.CLOSED, "rang them, they are well")
    assert desk.done()[-1] == "closed: rang them, they are well"
    assert desk.store.callbacks.number(desk.id) == ""
    page = words(desk.console.as_("editor").page(desk.url))
    assert "Caller's number Erased" in page
    assert "What you can do" not in page
    assert desk.does("number").status_code == 409


def test_what_has_moved_since_it_was_shown_is_not_changed(desk: Desk) -> None:
    answer = desk.does("close", reason="rang them", version=desk.now.version - 1)
    assert answer.status_code == 409
    assert "It changed while you were looking" in answer.text
    assert desk.now.is_open


def test_it_is_handed_over_to_a_service_of_the_table_alone(desk: Desk) -> None:
    assert "Choose a service of the table" in desk.does("hand-over", service="nowhere").text
    assert desk.does("hand-over", service=OTHER).status_code == 303
    assert (desk.now.service, desk.now.state) == (OTHER, State.ASKED)
    assert desk.done()[-1] == f"handed over: to {OTHER}"
    assert desk.store.audit.newest(1)[0].what == "callback: handed over"


def test_one_that_is_taken_on_says_by_whom_and_can_be_taken_by_another(desk: Desk) -> None:
    assert desk.does("take-on").status_code == 303
    assert desk.now.why == "taken_on"
    assert "Taken on by editor@example.org" in words(
        desk.console.as_("viewer").page("/console/callbacks/")
    )
    assert desk.does("take-on", desk.console.as_("admin")).status_code == 303
    assert "Taken on by admin@example.org" in words(desk.console.as_("viewer").page(desk.url))
    assert desk.does("retry").status_code == 303
    assert "Taken on by" not in words(desk.console.as_("viewer").page(desk.url))


def test_what_has_ended_is_listed_by_itself(desk: Desk) -> None:
    desk.does("close", reason="rang them")
    viewer = desk.console.as_("viewer")
    assert desk.id not in viewer.page("/console/callbacks/")
    assert desk.id in viewer.page("/console/callbacks/?ended=1")


def test_the_list_refreshes_itself_and_can_be_kept_still(desk: Desk) -> None:
    viewer = desk.console.as_("viewer")
    assert 'hx-get="/console/callbacks/live"' in viewer.page("/console/callbacks/")
    assert "hx-get" not in viewer.page("/console/callbacks/?still=1")
    assert "<html" not in viewer.page("/console/callbacks/live")


@pytest.mark.parametrize("which", ["f" * 32, "%00", "x'--"])
def test_a_callback_that_nobody_knows_is_not_there(desk: Desk, which: str) -> None:
    assert desk.console.as_("viewer").get(f"/console/callbacks/{which}").status_code == 404


@pytest.mark.parametrize("state", list(State))
def test_a_history_tells_states_in_words(state: State) -> None:
    assert worklist.done(state.value) == worklist.STATES[state]
    assert worklist.done("rang the service") == "rang the service"
