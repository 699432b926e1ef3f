"""Somebody asks to be rung back, and the line is killed wherever it reaches a disk or the network.

The whole way of one callback is gone again and again: the caller's webhooks, the relay, the
workers, both calls. Each time one more step of ours is the last that a program makes, for it ends
by SIGKILL just before the next. What is then started again must know all there is to know: nobody
who was promised a call goes without it, nobody is rung twice, and within a minute somebody is at it
again. Each place in the code is taken once; ``--all`` takes each of some two thousand steps.
"""

from __future__ import annotations

import _socket
import argparse
import mmap
import os
import pickle
import signal
import sqlite3
import struct
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NoReturn, TypeVar

from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from ivr.callbacks import State
from ivr.outbox import Outbox
from ivr.phone import Answer, Number, Phone, Told, in_process
from ivr.phone.acting import Actors
from ivr.phone.exchange import Exchange, Fates, serving
from ivr.phone.people import Answered
from ivr.phone.script import read_script
from ivr.relay import Aside, Relay, connect_impatiently
from ivr.relay.queue import put
from ivr.sealing import Seal
from ivr.settings import sealing_keys
from ivr.store import Store, migrate
from ivr.web import create_app
from ivr.web.parts import fallback_document, switchboard
from tests import desk, shipped
from tests.machine import AGREES, BOOKED
from tests.servers import valkey
from workers import jobs, means, ringing

TOUCHES = frozenset(
    [
        *("send", "sendall", "recv", "recv_into", "connect"),
        *("execute", "executemany", "commit"),
        *("fsync", "write", "replace", "link"),
    ]
)
"""Functions of Python's own that reach a disk or another program."""
IO = (_socket.socket, sqlite3.Connection, sqlite3.Cursor)

ROUND = timedelta(seconds=15)
"""How much time passes between two turns of whoever is at work."""
LONGEST = timedelta(minutes=30)
"""A callback that is not over by then has been lost."""
PICKED_UP = timedelta(seconds=60)
"""How long after a restart somebody must be at it again."""

OUR_FILES = tuple(str(Path(__file__).parents[2] / name) for name in ("ivr/", "workers/"))

QUEUES = ("log", "callbacks")
"""The queues that are worked, each by a program of its own."""

T = TypeVar("T")


@dataclass
class Doom:
    """Counts the steps that programs make, all together; who has made the last is killed."""

    last: int = -1
    counter: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, 8))
    places: list[tuple[str, ...]] = field(default_factory=list)
    """Where in our code, and in RQ's, each step was made; while nobody is to be killed."""

    @property
    def made(self) -> int:
        """Steps made so far."""
        found: int = struct.unpack("q", self.counter[:8])[0]
        return found

    def count(self, frame: FrameType, event: str, what: Any) -> None:  # noqa: ANN401 - Python's own
        """One call that Python makes; the end comes just before the step after the last."""
        if event != "c_call" or what.__name__ not in TOUCHES:
            return
        of = getattr(what, "__self__", None)
        if isinstance(of, IO) or getattr(of, "__name__", "") == "posix":
            made = self.made
            self.counter[:8] = struct.pack("q", made + 1)
            if made == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            if self.last < 0:
                self.places.append(_place(frame))


def _place(frame: FrameType | None) -> tuple[str, ...]:
    """How ``frame`` was come to, by the files and lines that are ours or RQ's."""
    found = []
    while frame:
        name = frame.f_code.co_filename
        if name.startswith(OUR_FILES) or "/rq/" in name:
            found.append(f"{name}:{frame.f_lineno}")
        frame = frame.f_back
    return tuple(found)


class Killed(Exception):  # noqa: N818 - it is no error of ours
    """The program that was to do it was killed."""


def apart(doom: Doom, work: Callable[[], T]) -> T:
    """What ``work`` comes to in a program of its own; raises Killed if that is killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _live(doom, work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        content = told.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise Killed
    done, doom.places = pickle.loads(content)  # noqa: S301 - written by ourselves just now
    found: T = done
    return found


def _live(doom: Doom, work: Callable[[], object], writer: int) -> NoReturn:
    """Do ``work``, tell ``writer`` what it came to, and end, all of it in the program's own way."""
    try:
        sys.setprofile(doom.count)
        done = work()
        sys.setprofile(None)
        os.write(writer, pickle.dumps((done, doom.places)))
    except BaseException:  # noqa: BLE001 - nothing goes on from here but the end
        traceback.print_exc()
    finally:
        os._exit(0)


