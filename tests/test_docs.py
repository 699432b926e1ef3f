"""The documents are held to what they describe: nothing undocumented, nothing made up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.cli import COMMANDS
from ivr.running.preflight import programs
from ivr.settings import SETTINGS
from workers.jobs import QUEUES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
RUNNING = (ROOT / "docs" / "running.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under ``heading``, a list for each row but the first."""
    under = page.partition(f"## {heading}\n\n")[2].partition("\n## ")[0].split("\n\n")
    table = next(block for block in under if block.startswith("|")).splitlines()[2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in table]


def test_every_setting_is_told_with_its_default_and_no_other() -> None:
    told = [tuple(row[:2]) for row in rows(RUNNING, "Settings")]
    assert sorted(told) == sorted((each.variable, each.default) for each in SETTINGS.values())


def test_every_program_that_runs_is_told_and_no_other() -> None:
    told = [row[0] for row in rows(RUNNING, "What runs")]
    assert told == [program.name for program in programs(ROOT / "Procfile")] + ["valkey"]


def test_every_queue_has_a_worker_of_its_own() -> None:
    for queue in QUEUES:
        assert f"\n{queue}: python -m workers {queue}\n" in (ROOT / "Procfile").read_text("utf-8")


def test_every_command_is_told_and_no_other() -> None:
    told = [row[0] for row in rows(README, "What else may be asked")]
    assert sorted(told) == sorted(f"ivr {command}" for command in COMMANDS)


def test_everything_that_make_can_be_asked_is_told() -> None:
    asked = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert "run" in asked
    assert {f"make {target}" for target in asked} <= set(re.findall(r"make [a-z]+", README))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_part_of_the_house_is_on_the_map() -> None:
    plan = README.partition("## A map of the house\n")[2]
    parts = {path.stem for path in (ROOT / "ivr").iterdir() if not path.name.startswith("_")}
    assert {part for part in parts if not re.search(rf"\b{part}\b", plan)} == set()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "\nmake test" in README
    assert (ROOT / ".ci" / "run").read_text("utf-8").endswith("\nmake test\n")


def test_the_lock_names_no_place_to_install_from_and_pins_every_package_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    pins = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert all(re.match(r"[\w.-]+==\S+ .*\\$", pin) for pin in pins)
    assert lock.count("--hash=sha256:") >= len(pins)


def test_the_transcript_in_the_readme_is_a_call_as_it_goes() -> None:
    recording = ROOT / "tests" / "recordings" / "keys-ambiguous.txt"
    assert f"```\n{recording.read_text('utf-8')}```\n" in README
