"""What ``/ready`` says of a line, well or not."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.web import create_app
from ivr.web.parts import switchboard
from ivr.web.ready import _callbacks
from tests import desk, shipped

Checks = Mapping[str, Mapping[str, object]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration that ships, to be changed."""
    folder = tmp_path / "config"
    shutil.copytree(shipped.CONFIG, folder, ignore=shutil.ignore_patterns("*.gz"))
    return folder


def ready(config: Path, **environ: str) -> tuple[int, Checks]:
    """What a line says that starts with ``config``."""
    state = config.parent / "state"
    app = create_app(desk.settings({"CONFIG_DIR": str(config), **environ}, state))
    answer = app.test_client().get("/ready")
    return answer.status_code, {each["name"]: each for each in answer.get_json()["checks"]}


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_line_as_it_ships_is_ready_and_all_is_well(config: Path) -> None:
    status, checks = ready(config)
    assert status == 200
    assert all(check["ok"] for check in checks.values())


def test_a_new_table_that_is_refused_is_told_while_the_old_one_serves(config: Path) -> None:
    ready(config)
    (config / "routing" / "services.csv").write_text("service,name\n")
    status, checks = ready(config)
    assert status == 200
    assert checks["table"]["ok"]
    check = checks["new routing table"]
    assert (check["ok"], check["needed"]) == (False, False)
    assert str(check["say"]).startswith("refused, and the last good one kept: services.csv")


def test_a_new_directory_that_is_refused_is_told(config: Path) -> None:
    ready(config)
    (config / "directory.p2d").write_bytes(b"junk")
    status, checks = ready(config)
    assert (status, checks["new directory"]["ok"]) == (200, False)


def test_a_line_without_a_directory_says_which_file_is_missing(config: Path) -> None:
    (config / "directory.p2d").unlink()
    status, checks = ready(config)
    assert status == 503
    assert "directory.p2d: there is no such file" in str(checks["table"]["say"])


def test_a_line_for_real_callers_is_not_ready_with_a_table_of_drama_numbers(config: Path) -> None:
    status, checks = ready(config, **desk.LIVE)
    assert status == 503
    check = checks["numbers"]
    assert (check["ok"], check["needed"]) == (False, True)
    assert "set test_line = false" in str(check["say"])


def test_a_language_without_words_is_told_and_takes_no_call_away(config: Path) -> None:
    (config / "prompts.cy.toml").unlink()
    status, checks = ready(config)
    assert (status, checks["languages"]["needed"]) == (200, False)
    assert "add prompts.cy.toml and start the line anew" in str(checks["languages"]["say"])


def test_a_list_of_places_that_is_refused_is_told_and_takes_no_call_away(config: Path) -> None:
    change(config / "geography" / "towns.csv", "town,also", "towns,also")
    status, checks = ready(config)
    assert (status, checks["places"]["ok"], checks["places"]["needed"]) == (200, False, False)
    assert "towns.csv" in str(checks["places"]["say"])


def test_without_a_directory_the_last_resort_rings_the_tables_own_fallback(config: Path) -> None:
    (config / "directory.p2d").unlink()
    board = switchboard(desk.settings({"CONFIG_DIR": str(config)}))
    table = shipped.table()
    assert table.services[table.line.fallback].numbers[0].value in board.last_resort()


def test_without_a_table_the_last_resort_rings_the_number_that_is_set(config: Path) -> None:
    shutil.rmtree(config / "routing")
    settings = desk.settings({"CONFIG_DIR": str(config), "FALLBACK_NUMBER": "+441134960999"})
    assert "+441134960999" in switchboard(settings).last_resort()


@pytest.mark.parametrize("account", ["", "AC" + "0" * 32])
def test_a_line_for_real_callers_that_can_ring_nobody_back_says_what_to_set(account: str) -> None:
    live = {**desk.LIVE, "TWILIO_ACCOUNT_SID": account}
    table = shipped.table()
    real = replace(table, line=replace(table.line, test_line=False))
    check = _callbacks(real, switchboard(desk.settings(live)))
    assert (check.ok, check.needed) == (bool(account), False)
    assert ("set TWILIO_ACCOUNT_SID" in check.say) == (not account)
