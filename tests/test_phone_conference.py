"""What a document says of a conference, and what becomes of a caller who is sent into one."""

from __future__ import annotations

import pytest

from ivr.phone import Verdict
from ivr.phone.reading import read
from ivr.phone.verbs import Conference, Dial, FaultError
from tests.fake_line import Cast, FakeLine, phone, say, twiml


def dial(inside: str) -> Dial:
    verb = read(twiml(f"<Dial>{inside}</Dial>").body, "text/xml").verbs[0]
    assert isinstance(verb, Dial)
    return verb


def test_a_conference_has_a_name_and_says_who_begins_and_who_ends_it() -> None:
    assert dial("<Conference>room 1</Conference>").conference == Conference("room 1")
    room = '<Conference startConferenceOnEnter="false" endConferenceOnExit="true">a</Conference>'
    assert dial(room).conference == Conference("a", begins=False, ends=True)


@pytest.mark.parametrize(
    ("inside", "wrong"),
    [
        ("<Conference/>", "must have a name"),
        ("<Conference>a</Conference><Conference>b</Conference>", "0 numbers and 2 conferences"),
        ("<Conference>a</Conference><Number>+441632960001</Number>", "1 numbers and 1 conf"),
        ("+441632960001<Conference>a</Conference>", "1 numbers and 1 conferences"),
        ("", "0 numbers and 0 conferences"),
        ('<Conference endConferenceOnExit="yes">a</Conference>', "true or false"),
        ('<Conference record="record-from-start">a</Conference>', "do-not-record"),
        ('<Conference endOnExit="true">a</Conference>', "no attribute 'endOnExit'"),
        ("<Conference>a<Number>+441632960001</Number></Conference>", "may not hold <Number>"),
    ],
)
def test_what_is_wrong_with_a_conference_is_said_in_one_line(inside: str, wrong: str) -> None:
    with pytest.raises(FaultError, match=wrong):
        dial(inside)


def test_a_caller_whom_nobody_can_join_is_left_alone() -> None:
    line = FakeLine(voice=say("Please wait.") + "<Dial><Conference>a</Conference></Dial>")
    told = phone(line).ring(Cast())
    assert (told.verdict, told.why) == (Verdict.DROPPED, "left alone in a conference")


def test_whoever_is_dialled_may_not_be_sent_into_a_conference() -> None:
    line = FakeLine(
        voice='<Dial action="/rung"><Number url="/whisper">+441632960001</Number></Dial>',
        whisper="<Dial><Conference>a</Conference></Dial>",
        rung=say("Goodbye."),
    )
    told = phone(line).ring(Cast())
    assert [fault.code for fault in told.faults] == [13201]
    assert told.reached == ""
