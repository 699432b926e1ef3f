"""Every turn and every tiding leaves one event, before Twilio is answered, and none says who."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from ivr.events import Event
from ivr.outbox import Outbox
from ivr.phone import Answer, Mischief, Number, Phone, Troubles, in_process
from ivr.phone.acting import Actors
from ivr.phone.script import read_script
from ivr.web.form import happened
from ivr.web.parts import switchboard
from ivr.web.switchboard import Switchboard
from tests import shipped
from tests.desk import TOKEN, URL, Desk, settings
from tests.outboxes import ROOT

SID = "CA" + "0" * 32
LEG = {"CallSid": "CA" + "1" * 32, "ParentCallSid": SID, "From": "+441632960900"}
OVER = {"CallStatus": "completed", "CallDuration": "31"}


class Line(Desk):
    """A desk at a line whose outbox can be looked into."""

    def __init__(self, folder: Path, board: Switchboard | None = None) -> None:
        (folder / "local-token").write_text(TOKEN)
        super().__init__(board=board, STATE_DIR=str(folder))
        self.outbox = Outbox(folder / "outbox.sqlite3")

    def events(self) -> list[Event]:
        batch = self.outbox.batch(10_000)
        return list(batch.events) if batch else []


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def short(events: list[Event]) -> list[str]:
    return [event.id.removeprefix(SID) for event in events]


def test_the_picking_up_and_each_answer_leave_an_event(line: Line) -> None:
    line.after("/voice", {}, {"Digits": "2"}, {"Digits": ""})
    picked_up, menu, silent = line.events()
    assert short([picked_up, menu, silent]) == ["-t00", "-t01", "-t02"]
    assert picked_up.facts["step"] == "ringing"
    assert picked_up.facts["via"] == "menu"
    assert (menu.facts["heard"], menu.facts["reached"]) == ("keys", "place")
    assert (silent.facts["heard"], silent.facts["tries"]) == ("silence", 2)
    names = {event.facts["caller"] for event in (picked_up, menu, silent)}
    assert len(names) == 1
    assert len(str(names.pop())) == 32


def test_the_same_webhook_twice_is_one_event(line: Line) -> None:
    for _ in range(2):
        line.post("/voice", {})
        line.post("/status", {**OVER, "SequenceNumber": "0"})
        line.post("/status/leg?service=mh009&ring=1&turn=4", {**LEG, **OVER})
    assert short(line.events()) == ["-t00", "-s0", "-t04-scompleted"]


def test_whoever_rings_a_services_own_number_is_told_from_who_came_by_the_menu(
    line: Line,
) -> None:
    numbers = shipped.table().own_numbers
    number, service = next(iter(numbers.items()))
    line.post("/voice", {"To": number})
    (event,) = line.events()
    assert (event.facts["via"], event.facts["service"]) == ("own_number", service)


def test_a_withheld_number_has_no_name(line: Line) -> None:
    line.post("/voice", {"From": "anonymous"})
    line.post("/status", {"From": "+266696687", **OVER})
    assert [event.facts["caller"] for event in line.events()] == ["", ""]


def test_a_ring_says_how_it_ended_and_how_long_it_was(line: Line) -> None:
    ended = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "17"}
    line.post("/voice/connect?turn=2&ring=1&service=mh009", ended)
    (event,) = line.events()
    facts = event.facts
    assert (facts["leg"], facts["bridged"], facts["seconds"]) == ("completed", True, 17)
    assert (facts["heard"], facts["reached"], facts["turn"]) == ("leg", "ended", 3)


def test_each_telephone_that_is_rung_is_asked_to_tell_when_it_is_answered(line: Line) -> None:
    rung = line.post("/voice/connect?turn=2&service=mh001&area=L", {}).text
    assert 'statusCallback="/status/leg?service=mh001&amp;ring=1&amp;turn=3"' in rung
    assert 'statusCallbackEvent="answered completed"' in rung
    busy = {"DialCallStatus": "busy"}
    third = line.post("/voice/connect?turn=4&ring=2&service=mh001&area=L", busy).text
    assert "service=mh035&amp;ring=3&amp;turn=5" in third, "whose it is: who took over"
    fallback = line.post("/voice/fallback?turn=2&service=mh001", {"Digits": ""}).text
    assert f"service={shipped.table().line.fallback}&amp;ring=1" in fallback


def test_a_turn_that_goes_wrong_leaves_that_it_came_to_the_last_resort(tmp_path: Path) -> None:
    class Broken(Switchboard):
        def world(self, *_: object) -> None:  # type: ignore[override]
            raise RuntimeError("a fault of ours")

    board = switchboard(settings({"STATE_DIR": str(tmp_path)}))
    board.__class__ = Broken
    line = Line(tmp_path, board)
    assert "<Dial" in line.post("/voice", {}).text
    assert "<Dial" in line.post("/voice/place?turn=1", {"Digits": "1"}).text
    assert "<Dial" in line.post("/voice/+447700900123?turn=x", {}).text
    first, second, odd = line.events()
    assert (first.id, first.facts["step"]) == (f"{SID}-t00", "ringing")
    assert (second.id, second.facts["step"]) == (f"{SID}-t02", "place")
    assert "step" not in odd.facts
    assert {event.facts["reached"] for event in (first, second, odd)} == {"last_resort"}


def test_a_fault_in_the_speaking_leaves_the_last_resort_and_not_the_turn(tmp_path: Path) -> None:
    class Mute(Switchboard):
        def script(self, *_: object) -> None:  # type: ignore[override]
            raise RuntimeError("a fault of ours")

    board = switchboard(settings({"STATE_DIR": str(tmp_path)}))
    board.__class__ = Mute
    line = Line(tmp_path, board)
    assert "<Dial" in line.post("/voice/welcome", {"Digits": "2"}).text
    assert [event.facts["reached"] for event in line.events()] == ["last_resort"]


def test_a_fault_in_the_writing_down_of_the_last_resort_still_rings_the_fallback(
    tmp_path: Path,
) -> None:
    class Broken(Switchboard):
        def world(self, *_: object) -> None:  # type: ignore[override]
            raise RuntimeError("a fault of ours")

        def call_name(self, _: str) -> str:
            raise RuntimeError("and another")

    board = switchboard(settings({"STATE_DIR": str(tmp_path)}))
    board.__class__ = Broken
    assert "<Dial" in Line(tmp_path, board).post("/voice", {}).text


def test_a_call_that_went_astray_is_counted_among_its_turns(line: Line) -> None:
    line.post("/voice", {})
    line.post("/voice/nowhere?turn=7", {})
    astray = line.events()[1]
    assert astray.id == f"{SID}-t08"
    assert (astray.facts["step"], astray.facts["reached"]) == ("astray", "fallback")


def test_a_number_set_to_get_leaves_that_too(line: Line) -> None:
    url = f"/voice?CallSid={SID}"
    signed = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(URL + url, {})}
    assert line.client.get(url, headers=signed).status_code == 200
    (event,) = line.events()
    assert (event.id, event.facts["reached"]) == (f"{SID}-t00", "last_resort")


def test_a_strangers_request_leaves_nothing(line: Line) -> None:
    for url in ("/voice", "/voice/place", "/status", "/status/leg"):
        for form in (line.call, {"x": "y" * 100_000}):
            assert line.client.post(url, data=form).status_code == 403
            forged = {"X-Twilio-Signature": "x"}
            assert line.client.post(url, data=form, headers=forged).status_code == 403
    assert not line.events()


def test_the_end_of_a_call_is_kept_with_how_long_it_was(line: Line) -> None:
    answer = line.post("/status", {**OVER, "SequenceNumber": "0"})
    assert (answer.status_code, answer.data) == (204, b"")
    (event,) = line.events()
    assert (event.kind, event.facts["status"], event.facts["seconds"]) == (
        "status",
        "completed",
        31,
    )


HEARD = datetime(2026, 11, 22, 12, 0, 45, 500_000, tzinfo=UTC)
AT_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("Sun, 22 Nov 2026 12:00:00 +0000", AT_NOON),
        ("Sun, 22 Nov 2026 12:00:00 GMT", AT_NOON),
        ("Sun, 22 Nov 2026 06:00:46 +0000", AT_NOON - timedelta(hours=6, seconds=-46)),
        ("Sun, 22 Nov 2026 12:00:44 +0000", AT_NOON + timedelta(seconds=44)),
        ("Sun, 22 Nov 2026 12:00:45 +0000", HEARD),
        ("Sun, 22 Nov 2026 12:00:46 +0000", HEARD),
        ("Sun, 22 Nov 2026 06:00:45 +0000", HEARD),
        ("Sun, 22 Nov 2026 12:00:00", HEARD),
        ("Sun, 22 Nov 2026 12:00:00 -0000", HEARD),
        ("2026-11-22T12:00:00Z", HEARD),
        ("", HEARD),
    ],
)
def test_a_tiding_is_of_when_twilio_says_it_happened_where_that_can_be(
    stamp: str, at: datetime
) -> None:
    assert happened(stamp, HEARD) == at


@given(st.text(max_size=100) | st.from_regex(r"\w{3}, \d+ Jan \d+ \d+:\d+:\d+ [+-]\d+"))
def test_whatever_is_stamped_a_tiding_is_never_of_what_is_to_come(stamp: str) -> None:
    assert HEARD - timedelta(hours=6) <= happened(stamp, HEARD) <= HEARD


def test_a_tiding_that_comes_late_is_of_when_it_happened_and_waits_since_it_was_heard(
    tmp_path: Path,
) -> None:
    (tmp_path / "local-token").write_text(TOKEN)
    board = switchboard(settings({"STATE_DIR": str(tmp_path)}), lambda: HEARD)
    line = Line(tmp_path, board)
    late = {"CallStatus": "in-progress", "Timestamp": "Sun, 22 Nov 2026 12:00:00 +0000"}
    line.post("/status/leg?service=mh009&ring=2&turn=4", {**LEG, **late, "SequenceNumber": "2"})
    line.post("/status", {**OVER, **late, "SequenceNumber": "0"})
    assert line.outbox.depth() == (2, HEARD), "nobody is late but Twilio"
    assert [event.at for event in line.events()] == [AT_NOON, AT_NOON]


def test_a_leg_is_kept_with_the_call_it_was_rung_for(line: Line) -> None:
    url = "/status/leg?service=mh009&ring=2&turn=4"
    line.post(url, {**LEG, "CallStatus": "in-progress", "SequenceNumber": "2"})
    line.post(url, {**LEG, **OVER, "SequenceNumber": "3"})
    answered, over = line.events()
    assert short([answered, over]) == ["-t04-s2", "-t04-s3"]
    assert (answered.facts["leg"], over.facts["seconds"]) == ("in-progress", 31)
    assert "caller" not in answered.facts


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"CallStatus": "a\ud800\x00 'word", "CallDuration": "-1", "SequenceNumber": "two"},
        {"CallStatus": "x" * 5000, "CallDuration": "9" * 99, "SequenceNumber": "٣"},
        {"CallSid": "+447700900123", "ParentCallSid": "CA1", "From": "sip:a@b"},
        {"CallSid": "", "From": ""},
    ],
)
@pytest.mark.parametrize(
    "url", ["/status", "/status/leg", "/status/leg?service=+447700900123&ring=x&turn=-1"]
)
def test_whatever_it_is_told_it_answers_with_nothing(
    line: Line, url: str, form: Mapping[str, str]
) -> None:
    form = {name: value.encode("utf-8", "replace").decode() for name, value in form.items()}
    assert line.post(url, form).status_code == 204
    assert "447700900123" not in str(line.events())


def test_a_call_without_a_sound_name_is_given_one_and_keeps_it(line: Line) -> None:
    for _ in range(2):
        line.post("/voice", {"CallSid": "odd one"})
    (event,) = line.events()
    assert event.call.startswith("x")
    assert "odd" not in str(event)
    line.post("/voice", {"CallSid": ""})
    line.post("/voice", {"CallSid": ""})
    assert len({each.call for each in line.events()}) == 2


def test_an_outbox_that_cannot_be_written_costs_the_caller_nothing(tmp_path: Path) -> None:
    (tmp_path / "outbox.sqlite3").mkdir()
    board = switchboard(settings({"STATE_DIR": str(tmp_path)}))
    line = Line(tmp_path, board)
    url = line.after("/voice", {}, {"Digits": "2"}, {"Digits": ""})
    assert url.startswith("/voice/town?")
    assert line.post("/status", OVER).status_code == 204
    assert board.outbox.unlogged == 4
    lost = [each for each in line.log if each["event"] == "turns are not logged"]
    assert len(lost) == 1


def test_readiness_says_how_many_events_were_lost(tmp_path: Path) -> None:
    board = switchboard(settings({"STATE_DIR": str(tmp_path)}))
    line = Line(tmp_path, board)
    (tmp_path / "outbox.sqlite3").mkdir()
    line.post("/voice", {})
    (tmp_path / "outbox.sqlite3").rmdir()
    checks = line.client.get("/ready").get_json()["checks"]
    outbox = next(check for check in checks if check["name"] == "outbox")
    assert outbox["ok"]
    assert outbox["say"].startswith("1 event of the call log could not be kept")


def test_the_event_is_on_disk_before_the_answer_is_sent(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from tests.desk import Desk
desk = Desk(STATE_DIR=sys.argv[1])
@desk.app.after_request
def killed(answer):
    os.kill(os.getpid(), signal.SIGKILL)
desk.post("/voice", {})
"""
    killed = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    batch = Outbox(tmp_path / "outbox.sqlite3").batch(10)
    assert batch
    assert short(list(batch.events)) == ["-t00"]


