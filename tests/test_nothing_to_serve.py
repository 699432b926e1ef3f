"""A line that has nothing to serve rings the fallback for everyone, and never refuses to start."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.phone import Answer, Verdict
from ivr.phone.reading import read
from ivr.phone.verbs import Dial, Document, Gather
from ivr.web import create_app
from ivr.web.parts import fallback_document
from tests import desk
from tests.machine import (
    BUILT_IN,
    CALLERS,
    OTHER,
    Machine,
    Unanswered,
    answering,
    config,
    is_the_last_resort,
    local,
    national,
    ring,
)
from tests.troubles import GARBAGE, lose_everything, stop_the_clock


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def lose(*names: str) -> Callable[[Path], None]:
    """Loses these files and folders of the configuration."""

    def done(folder: Path) -> None:
        for name in names:
            shutil.rmtree(folder / name) if (folder / name).is_dir() else (folder / name).unlink()

    return done


def spoil(*names: str) -> Callable[[Path], None]:
    """Puts rubbish in the place of these files."""

    def done(folder: Path) -> None:
        for name in names:
            (folder / name).write_bytes(GARBAGE)

    return done


def forget(prompt: str) -> Callable[[Path], None]:
    """Takes a prompt out of the words of every language."""

    def done(folder: Path) -> None:
        for file in folder.glob("prompts.*.toml"):
            words = file.read_text("utf-8")
            file.write_text(re.sub(rf"(?m)^{prompt} = .*$", "", words), "utf-8")

    return done


NOTHING = {
    "no table": lose("routing"),
    "no directory": lose("directory.p2d"),
    "no names of places": lose("geography"),
    "a spoilt table": spoil("routing/services.csv"),
    "a spoilt line.toml": spoil("routing/line.toml"),
    "a spoilt directory": spoil("directory.p2d"),
    "spoilt names of places": spoil("geography/towns.csv"),
    "one list of places lost": lose("geography/bank_holidays.csv"),
}
"""What may be missing or broken when the line starts for the first time."""

WITHOUT_WORDS = {
    "no folder": shutil.rmtree,
    "no words": lose("prompts.en.toml", "prompts.cy.toml"),
    "no English": lose("prompts.en.toml"),
    "spoilt words": spoil("prompts.en.toml", "prompts.cy.toml"),
    "spoilt Welsh": spoil("prompts.cy.toml"),
    "a prompt lost in every language": forget("accept"),
}
"""What of the words may be: whoever starts the line is told, and whoever rings it is rung through.

A machine that starts anew at night, on a disk that was damaged or by a careless edit, has nobody
who reads that it did not start.
"""
ALWAYS_OPEN = {BUILT_IN, *national()}


def beginning(folder: Path, gone: Callable[[Path], None]) -> desk.Desk:
    """A line that starts for the first time on what is left of its configuration."""
    gone(config(folder))
    return desk.Desk(CONFIG_DIR=str(folder / "config"), FALLBACK_NUMBER=BUILT_IN)


def rings_a_person(folder: Path, gone: Callable[[Path], None]) -> None:
    told = ring(answering(beginning(folder, gone).app), CALLERS["keys"])
    assert not told.faults
    assert told.verdict is Verdict.REACHED
    assert told.reached in {*ALWAYS_OPEN, local()[0]}


@pytest.mark.parametrize("gone", NOTHING.values(), ids=NOTHING)
def test_a_line_that_starts_with_nothing_to_serve_rings_a_person_all_the_same(
    tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    rings_a_person(tmp_path, gone)


@pytest.mark.parametrize("gone", WITHOUT_WORDS.values(), ids=WITHOUT_WORDS)
def test_a_line_that_starts_without_its_words_rings_a_person_all_the_same(
    tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    rings_a_person(tmp_path, gone)


def test_a_line_that_starts_anew_without_its_configuration_rings_a_person_all_the_same(
    machine: Machine,
) -> None:
    lose_everything(machine)
    told = ring(answering(create_app(machine.settings)), CALLERS["keys"])
    assert told.reached in {*ALWAYS_OPEN, local()[0]}


@pytest.mark.parametrize("caller", ["+441144960123", "anonymous", "+266696687", "", "client:ann"])
def test_with_no_table_the_fallback_rings_for_callers_whose_own_number_cannot_be_shown(
    tmp_path: Path, caller: str
) -> None:
    post = answering(beginning(tmp_path, lose("routing")).app)
    told = ring(post, f'from "{caller}"\n')
    assert told.reached == BUILT_IN, told.faults


@pytest.mark.parametrize("gone", NOTHING.values(), ids=NOTHING)
def test_a_line_that_starts_with_nothing_answers_every_signed_request(
    tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    line = beginning(tmp_path, gone)
    for path in ("", "/welcome?turn=1", "/connect?service=mh006&ring=1", "/no"):
        answer = line.post(f"/voice{path}", {"Digits": "2"})
        assert answer.status_code == 200
        verbs = read(answer.data, answer.content_type).verbs
        assert any(isinstance(verb, Dial | Gather) for verb in verbs)
    for path in ("/whisper", "/whisper?accept=1", "/accepted"):
        answer = line.post(f"/voice{path}", {"Digits": "1"})
        assert answer.status_code == 200
        read(answer.data, answer.content_type)


@pytest.mark.parametrize("gone", [lose("prompts.cy.toml"), spoil("prompts.cy.toml")])
def test_a_language_without_words_costs_no_caller_of_another_their_service(
    tmp_path: Path, gone: Callable[[Path], None]
) -> None:
    post = answering(beginning(tmp_path, gone).app)
    assert ring(post, CALLERS["keys"]).rung == [local()[0]]


def test_when_no_process_of_ours_answers_the_printed_fallback_rings_the_always_open_line(
    machine: Machine,
) -> None:
    def nobody(*_: object) -> Answer:
        raise ConnectionRefusedError

    printed = fallback_document(machine.settings)
    told = ring(nobody, CALLERS["keys"], fallback=printed)
    assert told.rung == [national()[0]]
    told = ring(nobody, CALLERS["keys"], fallback=printed, cast_of=Unanswered)
    assert told.verdict is Verdict.LAST_RESORT


# -- the last resort -----------------------------------------------------------------------------


def last_resort_of(machine: Machine) -> Document:
    """What a caller hears when the clock itself fails."""
    clock = machine.time
    stop_the_clock(machine)
    machine.ring("")
    machine.time = clock
    (_, answer), *_ = machine.answers
    return read(answer.body, answer.content_type)


def test_the_last_resort_is_sound_and_rings_the_fallback_of_the_table_that_is_served_now(
    machine: Machine,
) -> None:
    machine.ring(CALLERS["keys"])
    assert is_the_last_resort(last_resort_of(machine), national()[0])
    services = machine.table_file("services.csv").replace(national()[0].encode(), OTHER.encode())
    machine.publish(services=services)
    machine.ring("")
    assert is_the_last_resort(last_resort_of(machine), OTHER)


def test_the_last_resort_of_a_line_that_has_served_nothing_yet_is_sound(tmp_path: Path) -> None:
    lose("routing")(config(tmp_path))
    assert is_the_last_resort(last_resort_of(Machine(tmp_path)), BUILT_IN)
