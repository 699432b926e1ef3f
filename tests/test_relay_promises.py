"""Promises go from the outbox to a worker, and leave it only once the store has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import RedisError

from ivr.outbox import Outbox, Promise
from ivr.outbox.promises import read, write
from ivr.relay import Aside, Handed, Parcels, Relay
from ivr.relay.promising import MOST_QUEUED
from ivr.relay.queue import queue
from ivr.sealing import Seal, SealError
from ivr.store import Store, migrate
from tests.outboxes import event
from tests.servers import valkey
from tests.shipped import NOON
from workers.callbacks import keep
from workers.means import NotDoneError

NUMBER = "+447700900461"
CALL = "CA" + "c0ffee" * 5 + "c0"
KEY = Fernet.generate_key().decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with valkey(tmp_path_factory.mktemp("state")) as connection:
        yield connection


class Desk:
    """An outbox, its relay, Redis, and a store, all by one clock."""

    def __init__(self, redis: Redis, folder: Path) -> None:
        redis.flushall()
        self.redis = redis
        self.folder = folder
        self.now = NOON
        self.seal = Seal([KEY])
        self.outbox = Outbox(folder / "outbox.sqlite3")
        self.parcels = Parcels(redis, self.seal)
        self.jobs = queue("callbacks", redis)
        self.relay = self.another()
        url = f"sqlite:///{folder / 'store.sqlite3'}"
        migrate(url)
        self.store = Store(url, self.seal)

    def another(self) -> Relay:
        """A relay as after a restart."""
        aside = Aside(self.folder / "aside", self.seal)
        return Relay(self.outbox, self.redis, self.seal, lambda: self.now, aside)

    def promise(self, call: str = CALL, number: str = NUMBER) -> None:
        promise = Promise(f"callback-{call}", "callback", "mh009-adult", number, self.now)
        assert self.outbox.accept(promise)

    def turn(self, later: float = 0) -> Handed:
        self.now += timedelta(seconds=later)
        return self.relay.turn()

    def queued(self) -> list[str]:
        """The parcels of the jobs that are queued, which are taken out."""
        jobs = self.jobs.jobs
        for job in jobs:
            job.delete()
        return [job.args[0] for job in jobs if job.func_name == "keep_promise"]

    def work(self) -> list[str]:
        """Do what a worker does with all that is queued; the ids of the callbacks there are."""
        return [kept for parcel in self.queued() if (kept := self.keep(parcel))]

    def keep(self, parcel: str) -> str:
        """Do what a worker does with one."""
        return keep(parcel, self.parcels, self.store.callbacks)


@pytest.fixture
def desk(server: Redis, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(server, tmp_path)
    yield desk
    desk.outbox.close()
    desk.store.close()


def test_a_promise_is_handed_over_kept_and_forgotten(desk: Desk) -> None:
    desk.promise()
    assert desk.turn() == Handed(promises=1)
    assert desk.turn() == Handed()
    (callback,) = desk.work()
    assert desk.outbox.waiting()
    assert desk.turn() == Handed(promises_kept=1)
    assert desk.outbox.waiting() == []
    assert desk.redis.keys("ivr:*") == []
    found = desk.store.callbacks.get(callback)
    assert found
    assert (found.call, found.service) == (CALL, "mh009-adult")
    assert desk.store.callbacks.number(callback) == NUMBER


def test_nothing_in_redis_tells_of_whom_or_of_which_call(desk: Desk) -> None:
    desk.promise()
    desk.turn()
    keys = list(desk.redis.scan_iter())
    told = b" ".join(keys) + b" ".join(desk.redis.dump(key) or b"" for key in keys)
    for secret in (NUMBER, NUMBER.removeprefix("+44"), CALL, CALL.lower(), "mh009"):
        assert secret.encode() not in told


HAPPENS: Mapping[str, Callable[[Desk], object]] = {
    "turn": Desk.turn,
    "a while": lambda desk: desk.turn(later=40),
    "restart": lambda desk: setattr(desk, "relay", desk.another()),
    "work": Desk.work,
    "work twice": lambda desk: [desk.keep(parcel) for parcel in desk.queued() * 2],
    "jobs are lost": Desk.queued,
    "redis is empty": lambda desk: desk.redis.flushall(),
}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(HAPPENS)), max_size=12))
def test_whatever_happens_on_the_way_there_is_one_callback_in_the_end(
    server: Redis, tmp_path_factory: pytest.TempPathFactory, happens: list[str]
) -> None:
    desk = Desk(server, tmp_path_factory.mktemp("desk"))
    desk.promise()
    for what in happens:
        HAPPENS[what](desk)
        assert desk.outbox.waiting() or desk.store.callbacks.open(), "lost"
    for _ in range(3):
        desk.turn(later=40)
        desk.work()
    assert desk.outbox.waiting() == []
    assert len(desk.store.callbacks.open()) == 1
    desk.store.close()
    desk.outbox.close()


def test_one_that_redis_lost_is_handed_over_again_at_once_and_an_unanswered_one_in_time(
    desk: Desk,
) -> None:
    desk.promise()
    desk.turn()
    assert desk.turn(later=5) == Handed()
    desk.redis.flushall()
    assert desk.turn(later=1).promises == 1
    assert desk.turn(later=29) == Handed()
    assert desk.turn(later=1).promises == 1


def test_one_that_cannot_be_kept_stands_in_no_others_way_and_is_never_dropped(desk: Desk) -> None:
    strange = Promise("text-1", "text", "mh009-adult", NUMBER, desk.now)
    assert desk.outbox.accept(strange)
    desk.turn()
    (parcel,) = desk.queued()
    with pytest.raises(NotDoneError, match="knows no such promise"):
        desk.keep(parcel)
    desk.promise()
    assert desk.outbox.note(event(1))
    assert desk.turn() == Handed(new=1, promises=1)
    desk.work()
    assert desk.turn().promises_kept == 1
    assert desk.outbox.waiting() == [strange]


def test_a_flood_waits_in_the_outbox_and_not_in_redis(desk: Desk) -> None:
    for number in range(MOST_QUEUED + 20):
        desk.promise(f"CA{number:032x}", f"+4477009{number:05}")
    assert desk.turn().promises == MOST_QUEUED
    assert desk.turn().promises == 0
    first = desk.queued()
    assert desk.turn().promises == 20
    assert not {*desk.queued()} & {*first}, "what was in vain goes before what never was tried"


def test_redis_is_asked_nothing_while_there_is_nothing_to_do(desk: Desk) -> None:
    before = desk.redis.info("stats")["total_commands_processed"]
    for _ in range(5):
        desk.turn()
    assert desk.redis.info("stats")["total_commands_processed"] - before <= 1


def test_a_forged_answer_has_no_promise_forgotten(desk: Desk) -> None:
    desk.promise()
    desk.turn()
    (parcel,) = desk.queued()
    Parcels(desk.redis, Seal([Fernet.generate_key().decode()])).answer(parcel)
    assert desk.turn(later=60).promises == 1
    desk.parcels.answer("0" * 32)
    desk.redis.rename(f"ivr:kept:{'0' * 32}", f"ivr:kept:{parcel}")
    desk.turn()
    assert len(desk.outbox.waiting()) == 1


def test_a_parcel_sealed_with_other_keys_is_not_kept_and_not_answered(desk: Desk) -> None:
    other = Parcels(desk.redis, Seal([Fernet.generate_key().decode()]))
    other.lay("0" * 32, Promise("callback-x", "callback", "a", NUMBER, desk.now))
    with pytest.raises(NotDoneError, match="SealError"):
        desk.keep("0" * 32)
    with pytest.raises(SealError):
        desk.parcels.take("0" * 32)


def test_while_redis_is_away_the_promise_stays(desk: Desk) -> None:
    desk.promise()
    away = Redis.from_url("unix:///nowhere/redis")
    relay = Relay(
        desk.outbox, away, desk.seal, lambda: desk.now, Aside(desk.folder / "aside", desk.seal)
    )
    with pytest.raises(RedisError):
        relay.turn()
    assert len(desk.outbox.waiting()) == 1


@given(st.binary(max_size=60))
def test_what_is_no_promise_is_refused_and_not_quoted(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^this is no promise$"):
        read(content)


def test_a_promise_is_read_as_it_was_written() -> None:
    promise = Promise(f"callback-{CALL}", "callback", "mh009-adult", NUMBER, NOON)
    assert read(write(promise)) == promise
