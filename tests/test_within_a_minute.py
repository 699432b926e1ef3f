"""What breaks is told within a minute: programs are let die by a clock that the test hands in.

Nothing is waited for: a second passes when the test says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from ivr.events import Event, Fact
from ivr.outbox import Outbox
from ivr.relay import connect_impatiently
from ivr.settings import Settings
from ivr.store import Store, migrate
from ivr.watching import Watch
from tests import desk, outboxes
from tests.servers import free_port, valkey
from workers import jobs, schedule, watch
from workers.beating import ALIVE, EVERY, KEPT, alive, beat, beating

pytestmark = pytest.mark.usefixtures("hears_everything")

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a line that nobody has started."""
    own = f"http://127.0.0.1:{free_port()}"
    return desk.settings({"PUBLIC_URL": own, "PORT": own.rsplit(":", 1)[1]}, tmp_path / "state")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with valkey(tmp_path / "redis") as connection:
        yield connection


NAMES = (*jobs.QUEUES, schedule.NAME)


@dataclass
class Breaking:
    """A line whose programs are alive until a moment, in seconds, at which some die."""

    settings: Settings
    redis: Redis
    dies: int
    who: Collection[str] = ()

    def told(self, name: str, first_look: int = 0, until: int = 200) -> int | None:
        """Seconds from the death to the look that raises the alarm ``name``, if any does."""
        watching = Watch(self.settings, lambda now: alive(self.redis, NAMES, now.timestamp()))
        for second in range(until):
            at = NOW + timedelta(seconds=second)
            for each in NAMES if second % EVERY == 0 else ():
                if each not in self.who or second < self.dies:
                    assert beat(self.redis, each, f"{each}-1", at.timestamp())
            if second % watch.EVERY == first_look and name in watching.look(at).since:
                return second - self.dies
        return None


@pytest.mark.parametrize("first_look", [0, 4, 14])
@pytest.mark.parametrize("dies", [41, 45, 50])  # just after a sign, between two, just before one
def test_within_a_minute_of_a_worker_s_death_the_alarm_stands(
    settings: Settings, redis: Redis, dies: int, first_look: int
) -> None:
    after = Breaking(settings, redis, dies, {"log"}).told("worker_gone", first_look)
    assert after is not None
    assert 0 < after <= 60 - watch.EVERY  # a look that waits for others takes as long, at most


@pytest.mark.parametrize("who", NAMES)
def test_so_it_is_with_every_worker_and_with_the_scheduler(
    settings: Settings, redis: Redis, who: str
) -> None:
    after = Breaking(settings, redis, 41, {who}).told("worker_gone")
    assert after is not None
    assert after <= 60 - watch.EVERY


def test_while_they_live_no_alarm_stands(settings: Settings, redis: Redis) -> None:
    assert Breaking(settings, redis, 0).told("worker_gone", until=300) is None


@pytest.mark.parametrize("name", ["events_late", "promises_late"])
def test_within_a_minute_of_a_relay_s_death_what_waits_is_told(
    settings: Settings, redis: Redis, name: str
) -> None:
    with closing(Outbox(settings.outbox_file)) as outbox:
        outbox.note(outboxes.event(1, at=NOW + timedelta(seconds=20)))
        outbox.accept(outboxes.promise(asked=NOW + timedelta(seconds=20)))
    after = Breaking(settings, redis, 20).told(name)
    assert after is not None
    assert 0 < after <= 60 - watch.EVERY


def test_within_a_minute_of_its_end_a_call_that_nobody_took_is_told(
    settings: Settings, redis: Redis
) -> None:
    migrate(settings.store_url)
    call, over = "CA" + "0" * 32, NOW + timedelta(seconds=20)
    steps = enumerate(("welcome", "fallback", "last_words"))
    turns = [
        Event(
            f"{call}-t{turn:02}", call, "turn", over, {"step": step, "reached": step, "turn": turn}
        )
        for turn, step in steps
    ]
    with closing(Store(settings.store_url)) as store:
        store.keep(turns)
    after = Breaking(settings, redis, 20).told("unanswered", first_look=14)
    assert after is not None
    assert after <= watch.EVERY


def test_a_worker_that_is_started_anew_in_time_raises_nothing(
    settings: Settings, redis: Redis
) -> None:
    line = Breaking(settings, redis, 41, {"log"})
    assert beat(redis, "log", "another", NOW.timestamp() + 60)
    assert line.told("worker_gone", until=85) is None


