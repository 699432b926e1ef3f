"""Where someone is, never who: nothing of a caller's is in an address, a log or a file.

Some hundreds of callers ring, each with a number, a postcode, a town and a phrase of their own,
and by chance a line of ours fails under them with all of that in its message. Afterwards all that
the line left behind is searched for every one of those.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from functools import cache, cached_property
from io import StringIO
from pathlib import Path
from random import Random
from string import ascii_uppercase, digits
from urllib.parse import unquote_plus, urlsplit

import pytest

from ivr import flow, postcode
from ivr.outbox import Promise
from ivr.phone import (
    Answer,
    Answered,
    Busy,
    Event,
    Failed,
    HangUp,
    Moment,
    NoAnswer,
    Number,
    Phone,
    Press,
    Silent,
    Speak,
    Told,
    Voicemail,
)
from ivr.phone.people import Doing, Fate
from tests import desk, shipped
from tests.machine import ROOT, Machine
from tests.troubles import BrokenLog, Place, Tracer, TroubleError

CALLS = 200
SEED = 20_261_122
TRACED = 0.25
"""The share of calls under which a line of ours fails."""

NAMES = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu "
    "zero one two three four five six seven eight nine"
)
SPELT = dict(zip(ascii_uppercase + digits, NAMES.split(), strict=True))
PHRASES = ("tangerine", "windowsill", "grandmother", "painkillers", "quarrelled", "trampoline")


@cache
def towns() -> list[str]:
    """Towns whose names stand in no service's code and in none of our files' names."""
    codes = " ".join(shipped.table().services)
    known = bare(codes + " ".join(path.name for path in (ROOT / "ivr").rglob("*.py")))
    named = (town.name for town in shipped.geography().towns)
    return [name for name in named if len(bare(name)) >= 6 and bare(name) not in known]


@cache
def persons() -> set[str]:
    """The numbers that a person answers, or else a machine; a call centre has none."""
    services = shipped.table().services.values()
    return {each.value for service in services for each in service.numbers if each.person}


@cache
def postcodes() -> list[str]:
    """Postcodes that take seven keys: too many to be found by chance in a time of day."""
    every = (code for code, _, live in shipped.directory().every() if live and len(code) == 7)
    return Random(SEED).sample(list(every), CALLS)  # noqa: S311 - repeatable, not secret


def bare(text: str) -> str:
    """Only the letters and digits of a text, in lower case."""
    return re.sub(r"[\W_]", "", text.lower())


def joined(text: str) -> str:
    """A text with the numbers in it unbroken."""
    return re.sub(r"(?<=\d)[ +().-]+(?=\d)", "", text)


@dataclass
class Someone:
    """A caller about whom everything is a canary, and who may do anything."""

    chance: Random
    postcode: str
    caller: str = ""
    other: str = ""
    town: str = ""
    phrase: str = ""

    def __post_init__(self) -> None:
        pick = self.chance
        self.caller = f"+44{pick.choice(('7700900', '1144960', '1632960'))}{pick.randint(100, 999)}"
        self.other = f"07700900{pick.randint(100, 999)}"
        self.town = pick.choice(towns())
        self.phrase = f"{pick.choice(PHRASES)} number {pick.randint(10_000_000, 99_999_999)}"

    @cached_property
    def keys(self) -> str:
        return postcode.keys(self.postcode)

    @cached_property
    def spelt(self) -> str:
        return " ".join(SPELT[each] for each in self.postcode)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """What must be found nowhere, of digits alone."""
        return (self.caller.removeprefix("+44"), self.other.removeprefix("0"), self.keys)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What must be found nowhere, of letters and digits."""
        outward = postcode.split(self.postcode)[0]
        said = bare(self.phrase), bare(self.spelt), bare(self.town)
        return (*said, self.postcode.lower(), f"area={outward.lower()}", f"~{outward.lower()}")

    def __str__(self) -> str:
        return f"{self.caller} {self.other} {self.keys} {self.postcode} {self.spelt} {self.phrase}"

    def answer(self, moment: Moment) -> Doing:
        step = urlsplit(moment.gather.action).path.rpartition("/")[2]
        if step == "welcome" and self.chance.random() < 0.8:
            return self.chance.choice((Press("2"), Speak(f"mental health {self.phrase}", 0.9)))
        if step in {"unanswered", "callback", "number"}:
            return self.chance.choice((Press("1"), Press(f"{self.other}#"), Speak("yes please")))
        return self.chance.choice(
            (
                Press(f"{self.keys}#"),
                Press(f"{self.other}#"),
                Press(self.chance.choice("1129*")),
                Press("1"),
                Speak(f"{self.postcode[:-3]} {self.postcode[-3:]}"),
                Speak(self.spelt),
                Speak(f"I am in {self.town}"),
                Speak(self.phrase, self.chance.random()),
                Speak("yes"),
                Silent(),
                HangUp() if self.chance.random() < 0.2 else Press(f"{self.keys}#"),
            )
        )

    def leg(self, number: str) -> Fate:
        machine = Voicemail() if number in persons() else Busy()
        fates = (machine, Busy(), NoAnswer(), Failed(), NoAnswer(), Answered(talks=1))
        return self.chance.choice(fates)

    def hears(self, event: Event) -> None:
        """Listen, and say nothing."""