def rung(line: Line, name: str, troubles: Troubles) -> tuple[list[Mapping[str, str]], Mischief]:
    """A recorded call, made with these troubles: what was posted, each once; all is settled."""
    written = (ROOT / "tests" / "recordings" / f"{name}.txt").read_text("utf-8")
    posted: list[Mapping[str, str]] = []
    mischief = Mischief(in_process(line.app), troubles)

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        posted.append({"url": url, **form})
        return mischief(url, form, headers)

    script = read_script(written)
    dialled = script.number or shipped.table().line.number
    number = Number(f"{URL}/voice", dialled, token=TOKEN, status_callback=f"{URL}/status")
    told = Phone(post, number).ring(Actors(script), script.caller, script.began)
    assert told.safe
    assert {answer.status for answer in mischief.settle()} <= {204}
    return posted, mischief


RECORDED = (
    "busy-then-answered", "keys-ambiguous", "nobody-answers", "own-number", "speech-confirmed",
    "voicemail", "withheld",
)  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_a_whole_call_leaves_one_event_for_each_thing_told_however_often_and_in_what_order(
    line: Line, name: str
) -> None:
    posted, _ = rung(line, name, Troubles(repeats=3, shuffles=True))
    events = line.events()
    voice = [each["url"] for each in posted if "/voice" in each["url"]]
    turns = [url for url in voice if not re.search("/voice/(whisper|accepted)", url)]
    told = [each for each in posted if "/status" in each["url"]]
    assert len([event for event in events if event.kind == "turn"]) == len(turns)
    assert len([event for event in events if event.kind == "status"]) == len(told)
    assert len({event.call for event in events}) == 1, "legs are kept with the call"
    assert line.outbox.depth()[0] == len(events)


def test_what_callers_keyed_or_said_and_who_they_are_is_nowhere_on_disk_or_in_the_log(
    line: Line, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    canaries: set[str] = set()
    for name in ("keys-ambiguous", "speech-confirmed", "town", "busy-then-answered", "welsh"):
        posted, _ = rung(line, name, Troubles(repeats=2))
        for form in posted:
            canaries |= {form.get(each, "") for each in ("From", "To", "SpeechResult", "Caller")}
            canaries |= {keys for keys in [form.get("Digits", "")] if len(keys) >= 5}
    canaries = {bare for each in canaries if len(bare := each.lstrip("+")) >= 5}
    assert len(canaries) >= 8
    kept = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("outbox*")))
    assert b"welcome" in kept
    printed = "".join(capfd.readouterr())
    left = kept.decode("latin-1") + str(line.log) + printed
    for canary in canaries:  # whole: five keys may stand by chance within an id or a time of day
        assert not re.search(rf"(?<![0-9a-f]){re.escape(canary)}(?![0-9a-f])", left), canary
