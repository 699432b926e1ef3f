"""The page Today: its figures as values, and as somebody sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from ivr.alarms import ALARMS, STALE, Alarm, Figures, Found, Standing, look
from ivr.alarms.figures import Check
from ivr.console import telling
from ivr.console.pages import PAGES
from ivr.console.pages.guide import DOCS
from ivr.console.pages.today import figures
from ivr.events import Event, Fact
from ivr.log import CallRecord, Leg
from ivr.store import CameTo
from ivr.watching.watch import keep
from tests import shipped
from tests.console import Console
from tests.shipped import NOON
from tests.stories import Story, Visit

SERVICE = "mh009-adult"
WELL = Figures(
    checks=(Check("table", ok=True),),
    events=0,
    promises=0,
    aside=0,
    unlogged=0,
    free=50 * 1024.0**3,
    store=True,
    redis=True,
    workers={"log": 1},
    jobs={"log": 0},
    failed={"log": 0},
    relayed=0.2,
    reconciled=20.0,
)


def leg(turn: int, *, picked_up: bool = False, came_to: str = "") -> Leg:
    return Leg(turn, "connect", 1, "", NOON, None, came_to, NOON if picked_up else None, None)


def going(*steps: str, legs: tuple[Leg, ...] = (), ago: int = 60) -> CallRecord:
    return CallRecord("CA", steps=steps, legs=legs, began=NOON - timedelta(seconds=ago))


def test_a_call_is_counted_by_what_its_caller_does() -> None:
    records = [
        going("welcome", ago=200),
        going("welcome", "connect", "connect", legs=(leg(2),)),
        going("connect", legs=(leg(0, picked_up=True),), ago=900),
        going("connect", "unanswered", legs=(leg(0, came_to="busy"),)),
    ]
    now = figures.going_on(records, NOON)
    assert now == figures.Now(asked=2, ringing=1, picked_up=1, longest=200.0)
    assert now.all == 4
    assert figures.going_on([], NOON) == figures.Now()


def test_a_part_is_not_known_rather_than_well_where_nobody_looked() -> None:
    found = figures.parts(Figures(), [])
    assert {part.well for part in found} == {None}
    assert {part.say for part in found} == {"not known"}


def test_a_part_is_well_until_an_alarm_about_it_stands() -> None:
    well = look(None, NOON, WELL, 0)
    alerts = figures.alerts(well, NOON)
    assert not alerts
    assert {p.well for p in figures.parts(figures.fresh(well, NOON), alerts)} == {True}
    behind = replace(WELL, events=7, oldest_event=500.0, redis=False, workers={})
    worse = look(None, NOON, behind, 0)
    parts = {
        part.name: part
        for part in figures.parts(figures.fresh(worse, NOON), figures.alerts(worse, NOON))
    }
    assert parts["Redis"] == figures.Part("Redis", "does not answer", well=False)
    assert parts["Workers by queue"].well is None
    assert parts["Events waiting to be kept"].well is False
    assert parts["Database"].well


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)
def test_what_an_alarm_says_to_do_can_be_reached_from_the_page(alarm: Alarm) -> None:
    """Whoever has only a browser has neither a terminal nor the documents' folder."""
    alert = figures.Alert(Standing(alarm, "something"), None)
    assert alert.documents == re.findall(r"docs/([\w-]+)\.md", alarm.mend)
    assert all((DOCS / f"{each}.md").is_file() for each in alert.documents)
    if "`ivr " in alarm.mend:
        assert alert.page in PAGES or alert.documents


def test_a_document_that_an_alarm_names_is_linked(line: Console) -> None:
    old = replace(WELL, directory=400.0, failing=("routes.csv row 2",))
    keep(line.means.settings.watch_file, look(None, NOON, old, 0))
    page = line.as_("viewer").page("/console/today/live")
    assert 'href="/console/guide/update-the-directory.md"' in page
    assert 'id="mend-probe_failed" href="/console/trials/"' in page
    line.means.settings.watch_file.unlink()


def test_what_was_found_too_long_ago_is_told_no_more() -> None:
    found = look(None, NOON, replace(WELL, redis=False), 0)
    late = NOON + STALE + timedelta(seconds=1)
    assert figures.fresh(found, late) == Figures(watched=181.0)
    assert [each.standing.alarm.name for each in figures.alerts(found, late)] == ["watch_late"]


