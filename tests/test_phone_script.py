"""Calls written down as text can be read, acted, and written down again the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivr.phone import (
    Answered,
    Busy,
    Failed,
    HangUp,
    NoAnswer,
    Press,
    Silent,
    Speak,
    Verdict,
    Voicemail,
)
from ivr.phone.acting import Actors
from ivr.phone.people import Doing, Fate
from ivr.phone.script import ScriptError, doing, fate, read_script
from ivr.phone.transcript import summary, transcript
from tests.fake_line import Cast, FakeLine, Form, phone, say

ONE, TWO = "+441632960001", "+441632960002"


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("2", Press("2")),
        ("2 2 1 2 2 2 2 #", Press("2212222#")),
        ("* after 2.5 s", Press("*", 2.5)),
        ('"charlie bravo 1"', Speak("charlie bravo 1")),
        ('"say "yes"" at 0.35 after 3 s', Speak('say "yes"', 0.35, 3.0)),
        ("silence", Silent()),
        ("hangs up", HangUp()),
        ("hangs up after 3 s", HangUp(3.0)),
    ],
)
def test_what_a_caller_does_is_written_plainly(words: str, means: Doing) -> None:
    assert doing(words) == means


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("busy", Busy()),
        ("no answer", NoAnswer()),
        ("fails after 3 s", Failed(3.0)),
        ("voicemail", Voicemail()),
        ("voicemail after 20 s", Voicemail(after=20)),
        ("declines", Answered(presses="")),
        ("answers", Answered()),
        ("answers and presses nothing", Answered(presses="")),
        (
            "answers after 4 s and presses 1, talks 600 s, then the caller hangs up",
            Answered(presses="1", talks=600, after=4, caller_ends=True),
        ),
    ],
)
def test_what_becomes_of_a_ringing_is_written_plainly(words: str, means: Fate) -> None:
    assert fate(words) == means


def test_a_script_says_who_rings_whom_and_when() -> None:
    script = read_script('# A call.\nfrom ""\nto +441632960222\nat 2026-12-25T03:00+00:00\n> 2\n')
    assert (script.caller, script.number) == ("", "+441632960222")
    assert script.began == datetime(2026, 12, 25, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("> two", "line 1, '> two': allowed: keys"),
        ("# A call.\n< maybe", "line 2, '< maybe': allowed: answers"),
        ("< busy and presses 1", "'busy' cannot have presses"),
        ("< no answer after 3 s", "'no answer' cannot have after"),
        ("hello", "from NUMBER"),
        ("> 2\nfrom +447700900461", "> and what the caller does"),
        ("at noon", "noon"),
        ("at 2026-12-25T03:00", "zone"),
    ],
)
def test_a_line_that_cannot_be_understood_is_refused_with_what_may_stand(
    text: str, refusal: str
) -> None:
    with pytest.raises(ScriptError) as found:
        read_script(text)
    assert refusal in str(found.value)


MENU = (
    f'<Gather action="/place" numDigits="1" actionOnEmptyResult="true">{say("Press 2.")}</Gather>'
)
WAIT = f'<Gather action="/ring" timeout="1" actionOnEmptyResult="true">{say("Stay on.")}</Gather>'


def crisis_line() -> FakeLine:
    """A line that rings two numbers in turn, the second with a person who must accept."""

    def ring(form: Form) -> str:
        return f'<Dial action="/second" timeout="25">{ONE}</Dial>' if form else ""

    def second(form: Form) -> str:
        if form["DialBridged"] == "true":
            return "<Hangup/>"
        return f'<Dial action="/last"><Number url="/whisper">{TWO}</Number></Dial>'

    return FakeLine(
        voice=MENU,
        place=WAIT,
        ring=ring,
        second=second,
        whisper=f'<Gather action="/accept" numDigits="1">{say("Press 1.")}</Gather><Hangup/>',
        accept="",
        last="<Hangup/>",
    )


RECORDING = f"""\
# The first number is engaged.
from +447700900461

> 2
  "Stay on."
  (silence, 1 s)
  rings {ONE} for 25 s
# They are always engaged.
< busy
  rings {TWO} for 30 s
< answers after 4 s and presses 1, talks 60 s
  {TWO} hears "Press 1."
  put through to {TWO}
= reached {TWO}; first ring at 4 s, 70 s in all
"""


def act(text: str, line: FakeLine) -> str:
    script = read_script(text)
    actors = Actors(script)
    return actors.recording(phone(line).ring(actors, script.caller, script.began))


def test_a_recording_replayed_on_the_same_line_is_the_same_recording() -> None:
    first = act(RECORDING, crisis_line())
    assert first == RECORDING.replace("> 2\n", '  "Press 2."\n> 2\n')
    assert act(first, crisis_line()) == first


def test_a_bare_script_is_a_silent_caller_whom_somebody_answers() -> None:
    assert act("# Nothing is done.\n", crisis_line()) == (
        "# Nothing is done.\n"
        '  "Press 2."\n'
        "  (silence, 5 s)\n"
        '  "Stay on."\n'
        "  (silence, 1 s)\n"
        f"  rings {ONE} for 25 s\n"
        f"  {ONE}: somebody answers\n"
        f"  put through to {ONE}\n"
        f"= reached {ONE}; first ring at 8 s, 74 s in all\n"
    )


def test_what_a_line_did_not_hear_is_written_down() -> None:
    line = FakeLine(voice=MENU, place=say("Goodbye."))
    assert act("> 22\n", line) == (
        '  "Press 2."\n> 22\n  the caller keys 2\n  "Goodbye."\n= ended; nothing rang, 2 s in all\n'
    )


def test_a_caller_may_hang_up_while_it_rings() -> None:
    text = act("> 2\n> silence\n> hangs up after 7 s\n", crisis_line())
    assert text.endswith(
        f"  rings {ONE} for 25 s\n> hangs up after 7 s\n  {ONE}: rings no more\n"
        "= hung up; first ring at 4 s, 11 s in all\n"
    )


def test_acts_that_were_never_reached_are_kept() -> None:
    text = act("> 2\n# never\n> 9\n", FakeLine(voice=MENU, place=say("Goodbye.")))
    assert text.splitlines()[-3:] == [
        "# never",
        "> 9",
        "= ended; nothing rang, 2 s in all",
    ]


def test_long_prompts_are_written_over_several_lines() -> None:
    text = act("", FakeLine(voice=say("word " * 60)))
    assert max(map(len, text.splitlines())) <= 96
    assert all(line.startswith(("  ", "=")) for line in text.splitlines())


def test_a_transcript_has_every_event_with_its_second() -> None:
    told = phone(crisis_line()).ring(Cast(Press("2"), legs=(Voicemail(after=20, talks=30),)))
    assert transcript(told.events) == [
        '[  0 s] "Press 2."',
        "[  2 s] the caller keys 2",
        '[  2 s] "Stay on."',
        "[  3 s] (silence, 1 s)",
        f"[  4 s] rings {ONE} for 25 s",
        f"[ 24 s] {ONE}: a machine answers",
        f"[ 24 s] put through to {ONE}",
    ]
    assert told.verdict is Verdict.DROPPED
    assert summary(told) == (
        f"dropped (left with a machine at {ONE}); first ring at 4 s, 54 s in all"
    )
