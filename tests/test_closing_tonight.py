"""What the operators' guide says of a service that closes tonight is so, through the days after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr import routing
from ivr.hours import LONDON
from tests import routing_files
from tests.shipped import CONFIG
from tests.test_console_tables import Desk, name, words

GUIDE = (CONFIG.parent / "docs" / "operators.md").read_text("utf-8")
ALWAYS, DAYS, NIGHTS = "always", "days", "nights"
FILES = routing_files.files(
    [routing_files.service(each) for each in (ALWAYS, DAYS, NIGHTS)],
    [f"district,CB{at},any,{each},,," for at, each in enumerate((ALWAYS, DAYS, NIGHTS), 1)],
    [f"{DAYS},mon-sun,09:00,24:00,,", f"{NIGHTS},mon-sun,20:00,08:00,,"],
)
WEDNESDAY, THURSDAY, FRIDAY = "2026-12-09", "2026-12-10", "2026-12-11"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENING = datetime(2026, 12, 9, 22, 0, tzinfo=LONDON)
AFTER_MIDNIGHT = datetime(2026, 12, 10, 0, 30, tzinfo=LONDON)
MORNING, NEXT_NIGHT = EVENING.replace(day=10, hour=9), EVENING.replace(day=10, hour=20)

Row = dict[str, str]
CLOSED = {"closed": "yes"}
TICKED = re.compile(r'<input[^>]*type="checkbox"[^>]* checked')


def shut(day: str) -> Row:
    """A row with the tick *Closed all that day*."""
    return {"date": day, **CLOSED}


def opening(day: str, at: str) -> Row:
    """A row of a day on which it opens at that hour, and does not close."""
    return {"date": day, "from": at, "to": "24:00"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def desk(pages: Desk, tmp_path: Path) -> Iterator[Desk]:
    pages.begin(tmp_path / "store.sqlite3")
    yield pages
    pages.checked()
    pages.store.close()


def followed(desk: Desk, service: str, rows: list[Row]) -> str:
    """The candidate after each of ``rows`` was added to the one before, as the guide says."""
    version = desk.store.versions.add(FILES, "ann", "a small table", "", desk.time.now).id
    for row in rows:
        url = f"/console/tables/{version}/sheets/hours/0"
        version = name(desk.as_("editor").submit(url, {"service": service, **row}))
    return version


@pytest.mark.parametrize(
    ("service", "now", "reopens", "rows"),
    [
        (ALWAYS, EVENING, MORNING, [shut(WEDNESDAY), opening(THURSDAY, "09:00")]),
        (ALWAYS, AFTER_MIDNIGHT, MORNING, [opening(THURSDAY, "09:00")]),
        (
            ALWAYS,
            EVENING,
            MORNING + DAY,
            [shut(WEDNESDAY), shut(THURSDAY), opening(FRIDAY, "09:00")],
        ),
        (DAYS, EVENING, MORNING, [shut(WEDNESDAY)]),
        (DAYS, EVENING, MORNING + 2 * HOUR, [shut(WEDNESDAY), opening(THURSDAY, "11:00")]),
        (NIGHTS, EVENING, NEXT_NIGHT, [shut(WEDNESDAY)]),
        (NIGHTS, AFTER_MIDNIGHT, NEXT_NIGHT, [shut(WEDNESDAY)]),
    ],
    ids=["always", "past midnight", "two nights", "days", "late", "nights", "in the night"],
)
def test_who_follows_the_guide_closes_a_service_until_it_opens_again(
    desk: Desk, service: str, now: datetime, reopens: datetime, rows: list[Row]
) -> None:
    holidays = desk.means.geography.holidays
    before = routing.read(FILES, holidays)
    after = routing.read(desk.version(followed(desk, service, rows)).files, holidays)
    assert before.is_open(service, now)
    for half_hours in range(4 * 48):
        at = now + timedelta(minutes=30 * half_hours)
        closed = at < reopens
        assert after.is_open(service, at) == (before.is_open(service, at) and not closed), at
    others = {ALWAYS, DAYS, NIGHTS} - {service}
    assert all(after.hours.get(each) == before.hours.get(each) for each in others)


def test_the_guide_uses_the_words_of_the_pages(desk: Desk) -> None:
    editor, tables = desk.as_("editor"), "/console/tables"
    pages = {
        "*Change one row of the live table*": f"{tables}/",
        "*See or change hours*": f"{tables}/{desk.first}",
        "*Add a row*": f"{tables}/{desk.first}/sheets/hours",
        "*Closed all that day*": f"{tables}/{desk.first}/sheets/hours/0",
        "*Take over*": f"{tables}/{desk.first}/sheets/services/2",
    }
    told = " ".join(GUIDE.split())
    for said, url in pages.items():
        assert said in told
        assert said.strip("*") in words(editor.page(url))


def test_a_day_is_not_closed_throughout_and_open_from_nine(desk: Desk) -> None:
    url = f"/console/tables/{desk.first}/sheets/hours/0"
    row = {"service": "north", "from": "09:00", **shut(WEDNESDAY)}
    answer = desk.as_("editor").submit(url, row)
    assert answer.status_code == 422
    assert "is given for a day that is closed throughout" in answer.text
    assert TICKED.search(answer.text)
    assert len(desk.store.versions.all()) == 1


def test_a_row_that_closes_a_day_is_shown_so(desk: Desk) -> None:
    closed = followed(desk, ALWAYS, [shut(WEDNESDAY)])
    editor, url = desk.as_("editor"), f"/console/tables/{closed}/sheets/hours"
    told = {row: editor.page(f"{url}/{row}") for row in (2, 4, 0)}
    assert [row for row, page in told.items() if TICKED.search(page)] == [4]
    routes = editor.page(f"/console/tables/{closed}/sheets/routes/2")
    assert "Closed all that day" not in routes