@dataclass
class Evidence:
    """All that a line leaves behind."""

    machine: Machine
    callers: list[Someone] = field(default_factory=list)
    calls: list[Told] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    failed: int = 0
    """How many lines of ours were made to fail."""
    printed: str = ""
    """What was written to standard error, and to Python's own log."""

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Post, and keep every address there is."""
        answer = self.machine.post(url, form, headers)
        text = answer.body.decode()
        self.addresses += [url, *re.findall(r'(?:action|url)="([^"]*)"', text)]
        self.addresses += re.findall(r"<Redirect[^>]*>([^<]*)<", text)
        return answer

    def ring(self, someone: Someone) -> None:
        """One call, under which perhaps a line of ours fails."""
        left = someone.chance.randint(1, 3000)

        def perhaps_fail(_: Place) -> None:
            nonlocal left
            left -= 1
            if not left:
                self.failed += 1
                raise TroubleError(str(someone))

        def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
            if someone.chance.random() >= TRACED or left <= 0:
                return self.post(url, form, headers)
            with Tracer(perhaps_fail):
                return self.post(url, form, headers)

        number = Number(f"{desk.URL}/voice", shipped.table().line.number, token=desk.TOKEN)
        self.callers.append(someone)
        self.calls.append(Phone(post, number).ring(someone, someone.caller))

    def found(self, text: str) -> set[str]:
        """What of any caller's is in ``text``."""
        plain = text + " " + unquote_plus(text)
        digits, letters = joined(plain), bare(plain) + plain.lower()
        numbers = {number for one in self.callers for number in one.numbers if number in digits}
        return numbers | {word for one in self.callers for word in one.words if word in letters}

    def files(self) -> Iterator[Path]:
        """What lies in the state folder and is not a copy of what an operator wrote."""
        known = {path.read_bytes() for path in self.machine.config.rglob("*") if path.is_file()}
        for path in self.machine.settings.state_dir.rglob("*"):
            if path.is_file() and path.read_bytes() not in known:
                yield path

    def promises(self) -> list[Promise]:
        return self.machine.board.outbox.waiting()


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What some hundreds of calls leave behind, of a line that fails now and then."""
    evidence = Evidence(Machine(tmp_path_factory.mktemp("line")))
    recorded = logging.StreamHandler(StringIO())
    logging.getLogger().addHandler(recorded)
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.DEBUG)
    with redirect_stderr(StringIO()) as errors:
        for count, code in enumerate(postcodes()):
            evidence.ring(Someone(Random(SEED + count), code))  # noqa: S311 - as above
    logging.getLogger().setLevel(level)
    logging.getLogger().removeHandler(recorded)
    evidence.printed = errors.getvalue() + recorded.stream.getvalue()
    return evidence


def test_the_calls_were_of_every_kind(left_behind: Evidence) -> None:
    reached = {line["reached"] for line in left_behind.machine.logged("turn")}
    assert reached == set(flow.STEPS)
    assert left_behind.failed > CALLS / 4
    assert len(left_behind.promises()) >= 5
    kinds = {line["heard"] for line in left_behind.machine.logged("turn")}
    assert kinds == {"keys", "words", "leg", "silence"}


def test_no_caller_was_dropped_however_much_failed(left_behind: Evidence) -> None:
    assert [told.why for told in left_behind.calls if not told.safe] == []


def test_no_address_tells_anything_of_a_caller(left_behind: Evidence) -> None:
    assert left_behind.found("\n".join(left_behind.addresses)) == set()


def test_no_line_of_the_log_tells_anything_of_a_caller(left_behind: Evidence) -> None:
    text = "\n".join(map(str, left_behind.machine.logged()))
    assert text.count("last_resort") > CALLS / 4
    assert left_behind.found(text) == set()


def test_nothing_is_printed_and_no_traceback_shown(left_behind: Evidence) -> None:
    assert left_behind.printed == ""


def test_no_file_but_the_outbox_holds_anything_of_a_caller(left_behind: Evidence) -> None:
    for path in left_behind.files():
        found = left_behind.found(path.read_bytes().decode("latin-1"))
        if path.name.startswith(left_behind.machine.settings.outbox_file.name):
            kept = {promise.number.removeprefix("+44") for promise in left_behind.promises()}
            assert found <= kept
        else:
            assert found == set(), path.name


def test_the_outbox_holds_of_a_promise_its_number_and_nothing_else_of_the_caller(
    left_behind: Evidence,
) -> None:
    for promise in left_behind.promises():
        rest = f"{promise.id} {promise.kind} {promise.service} {promise.asked}"
        assert left_behind.found(rest) == set()
        assert promise.number not in repr(promise)


# -- the log -------------------------------------------------------------------------------------


def test_every_turn_leaves_one_line_with_these_fields_and_no_others(tmp_path: Path) -> None:
    evidence = Evidence(Machine(tmp_path))
    turns = 0
    for count, code in enumerate(postcodes()[:40]):
        evidence.machine.answers.clear()
        someone = Someone(Random(count), code)  # noqa: S311 - as above
        number = Number(f"{desk.URL}/voice", shipped.table().line.number, token=desk.TOKEN)
        Phone(evidence.post, number).ring(someone, someone.caller)
        paths = [urlsplit(url).path for url, _ in evidence.machine.answers]
        turns += sum(not path.endswith(("/whisper", "/accepted", "/leg")) for path in paths)
    lines = evidence.machine.logged()
    assert len(lines) == turns
    for line in lines:
        assert set(line) == {
            "event", "level", "timestamp", "step", "heard", "reached", "service", "ms",
            "table", "turn",
        }  # fmt: skip
        assert line["event"] == "turn"
        assert line["step"] in {"ringing", *flow.STEPS}
        assert line["heard"] in {"keys", "words", "leg", "silence"}
        assert line["reached"] in flow.STEPS
        assert line["service"] in {"", *shipped.table().services}
        assert line["table"] == shipped.table().version
        assert isinstance(line["turn"], int)
        assert isinstance(line["ms"], float)


@pytest.mark.parametrize("script", ["2", "1"])
def test_a_log_that_cannot_be_written_makes_nothing_be_told_elsewhere(
    tmp_path: Path, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    evidence = Evidence(Machine(tmp_path))
    evidence.machine.log = BrokenLog(OSError(28, "No space left on device"))
    someone = Someone(Random(int(script)), postcodes()[0])  # noqa: S311 - as above
    with redirect_stderr(StringIO()) as errors:
        for _ in range(20):
            evidence.ring(someone)
    assert evidence.found(errors.getvalue() + caplog.text) == set()
    assert "Traceback" not in errors.getvalue() + caplog.text
