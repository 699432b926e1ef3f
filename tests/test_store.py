"""The store keeps each event once, whole batches or nothing, alike on SQLite and on Postgres."""

from __future__ import annotations

import random
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ivr.events import Event
from ivr.log import fold
from ivr.store import Forgotten, Retention, Store, StoreError, migrate
from ivr.store.opening import open_engine
from ivr.store.tables import metadata
from tests.databases import fresh_database
from tests.stories import NOON, Story, tell

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state/log.sqlite3"
    server: str = request.getfixturevalue("postgres_server")
    return fresh_database(server)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    migrate(url)
    store = Store(url)
    yield store
    store.close()


def made_up(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - for made-up calls


def stories(count: int, seed: int = 1) -> list[Story]:
    chance = made_up(seed)
    return [tell(chance, call, NOON + timedelta(seconds=call)) for call in range(count)]


def events(told: Iterable[Story]) -> list[Event]:
    return [event for story in told for event in story.events()]


def test_what_is_kept_is_told_as_it_was(store: Store) -> None:
    for story in stories(60):
        told = story.events()
        assert store.keep(told) == len(told)
        assert store.events(story.call) == told
        assert store.call(story.call) == story.record()


def test_nothing_is_kept_twice(store: Store) -> None:
    told = events(stories(5))
    assert store.keep(told + told) == len(told)
    assert store.keep(told) == 0
    assert sum(len(store.events(story.call)) for story in stories(5)) == len(told)


def test_batches_in_any_order_and_repeated_leave_the_same_records(store: Store) -> None:
    told = stories(40)
    chance = made_up(2)
    heard = events(told) * 2
    chance.shuffle(heard)
    new = sum(store.keep(heard[at : at + 50]) for at in range(0, len(heard), 50))
    assert new == len(heard) // 2
    assert all(store.call(story.call) == story.record() for story in told)


def test_a_late_event_changes_the_record_of_a_finished_call(store: Store) -> None:
    story = stories(1)[0]
    told = story.events()
    store.keep(told[1:])
    early = store.call(story.call)
    assert early
    assert "turn 0" in early.lacks
    assert early.began is None
    assert store.keep(told[:1]) == 1
    assert store.call(story.call) == story.record()


def test_of_a_call_never_heard_of_nothing_is_known(store: Store) -> None:
    assert store.call("CA" + "0" * 32) is None
    assert store.events("CA" + "0" * 32) == []
    assert store.keep([]) == 0


class Failing(Store):
    """A store that fails after the events and before the records."""

    def _retell(self, *_: object) -> None:
        raise OSError("no space left on device")


def test_a_batch_is_kept_whole_or_not_at_all(store: Store, url: str) -> None:
    failing, told = Failing(url), events(stories(3))
    with pytest.raises(OSError, match="no space"):
        failing.keep(told)
    failing.close()
    assert store.events(told[0].call) == []
    assert store.keep(told) == len(told)


def at_once(count: int, act: Callable[[int], None]) -> None:
    """``act`` in as many threads as ``count``, started together; the first failure is raised."""
    together, wrong = threading.Barrier(count), list[BaseException]()

    def one(number: int) -> None:
        together.wait()
        try:
            act(number)
        except Exception as error:  # noqa: BLE001 - told to the test below
            wrong.append(error)

    threads = [threading.Thread(target=one, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def test_two_who_keep_parts_of_the_same_calls_at_once_leave_whole_records(
    store: Store, url: str
) -> None:
    told = stories(12)
    heard = events(told)

    def keep(number: int) -> None:
        one = Store(url)
        for event in heard[number::3]:
            one.keep([event])
        one.close()

    at_once(3, keep)
    assert all(store.call(story.call) == story.record() for story in told)


def test_several_that_start_at_once_make_the_tables_once(url: str) -> None:
    at_once(4, lambda _: migrate(url))
    migrate(url)
    store = Store(url)
    assert store.keep(events(stories(1))) > 0
    store.close()


def test_the_migrations_lead_to_the_tables_that_the_store_uses(store: Store, url: str) -> None:
    del store
    engine = open_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_calls_are_told_in_the_order_they_came_however_many(store: Store) -> None:
    told = stories(1203)
    store.keep(events(told))
    since, until = NOON + timedelta(seconds=1), NOON + timedelta(seconds=1202)
    assert [record.call for record in store.calls(since, until)] == [s.call for s in told[1:-1]]
    assert list(store.calls(until + DAY, until + 2 * DAY)) == []


PROGRAM = """
import random, sys
from ivr.store import Store
from tests.stories import tell
store = Store(sys.argv[1])
chance = random.Random(7)
for call in range(100_000):
    store.keep(tell(chance, call).events())
    print(call, flush=True)
"""


def test_what_was_kept_outlives_being_killed_and_is_whole(store: Store, url: str) -> None:
    command = [sys.executable, "-c", PROGRAM, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:  # noqa: S603 - our own
        assert program.stdout
        for _ in range(20):
            program.stdout.readline()
        program.send_signal(signal.SIGKILL)
        kept = 20 + len(program.stdout.read().splitlines())
    chance = made_up(7)
    told = [tell(chance, call) for call in range(kept + 1)]
    assert all(store.call(story.call) == story.record() for story in told[:kept])
    assert store.call(told[kept].call) in (None, told[kept].record())


def test_each_thing_is_forgotten_in_its_time_over_four_hundred_days(store: Store) -> None:
    told = [tell(made_up(day), day, NOON + day * DAY) for day in range(401)]
    keep = Retention()
    store.keep(events(told))  # what is to come is not forgotten before it has happened
    for day in range(401):
        looks = day in (0, 1, 2, 4, 5, 35, 36, 37, 250, 396, 397, 400)
        for hour in (1, 21, 22, 23) if looks else (1,):
            now = NOON + day * DAY + hour * HOUR
            store.forget(now, keep)
            if looks:
                days = {day - limit + near for limit in (0, 1, 4, 35, 396) for near in (0, 1)}
                held(store, [told[begun] for begun in days if 0 <= begun <= 400], now, keep)


def held(store: Store, told: list[Story], now: datetime, keep: Retention) -> None:
    """Check that of each call just what may be kept of it until an hour from now is kept.

    That is when it is looked at next; what would be too old in the hour after that goes too.
    """
    for story in told:
        age = now + 2 * HOUR - max(event.at for event in story.events())
        record, kept = story.record(), store.call(story.call)
        if age > timedelta(days=keep.call_days):
            assert kept is None
        else:
            traced, located = age <= keep.pseudonym_days * DAY, age <= keep.area_days * DAY
            caller = record.caller if traced else None
            assert kept == replace(record, caller=caller, area=record.area if located else "")
        facts = [event.facts for event in store.events(story.call)]
        assert bool(facts) == (age <= timedelta(days=keep.event_days))
        assert any("caller" in each for each in facts) <= (age <= keep.pseudonym_days * DAY)
        assert any("area" in each for each in facts) <= (age <= keep.area_days * DAY)


def test_nobodys_area_is_kept_for_a_day_by_a_chore_that_comes_every_hour(store: Store) -> None:
    hours = [tell(made_up(hour), hour, NOON - timedelta(minutes=7 * hour)) for hour in range(60)]
    store.keep(events(hours))
    latest = {each.call: max(event.at for event in each.events()) for each in hours}
    for hour in range(30):
        now = NOON + hour * HOUR
        store.forget(now, Retention())
        kept = {each.call: each.area for each in store.calls(NOON - DAY, NOON + DAY)}
        before_the_next = now + HOUR
        assert not [c for c, area in kept.items() if area and before_the_next - latest[c] > DAY]
        known = {each.call for each in hours if each.record().area}
        assert not [c for c in known if not kept[c] and now - latest[c] < DAY - 2 * HOUR]


def test_a_record_whose_events_are_forgotten_stands_whatever_comes_late(store: Store) -> None:
    story = stories(1)[0]
    told = story.events()
    store.keep(told[1:])
    before = store.call(story.call)
    assert before
    now = told[-1].at + 36 * DAY
    counted = Forgotten(events=len(told) - 1, settled=1, pseudonyms=1, areas=1)
    assert store.forget(now, Retention()) == counted
    assert store.keep(told) == 0
    assert store.call(story.call) == replace(before, caller=None, area="")
    assert store.forget(now, Retention()) == Forgotten()


def test_an_event_that_comes_after_the_caller_was_forgotten_brings_them_back_for_no_longer(
    store: Store,
) -> None:
    story = stories(1)[0]
    told = story.events()
    store.keep(told[1:])
    now = told[-1].at + 6 * DAY
    store.forget(now, Retention())
    store.keep(told[:1])
    assert store.forget(now, Retention()).pseudonyms == 1
    record = store.call(story.call)
    assert record
    assert record.complete == story.record().complete
    assert record.caller is None
    assert not any("caller" in event.facts for event in store.events(story.call))


@pytest.mark.parametrize(
    "days", [{"area_days": 0}, {"event_days": 40, "call_days": 39}, {"pseudonym_days": -1}]
)
def test_a_retention_that_makes_no_sense_is_refused(days: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="kept"):
        Retention(**days)


def test_only_this_user_can_read_the_file_and_its_folder(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/state/log.sqlite3")
    store = Store(f"sqlite:///{tmp_path}/state/log.sqlite3")
    store.keep(events(stories(1)))
    folder = tmp_path / "state"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert (folder / "log.sqlite3").exists()


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://user:secret@host/name", "secret"]
)
def test_a_database_of_another_kind_is_refused_in_a_line_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as wrong:
        Store(url)
    assert "\n" not in str(wrong.value)
    assert "secret" not in str(wrong.value)


def test_a_record_folded_from_the_store_is_the_one_folded_from_the_events(store: Store) -> None:
    told = events(stories(20))
    kept = [event for event in told if made_up(event.id).random() > 0.3]
    store.keep(kept)
    for call in {event.call for event in kept}:
        assert store.call(call) == fold(event for event in kept if event.call == call)