def test_where_the_clock_was_set_back_a_dead_worker_is_missed_as_soon(redis: Redis) -> None:
    now = NOW.timestamp()
    assert beat(redis, "log", "w", now)
    assert alive(redis, ("log",), now - 3600) == {"log": 0}
    assert alive(redis, ("log",), now - ALIVE) == {"log": 1}


def test_the_dead_are_forgotten_and_who_ends_in_good_order_is_taken_off(redis: Redis) -> None:
    now = NOW.timestamp()
    assert beat(redis, "log", "old", now - KEPT - 1)
    assert beat(redis, "log", "new", now)
    assert redis.zrange("alive:log", 0, -1) == [b"new"]
    assert 0 < redis.ttl("alive:log") <= KEPT
    with beating(redis, "chores", lambda: now):
        assert alive(redis, ("log", "chores"), now) == {"log": 1, "chores": 1}
    assert alive(redis, ("log", "chores"), now) == {"log": 1, "chores": 0}


def test_a_sign_that_redis_does_not_take_costs_the_worker_nothing(tmp_path: Path) -> None:
    away = connect_impatiently(f"unix://{tmp_path}/none")
    with closing(away), beating(away, "log", NOW.timestamp):
        assert not beat(away, "log", "w", 0.0)


def test_a_redis_that_is_away_raises(tmp_path: Path) -> None:
    away = connect_impatiently(f"unix://{tmp_path}/none")
    with closing(away), pytest.raises(RedisError):
        alive(away, ("log",), 0.0)


# -- a clock that is set back ---------------------------------------------------------------------


def test_where_the_clock_was_set_back_a_chore_that_is_not_done_is_told_and_one_that_is_not(
    settings: Settings,
) -> None:
    migrate(settings.store_url)
    watching, back = Watch(settings), NOW - timedelta(hours=1)
    with closing(Store(settings.store_url)) as store:
        store.ran("reconcile", NOW)
        assert "reconcile_late" not in watching.look(NOW).since
        assert "reconcile_late" not in watching.look(back).since
        assert "reconcile_late" in watching.look(back + timedelta(seconds=76)).since
        store.ran("reconcile", back + timedelta(seconds=80))
        assert "reconcile_late" not in watching.look(back + timedelta(seconds=90)).since


def test_where_the_clock_was_set_back_what_waits_in_the_outbox_is_still_told(
    settings: Settings,
) -> None:
    with closing(Outbox(settings.outbox_file)) as outbox:
        outbox.note(outboxes.event(1, at=NOW))
    assert "events_late" in Watch(settings).look(NOW - timedelta(hours=1)).since


# -- the comparison with the list of calls --------------------------------------------------------


@pytest.fixture
def dialling(tmp_path: Path) -> Settings:
    """Those of a line with a telephone company."""
    settings = desk.settings({"TWILIO_API_BASE": "http://127.0.0.1:9"}, tmp_path / "state")
    migrate(settings.store_url)
    return settings


def test_a_comparison_that_has_stopped_is_told_long_before_its_gaps_stay(
    dialling: Settings,
) -> None:
    watching = Watch(dialling)
    with closing(Store(dialling.store_url)) as store:
        store.ran("compare", NOW - timedelta(hours=6))
        assert watching.look(NOW).figures.compared == 0  # it may have been down with the line
        late = NOW + timedelta(hours=12, seconds=1)
        assert "compare_late" in watching.look(late).since
        store.ran("compare", late - timedelta(hours=6))
        assert watching.look(late).figures.compared == 6 * 3600


def test_one_that_has_never_run_is_late_by_how_long_we_have_watched(dialling: Settings) -> None:
    watching = Watch(dialling)
    assert "compare_late" not in watching.look(NOW).since
    assert "compare_late" in watching.look(NOW + timedelta(hours=12, seconds=1)).since


def test_where_there_is_no_account_there_is_nothing_to_compare_with(settings: Settings) -> None:
    migrate(settings.store_url)
    assert Watch(settings).look(NOW).figures.compared is None


def test_the_calls_of_a_week_that_rest_on_the_list_are_counted(settings: Settings) -> None:
    migrate(settings.store_url)
    with closing(Store(settings.store_url)) as store:
        for number, (days, recovered) in enumerate([(1, True), (6, True), (8, True), (1, False)]):
            call = f"CA{number:032x}"
            facts: dict[str, Fact] = {"status": "completed", "seconds": 60}
            facts |= {"recovered": True} if recovered else {}
            store.keep([Event(f"{call}-end", call, "status", NOW - timedelta(days=days), facts)])
    assert Watch(settings).look(NOW).figures.recovered == 2
