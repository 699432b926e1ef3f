"""Jobs are run here by a real worker on a real server: forged ones too, which must not run."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest
import structlog
from click.testing import CliRunner
from cryptography.fernet import Fernet
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from structlog.testing import capture_logs

import ivr
from ivr.events import Event as Happening
from ivr.outbox import Outbox, Promise
from ivr.relay import Shelf
from ivr.relay.queue import put
from ivr.sealing import Seal
from ivr.settings import read, sealing_keys
from ivr.store import Store
from tests.servers import valkey
from workers import chores, jobs, reconcile, schedule
from workers.__main__ import Seldom, main
from workers.log import NotKeptError, keep, make_ready

ROOT = Path(ivr.__file__).parent.parent
NUMBER = "+447700900123"


pytestmark = pytest.mark.usefixtures("hears_everything")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with valkey(tmp_path_factory.mktemp("state")) as connection:
        yield connection


@pytest.fixture
def redis(server: Redis) -> Redis:
    server.flushall()
    return server


@pytest.fixture
def chores_queue(redis: Redis) -> Queue:
    return jobs.queue("chores", redis)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    return tmp_path


def work(queue: Queue) -> None:
    """Do all that is queued, as ``python -m workers`` does but in this program."""
    worker = SimpleWorker(
        [queue], connection=queue.connection, job_class=jobs.AllowedJob, serializer=JSONSerializer
    )
    worker.log_job_description = False
    worker.work(burst=True, logging_level="CRITICAL")


def forge(queue: Queue, content: bytes, **more: str) -> Job:
    """A job written straight into Redis by someone who can, as RQ itself would write it."""
    forged = Job(id="forged", connection=queue.connection, serializer=JSONSerializer)
    told = {"origin": queue.name, "status": "queued", "timeout": "10", **more}
    queue.connection.hset(forged.key, "data", zlib.compress(content))
    queue.connection.hset(forged.key, items=[word for pair in told.items() for word in pair])
    queue.connection.rpush(queue.key, forged.id)
    return forged


def test_a_chore_is_done_and_leaves_nothing_behind(chores_queue: Queue) -> None:
    put(chores_queue, "look_after_outbox", "one")
    with capture_logs() as said:
        work(chores_queue)
    assert [line["event"] for line in said] == ["outbox"]
    assert not chores_queue.connection.exists("rq:job:one")
    assert chores_queue.failed_job_registry.count == 0


def test_a_job_queued_twice_is_there_once(chores_queue: Queue) -> None:
    put(chores_queue, "look_after_outbox", "one")
    put(chores_queue, "look_after_outbox", "one")
    assert chores_queue.job_ids == ["one"]


def test_a_job_tries_again_is_forgotten_within_a_week_and_says_nothing(chores_queue: Queue) -> None:
    put(chores_queue, "look_after_outbox", "one")
    (job,) = chores_queue.jobs
    assert (job.args, job.kwargs, job.description) == ([], {}, "look_after_outbox")
    assert job.retries_left
    assert job.result_ttl == 0
    assert job.failure_ttl
    assert job.failure_ttl <= 7 * 24 * 3600


FORGERIES = {
    "a system call": json.dumps(["os.system", None, ["touch PLACE"], {}]),
    "a built-in": json.dumps(["builtins.eval", None, ["open('PLACE', 'w')"], {}]),
    "a method of a value": json.dumps(["format", "PLACE", ["x"], {}]),
    "a dunder": json.dumps(["workers.chores.__loader__", None, [], {}]),
    "one of ours by its whole name": json.dumps(["workers.chores.look_after_outbox", None, [], {}]),
    "one of ours with words to say": json.dumps(["look_after_outbox", None, ["PLACE"], {}]),
    "one of ours on a value": json.dumps(["look_after_outbox", "PLACE", [], {}]),
    "no name": json.dumps([["a"], None, [], {}]),
    "no job": json.dumps({"a": 1}),
    "no JSON": "{",
}


@pytest.mark.parametrize("content", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_job_fails_without_running(
    chores_queue: Queue, tmp_path: Path, content: str
) -> None:
    touched = tmp_path / "touched"
    forged = forge(chores_queue, content.replace("PLACE", str(touched)).encode())
    with capture_logs() as said:
        work(chores_queue)
    assert not touched.exists()
    assert said == []
    assert forged.id in chores_queue.failed_job_registry


class Trap:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._path}",)


def test_what_waits_and_what_failed_is_told_of_each_queue(chores_queue: Queue) -> None:
    forge(chores_queue, b"[1, 2]")
    work(chores_queue)
    put(chores_queue, "look_after_outbox", "one")
    told = jobs.standing(chores_queue.connection)
    assert told == {"chores": (1, 1), "log": (0, 0), "callbacks": (0, 0)}


def test_a_pickle_is_not_opened(chores_queue: Queue, tmp_path: Path) -> None:
    forged = forge(
        chores_queue, pickle.dumps(("os.getpid", None, (Trap(tmp_path / "touched"),), {}))
    )
    work(chores_queue)
    assert not (tmp_path / "touched").exists()
    assert forged.id in chores_queue.failed_job_registry


def test_what_a_forged_job_asks_to_be_called_afterwards_is_not(
    chores_queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []
    monkeypatch.setattr(chores, "called", lambda *words: called.append(words), raising=False)
    monkeypatch.setattr("rq.webhook.urlopen", lambda *words, **_: called.append(words))
    hook = {"url": "http://127.0.0.1:1/", "job_status": "finished"}
    afterwards = {
        f"{how}_callback_name": "workers.chores.called" for how in ("success", "failure", "stopped")
    }
    for name in ("look_after_outbox", "os.getpid"):
        hooks = json.dumps([hook, {**hook, "job_status": "failed"}])
        forge(chores_queue, json.dumps([name, None, [], {}]).encode(), webhooks=hooks, **afterwards)
        with capture_logs():
            work(chores_queue)
    assert called == []


def test_a_worker_takes_only_jobs_it_can_vouch_for_from_start_to_end(
    redis: Redis, state: Path
) -> None:
    queue = jobs.queue("chores", redis)
    forge(queue, json.dumps(["os.system", None, [f"touch {state / 'touched'}"], {}]).encode())
    put(queue, "look_after_outbox", "one")
    path = redis.connection_pool.connection_kwargs["path"]
    worker = subprocess.Popen(
        [sys.executable, "-m", "workers", "chores"],
        cwd=ROOT,
        env={**os.environ, "REDIS_URL": f"unix://{path}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert worker.stdout
    with worker, worker.stdout:
        line = json.loads(next(said for said in worker.stdout if "waiting" in said))
        assert redis.zcard("alive:chores") == 1
        worker.terminate()
        assert worker.wait() == 0
    assert redis.zcard("alive:chores") == 0
    del line["timestamp"]
    assert line == {"level": "info", "event": "outbox", "waiting": 0, "oldest_seconds": 0}
    assert not (state / "touched").exists()
    assert "forged" in queue.failed_job_registry


def test_the_scheduler_gives_signs_of_life_too(redis: Redis) -> None:
    path = redis.connection_pool.connection_kwargs["path"]
    environ = {**os.environ, "REDIS_URL": f"unix://{path}"}
    with subprocess.Popen(
        [sys.executable, "-m", "workers", "schedule"], cwd=ROOT, env=environ
    ) as scheduler:
        key = jobs.queue("callbacks", redis).key
        assert any(redis.blpop([key], timeout=2) for _ in range(30))
        assert redis.zcard("alive:schedule") == 1
        scheduler.terminate()
        assert scheduler.wait() == 0
    assert redis.zcard("alive:schedule") == 0


@pytest.mark.parametrize(
    ("environ", "said", "code"),
    [
        ({"REDIS_URL": ""}, "REDIS_URL is unset: give it, or start the whole line", 2),
        ({"REDIS_URL": "unix:///r", "PORT": "x"}, "PORT='x' is not allowed", 2),
        ({"REDIS_URL": "unix:///no/redis"}, "Redis cannot be reached: ConnectionError", 1),
    ],
)
def test_a_worker_that_cannot_work_says_why_in_one_line(
    environ: dict[str, str], said: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STARTING", 1)
    ended = CliRunner().invoke(main, ["chores"], env=environ)
    structlog.reset_defaults()
    assert ended.exit_code == code
    assert ended.stderr.startswith(said)
    assert len(ended.stderr.splitlines()) == 1


def test_that_redis_is_gone_is_said_once_a_minute() -> None:
    def said(message: str, when: float) -> bool:
        record = logging.makeLogRecord({"msg": message, "created": when})
        return seldom.filter(record)

    seldom = Seldom()
    gone = "Worker %s: could not connect to Redis instance: %s"
    assert [said(gone, when) for when in (5.0, 7.0, 64.9, 65.0, 66.0)] == [1, 0, 0, 1, 0]
    assert said("Worker %s: job %s: exception raised", 66.0)


class Moments(Event):
    """A clock, and an end to wait for that comes once so many waits have been waited."""

    def __init__(self, now: float, waits: int) -> None:
        super().__init__()
        self.now = now
        self.waited: list[float] = []
        self._waits = waits

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        self.now += timeout or 0.0
        if len(self.waited) == self._waits:
            self.set()
        return self.is_set()


@dataclass
class Worked:
    """The queues of a Redis, from which every job is taken at once, as willing workers do."""

    redis: Redis
    taken: list[str] = field(default_factory=list)

    def of(self, name: str) -> list[str]:
        return [job for job in self.taken if job.startswith(name)]

    def __call__(self, name: str) -> Queue:
        queue = jobs.queue(name, self.redis)
        self.taken += queue.job_ids
        queue.empty()  # type: ignore[no-untyped-call]
        return queue


def kept(redis: Redis, moments: Moments) -> Worked:
    """What is queued until the moments are over."""
    worked = Worked(redis)
    schedule.keep(worked, moments, lambda: moments.now)
    for name in jobs.QUEUES:
        worked(name)
    return worked


def test_a_chore_is_queued_at_once_and_then_in_its_every_turn(redis: Redis) -> None:
    moments = Moments(now=1_000_030.0, waits=8)
    worked = kept(redis, moments)
    assert worked.of("look_after_outbox") == [
        f"look_after_outbox-{when}" for when in (1_000_020, 1_000_080, 1_000_140)
    ]
    assert worked.of("reconcile") == [
        f"reconcile-{when}" for when in range(1_000_005, 1_000_156, 30)
    ]
    assert moments.waited[:4] == [5.0, 30.0, 15.0, 15.0]


def test_when_the_clock_is_set_back_the_chores_go_on(redis: Redis) -> None:
    moments = Moments(now=1_000_035.0, waits=4)
    times = iter((1_000_035.0, *[1_000_035.0 - 3600] * 50))

    def clock() -> float:
        moments.now = next(times)
        return moments.now

    worked = Worked(redis)
    schedule.keep(worked, moments, clock)
    worked("callbacks")
    assert worked.of("reconcile") == ["reconcile-1000035", "reconcile-996435"]


def test_a_chore_that_nobody_does_waits_once(redis: Redis) -> None:
    moments = Moments(now=1_000_030.0, waits=20)
    schedule.keep(partial(jobs.queue, connection=redis), moments, lambda: moments.now)
    waiting = [job for name in jobs.QUEUES for job in jobs.queue(name, redis).job_ids]
    assert len(waiting) == len(schedule.CHORES)


def test_the_reconciler_waits_behind_no_long_chore_and_no_ring(redis: Redis) -> None:
    put(jobs.queue("callbacks", redis), "look", "somebody", "c1")
    put(jobs.queue("chores", redis), "compare", "a-day-of-calls")
    moments = Moments(now=1_000_030.0, waits=1)
    schedule.keep(partial(jobs.queue, connection=redis), moments, lambda: moments.now)
    assert jobs.queue("callbacks", redis).job_ids == ["reconcile-1000005", "somebody"]


def test_the_looks_of_every_turn_of_the_reconciler_are_told_apart() -> None:
    first = datetime(2026, 11, 22, 12, tzinfo=UTC)
    marks = [reconcile.mark(first + timedelta(seconds=after)) for after in (0, 29, 30, 60)]
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3


def test_what_is_kept_for_a_day_is_forgotten_within_an_hour_more(redis: Redis) -> None:
    moments = Moments(now=950_000.0, waits=250)  # a little before eight in the morning
    hours = [int(job.removeprefix("forget-")) // 3600 for job in kept(redis, moments).of("forget")]
    assert hours == list(range(hours[0], hours[0] + len(hours)))
    assert len(hours) > 1


def test_two_schedulers_queue_a_chore_once(redis: Redis) -> None:
    for _ in range(2):
        moments = Moments(now=1_000_030.0, waits=1)
        schedule.keep(partial(jobs.queue, connection=redis), moments, lambda: moments.now)  # noqa: B023 - used at once
    queued = [job for name in jobs.QUEUES for job in jobs.queue(name, redis).job_ids]
    assert len(queued) == len(schedule.CHORES)


def test_a_scheduler_outlives_redis_tries_again_and_says_so_once(redis: Redis) -> None:
    connection = Redis.from_url("unix:///no/redis")
    moments = Moments(now=1_000_030.0, waits=4)

    def clock() -> float:
        if len(moments.waited) == 2:  # Redis comes back
            connection.connection_pool = redis.connection_pool
        return moments.now

    with capture_logs() as said:
        schedule.keep(partial(jobs.queue, connection=connection), moments, clock)
    assert moments.waited[:2] == [schedule.AGAIN, schedule.AGAIN]
    assert [line["event"] for line in said] == ["redis cannot be reached", "redis is reached again"]
    assert jobs.queue("chores", redis).job_ids[0] == "look_after_outbox-1000020"


def test_every_chore_is_a_job_that_may_run_in_a_queue_that_is_worked() -> None:
    assert {chore.job for chore in schedule.CHORES} <= set(jobs.ALLOWED)
    assert {chore.queue for chore in schedule.CHORES} <= set(jobs.QUEUES)


@pytest.mark.parametrize(("minutes", "level"), [(1, "info"), (14, "info"), (16, "warning")])
def test_a_promise_that_waits_too_long_is_a_warning_that_names_nobody(
    state: Path, minutes: int, level: str
) -> None:
    asked = datetime.now(UTC) - timedelta(minutes=minutes)  # noqa: TID251 - as the chore does
    outbox = Outbox(read({"STATE_DIR": str(state)}).outbox_file)
    assert outbox.accept(Promise("CA1", "callback", "london", NUMBER, asked))
    with capture_logs() as said:
        chores.look_after_outbox()
        chores.look_after_outbox()
    assert [line["log_level"] for line in said] == [level, level]
    assert said[0]["waiting"] == 1
    assert said[0]["oldest_seconds"] // 60 == minutes
    assert NUMBER not in str(said)
    assert len(outbox.waiting()) == 1


CANARY = "c0ffee" * 5 + "c0"


def happening(number: int, turn: int = 0) -> Happening:
    call = f"CA{number:032x}"
    at = datetime(2026, 12, 9, 12, 0, tzinfo=UTC)
    return Happening(
        f"{call}-t{turn:02}", call, "turn", at, {"step": "welcome", "caller": CANARY, "turn": turn}
    )


@pytest.fixture
def log_queue(redis: Redis) -> Queue:
    return jobs.queue("log", redis)


@pytest.fixture
def shelf(redis: Redis, state: Path) -> Shelf:
    return Shelf(redis, Seal(sealing_keys(read({"STATE_DIR": str(state)}))))


@pytest.fixture
def store(state: Path) -> Store:
    settings = read({"STATE_DIR": str(state)})
    make_ready(settings)
    return Store(settings.store_url)


def test_a_batch_is_kept_answered_and_taken_from_redis_however_often_it_is_handed_over(
    log_queue: Queue, shelf: Shelf, store: Store
) -> None:
    heard = [happening(1), happening(1, 1), happening(2)]
    for attempt in ("log-a-1", "log-a-2", "log-a-3"):
        if attempt != "log-a-2":
            shelf.lay("a", heard)
        put(log_queue, "keep_batch", attempt, "a")
        work(log_queue)
        assert store.events(heard[0].call) == heard[:2]
        assert store.events(heard[2].call) == heard[2:]
        seen = shelf.look(["a"])["a"]
        assert (seen.there, seen.refused) == (False, ())
    assert log_queue.failed_job_registry.count == 0


@pytest.mark.parametrize("database", ["sqlite:///{0}/outbox", "postgresql://u@127.0.0.1:1/{0}"])
def test_while_the_store_is_away_a_batch_is_not_answered_and_nothing_of_it_is_told(
    redis: Redis, shelf: Shelf, database: str, monkeypatch: pytest.MonkeyPatch, state: Path
) -> None:
    log_queue = jobs.queue("log", redis)
    (state / "outbox").mkdir()
    monkeypatch.setenv("DATABASE_URL", database.format(state))
    shelf.lay("a", [happening(1)])
    put(log_queue, "keep_batch", "log-a-1", "a", forget=3600)
    work(log_queue)
    assert "log-a-1" in log_queue.failed_job_registry
    seen = shelf.look(["a"])["a"]
    assert (seen.there, seen.refused) == (True, None)
    told = b"".join(redis.dump(key) or b"" for key in redis.scan_iter())
    assert CANARY.encode() not in told
    assert happening(1).call.encode() not in told
    assert 0 < redis.ttl("rq:job:log-a-1") <= 3600


def test_a_batch_sealed_with_another_key_is_neither_kept_nor_refused(
    redis: Redis, shelf: Shelf, store: Store
) -> None:
    other = Shelf(redis, Seal([Fernet.generate_key().decode()]))
    other.lay("a", [happening(1)])
    with pytest.raises(NotKeptError, match="SealError"):
        keep("a", shelf, store)
    assert shelf.look(["a"])["a"].refused is None


@dataclass
class Choosy:
    """A store that will not have some calls, and is gone after so many askings."""

    refuses: Sequence[int]
    lasts: int = 1000
    had: set[str] = field(default_factory=set)

    def keep(self, heard: Sequence[Happening]) -> int:
        self.lasts -= 1
        refused = {happening(number).call for number in self.refuses}
        if self.lasts < 0 or any(each.call in refused for each in heard):
            raise ValueError(CANARY)
        self.had |= {each.id for each in heard}
        return len(heard)


def test_a_call_that_the_store_will_not_have_does_not_stand_in_the_way_of_the_others(
    shelf: Shelf,
) -> None:
    heard = [happening(number, turn) for turn in range(2) for number in range(5)]
    shelf.lay("a", heard)
    choosy = Choosy(refuses=[3])
    keep("a", shelf, choosy)
    refused = {happening(3, 0).id, happening(3, 1).id}
    assert set(shelf.look(["a"])["a"].refused or ()) == refused
    assert choosy.had == {each.id for each in heard} - refused


@pytest.mark.parametrize("lasts", range(8))
def test_a_store_that_goes_away_has_refused_nothing(shelf: Shelf, lasts: int) -> None:
    shelf.lay("a", [happening(number) for number in range(5)])
    with pytest.raises(NotKeptError) as told:
        keep("a", shelf, Choosy(refuses=[3], lasts=lasts))
    assert CANARY not in str(told.value)
    assert shelf.look(["a"])["a"].refused is None


def test_a_store_that_has_nothing_of_a_batch_has_refused_nothing(shelf: Shelf) -> None:
    shelf.lay("a", [happening(1), happening(2)])
    with pytest.raises(NotKeptError):
        keep("a", shelf, Choosy(refuses=[1, 2]))
    assert shelf.look(["a"])["a"].there


def test_a_worker_without_a_store_says_so_in_one_line(redis: Redis, state: Path) -> None:
    (state / "store.sqlite3").mkdir()
    path = redis.connection_pool.connection_kwargs["path"]
    ended = CliRunner().invoke(main, ["log"], env={"REDIS_URL": f"unix://{path}"})
    structlog.reset_defaults()
    assert ended.exit_code == 1
    assert ended.stderr.startswith("the store cannot be made ready: ")
    assert len(ended.stderr.splitlines()) == 1
