"""What a person sees and does with test calls at a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli import main
from tests import shipped
from tests.machine import config

SERVICE = "mh003"
ONE, TWO = (number.value for number in shipped.table().services[SERVICE].numbers)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CONFIG_DIR", str(config(tmp_path)))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def switch_on(folder: Path) -> None:
    file = folder / "config" / "routing" / "line.toml"
    file.write_text(file.read_text().replace("test_calls = []", f'test_calls = ["{SERVICE}"]'))


def ivr(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["test-calls", *arguments])


def test_nobody_is_rung_who_has_not_agreed_to_it() -> None:
    refused = ivr("ring", SERVICE)
    assert refused.exit_code == 1
    assert f"{SERVICE} may not be rung: name it under test_calls in line.toml" in refused.output
    assert ivr("list").output == "no test call was ever asked for\n"


def test_a_service_that_is_switched_on_may_be_rung_and_is_rung_once(folder: Path) -> None:
    switch_on(folder)
    first = ivr("ring", SERVICE, "--who", "ada")
    assert first.output.splitlines()[:2] == [
        f"{SERVICE} number 1, {ONE}, will be rung",
        f"{SERVICE} number 2, {TWO}, will be rung",
    ]
    assert first.exit_code == 0
    assert "no TWILIO_ACCOUNT_SID" in first.output, "a test line without a company rings nobody"
    again = ivr("ring", SERVICE)
    assert f"{SERVICE} number 1, {ONE}, is being rung already" in again.output
    told = ivr("list").output
    assert told.count("\n") == 2
    assert f"{SERVICE} number 1, {ONE}: asked (asked for by ada)\n" in told
    rows = json.loads(ivr("list", "--format", "json").output)
    assert {(row["number"], row["state"]) for row in rows} == {(ONE, "asked"), (TWO, "asked")}
