"""The page Calls: what may be asked for, what is found, and one call's way as a line of time."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.console import fields
from ivr.console.pages.calls import asked, shown, timeline
from ivr.console.pages.calls.asked import FIELDS
from ivr.events import STATUS, TURN, Event, Fact
from ivr.flow import STEPS
from ivr.log import CallRecord, fold
from ivr.log.folding import TAKEN
from ivr.store import CameTo, Place, Retention, Wanted
from tests import shipped
from tests.console import Console
from tests.shipped import NOON, TODAY
from tests.stories import Story, tell

CALLS = 120
CALLER = "deadbeef" * 4
AREA = "ZE"


def call(number: int) -> str:
    return f"CA{number:032x}"


def stories() -> list[Story]:
    chance = random.Random(11)  # noqa: S311 - the same stories each time
    began = NOON - timedelta(hours=5)
    return [tell(chance, each, began + timedelta(minutes=2 * each)) for each in range(CALLS)]


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    made = Console(tmp_path_factory.mktemp("calls"))
    made.as_ = cache(made.as_)  # type: ignore[method-assign] # each is signed in once
    made.store.keep([told(event) for story in stories() for event in story.events()])
    yield made
    made.store.close()


def told(event: Event) -> Event:
    """``event`` of one caller, from one area."""
    facts = dict(event.facts) | {"caller": CALLER}
    facts |= {"area": AREA} if event.kind == TURN else {}
    return Event(event.id, event.call, event.kind, event.at, facts)


def found(page: str) -> list[str]:
    """The calls that a page tells, in its order."""
    return re.findall(r'href="/console/calls/(CA[0-9a-f]{32})"', page)


def words(page: str) -> str:
    text = unescape(re.sub("<[^>]*>", " ", page)).replace("\u00a0", " ")
    return " ".join(text.split())


def test_without_a_word_the_day_that_it_is_in_london_is_searched() -> None:
    summer = date(2026, 7, 1)
    wanted = asked.read({}, summer).wanted
    assert wanted
    assert wanted.since.isoformat() == "2026-06-30T23:00:00+00:00"
    assert wanted.until - wanted.since == timedelta(days=1)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    wanted = asked.read({"from": day, "to": day}, TODAY).wanted
    assert wanted
    assert wanted.until - wanted.since == timedelta(hours=hours)


def test_the_last_minute_that_is_named_is_searched_too() -> None:
    given = {"from": "2026-12-09", "from_time": "11:30", "to": "2026-12-09", "to_time": "11:30"}
    wanted = asked.read(given, TODAY).wanted
    assert wanted
    assert wanted.until - wanted.since == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"from": "yesterday"}, "from", "Enter a day"),
        ({"to": "1066-10-14"}, "to", "Enter a day"),
        ({"from_time": "25:00"}, "from_time", "Enter a time"),
        ({"to_time": "12:00+01:00"}, "to_time", "Enter a time"),
        ({"from": "2026-12-09", "to": "2026-12-08"}, "to", "The end must be after"),
        ({"from": "2026-01-01", "to": "2026-12-09"}, "to", "at most 62 days"),
        ({"service": "'; drop table"}, "service", "Choose a service"),
        ({"came_to": "lost"}, "came_to", "Choose an outcome"),
    ],
)
def test_a_mistake_is_told_beside_its_field(given: dict[str, str], field: str, says: str) -> None:
    read = asked.read(given, TODAY)
    assert read.wanted is None
    assert says in read.wrong[field]


text = st.text("0123456789-:.+TWZa~ \0é٣", max_size=30)
odd = text | st.sampled_from(
    ["2026-12-09", "9999-12-31", "0001-01-01", "2026-W50-3", "23:59", "24:00", "-", "answered"]
)


@given(st.dictionaries(st.sampled_from(FIELDS), odd))
def test_whatever_is_filled_in_is_searched_or_refused(given: dict[str, str]) -> None:
    read = asked.read(given, TODAY)
    assert (read.wanted is None) == bool(read.wrong)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**64))
def test_a_place_in_the_list_survives_its_address(at: datetime, number: int) -> None:
    place = Place(at, call(number))
    read = asked.place(asked.mark(place))
    assert read == place or place.heard.year not in fields.YEARS


@given(text)
def test_what_is_no_place_is_none(odd: str) -> None:
    assert asked.place(odd) is None
    found = asked.place(f"{odd}~{call(1)}")
    assert found is None or found.heard.tzinfo


def test_every_step_of_a_call_has_words() -> None:
    assert timeline.STEPS.keys() >= STEPS.keys()


@pytest.mark.parametrize("number", range(0, CALLS, 5))
def test_a_line_of_time_tells_every_event_in_order(number: int) -> None:
    events = stories()[number].events()
    entries = timeline.of_events(events, shipped.table().services)
    assert len(entries) == len(events)
    assert [each.at for each in entries] == sorted(event.at for event in events)
    assert entries[-1].title == "The call ended"


def test_what_was_learned_later_is_said_to_be() -> None:
    event = Event(f"{call(1)}-s0", call(1), STATUS, NOON, {"status": "busy", "recovered": True})
    [entry] = timeline.of_events([event], {})
    assert entry.title == "The call ended: engaged"
    assert "list" in entry.detail


@pytest.mark.parametrize(
    ("step", "heard", "says"),
    [
        ("connect", "silence", "the caller pressed nothing"),
        ("place", "silence", "the caller said and pressed nothing"),
        ("connect", "keys", "keys were pressed"),
    ],
)
def test_a_silent_caller_is_not_taken_for_a_service_that_did_not_answer(
    step: str, heard: str, says: str
) -> None:
    facts: dict[str, Fact] = {"turn": 3, "step": step, "heard": heard, "reached": step}
    [entry] = timeline.of_events([Event(f"{call(1)}-3", call(1), TURN, NOON, facts)], {})
    assert entry.title.endswith(f": {says}")
    assert "no answer" not in entry.title


def test_a_length_that_was_counted_elsewhere_is_said_to_be() -> None:
    event = Event(f"{call(1)}-s0", call(1), STATUS, NOON, {"status": "completed", "seconds": 49})
    [entry] = timeline.of_events([event], {})
    assert entry.detail.replace("\u00a0", " ") == "After 49 s, by the telephone company's count"


def test_a_caller_who_rings_off_soon_after_a_pick_up_loses_us_no_record() -> None:
    record = CallRecord(call(1), lacks=(TAKEN,))
    assert "the telephone company does not tell" in shown.lost(record)
    assert "incomplete" not in shown.lost(record)
    assert shown.lost(replace(record, lacks=("turn 2", TAKEN))).endswith(f"turn 2; {TAKEN}.")
    assert shown.lost(replace(record, lacks=())) == ""


def test_a_record_alone_still_tells_every_step() -> None:
    for story in stories():
        record = fold(story.events())
        entries = timeline.of_record(record, {})
        titles = [each.title.casefold() for each in entries]
        assert all(timeline.step(step).casefold() in titles for step in record.steps)


def test_the_day_is_told_page_by_page(line: Console) -> None:
    viewer = line.as_("viewer")
    page, seen = viewer.page("/console/calls/"), []
    while True:
        seen += found(page)
        older = re.search(r'href="([^"]*after=[^"]*)"[^>]*>Earlier', page)
        if not older:
            break
        page = viewer.page(unescape(older[1]))
    assert seen == [call(each) for each in reversed(range(CALLS))]


def test_a_search_finds_by_service_and_outcome(line: Console) -> None:
    now = line.clock()
    wanted = Wanted(NOON - timedelta(days=1), NOON + timedelta(days=1), "mh031", CameTo.ABANDONED)
    expected = [each.record.call for each in line.store.looking.search(wanted, now)]
    page = line.as_("viewer").page("/console/calls/?service=mh031&came_to=abandoned")
    assert expected
    assert found(page) == expected
    none = line.as_("viewer").page("/console/calls/?service=-&from_time=00:00&to_time=00:01")
    assert "No call fits." in none


def test_a_search_that_cannot_be_read_is_explained(line: Console) -> None:
    page = line.as_("viewer").page("/console/calls/?from=<script>&service=%00'")
    assert "There is a problem" in page
    assert 'href="#from"' in page
    assert "<script>&" not in page


def test_no_page_tells_who_rang_or_from_where(line: Console) -> None:
    viewer = line.as_("viewer")
    for url in ["/console/calls/", *(f"/console/calls/{call(each)}" for each in range(0, 40, 4))]:
        page = viewer.page(url)
        assert CALLER not in page
        assert not re.search(rf"\b{AREA}\b", page)
        assert "+44" not in page


def test_who_looks_at_a_call_is_written_down(line: Console) -> None:
    line.as_("viewer").page(f"/console/calls/{call(7)}")
    newest = line.store.audit.newest(1)[0]
    assert (newest.who, newest.what, newest.about) == (
        "viewer@example.org",
        "call looked at",
        call(7),
    )


@pytest.mark.parametrize("which", ["CA" + "f" * 32, "x", "..%2f", "%00"])
def test_a_call_that_nobody_knows_is_not_there(line: Console, which: str) -> None:
    assert line.as_("viewer").get(f"/console/calls/{which}").status_code == 404


def test_a_call_whose_events_are_forgotten_is_told_by_its_record(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = Console(tmp_path_factory.mktemp("forgotten"))
    made.store.keep(stories()[0].events())
    before = words(made.as_("viewer").page(f"/console/calls/{call(0)}"))
    made.store.forget(NOON + timedelta(days=60), Retention())
    after = words(made.as_("viewer").page(f"/console/calls/{call(0)}"))
    assert "kept no longer" in after
    assert "kept no longer" not in before
    assert "The call ended" in after
    made.store.close()
