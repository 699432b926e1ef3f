"""The example of 1 April 2026 shows what the command prints, and is true to the boards."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from ivr.checking import check
from ivr.differing import Difference, difference
from ivr.differing.telling import lines
from ivr.routing import FILES, Table, compile, read  # noqa: A004 - a table is compiled
from tests.shipped import CONFIG, directory, geography

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLE = DOCS / "examples" / "succession-2026"
MARCH = datetime(2026, 3, 25, tzinfo=UTC)
LAST, FIRST = date(2026, 3, 31), date(2026, 4, 1)


@cache
def table(name: str) -> Table:
    return read(
        {file: (EXAMPLE / name / file).read_bytes() for file in FILES}, geography().holidays
    )


@cache
def found() -> Difference:
    return difference(table("before"), table("after"), directory(), geography(), MARCH)


def test_the_page_shows_what_the_command_prints() -> None:
    page = (DOCS / "succession-2026.md").read_text("utf-8")
    told = "\n".join(lines(found(), table("before"), table("after")))
    assert f"```\n{told}\n```" in page


def test_everything_moves_on_the_first_of_april_and_for_good() -> None:
    assert {(move.first, move.last) for move in found().moves} == {(FIRST, None)}
    assert not found().turns_left


def test_both_tables_may_be_published() -> None:
    for name in ("before", "after"):
        checked = check(table(name), directory(), geography(), MARCH)
        assert [finding.postcodes for finding in checked.findings] == [1]


def test_every_lsoa_is_with_its_board_on_either_side_of_midnight() -> None:
    """The boards of both vintages are those of the lookup that ships."""
    with gzip.open(CONFIG / "geography" / "lsoa.csv.gz", "rt", encoding="utf-8") as file:
        boards = {row["lsoa21cd"]: row for row in csv.DictReader(file)}
    answers = [compile(table("after"), directory(), day) for day in (LAST, FIRST)]
    services: list[dict[str, set[str]]] = [{}, {}]
    for number in range(len(directory())):
        lsoa = directory().place(number).lsoa
        if lsoa in boards:
            for which, column in enumerate(("icb24cd", "icb26cd")):
                adult = answers[which].cover(number).adult
                adult = "elsewhere" if adult in {"wales", "scotland"} else adult
                services[which].setdefault(boards[lsoa][column], set()).add(adult)
    assert all(len(each) == 1 for by_board in services for each in by_board.values())
    told = [{each.copy().pop() for each in by_board.values()} for by_board in services]
    assert [len(each - {"elsewhere"}) for each in told] == [13, 7]