def test_services_stand_by_name_and_calls_without_one_last() -> None:
    services = shipped.table().services
    first, second = sorted(services, key=lambda code: services[code].name)[:2]
    tally = {"": {CameTo.ABANDONED: 2}, second: {CameTo.ANSWERED: 1}, first: {CameTo.UNKNOWN: 3}}
    rows = figures.rows(tally, services)
    assert [row.code for row in rows] == [first, second, ""]
    together = figures.together(rows)
    assert together == figures.Day(answered=1, abandoned=2, unknown=3)
    assert together.all == 6


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "not known"),
        (0, "0 s"),
        (59.4, "59 s"),
        (61, "1 min 1 s"),
        (120, "2 min"),
        (3_599.6, "1 h"),
        (7_260, "2 h 1 min"),
        (90_000, "1 day 1 h"),
        (-5, "0 s"),
    ],
)
def test_a_length_of_time_is_told_in_two_units(seconds: float | None, said: str) -> None:
    assert telling.lasted(seconds).replace("\u00a0", " ") == said


def test_the_day_begins_at_midnight_in_london() -> None:
    summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert telling.midnight(summer) == datetime(2026, 7, 1, 23, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One call abandoned, one under way, one of yesterday, and two promises."""
    made = Console(tmp_path_factory.mktemp("today"))
    made.as_ = cache(made.as_)  # type: ignore[method-assign] # each is signed in once
    gone = Visit(0, "connect", NOON - timedelta(minutes=5), SERVICE, "SE", left=NOON)
    gone = replace(gone, left=gone.at + timedelta(seconds=30))
    before = replace(gone, at=gone.at - timedelta(days=1), left=gone.left - timedelta(days=1))
    made.store.keep(Story("CA" + "1" * 32, "menu", "a" * 32, (gone,)).events())
    made.store.keep(Story("CA" + "2" * 32, "menu", "b" * 32, (before,)).events())
    facts: dict[str, Fact] = {"step": "ringing", "heard": "leg", "reached": "welcome", "turn": 0}
    call = "CA" + "3" * 32
    made.store.keep([Event(f"{call}-t00", call, "turn", NOON - timedelta(seconds=9), facts)])
    made.store.callbacks.promise("p1", call, SERVICE, "+447700900123", NOON - timedelta(hours=1))
    made.store.callbacks.promise("p2", call, SERVICE, "+447700900124", NOON)
    yield made
    made.store.close()


def words(page: str) -> str:
    """The page's text, each run of space one."""
    return " ".join(re.sub("<[^>]*>", " ", page).replace("\u00a0", " ").split())


def test_the_page_tells_the_day_and_the_moment(line: Console) -> None:
    told = words(line.as_("viewer").page("/console/today/"))
    assert "Calls now 1 1 being asked, 0 ringing, 0 picked up" in told
    assert "The longest has waited 9 s" in told
    assert "Callbacks waiting 2 1 overdue, 0 for a person" in told
    assert "Together Calls 2 Answered 0 Abandoned 1" in told
    assert "Alarms not known" in told
    assert line.means.table().version in told


def test_the_page_names_no_caller(line: Console) -> None:
    page = line.as_("admin").page("/console/today/")
    assert "+4477" not in page
    assert "a" * 32 not in page


def test_what_refreshes_is_a_part_of_the_page_and_can_be_kept_still(line: Console) -> None:
    viewer = line.as_("viewer")
    page, part = viewer.page("/console/today/"), viewer.page("/console/today/live")
    assert 'hx-get="/console/today/live" hx-trigger="every 5s"' in page
    assert "<html" not in part
    assert words(part) in words(page)
    assert "hx-get" not in viewer.page("/console/today/?still=1")


def test_an_alarm_is_told_with_what_to_do_and_since_when(line: Console) -> None:
    began = NOON - timedelta(minutes=10)
    first = look(None, began, replace(WELL, overdue=2), 0)
    keep(line.means.settings.watch_file, look(first, NOON, replace(WELL, overdue=2), 0))
    told = words(line.as_("viewer").page("/console/today/live"))
    assert "1 alarm stands" in told
    assert "Overdue: 2 callbacks, since 9 December 2026 at 11:50 . What to do: " in told
    keep(line.means.settings.watch_file, Found(NOON, WELL))
    assert "No alarm stands" in words(line.as_("viewer").page("/console/today/live"))
    line.means.settings.watch_file.unlink()


def test_who_is_not_signed_in_sees_nothing(line: Console) -> None:
    stranger = line.browser()
    assert stranger.get("/console/today/").status_code == 302
    assert stranger.get("/console/today/live", headers={"HX-Request": "true"}).status_code == 401


def test_the_table_that_was_published_is_told_and_where_it_is_served(tmp_path: Path) -> None:
    made = Console(tmp_path)
    folder = shipped.CONFIG / "routing"
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    made.store.versions.install(files, NOON)
    told = words(made.as_("viewer").page("/console/today/"))
    assert f"Published last {made.means.table().version} Served by installation" in told
    made.store.close()
