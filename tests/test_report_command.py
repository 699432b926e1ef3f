"""``ivr report`` tells a month from the log, in the published form, as JSON and as a table."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.cli import main
from ivr.report import ITEMS
from ivr.report.measures import MEASURES
from ivr.report.published import parse
from ivr.store import Store, migrate
from tests import shipped
from tests.stories import tell

MIDNIGHT = datetime(2025, 12, 1, tzinfo=UTC)
STORIES = 120
MH031 = ["--contract", "MH031"]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a line that took some calls in December, and one in January."""
    folder = tmp_path_factory.mktemp("state")
    url = f"sqlite:///{folder / 'store.sqlite3'}"
    migrate(url)
    chance = random.Random(31)  # noqa: S311 - made up
    step = timedelta(days=31) / STORIES
    store = Store(url)
    for number in range(STORIES + 1):
        store.keep(tell(chance, number, MIDNIGHT + step * number).events())
    store.close()
    return folder


def ask(
    state: Path, *options: str, month: str = "2025-12", config: Path = shipped.CONFIG
) -> Result:
    environ = {"STATE_DIR": str(state), "CONFIG_DIR": str(config), "DATABASE_URL": ""}
    return CliRunner().invoke(main, ["report", "--month", month, *options], env=environ)


def told(state: Path, *arguments: str) -> str:
    result = ask(state, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def line_of(text: str, first: str) -> Sequence[str]:
    return next(line.split() for line in text.splitlines() if line.split()[:1] == [first])


def test_the_csv_is_in_the_published_form(state: Path) -> None:
    published = parse(told(state, "--format", "csv").encode())
    assert str(published.month) == "2025-12"
    assert len(published.contracts) == 69
    counted = published.figures("MH031")
    assert (counted["A01"] or 0) > (counted["A03"] or 0) > 0
    assert published.figures("MH050")["B07"] is None


def test_one_contract_may_be_asked_for_and_several(state: Path) -> None:
    assert {row["CONTRACT_CODE"] for row in records(told(state, *MH031, "--format", "csv"))} == {
        "MH031"
    }
    both = records(told(state, *MH031, "--contract", "MH009", "--format", "csv"))
    assert [row["CONTRACT_CODE"] for row in both][::11] == ["MH031", "MH009"]


def test_json_table_and_csv_tell_the_same_figures(state: Path) -> None:
    rows = records(told(state, *MH031, "--format", "csv"))
    as_json = json.loads(told(state, *MH031, "--format", "json"))
    assert [{name: str(cell) for name, cell in row.items()} for row in as_json["rows"]] == rows
    assert list(as_json["rows"][0]) == list(rows[0])
    table = line_of(told(state, *MH031), "MH031")
    assert list(table[1:12]) == [row["METRIC_VALUE"] for row in rows]


def test_the_table_ends_with_all_contracts_and_what_to_bear_in_mind(state: Path) -> None:
    table = told(state)
    assert line_of(table, "contract")[1:] == [*ITEMS, "name"]
    as_json = json.loads(told(state, "--format", "json"))
    received = as_json["all_contracts"]["A01"]
    assert line_of(table, "all")[1] == str(received)
    assert "The log's calls of the month are from 2025-12-01 to 2025-12-31." in table
    without = re.search(r"(\d+) more calls were offered to services that have no contract", table)
    assert without  # the stories' own mh009-adult is not in the table
    aside = sum(as_json["aside"].values())
    assert received + aside + int(without[1]) == STORIES  # and the one of January in none


def test_a_month_without_calls_is_not_a_month_of_noughts(state: Path) -> None:
    quiet = ask(state, month="2025-11").stdout
    assert set(line_of(quiet, "MH031")[1:12]) == {"-"}
    assert "nothing is known of it" in quiet


def test_the_other_clock_counts_the_announcement(state: Path) -> None:
    waited = [
        int(line_of(told(state, *MH031, "--clock", clock), "MH031")[9])
        for clock in ("ringing", "offered")
    ]
    assert waited[0] < waited[1]


def test_what_is_measured_beside_is_told_by_service_and_by_day(state: Path) -> None:
    by_service = records(told(state, "--by", "service", "--format", "csv"))
    by_day = records(told(state, "--by", "day", "--format", "csv"))
    assert by_service[0]["service"] == "mh050"
    assert [row["day"] for row in by_day] == [f"2025-12-{day:02}" for day in range(1, 32)]
    assert sum(int(row["received"]) for row in by_day) == sum(
        int(row["received"]) for row in by_service
    )
    as_json = json.loads(told(state, "--by", "service", "--format", "json"))
    assert len(as_json["measures"]) == len(by_service)
    assert line_of(told(state, "--by", "day"), "2025-12-01")[1] == by_day[0]["received"]
    assert len(records(told(state, *MH031, "--by", "service", "--format", "csv"))) == 1


def test_the_definitions_are_told_when_asked_for(state: Path) -> None:
    table = told(state, *MH031, "--explain")
    assert "B04  Calls abandoned in over 30 seconds and up to and including 60 seconds:" in table
    assert "from 31 to 60 seconds, both included" in table
    assert "the moment the first telephone rings" in table
    result = ask(state, *MH031, "--explain", "--format", "csv")
    parse(result.stdout.encode())
    assert "nearest rank" in result.stderr
    meant = json.loads(told(state, *MH031, "--explain", "--format", "json"))["definitions"]
    assert meant["A03"].startswith("Those of A01 that somebody took")
    assert "{" not in table


def test_the_page_on_the_report_tells_every_figure_and_no_other() -> None:
    page = (shipped.CONFIG.parent / "docs" / "report.md").read_text("utf-8")
    cells = [[cell.strip(" `") for cell in row] for row in re.findall(r"^\|(.+?)\|(.+?)\|(.+?)\|$",
             page, re.MULTILINE)]  # fmt: skip
    told = [(first, second) for first, second, _ in cells]
    items = [(each.id, each.name) for each in ITEMS.values()]
    measures = [(each.title, each.name) for each in MEASURES]
    bare = {("Item", "Name"), ("---", "---"), ("Heading", "In files")}
    assert [each for each in told if each not in bare] == items + measures


def test_a_mistake_is_told_in_a_line_with_what_is_allowed(state: Path, tmp_path: Path) -> None:
    assert "is the contract of no service; there are MH001, " in ask(
        state, "--contract", "MH999"
    ).stderr.replace("\n", " ")
    wrong = ask(state, month="2025-13")
    assert "a month is" in wrong.stderr
    assert wrong.exit_code == 2
    shutil.copytree(shipped.CONFIG / "routing", tmp_path / "routing")
    assert "contracts.csv: No such file" in ask(state, config=tmp_path).stderr
    (tmp_path / "contracts.csv").write_text("nonsense")
    assert "the first row must be" in ask(state, config=tmp_path).stderr


def test_a_store_that_is_away_is_told_in_a_line() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"
    environ = {"CONFIG_DIR": str(shipped.CONFIG), "DATABASE_URL": nowhere}
    result = CliRunner().invoke(main, ["report", "--month", "2025-12"], env=environ)
    assert result.exit_code == 1
    assert "the store cannot be used: OperationalError" in result.stderr
    assert "nobody" not in result.output
