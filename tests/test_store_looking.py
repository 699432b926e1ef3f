"""Calls are found by time, service and outcome, alike on both databases and as the alarms count."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.events import Event
from ivr.store import CameTo, Place, Store, Wanted, migrate
from ivr.watching.stored import outcome
from tests import databases
from tests.stories import NOON, SERVICES, Story, tell

CALLS = 120
LATER = NOON + timedelta(hours=6)
DAY = Wanted(NOON, NOON + timedelta(days=1))


@pytest.fixture(scope="module")
def stories() -> list[Story]:
    chance = random.Random(7)  # noqa: S311 - the same stories each time
    return [tell(chance, each, NOON + timedelta(seconds=20 * each)) for each in range(CALLS)]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, stories: list[Story]
) -> Iterator[Store]:
    if request.param == "sqlite":
        yield _filled(f"sqlite:///{tmp_path_factory.mktemp('looking')}/store.sqlite3", stories)
        return
    if not databases.has_postgres():
        pytest.skip(databases.MISSING)
    with databases.postgres() as server:
        kept = _filled(databases.fresh_database(server), stories)
        yield kept
        kept.close()


def _filled(url: str, stories: list[Story]) -> Store:
    migrate(url)
    store = Store(url)
    store.keep([event for story in stories for event in story.events()])
    return store


def test_what_a_call_came_to_is_told_as_the_alarms_count_it(store: Store) -> None:
    found = store.looking.search(DAY, LATER, most=CALLS)
    assert len(found) == CALLS
    assert {each.record.call: each.came_to.value for each in found} == {
        each.record.call: outcome(each.record) for each in found
    }
    assert {each.came_to for each in found} >= {
        CameTo.ANSWERED,
        CameTo.CALLBACK,
        CameTo.UNANSWERED,
        CameTo.ABANDONED,
    }


def test_the_tally_counts_every_call_once(store: Store) -> None:
    found = store.looking.search(DAY, LATER, most=CALLS)
    told = Counter(
        (each.record.offers[0].service if each.record.offered else "", each.came_to)
        for each in found
    )
    tally = store.looking.tally(DAY.since, DAY.until, LATER)
    assert {(service, word): n for service, row in tally.items() for word, n in row.items()} == told


def test_page_after_page_tells_every_call_once_and_newest_first(store: Store) -> None:
    seen: list[Place] = []
    while page := store.looking.search(DAY, LATER, seen[-1] if seen else None, most=7):
        seen.extend(each.place for each in page)
    assert len({each.call for each in seen}) == CALLS
    assert [each.heard for each in seen] == sorted((each.heard for each in seen), reverse=True)


def test_a_search_by_service_and_outcome_finds_those_alone(store: Store) -> None:
    everything = store.looking.search(DAY, LATER, most=CALLS)
    for service in (*SERVICES, ""):
        for word in CameTo:
            wanted = Wanted(DAY.since, DAY.until, service, word)
            found = store.looking.search(wanted, LATER, most=CALLS)
            assert [each.place for each in found] == [
                each.place
                for each in everything
                if each.came_to is word
                and (each.record.offered.service if each.record.offered else "") == service
            ]


def test_a_call_that_has_not_ended_is_under_way_for_three_hours(tmp_path: Path) -> None:
    began = [
        Event(
            "CA" + "a" * 32 + "-t00",
            "CA" + "a" * 32,
            "turn",
            NOON,
            {"step": "ringing", "heard": "leg", "reached": "welcome", "turn": 0},
        )
    ]
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    migrate(url)
    store = Store(url)
    store.keep(began)
    assert [each.call for each in store.looking.under_way(NOON)] == ["CA" + "a" * 32]
    assert not store.looking.under_way(NOON + timedelta(hours=3))
    later = store.looking.one("CA" + "a" * 32, NOON + timedelta(hours=4))
    assert later
    assert later.came_to is CameTo.UNKNOWN
    assert store.looking.one("CA" + "b" * 32, NOON) is None
    store.close()