class Story:
    """One caller who asks to be rung back, on a line whose programs live for one turn each."""

    def __init__(self, line: Line, last: int) -> None:
        self.line = line
        self.settings = line.settings
        self.doom = Doom(last)
        self.exchange = line.exchange
        self.now = shipped.NOON
        self.cut = 0
        """Webhooks of the calls that we placed which were not answered."""
        self.killed: datetime | None = None
        self.told: Told | None = None

    def ask(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """One webhook, answered by a program of its own. Raises OSError where it was killed."""
        self.now += timedelta(seconds=1)
        try:
            return self._apart(lambda: self.line.post(url, form, headers))
        except Killed:
            self.cut += "/back/" in url
            raise ConnectionError("no answer") from None

    def run(self) -> None:
        """Ring in and ask to be rung back; then let everybody work until it is over."""
        script = read_script(AGREES)
        number = Number(
            f"{desk.URL}/voice",
            shipped.table().line.number,
            token=desk.TOKEN,
            fallback_twiml=self.line.last_resort,
        )
        self.told = Phone(self.ask, number).ring(Actors(script), script.caller, self.now)
        over = self.now + LONGEST
        while not self._is_over() and self.now < over:
            self.now += ROUND
            for work in (self._relay, *map(self._worker, QUEUES), self._reconcile):
                with suppress(Killed):
                    self._apart(work)
            self.exchange.play()

    @property
    def took(self) -> float:
        """Seconds from the caller's ringing in until it was over."""
        return (self.now - shipped.NOON).total_seconds()

    @property
    def late(self) -> bool:
        """Whether nobody was at it again in time; everything starts anew right after the kill."""
        if self.killed is None:
            return False
        after = [at for at in apart(Doom(), self._done) if at > self.killed]
        return bool(after) and min(after) - self.killed > PICKED_UP

    def _done(self) -> list[datetime]:
        """When each thing was done or heard of the callback."""
        store = Store(self.settings.store_url)
        found = store.callbacks.among(list(State), shipped.NOON)
        return [line.at for each in found for line in store.callbacks.history(each.id)]

    @property
    def promised(self) -> bool:
        """Whether the caller was told that they will be rung."""
        return self.told is not None and BOOKED in self.told.said()

    def state(self) -> State | None:
        """How far their callback has got; None if the store has none."""
        return apart(Doom(), self._state)

    def _state(self) -> State | None:
        found = list(Store(self.settings.store_url).callbacks.counts().items())
        states = [state for state, count in found if count]
        assert len(states) <= 1
        return states[0] if states else None

    def _is_over(self) -> bool:
        waits = apart(Doom(), lambda: Outbox(self.settings.outbox_file).standing()[0])
        state = self.state()
        return not waits and state in {None, State.CONNECTED, State.NEEDS_A_PERSON}

    def _apart(self, work: Callable[[], T]) -> T:
        def within() -> T:
            os.environ.update(self.line.environ)
            return work()

        try:
            return apart(self.doom, within)
        except Killed:
            self.killed = self.now
            raise

    def _relay(self) -> None:
        seal = Seal(sealing_keys(self.settings))
        redis = connect_impatiently(self.settings.redis_url)
        aside = Aside(self.settings.state_dir / "aside", seal)
        outbox = Outbox(self.settings.outbox_file)
        Relay(outbox, redis, seal, lambda: self.now, aside).turn()

    def _worker(self, name: str) -> Callable[[], None]:
        def work() -> None:
            means.now = lambda: self.now  # a job begins there, and here it is another day
            redis = Redis.from_url(self.settings.redis_url)
            worker = SimpleWorker(
                [jobs.queue(name, redis)],
                connection=redis,
                job_class=jobs.AllowedJob,
                serializer=JSONSerializer,
            )
            worker.work(burst=True, logging_level="CRITICAL")

        return work

    def _reconcile(self) -> None:
        """The chore of each minute, by its own job and a worker of its own."""
        redis = Redis.from_url(self.settings.redis_url)
        minute = int(self.now.timestamp()) // 60
        put(jobs.queue("chores", redis), "reconcile", f"reconcile-{minute}")
        self._worker("chores")()


class Line:
    """Where the stories happen, one after another: a folder, a Redis and a telephone company.

    What takes long to read is read once, and every program starts with it in memory.
    """

    def __init__(
        self, folder: Path, redis: Redis, exchange: Exchange, environ: dict[str, str]
    ) -> None:
        self.redis = redis
        self.exchange = exchange
        self.settings = desk.settings(environ, folder / "var")
        own = {"STATE_DIR": str(self.settings.state_dir), "CONFIG_DIR": str(shipped.CONFIG)}
        self.environ = environ | own | {"PUBLIC_URL": desk.URL, "SEALING_KEYS": desk.KEY}
        self.last_resort = fallback_document(self.settings)
        self.clock: Callable[[], datetime] = lambda: shipped.NOON
        self.usual = 0.0
        """Seconds that the story takes when nobody is killed."""
        board = switchboard(self.settings, lambda: self.clock())  # noqa: PLW0108 - another story, another clock
        board.world("", "")
        self.post = in_process(create_app(self.settings, board))
        ringing.opened(self.settings)

    def tell(self, last: int = -1) -> Story:
        """The story in which a program is killed after ``last`` steps; if -1, none is."""
        for file in self.settings.state_dir.glob("*.sqlite3*"):
            file.unlink()
        self.redis.flushall()
        story = Story(self, last)
        self.clock = lambda: story.now
        people = Fates({"*": Answered(presses="1", talks=120)})
        self.exchange.__init__(story.ask, desk.TOKEN, people, self.clock)  # type: ignore[misc]
        migrate(self.settings.store_url)
        story.run()
        if last < 0:
            self.usual = story.took
        return story


@contextmanager
def line() -> Iterator[Line]:
    """A line to tell stories of."""
    exchange = Exchange(lambda *_: Answer(500, "", b""), desk.TOKEN)
    with (
        TemporaryDirectory(prefix="crash-") as name,
        valkey(Path(name) / "redis") as redis,
        serving(exchange) as company,
    ):
        url = f"unix://{redis.connection_pool.connection_kwargs['path']}?db=0"
        own = {"REDIS_URL": url, "TWILIO_API_BASE": company, "LOG_LEVEL": "error"}
        yield Line(Path(name), redis, exchange, own)


def wrong(story: Story) -> list[str]:
    """What may not be in ``story`` and is; none if all is well."""
    rung = Counter(story.exchange.journal.numbers)
    caller = read_script(AGREES).caller
    joined = len(story.exchange.journal.joined)
    assert story.told is not None
    cut_off = story.cut > 0  # whoever was on that call was let go, and may be rung once more
    found = {
        "the caller was left": not story.told.safe,
        "a promise was lost": story.promised and story.state() is not State.CONNECTED,
        "nobody was joined": story.state() is State.CONNECTED and joined != 1,
        "the caller was rung twice": rung[caller] > 1 + cut_off,
        "somebody was rung twice": max(rung.values(), default=0) > 1 + cut_off,
        "it was picked up too late": story.promised and story.late,
    }
    return [what for what, is_so in found.items() if is_so]


def main() -> None:
    """Do the drill; the exit status is 1 if the line did not stand it."""
    asked = argparse.ArgumentParser(prog="crashes", description=__doc__)
    asked.add_argument("--all", action="store_true", help="at each step, not once at each place")
    asked.add_argument("--every", type=int, default=1, help="at only one of so many of them")
    options = asked.parse_args()
    with line() as whole:
        well = whole.tell()
        assert not wrong(well), wrong(well)
        steps = list(range(well.doom.made)) if options.all else first_steps(well)
        print(
            f"{well.doom.made} steps to disk, Redis and Twilio, at {len(first_steps(well))} places"
        )
        bad = kill_at(whole, steps[:: options.every])
    sys.exit(bad)


def first_steps(well: Story) -> list[int]:
    """The first step at each place."""
    places = well.doom.places
    return sorted({place: step for step, place in reversed(list(enumerate(places)))}.values())


def kill_at(line: Line, steps: Sequence[int]) -> int:
    """Tell the story once for each of ``steps``; how often something went wrong."""
    bad, slowest = 0, 0.0
    for step in steps:
        story = line.tell(step)
        found = wrong(story)
        bad += bool(found)
        slowest = max(slowest, story.took - line.usual)
        if found:
            print(f"killed after {step} steps: {', '.join(found)}", flush=True)
    print(
        f"killed {len(steps)} times: {bad} went wrong, the slowest {slowest:.0f} s later than usual"
    )
    return bad


if __name__ == "__main__":
    main()
