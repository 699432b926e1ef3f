"""A promise goes all its way, as jobs that a real worker takes from a real Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

from ivr import trials
from ivr.callbacks import State
from ivr.outbox import Promise
from ivr.phone.exchange import Exchange, Fates, Request, Seen, Trouble, serving
from ivr.relay import Aside, Relay
from ivr.relay.queue import put
from ivr.sealing import Seal
from ivr.settings import sealing_keys
from ivr.store import Store, migrate
from tests import desk, shipped
from tests.desk import TOKEN, URL
from tests.machine import Machine
from tests.servers import valkey
from workers import jobs, means
from workers.comparing import NAME, SETTLED
from workers.schedule import CHORES

pytestmark = pytest.mark.usefixtures("hears_everything")

CALLER = "+447700900461"
SERVICE = next(
    code
    for code, service in shipped.table().services.items()
    if code not in shipped.table().hours and len(service.numbers) > 1
)
FIRST = shipped.table().services[SERVICE].numbers[0].value


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with valkey(tmp_path_factory.mktemp("state")) as connection:
        yield connection


class Clock:
    """The time, and so much more as has been put on."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return self._real() + self.ahead


class House:
    """Everything but Twilio, which is played."""

    def __init__(self, folder: Path, redis: Redis, exchange: Exchange, machine: Machine) -> None:
        redis.flushall()
        self.clock = Clock(means.now)
        machine.time = exchange.clock = self.clock
        self.redis = redis
        self.exchange = exchange
        self.outbox = machine.board.outbox
        seal = Seal(sealing_keys(machine.settings))
        migrate(machine.settings.store_url)
        self.store = Store(machine.settings.store_url, seal)
        self.relay = Relay(self.outbox, redis, seal, self.clock, Aside(folder / "aside", seal))

    def promise(self) -> None:
        name = "callback-CA" + "1" * 32
        assert self.outbox.accept(Promise(name, "callback", SERVICE, CALLER, self.clock()))

    def work(self, *names: str) -> None:
        """Do all that is queued, as ``python -m workers`` does but in this program."""
        for name in names or ("callbacks", "log"):
            worker = SimpleWorker(
                [jobs.queue(name, self.redis)],
                connection=self.redis,
                job_class=jobs.AllowedJob,
                serializer=JSONSerializer,
            )
            worker.log_job_description = False
            worker.work(burst=True, logging_level="CRITICAL")

    def settle(self) -> None:
        """Everybody does what they do, until nothing moves."""
        for _ in range(4):
            self.relay.turn()
            self.work("log")
            self.work("callbacks")
            self.exchange.play()

    def reconcile(self) -> None:
        """One turn of the reconciler, and all that it asks for."""
        self.chore("reconcile")
        self.work("callbacks")

    def chore(self, name: str) -> None:
        put(jobs.queue("chores", self.redis), name, f"{name}-{uuid4().hex}")
        self.work("chores")
        assert jobs.queue("chores", self.redis).failed_job_registry.count == 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, time=means.now)


