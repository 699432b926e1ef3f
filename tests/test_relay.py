"""The relay hands over to a real server, behind a proxy that misbehaves, by a clock that is set."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Stopping

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from redis import Redis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from ivr.cli import main
from ivr.events import Event, Fact
from ivr.outbox import Outbox, Promise
from ivr.relay import Aside, Handed, Relay, Shelf, connect_impatiently, keep_handing
from ivr.relay.handing import FORGET_FAILED, HANDINGS, IN_VAIN, MOST, MOST_OUT, MOST_QUEUED
from ivr.relay.queue import queue
from ivr.sealing import Seal, SealError
from tests.drills.proxy import FaultProxy, Mode, between
from tests.servers import valkey
from tests.shipped import NOON

CANARY = "c0ffee" * 5 + "c0"
KEY = Fernet.generate_key().decode()


def event(number: int = 0, turn: int = 0) -> Event:
    call = f"CA{number:032x}"
    facts: dict[str, Fact] = {"step": "welcome", "turn": turn, "caller": CANARY}
    return Event(f"{call}-t{turn:02}", call, "turn", NOON, facts)


pytestmark = pytest.mark.usefixtures("hears_everything")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with valkey(tmp_path_factory.mktemp("state")) as connection:
        yield connection


@pytest.fixture
def proxy(server: Redis) -> Iterator[FaultProxy]:
    server.flushall()
    upstream = Path(server.connection_pool.connection_kwargs["path"])
    with TemporaryDirectory() as short, between(Path(short) / "s", upstream) as proxy:
        yield proxy


@dataclass
class Desk:
    """A relay, its outbox, and what a worker would do, all by one clock."""

    server: Redis
    proxy: FaultProxy
    folder: Path
    now: datetime = NOON
    seal: Seal = field(default_factory=lambda: Seal([KEY]))

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.folder / "outbox.sqlite3")
        self.aside = Aside(self.folder / "aside", self.seal)
        self.shelf = Shelf(self.server, self.seal)
        self.jobs = queue("log", self.server)
        self.relay = self.another()

    def another(self) -> Relay:
        """A relay as after a restart."""
        redis = connect_impatiently(self.proxy.url)
        return Relay(self.outbox, redis, self.seal, lambda: self.now, self.aside)

    def note(self, *numbers: int) -> None:
        for number in numbers:
            assert self.outbox.note(event(number))

    def turn(self, later: float = 0) -> Handed:
        self.now += timedelta(seconds=later)
        return self.relay.turn()

    def batches(self) -> list[str]:
        """The batches of the jobs that are queued, which are taken out."""
        found = [job.args[0] for job in self.jobs.jobs]
        for job in self.jobs.jobs:
            job.delete()
        return found

    def keep(self, *refused: str) -> list[Event]:
        """Do what workers do with all that is queued; the events they found."""
        kept: list[Event] = []
        for batch in self.batches():
            kept += self.shelf.take(batch) or []
            self.shelf.answer(batch, refused)
        return kept


@pytest.fixture
def desk(server: Redis, proxy: FaultProxy, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(server, proxy, tmp_path)
    yield desk
    desk.outbox.close()


def test_what_is_noted_is_handed_over_kept_and_forgotten(desk: Desk) -> None:
    desk.note(1, 2)
    assert desk.turn() == Handed(new=1)
    assert desk.turn() == Handed()
    assert desk.keep() == [event(1), event(2)]
    assert desk.turn() == Handed(kept=1)
    assert desk.outbox.depth() == (0, None)
    assert desk.server.keys("ivr:*") == []


def test_while_there_is_nothing_to_do_redis_is_left_alone(desk: Desk) -> None:
    desk.proxy.mode = Mode.DOWN
    assert desk.turn() == Handed()


def test_redis_holds_only_what_is_sealed_an_opaque_id_and_a_neutral_name(desk: Desk) -> None:
    desk.note(1)
    desk.turn()
    (job,) = desk.jobs.jobs
    (batch,) = job.args
    assert (job.id, job.description, job.kwargs) == (f"log-{batch}-1", "keep_batch", {})
    assert (job.result_ttl, job.failure_ttl) == (0, FORGET_FAILED)
    assert job.retries_left
    assert 0 < desk.server.ttl(f"ivr:batch:{batch}") <= 7 * 24 * 3600
    dumped = b"".join(desk.server.dump(key) or b"" for key in desk.server.scan_iter())
    for word in (CANARY, event(1).call[-8:] + "-t", "welcome"):
        assert word.encode() not in dumped


def test_what_is_not_answered_within_a_minute_is_handed_over_again_under_a_new_id(
    desk: Desk,
) -> None:
    desk.note(1)
    desk.turn()
    assert desk.turn(later=59) == Handed()
    assert desk.turn(later=1) == Handed(again=1)
    first, second = desk.jobs.job_ids
    assert (first[-2:], second[-2:]) == ("-1", "-2")
    assert desk.keep() == [event(1)]
    assert desk.turn() == Handed(kept=1)


def test_a_clock_that_is_set_back_does_not_hold_anything_up(desk: Desk) -> None:
    desk.note(1)
    desk.turn()
    assert desk.turn(later=-3600) == Handed(again=1)


def test_what_redis_has_lost_is_handed_over_again_at_once(desk: Desk) -> None:
    desk.note(1)
    desk.turn()
    desk.server.flushall()
    assert desk.turn(later=2) == Handed(again=1)
    assert desk.keep() == [event(1)]


@pytest.mark.parametrize("nth", range(1, 12))
def test_killed_before_any_of_its_steps_a_relay_loses_nothing(
    desk: Desk, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    left = [nth]

    def killable(of: type, name: str) -> None:
        real = getattr(of, name)

        def step(*words: object) -> object:
            left[0] -= 1
            if not left[0]:
                raise KilledError
            return real(*words)

        monkeypatch.setattr(of, name, step)

    for of, name in STEPS:
        killable(of, name)
    desk.note(1)
    seen: list[Event] = []
    for _ in range(4):
        try:
            desk.turn(later=60)
        except KilledError:
            desk.relay = desk.another()
        seen += desk.keep()
    assert {each.id for each in seen} == {event(1).id}
    assert desk.outbox.depth()[0] == 0


STEPS: Sequence[tuple[type, str]] = [
    (Outbox, "batch"),
    (Outbox, "again"),
    (Outbox, "handed"),
    (Outbox, "forget"),
    (Shelf, "lay"),
    (Shelf, "look"),
    (Shelf, "clear"),
]


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.RESET, Mode.BLACKHOLE])
def test_without_redis_everything_waits_in_the_outbox(desk: Desk, mode: Mode) -> None:
    desk.note(1)
    desk.proxy.mode = mode
    with pytest.raises(RedisError):
        desk.turn()
    assert desk.outbox.depth()[0] == 1
    desk.proxy.mode = Mode.PASS
    assert desk.turn() == Handed(new=1)


@pytest.mark.parametrize("nth", range(1, 9))
def test_a_reply_that_is_lost_after_the_request_was_carried_out_does_no_harm(
    desk: Desk, nth: int
) -> None:
    desk.proxy.which = lambda reply, _: reply == nth
    desk.proxy.mode = Mode.CUT
    desk.note(1)
    for _ in range(3):
        with suppress(RedisError):
            desk.turn()
    assert len(desk.jobs) == 1
    assert desk.keep() == [event(1)]
    for _ in range(3):
        with suppress(RedisError):
            desk.turn()
    assert desk.proxy.cut == 1
    assert desk.outbox.depth()[0] == 0


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        (("maxmemory", "1"), ("maxmemory", "0")),
        (("min-replicas-to-write", "1"), ("min-replicas-to-write", "0")),
    ],
    ids=["full", "refusing to write"],
)
def test_a_redis_that_takes_nothing_is_one_that_is_away(
    desk: Desk, fault: tuple[str, str], mend: tuple[str, str]
) -> None:
    desk.note(1)
    desk.server.config_set(*fault)
    try:
        with pytest.raises(RedisError):
            desk.turn()
    finally:
        desk.server.config_set(*mend)
    assert desk.turn() == Handed(new=1)


def test_a_read_only_redis_is_one_that_is_away(desk: Desk) -> None:
    desk.note(1)
    desk.server.replicaof("127.0.0.1", 1)
    try:
        with pytest.raises(RedisError):
            desk.turn()
    finally:
        desk.server.replicaof("NO", "ONE")
    assert desk.turn() == Handed(new=1)


def test_no_more_is_queued_than_workers_can_soon_do(desk: Desk) -> None:
    for number in range(MOST_QUEUED + 5):
        desk.note(number)
        desk.turn()
    assert len(desk.jobs) == MOST_QUEUED
    assert desk.turn(later=60) == Handed()
    desk.keep()
    assert desk.turn() == Handed(new=5, kept=MOST_QUEUED)


def test_no_more_is_out_than_redis_can_bear_while_the_store_is_down(desk: Desk) -> None:
    for number in range(MOST_OUT + 5):
        desk.note(number)
        desk.turn()
        desk.batches()
    assert len(desk.server.keys("ivr:batch:*")) == MOST_OUT
    assert len(desk.outbox.outstanding()) == MOST_OUT
    desk.note(*range(1000, 1000 + MOST))
    assert desk.turn() == Handed()
    assert desk.outbox.depth()[0] == MOST_OUT + 5 + MOST


def test_what_the_store_will_not_have_is_set_aside_and_told_and_the_rest_forgotten(
    desk: Desk,
) -> None:
    desk.note(1, 2, 3)
    desk.turn()
    desk.keep(event(2).id)
    with capture_logs() as said:
        assert desk.turn() == Handed(kept=1, aside=1)
    assert [(line["log_level"], line["event"], line["events"]) for line in said] == [
        ("error", "set aside", 1)
    ]
    (file,) = desk.aside.files()
    assert file.stat().st_mode & 0o777 == 0o600
    assert CANARY.encode() not in file.read_bytes()
    assert list(desk.aside.read([file])) == [(file, [event(2)])]
    assert desk.outbox.depth()[0] == 0


def stuck(desk: Desk, *, others_are_kept: bool) -> list[Handed]:
    """Passes, a minute apart, over a batch that no worker outlives."""
    desk.note(666)
    desk.turn()
    (poison,) = desk.batches()
    passes = []
    for minute in range(HANDINGS + 2):
        passes.append(desk.turn(later=30))
        if others_are_kept:
            desk.note(minute)
            desk.turn()
        for batch in desk.batches():
            if batch != poison:
                desk.shelf.answer(batch)
        passes.append(desk.turn(later=30))
        desk.batches()
    return passes


def test_a_batch_that_nobody_can_keep_is_set_aside_while_others_pass(desk: Desk) -> None:
    with capture_logs() as said:
        passes = stuck(desk, others_are_kept=True)
    assert sum(each.again for each in passes) == HANDINGS - 1
    assert sum(each.aside for each in passes) == 1
    assert [line["event"] for line in said] == ["set aside"]
    assert [events for _, events in desk.aside.read(desk.aside.files())] == [[event(666)]]
    assert desk.outbox.depth()[0] == 0


def test_while_nothing_is_kept_nothing_is_to_blame(desk: Desk) -> None:
    passes = stuck(desk, others_are_kept=False)
    assert sum(each.again for each in passes) == HANDINGS + 2
    assert desk.aside.files() == []
    assert desk.outbox.depth()[0] == 1


def test_an_answer_that_no_worker_of_ours_gave_has_nothing_forgotten(desk: Desk) -> None:
    desk.note(1, 2)
    desk.turn()
    (batch,) = desk.batches()
    stranger = Shelf(desk.server, Seal([Fernet.generate_key().decode()]))
    stranger.answer(batch)
    assert desk.turn() == Handed()
    desk.shelf.answer("f" * 32)
    desk.server.rename(f"ivr:kept:{'f' * 32}", f"ivr:kept:{batch}")
    assert desk.turn() == Handed()
    assert desk.outbox.depth()[0] == 2


def test_a_batch_that_was_swapped_for_another_is_not_read(desk: Desk) -> None:
    desk.shelf.lay("a", [event(1)])
    desk.server.rename("ivr:batch:a", "ivr:batch:b")
    with pytest.raises(SealError):
        desk.shelf.take("b")
    assert desk.shelf.take("a") is None


class Pauses(Stopping):
    """An end to wait for, that comes after so many pauses; in each of them something happens."""

    def __init__(self, happens: Sequence[Callable[[], object]]) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._happens = happens

    def wait(self, timeout: float | None = None) -> bool:
        if len(self.waited) == len(self._happens):
            self.set()
        else:
            self._happens[len(self.waited)]()
            self.waited.append(timeout or 0.0)
        return self.is_set()


def test_that_redis_goes_and_comes_is_said_once_each_and_how_far_behind_we_are(
    desk: Desk,
) -> None:
    def down() -> None:
        desk.note(1, 2)
        desk.proxy.mode = Mode.DOWN

    def back() -> None:
        desk.now += timedelta(seconds=90)
        desk.proxy.mode = Mode.PASS

    pauses = Pauses([down, *[int] * 6, back, int])
    passes: list[int] = []
    with capture_logs() as said:
        keep_handing(desk.relay, pauses, lambda: 1.0, alive=lambda: passes.append(1))
    assert len(passes) == len(pauses.waited) + 1, "a relay is alive though Redis is not"
    assert pauses.waited == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 0.25]
    assert said == [
        {"event": "redis is away", "log_level": "warning", "error": "ConnectionError"},
        {"event": "redis is back", "log_level": "info", "waiting": 2, "oldest_seconds": 90},
    ]


def test_an_outbox_that_cannot_be_read_is_waited_for_too(desk: Desk) -> None:
    desk.outbox.close()
    file = desk.folder / "outbox.sqlite3"
    for each in desk.folder.glob("outbox*"):
        each.unlink()
    file.mkdir()
    with capture_logs() as said:
        keep_handing(desk.relay, Pauses([int, file.rmdir, int]), lambda: 1.0)
    assert [line["event"] for line in said] == ["outbox is away", "outbox is back"]


def test_a_store_that_is_far_behind_is_told_of_now_and_then(desk: Desk) -> None:
    desk.note(1)
    desk.now += timedelta(minutes=3)
    with capture_logs() as said:
        keep_handing(desk.relay, Pauses([int] * 480))
    assert [line["event"] for line in said] == ["the store is behind"] * 2


def test_the_relay_ends_at_once_when_it_is_asked_to(desk: Desk) -> None:
    desk.note(1)
    environ = {"REDIS_URL": desk.proxy.url, "STATE_DIR": str(desk.folder), "SEALING_KEYS": KEY}
    program = subprocess.Popen(
        [sys.executable, "-c", "from ivr.cli import main; main()", "relay"],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with program:
        assert desk.server.blmove("rq:queue:log", "taken", 20)
        assert (desk.folder / "relay-passed").exists(), "the watch sees that it is alive"
        program.send_signal(signal.SIGTERM)
        assert program.wait(10) == 0
        assert program.stdout
        assert program.stdout.read() == b""


def traced(number: int, at: datetime) -> Event:
    return replace(event(number), at=at, facts={**event(number).facts, "area": "CB"})


def lying(desk: Desk) -> list[Event]:
    return [each for _, told in desk.aside.read(desk.aside.files()) for each in told]


def test_what_lies_aside_tells_of_its_callers_no_longer_than_the_store_would(desk: Desk) -> None:
    begun, day = desk.now, timedelta(days=1)
    desk.aside.put("a", [traced(1, begun)])
    desk.aside.put("b", [traced(2, begun), traced(3, begun + 2 * day)])
    held: dict[int, list[set[str]]] = {}
    for hour in range(38 * 24):
        desk.now = begun + timedelta(hours=hour)
        desk.turn()
        held[hour] = [
            {*each.facts} & {"area", "caller"}
            for each in lying(desk)
            if each.id in {event(1).id, event(2).id}
        ]
    both = {"area", "caller"}
    assert held[21] == [both, both]
    assert held[23] == [{"caller"}, {"caller"}]
    assert held[93] == [{"caller"}, {"caller"}]
    assert held[95] == [set(), set()]
    assert held[35 * 24 - 3] == [set(), set()]
    assert held[35 * 24 - 1] == []
    assert desk.aside.files() == []


def test_what_lies_aside_and_nobody_can_open_is_let_go_in_the_end(desk: Desk) -> None:
    desk.aside.put("a", [event(1)])
    (file,) = desk.aside.files()
    file.write_bytes(Seal([Fernet.generate_key().decode()]).seal(b"[]"))
    os.utime(file, (desk.now.timestamp(), desk.now.timestamp()))
    desk.turn(later=34 * 24 * 3600)
    assert desk.aside.files() == [file]
    desk.turn(later=24 * 3600)
    assert desk.aside.files() == []


def test_what_a_killed_relay_was_setting_aside_is_cleared_away(desk: Desk) -> None:
    desk.aside.put("a", [event(1)])
    half = desk.folder / "aside" / ".aside-half"
    half.write_bytes(b"x")
    os.utime(half, (desk.now.timestamp(), desk.now.timestamp()))
    desk.turn(later=3599)
    assert half.exists(), "another relay may be at it"
    desk.turn(later=3600)
    assert not half.exists()
    assert len(desk.aside.files()) == 1


def test_what_lies_aside_and_cannot_be_read_holds_nothing_up(desk: Desk) -> None:
    desk.aside.put("a", [event(1)])
    (file,) = desk.aside.files()
    file.unlink()
    file.mkdir()
    desk.note(1)
    with pytest.raises(IsADirectoryError):
        desk.turn()
    assert desk.turn() == Handed(new=1)


def test_a_number_that_could_not_be_erased_is_erased_in_the_next_pass_though_redis_is_away(
    desk: Desk,
) -> None:
    desk.note(1)
    desk.turn()
    file = desk.folder / "outbox.sqlite3"
    promised = Promise("CA1", "callback", "london", "+447700900123", NOON)
    assert desk.outbox.accept(promised)
    desk.outbox._files[0].fold()
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM promise").fetchone() == (1,)
        desk.outbox.forget_promises(["CA1"])
        assert promised.number.encode() in file.read_bytes()
    desk.proxy.mode = Mode.DOWN
    with pytest.raises(RedisError):
        desk.turn()
    assert not any(
        promised.number.encode() in each.read_bytes() for each in desk.folder.glob("outbox*")
    )


def test_that_something_cannot_be_erased_is_said_about_once_a_minute(desk: Desk) -> None:
    desk.note(1)
    with closing(sqlite3.connect(desk.folder / "outbox.sqlite3", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM event").fetchone() == (1,)
        with capture_logs() as said:
            for _ in range(2 * IN_VAIN):
                desk.turn()
    assert [line["event"] for line in said] == ["not erased"] * 2
    with capture_logs() as said:
        desk.turn()
    assert desk.relay._in_vain == 0
    assert said == []


def test_what_was_set_aside_is_put_back_into_the_outbox(desk: Desk) -> None:
    desk.aside.put("a", [event(1), event(2)])
    desk.aside.put("b", [event(3)])
    environ = {"STATE_DIR": str(desk.folder), "SEALING_KEYS": KEY}
    for said in ("3 events", "0 events"):
        done = CliRunner().invoke(main, ["relay", "--again"], env=environ)
        assert done.stdout.startswith(said)
    assert desk.outbox.depth()[0] == 3


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"REDIS_URL": ""}, "REDIS_URL is unset: give it, or start the whole line"),
        ({"REDIS_URL": "unix:///r", "PORT": "x"}, "PORT='x' is not allowed"),
    ],
)
def test_a_relay_that_cannot_work_says_why_in_one_line(
    environ: dict[str, str], said: str, tmp_path: Path
) -> None:
    ended = CliRunner().invoke(main, ["relay"], env={"STATE_DIR": str(tmp_path), **environ})
    assert ended.exit_code == 2
    assert ended.stderr.startswith(said)
    assert len(ended.stderr.splitlines()) == 1
