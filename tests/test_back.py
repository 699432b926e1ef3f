"""Whoever is rung back is answered whatever comes; what came of it is kept before it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from ivr.events import Event
from ivr.outbox import Outbox
from ivr.phone.reading import read
from ivr.phone.told import is_last_resort
from ivr.phone.verbs import Conference, Dial, Document, Gather, Hangup, Redirect, Say
from ivr.ringing_back import CALLER, ELSEWHERE, PRESSED, SERVICE, SORRY, STATUS, Back, address
from ivr.web.parts import switchboard
from ivr.web.switchboard import Switchboard
from tests import desk, shipped
from tests.desk import TOKEN, URL, Desk

ID = "0123456789abcdef" * 2
PLACED = {"CallSid": "CA" + "2" * 32, "From": "+441632960900", "To": "+441632960901"}
TO_SERVICE = Back(ID, SERVICE, 1, 1, "mh009")
TO_CALLER = Back(ID, CALLER, 1, 0, "mh009")
ROOM = f"callback-{ID}-1"

Fields = Sequence[tuple[str, str]]


class Line(Desk):
    """A desk that tells of a call placed to ring back, at a line whose outbox can be read."""

    def __init__(self, folder: Path, board: Switchboard | None = None) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "local-token").write_text(TOKEN)
        super().__init__(board=board, STATE_DIR=str(folder))
        self.call = {**PLACED, "CallStatus": "in-progress"}
        self.outbox = Outbox(folder / "outbox.sqlite3")

    def events(self) -> list[Event]:
        batch = self.outbox.batch(10_000)
        return list(batch.events) if batch else []

    def hear(self, back: Back, place: str = "", digits: str | None = None) -> Document:
        form = {} if digits is None else {"Digits": digits}
        return self.document(address("", back, place), form)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


@pytest.fixture
def full(tmp_path: Path) -> Line:
    """A line whose outbox cannot be written."""
    (tmp_path / "outbox.sqlite3").mkdir()
    return Line(tmp_path)


def said(document: Document) -> str:
    verbs = [
        prompt
        for verb in document.verbs
        for prompt in (verb.prompts if isinstance(verb, Gather) else (verb,))
    ]
    return " ".join(verb.text for verb in verbs if isinstance(verb, Say))


def room(document: Document) -> str:
    dial = next((verb for verb in document.verbs if isinstance(verb, Dial)), None)
    return dial.conference.name if dial and dial.conference else ""


def is_let_go(document: Document) -> bool:
    return document.verbs == (Hangup(),)


def is_put_through(document: Document) -> bool:
    """Whether it is the last resort, that rings the line that is always open."""
    last = document.verbs[-1]
    return isinstance(last, Say) and is_last_resort(last.text)


def test_a_service_is_told_whom_the_caller_asked_for_and_waits_for_them_once_it_pressed_1(
    line: Line,
) -> None:
    asked = line.hear(TO_SERVICE)
    assert shipped.table().services["mh009"].spoken in said(asked)
    gather, redirect = asked.verbs
    assert isinstance(gather, Gather)
    assert redirect == Redirect(gather.action), "silence is answered too"
    assert room(line.document(gather.action, {"Digits": "1"})) == ROOM
    (event,) = line.events()
    assert (event.kind, event.call) == ("callback", PLACED["CallSid"])
    assert event.facts == {
        "callback": ID, "side": "service", "attempt": 1, "ring": 1, "service": "mh009",
        "what": "accepted",
    }  # fmt: skip


def test_a_service_that_no_table_knows_is_asked_all_the_same(line: Line) -> None:
    for code in ("mh9999", "", "+447700900123"):
        asked = line.document(f"/back/service?callback={ID}&attempt=1&service={code}", {})
        assert said(asked).startswith("Press 1, and we will ring the caller now")


def test_the_caller_is_joined_to_the_service_once_they_pressed_1(line: Line) -> None:
    asked = line.hear(TO_CALLER)
    gather = asked.verbs[0]
    assert isinstance(gather, Gather)
    joined = line.document(gather.action, {"Digits": "1"})
    dial = next(verb for verb in joined.verbs if isinstance(verb, Dial))
    assert dial.conference == Conference(ROOM, begins=True, ends=True)
    assert "please ring again" in said(joined), "what they hear once the service has gone"
    assert [event.facts["what"] for event in line.events()] == ["accepted"]


def test_silence_is_told_twice_and_then_let_go_without_a_word(line: Line) -> None:
    for back in (TO_SERVICE, TO_CALLER):
        url, times = address("", back), 0
        while gathers := [v for v in line.document(url, {}).verbs if isinstance(v, Gather)]:
            url, times = gathers[0].action, times + 1
        assert times == 2
        assert is_let_go(line.document(url, {}))
    assert line.events() == [], "how the call ended is told by its status"


def test_a_welsh_caller_may_be_rung_back_in_welsh_and_the_service_is_told_in_english(
    line: Line,
) -> None:
    assert "pwyswch 1" in said(line.document(f"{address('', TO_CALLER)}&language=cy", {}))
    assert "Press 1" in said(line.document(f"{address('', TO_SERVICE)}&language=cy", {}))
    assert "press 1" in said(line.document(f"{address('', TO_CALLER)}&language=xx", {}))


def test_whoever_presses_9_is_told_that_they_will_not_be_rung_again_once_it_is_kept(
    line: Line,
) -> None:
    assert "will not ring this number again" in said(line.hear(TO_CALLER.said(), PRESSED, "9"))
    (event,) = line.events()
    assert (event.facts["what"], event.facts["side"]) == ("never", "caller")
    assert "number" not in event.facts


def test_the_same_answer_told_twice_is_one(line: Line) -> None:
    for _ in range(3):
        assert room(line.hear(TO_CALLER.said(), PRESSED, "1")) == ROOM
        line.post(address("", TO_CALLER, STATUS), {"CallStatus": "ringing", "SequenceNumber": "1"})
    assert [event.id[34:] for event in line.events()] == ["-b-accepted", "-b-1"]


def test_a_machine_hears_nothing_where_twilio_says_that_it_is_one(line: Line) -> None:
    form = {"AnsweredBy": "machine_start"}
    assert is_let_go(line.document(address("", TO_CALLER), form))
    assert [event.facts["what"] for event in line.events()] == ["machine"]


def test_nothing_is_said_to_be_done_that_could_not_be_kept(full: Line) -> None:
    service = full.hear(TO_SERVICE.said(), PRESSED, "1")
    assert not room(service)
    assert "was not kept" in said(service)
    assert isinstance(service.verbs[-1], Hangup)
    never = full.hear(TO_CALLER.said(), PRESSED, "9")
    assert "was not kept" in said(never)
    assert "will not ring" not in said(never)
    assert isinstance(never.verbs[0], Gather), "they may press it again"


def test_a_caller_is_put_through_though_it_could_not_be_kept(full: Line) -> None:
    assert room(full.hear(TO_CALLER.said(), PRESSED, "1")) == ROOM


def test_how_both_calls_are_doing_is_kept_and_answered_with_nothing(line: Line) -> None:
    for count, word in enumerate(("initiated", "ringing", "in-progress", "completed")):
        form = {"CallStatus": word, "SequenceNumber": str(count), "CallDuration": "31"}
        answer = line.post(address("", TO_SERVICE, STATUS), form)
        assert (answer.status_code, answer.data) == (204, b"")
    events = line.events()
    assert [event.facts["leg"] for event in events][-1] == "completed"
    assert {event.facts["what"] for event in events} == {"status"}
    assert events[-1].facts["seconds"] == 31


def test_a_service_is_told_when_the_caller_could_not_be_reached(line: Line) -> None:
    told = line.hear(TO_SERVICE, SORRY)
    assert "could not be reached" in said(told)
    assert isinstance(told.verbs[-1], Hangup)


def test_a_caller_whose_service_rang_off_meanwhile_is_put_through_to_somebody_else(
    line: Line,
) -> None:
    alone = line.hear(TO_CALLER, SORRY)
    gather = alone.verbs[0]
    assert isinstance(gather, Gather)
    assert "they have rung off" in said(alone)
    assert is_put_through(line.document(gather.action, {"Digits": "1"}))
    assert is_let_go(line.document(gather.action, {})), "whoever it is has not pressed 1"
    told = [(event.id[34:], event.facts["what"]) for event in line.events()]
    assert told == [("-b-sorry", "sorry"), ("-b-elsewhere", "elsewhere")]


def test_that_somebody_is_told_they_wait_in_vain_is_said_whether_or_not_it_is_kept(
    line: Line, full: Line
) -> None:
    for back in (TO_SERVICE, TO_CALLER):
        assert said(line.hear(back, SORRY)) == said(full.hear(back, SORRY))
    assert is_put_through(full.hear(TO_CALLER.said(), ELSEWHERE, "1"))
    for query in ("callback=x&attempt=1", "nothing=1"):
        line.document(f"/back/{SORRY}?{query}", {})
        assert is_put_through(line.document(f"/back/{ELSEWHERE}?{query}", {"Digits": "1"}))


@pytest.mark.parametrize(
    "query", ["nothing=1", "callback=x&attempt=1", f"callback={ID}", f"callback={ID}&attempt=-1"]
)
def test_two_strangers_are_never_joined_by_addresses_that_tell_nothing(
    line: Line, query: str
) -> None:
    """Else all calls with such addresses would meet in one room."""
    assert is_let_go(line.document(f"/back/service/pressed?{query}", {"Digits": "1"}))
    assert is_let_go(line.document(f"/back/caller?{query}", {}))
    caller = line.document(f"/back/caller/pressed?{query}", {"Digits": "1"})
    assert is_put_through(caller), "but a caller who pressed 1 is put through to somebody"
    assert line.post(f"/back/status?{query}", {"CallStatus": "ringing"}).status_code == 204
    assert line.events() == []


def test_a_fault_of_ours_lets_a_service_go_and_puts_a_caller_through(tmp_path: Path) -> None:
    class Broken(Switchboard):
        def call_name(self, _: str) -> str:
            raise RuntimeError("a fault of ours, with +447700900123 in it")

        def spoken(self, _: str) -> str:
            raise RuntimeError("and another")

    board = switchboard(desk.settings({"STATE_DIR": str(tmp_path)}))
    board.__class__ = Broken
    line = Line(tmp_path, board)
    assert is_let_go(line.hear(TO_SERVICE))
    assert is_let_go(line.hear(TO_CALLER))
    assert is_let_go(line.hear(TO_CALLER, PRESSED, "9"))
    assert is_put_through(line.hear(TO_CALLER, PRESSED, "1"))
    assert line.post(address("", TO_CALLER, STATUS), {}).status_code == 204
    assert {fault["fault"] for fault in line.faults()} == {"RuntimeError"}
    assert "447700900123" not in str(line.log)


def test_a_line_without_a_table_still_asks_and_joins(tmp_path: Path) -> None:
    settings = desk.settings({"STATE_DIR": str(tmp_path), "CONFIG_DIR": str(tmp_path / "config")})
    (tmp_path / "config").mkdir()
    for file in shipped.CONFIG.glob("prompts.*.toml"):
        (tmp_path / "config" / file.name).write_bytes(file.read_bytes())
    line = Line(tmp_path, switchboard(settings))
    assert "ring the caller now" in said(line.hear(TO_SERVICE))
    assert room(line.hear(TO_CALLER.said(), PRESSED, "1")) == ROOM


def test_what_is_not_signed_is_refused_and_leaves_nothing(line: Line) -> None:
    for back in (TO_SERVICE, TO_CALLER):
        for place in ("", PRESSED, SORRY, ELSEWHERE, STATUS):
            url = address("", back, place)
            assert line.client.post(url, data={**line.call, "Digits": "1"}).status_code == 403
            assert line.client.get(url).status_code == 405
    assert line.client.post("/back/nobody").status_code == 404
    assert line.events() == []


def test_what_is_kept_and_logged_says_nothing_of_who_was_rung(line: Line) -> None:
    line.call = {**line.call, "To": "+447700900123"}
    for place, digits in ((PRESSED, "1"), (PRESSED, "9"), (STATUS, "")):
        line.post(address("", TO_CALLER.said(), place), {"Digits": digits, "CallStatus": "busy"})
    assert len(line.log) == len(events := line.events()) == 3
    assert "447700900123" not in f"{line.log} {events}"


# -- whatever comes ------------------------------------------------------------------------------

VALUE = st.text(max_size=30) | st.sampled_from(
    ["1", "2", "9", "11", "", ID, "mh009", "cy", "0", "99", "100", "-1", "٣", "caller", "service",
     "completed", "no-answer", "machine_start", "+447700900123", "CA" + "2" * 32]
)  # fmt: skip
FIELD = st.sampled_from(
    [
        "CallSid",
        "Digits",
        "CallStatus",
        "CallDuration",
        "SequenceNumber",
        "AnsweredBy",
        "From",
        "To",
    ]
)
NAME = st.sampled_from(
    ["callback", "attempt", "ring", "tries", "service", "queue", "language", "side", "marker"]
)
PATHS = ("/back/service", "/back/service/pressed", "/back/caller", "/back/caller/pressed",
         "/back/test", "/back/test/pressed", "/back/sorry", "/back/sorry/pressed",
         "/back/status")  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Line:
    return Line(tmp_path_factory.mktemp("hostile"))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PATHS),
    st.lists(st.tuples(FIELD, VALUE), max_size=6),
    st.lists(st.tuples(NAME, VALUE), max_size=6),
)
def test_whatever_comes_is_answered_and_nobody_is_kept_in_silence(
    hostile: Line, path: str, fields: Fields, query: Fields
) -> None:
    answer = sent(hostile, f"{path}?{urlencode(query)}" if query else path, fields)
    if path.endswith(STATUS):
        assert (answer.status_code, answer.data) == (204, b"")
        return
    document = read(answer.data, answer.content_type)
    last = document.verbs[-1]
    assert isinstance(last, Hangup | Redirect) or is_put_through(document)
    pressed = {value for name, value in fields if name == "Digits"}
    assert not room(document) or pressed <= {"1"}
    if path == "/back/caller/pressed" and pressed == {"1"}:
        assert room(document) or is_put_through(document)


def sent(line: Line, url: str, fields: Fields) -> TestResponse:
    form = MultiDict(fields)
    signature = RequestValidator(TOKEN).compute_signature(URL + url, form)
    return line.client.post(url, data=form, headers={"X-Twilio-Signature": signature})


# -- who may be promised to be rung back ----------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "offered"),
    [
        ({}, False),
        ({"TWILIO_AUTH_TOKEN_NEXT": TOKEN}, False),
        ({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}, False),
        ({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN_NEXT": TOKEN}, True),
    ],
)
def test_a_table_for_real_callers_offers_a_callback_only_where_there_is_an_account_to_ring_with(
    environ: Mapping[str, str], *, offered: bool
) -> None:
    board = switchboard(desk.settings(environ))
    table = shipped.table()
    live = replace(table, line=replace(table.line, test_line=False))
    assert board._promises(live)() is offered
    assert board._promises(table)(), "a test line's callers are none"