@pytest.fixture
def house(
    redis: Redis, tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    exchange = Exchange(machine.post, TOKEN, Fates(), means.now)
    with serving(exchange) as base:
        environ = {
            "STATE_DIR": str(machine.settings.state_dir),
            "CONFIG_DIR": str(machine.config),
            "PUBLIC_URL": URL,
            "SEALING_KEYS": desk.KEY,
            "TWILIO_API_BASE": base,
            "CALLS_PER_SECOND": "100",
            "REDIS_URL": "",
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        house = House(tmp_path, redis, exchange, machine)
        monkeypatch.setattr(means, "now", house.clock)  # a job begins there
        with capture_logs():
            yield house
        house.store.close()


def test_a_promise_is_kept_the_two_are_joined_and_redis_knows_nothing_of_it(house: House) -> None:
    house.promise()
    told = b""
    for _ in range(6):
        house.relay.turn()
        keys = list(house.redis.scan_iter())
        told += b" ".join(keys) + b" ".join(house.redis.dump(key) or b"" for key in keys)
        house.work("log")
        house.work("callbacks")
        house.exchange.play()
    assert house.exchange.journal.numbers == [FIRST, CALLER]
    assert len(house.exchange.journal.joined) == 1
    assert house.outbox.waiting() == []
    assert house.store.callbacks.counts()[State.CONNECTED] == 1
    for secret in (CALLER, FIRST, CALLER.removeprefix("+44"), "CA" + "1" * 32):
        assert secret.encode() not in told


def test_what_redis_forgot_is_looked_at_again_within_the_minute(house: House) -> None:
    house.promise()
    house.relay.turn()
    house.exchange.troubles.order(Trouble.TOO_MANY, at=(1,))
    house.work("callbacks")
    house.redis.flushall()
    house.reconcile()
    assert house.exchange.troubles.count[Request.PLACE] == 1, "it is not due yet"
    assert house.store.callbacks.due(house.clock()) == []
    turns = [chore.every for chore in CHORES if chore.job == "reconcile"]
    for _ in range(60 // turns[0]):
        house.clock.ahead += timedelta(seconds=turns[0])
        house.reconcile()
    assert house.exchange.troubles.count[Request.PLACE] == 2
    house.settle()
    assert house.store.callbacks.counts()[State.CONNECTED] == 1
    assert house.exchange.troubles.count[Request.PLACE] == 3


def test_it_is_written_down_when_the_store_was_last_compared_and_only_then(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house.reconcile()
    first = house.store.last_ran("reconcile")
    assert first
    house.clock.ahead += timedelta(hours=1)
    with monkeypatch.context() as broken:
        broken.setenv("DATABASE_URL", f"sqlite:///{tmp_path}")
        put(jobs.queue("chores", house.redis), "reconcile", "reconcile-2")
        house.work("chores")
    assert jobs.queue("chores", house.redis).failed_job_registry.count == 1
    assert house.store.last_ran("reconcile") == first
    house.redis.flushall()
    began = house.clock()
    house.reconcile()
    again = house.store.last_ran("reconcile")
    assert again
    assert again >= began


def test_a_look_that_fails_leaves_only_its_kind_of_fault_in_redis(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    house.promise()
    house.relay.turn()
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'folder'}")
    house.work("callbacks")
    failed = jobs.queue("callbacks", house.redis).failed_job_registry
    assert failed.count == 1
    told = b"".join(house.redis.dump(key) or b"" for key in house.redis.scan_iter())
    assert CALLER.encode() not in told
    assert house.outbox.waiting(), "it was not kept"


def test_a_service_is_rung_to_test_it_and_never_while_somebody_waits_to_be_rung_back(
    house: House, machine: Machine
) -> None:
    line = machine.table_file("line.toml")
    machine.publish(line=line.replace(b"test_calls = []", f'test_calls = ["{SERVICE}"]'.encode()))
    house.promise()
    house.relay.turn()
    house.chore("ask_for_test_calls")
    assert [each for each in jobs.queue("callbacks", house.redis).job_ids if "test" in each] == []
    house.settle()
    assert house.exchange.journal.numbers == [FIRST, CALLER]
    house.chore("ask_for_test_calls")
    house.settle()
    assert house.exchange.journal.numbers == [FIRST, CALLER, FIRST]
    (found,) = house.store.trials.newest()
    assert (found.number, found.state) == (FIRST, trials.State.CONFIRMED)
    assert house.store.callbacks.counts()[State.CONNECTED] == 1


def test_the_chores_of_the_night_are_done(house: House) -> None:
    house.store.ran(NAME, means.now() - SETTLED - timedelta(hours=3))
    began = means.now() - SETTLED - timedelta(hours=2, minutes=30)
    line = shipped.table().line.number
    house.exchange.saw(Seen("CA" + "7" * 32, CALLER, line, began, seconds=60))
    house.chore("compare")
    house.chore("forget")
    found = house.store.call("CA" + "7" * 32)
    assert found
    assert found.recovered
