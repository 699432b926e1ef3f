"""Someone at a terminal can be the caller, and be whoever is rung."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.phone import (
    Answered,
    Busy,
    Failed,
    HangUp,
    Moment,
    NoAnswer,
    Press,
    Silent,
    Speak,
    Verdict,
    Voicemail,
)
from ivr.phone.people import Doing, Fate
from ivr.phone.terminal import Terminal
from ivr.phone.verbs import Gather
from tests.fake_line import FakeLine, phone, say

MOMENT = Moment(0.0, "Press 2.", Gather(speech=True))


class Keyboard:
    """Types these lines, and then closes; keeps all that is shown."""

    def __init__(self, *lines: str) -> None:
        self.lines: Iterator[str] = iter(lines)
        self.shown: list[str] = []

    def ask(self, text: str) -> str:
        self.shown.append(text)
        for line in self.lines:
            return line
        raise EOFError

    def terminal(self) -> Terminal:
        return Terminal(self.ask, self.shown.append)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("2", Press("2")),
        ("221 2222 #", Press("2212222#")),
        ("charlie bravo one", Speak("charlie bravo one")),
        ("  ", Silent()),
        ("hang up", HangUp()),
    ],
)
def test_what_a_caller_types(typed: str, means: Doing) -> None:
    assert Keyboard(typed).terminal().answer(MOMENT) == means


def test_a_closed_terminal_hangs_up_and_does_not_answer() -> None:
    assert Keyboard().terminal().answer(MOMENT) == HangUp()
    assert Keyboard().terminal().leg("+441632960001") == NoAnswer()


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("", Answered()),
        ("a", Answered()),
        ("Busy", Busy()),
        ("n", NoAnswer()),
        ("f", Failed()),
        ("v", Voicemail()),
        ("d", Answered(presses="")),
    ],
)
def test_what_becomes_of_a_ringing_is_typed_by_its_first_letters(typed: str, means: Fate) -> None:
    assert Keyboard(typed).terminal().leg("+441632960001") == means


def test_what_is_not_understood_is_asked_again() -> None:
    keyboard = Keyboard("maybe", "busy")
    assert keyboard.terminal().leg("+441632960001") == Busy()
    assert len(keyboard.shown) == 2


def test_a_whole_call_at_a_terminal_is_shown_with_its_seconds() -> None:
    ask = f'<Gather numDigits="1" action="/place">{say("Press 2.")}</Gather>'
    line = FakeLine(voice=ask, place='<Dial timeout="25">+441632960001</Dial>')
    keyboard = Keyboard("2", "answer")
    told = phone(line).ring(keyboard.terminal())
    assert told.verdict is Verdict.REACHED
    assert [text for text in keyboard.shown if text.startswith("[")] == [
        '[  0 s] "Press 2."',
        "[  2 s] rings +441632960001 for 25 s",
        "[  8 s] +441632960001: somebody answers",
        "[  8 s] put through to +441632960001",
    ]
