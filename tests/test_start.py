"""What keeps a line from starting is told in one line, to whoever can mend it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.prompts import PromptError
from ivr.settings import SettingsError, read
from ivr.start import check, check_fallback, read_catalogues
from ivr.web import create_app
from tests import desk, shipped
from tests.servers import free_port

ENGLISH, WELSH = "prompts.en.toml", "prompts.cy.toml"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A folder with the catalogues that ship."""
    folder = tmp_path / "config"
    folder.mkdir()
    for name in (ENGLISH, WELSH):
        shutil.copy(shipped.CONFIG / name, folder)
    return folder


def change(old: str, new: str, *names: str) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        for name in names:
            text = (folder / name).read_text("utf-8")
            assert old in text
            (folder / name).write_text(text.replace(old, new), "utf-8")

    return done


def lose(*names: str) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return done


def be_a_folder(folder: Path) -> None:
    (folder / WELSH).unlink()
    (folder / WELSH).mkdir()


BOTH = (ENGLISH, WELSH)
WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (shutil.rmtree, "there is no .*/prompts.en.toml"),
    "no English": (lose(ENGLISH), "there is no .*/prompts.en.toml"),
    "a folder": (be_a_folder, "prompts.cy.toml cannot be read: Is a directory"),
    "a brace": (change("near {town}?", "near {town?", ENGLISH), "prompts.en.toml: confirm cannot"),
    "a gap renamed in both": (change("{ending}", "{end}", *BOTH), "callback must have the gaps"),
    "a prompt gone from both": (change("\nended =", "\nend =", *BOTH), "no ended under .prompts"),
    "a prompt gone from one": (change("\nended =", "\nend =", WELSH), "no ended under .prompts"),
    "a meaning gone from both": (change("\nno =", "\nnay =", *BOTH), "there is no no under .words"),
    "a key gone": (change('"5" =', '"6" =', WELSH), "cy.toml: there is no 5 under .keys"),
    "a number": (
        change('\nor = "or"', "\nor = { text = 5 }", ENGLISH),
        "must be in quotation marks",
    ),
    "a voice": (change('voice = "Polly.Amy-Neural"', "voice = 5", ENGLISH), "voice must be in"),
    "a file": (
        change('\nor = "or"', '\nor = { text = "or", file = 5 }', ENGLISH),
        "the file of or must be in quotation marks",
    ),
    "no TOML": (change("[prompts]", "[prompts", ENGLISH), "prompts.en.toml cannot be read"),
}


@pytest.mark.parametrize(("spoil", "says"), WRONG.values(), ids=WRONG)
def test_words_that_cannot_be_spoken_are_refused_in_one_line(
    config: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(config)
    with pytest.raises(PromptError, match=says) as refused:
        read_catalogues(config)
    assert "\n" not in str(refused.value)
    line = create_app(desk.settings({"CONFIG_DIR": str(config)})).test_client()
    assert line.get("/ready").status_code == 503, "no operator is told, and callers are answered"


def test_a_file_beside_the_catalogues_is_none(config: Path) -> None:
    for name in ("prompts.en.old.toml", "prompts.en.toml.bak", "prompts.toml"):
        (config / name).write_text("not this")
    assert list(read_catalogues(config)) == ["en", "cy"]


def test_a_line_may_speak_english_alone(config: Path) -> None:
    (config / WELSH).unlink()
    assert list(read_catalogues(config)) == ["en"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (
            "",
            "FALLBACK_NUMBER is not set: .* is kept for drama and reaches nobody; give the number",
        ),
        ("+441134960999", r"FALLBACK_NUMBER='\+441134960999' is not allowed: .* kept for drama"),
        (
            "+449098790000",
            "is a premium-rate number; give the number of a line that is always open",
        ),
    ],
)
def test_a_line_for_real_callers_has_a_number_behind_it_that_can_be_rung(
    number: str, says: str
) -> None:
    live = {**desk.LIVE, "PUBLIC_URL": desk.URL, "FALLBACK_NUMBER": number}
    with pytest.raises(SettingsError, match=says) as refused:
        check(read(live))
    assert len(refused.value.lines) == 1
    with pytest.raises(SettingsError, match=says):
        create_app(desk.settings(live))
    check_fallback(read({**desk.LIVE, "PUBLIC_URL": desk.URL}))


def test_a_test_line_may_have_a_drama_number_behind_it() -> None:
    check(desk.settings({}))
    check(desk.settings({"FALLBACK_NUMBER": "+441134960999"}))


def ivr(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """``ivr`` asked at a terminal."""
    own = {"CONFIG_DIR": str(shipped.CONFIG), "STATE_DIR": str(folder / "state")}
    ports = {"PORT": str(free_port()), "CONSOLE_PORT": str(free_port())}
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", "from ivr.cli import main; main()", *words],
        env={**os.environ, **own, **ports, **environ},
        cwd=shipped.CONFIG.parent,
        capture_output=True,
        text=True,
        check=False,
    )


ROUTE, FALLBACK = ("route", "CB1 2AB"), ("fallback",)


@pytest.mark.parametrize("command", [ROUTE, FALLBACK, ("run",)])
def test_a_bad_setting_is_told_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = ivr(tmp_path, *command, PORT="abc")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "PORT='abc' is not allowed: give a whole number from 1 to 65535\n"


@pytest.mark.parametrize("command", [ROUTE, FALLBACK])
def test_a_directory_that_is_not_there_is_told_in_one_line(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    config = tmp_path / "config"
    shutil.copytree(shipped.CONFIG, config, ignore=shutil.ignore_patterns("*.p2d", "*.gz"))
    done = ivr(tmp_path, *command, CONFIG_DIR=str(config))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "there is no such file; build one with: ivr directory build" in done.stderr


@pytest.mark.parametrize("command", [ROUTE, ("run",)])
def test_words_that_cannot_be_spoken_are_told_in_one_line(
    tmp_path: Path, config: Path, command: tuple[str, ...]
) -> None:
    change("near {town}?", "near {town?", ENGLISH)(config)
    done = ivr(tmp_path, *command, CONFIG_DIR=str(config))
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "prompts.en.toml: confirm cannot be said: expected '}' before end of string\n"
    )


def test_a_table_that_is_refused_is_told_beside_the_answer_of_the_one_before(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config"
    shutil.copytree(shipped.CONFIG, config, ignore=shutil.ignore_patterns("*.gz"))
    before = ivr(tmp_path, *ROUTE, "--json", CONFIG_DIR=str(config))
    assert (before.returncode, before.stderr) == (0, "")
    (config / "routing" / "services.csv").write_bytes(b"")
    after = ivr(tmp_path, *ROUTE, "--json", CONFIG_DIR=str(config))
    assert after.stdout == before.stdout
    assert after.stderr.startswith("the new routing table is refused\nservices.csv")
