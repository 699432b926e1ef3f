"""``ivr table check`` and ``ivr table diff`` say what a table would do, and exit with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli.table_check import check, diff
from tests.routing_files import files, service
from tests.shipped import CONFIG
from tests.workbooks import workbook

ROWS = [f"nation,{name},any,open,,," for name in ("England", "Wales", "Scotland", "Jersey",
        "Guernsey", "Isle of Man", "Northern Ireland")]  # fmt: skip
OPEN = service("open", "+441632960300 25 queue")


@pytest.fixture(autouse=True)
def line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONFIG_DIR", str(CONFIG))
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))


def folder(path: Path, written: Mapping[str, bytes]) -> str:
    path.mkdir()
    for name, content in written.items():
        (path / name).write_bytes(content)
    return str(path)


def asked(command: object, *words: str) -> Result:
    assert command in {check, diff}
    return CliRunner().invoke(check if command is check else diff, words)


def test_a_sound_table_exits_with_nothing(tmp_path: Path) -> None:
    result = asked(check, folder(tmp_path / "table", files([OPEN], ROWS)))
    assert result.exit_code == 0, result.output
    assert (
        "1,769,852 postcodes at 1 moment of 14 days: 1 postcode without a service, 1 gap\n"
        in result.output
    )


def test_errors_and_mistakes_exit_with_one(tmp_path: Path) -> None:
    gone = folder(tmp_path / "gone", files([OPEN], [*ROWS, "icb,E54000056,any,open,,,"]))
    result = asked(check, gone, "--json", "--from", "2026-12-09", "--days", "2")
    assert (result.exit_code, json.loads(result.output)["errors"]) == (1, 1)
    wrong = folder(tmp_path / "wrong", files([OPEN], [*ROWS, "icb,E54000065,any,nobody,,,"]))
    result = asked(check, wrong)
    assert result.exit_code == 1
    assert result.output.startswith("routes.csv row 9, column service: 'nobody' is not a service")


def test_a_workbook_differs_from_a_folder_by_its_rows(tmp_path: Path) -> None:
    before = folder(tmp_path / "before", files([OPEN], ROWS))
    rows = files([OPEN], [*ROWS[1:], "nation,England,any,national,,,"])
    sheets = {
        name.partition(".")[0]: [line.split("," if name[-3:] == "csv" else "\0") for line in
                                 content.decode().split("\n")]
        for name, content in rows.items()
    }  # fmt: skip
    after = tmp_path / "after.xlsx"
    after.write_bytes(workbook(sheets))
    result = asked(diff, before, str(after))
    assert result.exit_code == 0, result.output
    assert "1,503,374 postcodes move from open to national" in result.output


def test_what_is_nowhere_is_said_to_be(tmp_path: Path) -> None:
    result = asked(diff, folder(tmp_path / "before", files([OPEN], ROWS)), "0123456789ab")
    assert result.exit_code == 1
    assert "there is no such folder, and no version begins with '0123456789ab'" in result.output
