"""The whole line in this process, from a caller's key to a row in the store, and its evidence.

The web, the outbox, the relay's own loop, a real Valkey, RQ's own worker with our jobs, the store
and a pretend telephone company are put together as the programs of the line are. Any line of ours
may be made to fail under them with all of a caller in its message.
"""

from __future__ import annotations

import gc
import os
import re
import sqlite3
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    ExitStack,
    closing,
    contextmanager,
    nullcontext,
    redirect_stderr,
    redirect_stdout,
)
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from io import StringIO
from pathlib import Path
from random import Random
from unittest import mock

from click.testing import CliRunner
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from ivr.cli.callbacks import callbacks as command
from ivr.phone import Answer, Number, Phone, Told
from ivr.phone.exchange import Exchange, serving
from ivr.relay import Aside, keep_handing
from ivr.relay.queue import put
from ivr.sealing import Seal
from ivr.settings import sealing_keys
from ivr.store import Store, migrate
from tests import desk, shipped
from tests.callers import SEED, RungBack, Someone
from tests.faulty import Everywhere, FaultyJob, FaultyRelay, OnePass, everything_logged, is_with
from tests.machine import Machine
from tests.searching import Search, Shelves, written
from tests.servers import valkey
from tests.troubles import Place, TroubleError
from workers import jobs, means

TRACED = 0.25
"""The share of a call's webhooks under which a line may fail, until one has."""
RARELY = 0.05  # of the webhooks of who is rung back
ROUND = 25
"""Calls between two passes of the relay and of the workers."""
WITHHELD = 5  # one caller in so many withholds their number
TURNS = 5
"""Passes for one ring back to be told of, placed, answered, placed again and answered again."""
HOUR = timedelta(minutes=61)
"""So much time passes after each round: an hour may have only so many rings."""


@dataclass
class Chain:
    """A line, and everything that it leaves behind."""

    machine: Machine
    redis: Redis
    chance: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - repeatable
    now: datetime = shipped.NOON
    callers: list[Someone] = field(default_factory=list)
    calls: list[Told] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    faults: float = 0.3
    """The share of the passes of the relay and of the workers in which a line may fail."""
    failed: dict[str, int] = field(default_factory=dict)
    """How many lines of ours were made to fail, by whose they were."""
    said: StringIO = field(default_factory=StringIO)
    """What the relay and the workers wrote, and what Python did of any program's faults."""
    seen: list[str] = field(default_factory=list)
    """What Redis held at one moment or another."""

    def __post_init__(self) -> None:
        self.machine.time = self.tick
        self.seal = Seal(sealing_keys(self.machine.settings))
        self.outbox = self.machine.board.outbox
        migrate(self.machine.settings.store_url)
        self.store = Store(self.machine.settings.store_url, self.seal)
        self.shelves = Shelves(self.redis)
        self.exchange = Exchange(self._post_back, desk.TOKEN, RungBack(self.chance), self.tick)
        aside = Aside(self.machine.settings.state_dir / "aside", self.seal)
        self.relay = FaultyRelay(self.outbox, self.redis, self.seal, self.tick, aside)

    def tick(self) -> datetime:
        """The time, and a little of it passes."""
        self.now += timedelta(milliseconds=1)
        return self.now

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Post, and keep every address and every room's name there is."""
        answer = self.machine.post(url, form, headers)
        text = answer.body.decode()
        self.addresses += [url, *re.findall(r'(?:action|[uU]rl|statusCallback)="([^"]*)"', text)]
        self.addresses += re.findall(r"<(?:Redirect|Conference)[^>]*>([^<]*)<", text)
        return answer

    def _post_back(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The same for whoever is rung back, under which now and then a line of ours fails."""
        with self._fault("back", RARELY if self.faults else 0)():
            return self.post(url, form, headers)

    def ring(self, someone: Someone) -> None:
        """One call, under which perhaps a line of ours fails."""
        budget = [someone.chance.randint(1, 3000)]

        def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
            if someone.chance.random() >= TRACED or budget[0] <= 0:
                return self.post(url, form, headers)
            with self._failing("web", someone, budget):
                return self.post(url, form, headers)

        number = Number(f"{desk.URL}/voice", shipped.table().line.number, token=desk.TOKEN)
        self.callers.append(someone)
        shown = someone.caller if len(self.callers) % WITHHELD else "anonymous"
        self.calls.append(Phone(post, number).ring(someone, shown))

    def hand_over(self, faults: float = 0) -> None:
        """One pass of the relay's loop, as ``ivr relay`` makes it."""
        self.relay.fault = self._fault("relay", faults)
        with self._program():
            keep_handing(self.relay, OnePass())
        self.look()

    def work(self, name: str, faults: float = 0) -> None:
        """Do all that is queued, as ``python -m workers`` does but in this program."""
        FaultyJob.fault = self._fault(name, faults)
        if not len(jobs.queue(name, self.redis)):
            return
        with self._program():
            worker = SimpleWorker(
                [jobs.queue(name, self.redis)],
                connection=self.redis,
                job_class=FaultyJob,
                serializer=JSONSerializer,
            )
            worker.log_job_description = False
            worker.work(burst=True, logging_level="WARNING")
        self.look()

    def chore(self, name: str) -> None:
        put(jobs.queue("chores", self.redis), name, f"{name}-{self.now.timestamp():.0f}")
        self.work("chores")

    def play(self) -> None:
        """Let whoever is rung do what they do, while lines of ours fail."""
        with self._program():
            self.exchange.play()

    def turn(self) -> None:
        """The relay and every worker do what there is to do, and who is rung answers."""
        for _ in range(TURNS):
            self.hand_over(self.faults)
            self.work("log", self.faults)
            self.work("callbacks", self.faults)
            self.play()
            if not (self.outbox.depth()[0] or self.outbox.waiting() or self.exchange.live):
                return

    def look(self) -> None:
        """Read all that is in Redis now."""
        self.seen.append(self.shelves.fresh())

    def settle(self) -> None:
        """All is well at last, and everything is handed on."""
        self.faults = 0.0
        for _ in range(12):
            self.now += HOUR
            self.chore("reconcile")
            self.turn()
            if not self.outbox.waiting() and not self.outbox.depth()[0]:
                return

    def evidence(self) -> Mapping[str, Callable[[], str]]:
        """How each place is read at the end."""
        return {
            "redis": lambda: "\n".join([*self.seen, self.shelves.fresh()]),
            "store, its rows": self._rows,
            "store, its file": lambda: self._bytes(lambda name: "store" in name),
            "outbox": lambda: self._bytes(lambda name: name.startswith("outbox")),
            "other files": lambda: self._bytes(
                lambda name: "store" not in name and not name.startswith("outbox")
            ),
            "log": lambda: str(self.machine.log.getvalue()),  # type: ignore[attr-defined]
            "printed": self.said.getvalue,
            "addresses": lambda: "\n".join(self.addresses),
            "metrics": lambda: (
                self.machine.app.test_client().get("/metrics").get_data(as_text=True)
            ),
            "command": self._told,
        }

    @cached_property
    def search(self) -> Search:
        return Search([each.canary for each in self.callers], self.seal)

    @contextmanager
    def _program(self) -> Iterator[None]:
        """A program of the line; Python prints what ends it."""
        failed = sum(self.failed.values())
        with redirect_stdout(self.said), redirect_stderr(self.said):
            try:
                yield
            except TroubleError:
                traceback.print_exc()
        if failed < sum(self.failed.values()):
            self.outbox.close()
            gc.collect()  # a fault that is kept keeps what was locked where it came about

    def _fault(self, whose: str, share: float) -> Callable[[], AbstractContextManager[None]]:
        """What makes one line fail, the n-th of a program's; of only a ``share`` of them."""
        if self.chance.random() >= share:
            return nullcontext
        budget = [self.chance.randint(1, 600)]
        return lambda: self._failing(whose, self.callers[-1], budget)

    @contextmanager
    def _failing(self, whose: str, someone: Someone, budget: list[int]) -> Iterator[None]:
        """One line of ours fails, the n-th by what is left of ``budget``."""

        def perhaps_fail(place: Place) -> None:
            if is_with(place):
                return
            budget[0] -= 1
            if not budget[0]:
                self.failed[whose] = self.failed.get(whose, 0) + 1
                raise TroubleError(str(someone))

        with Everywhere(perhaps_fail):
            yield

    def _rows(self) -> str:
        path = self.machine.settings.store_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection:
            select = "SELECT name FROM sqlite_master WHERE type = 'table'"
            names = [name for (name,) in connection.execute(select)]
            rows = [row for name in names for row in connection.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - the names of its own tables
        return "\n".join(map(repr, rows))

    def _bytes(self, wanted: Callable[[str], bool]) -> str:
        known = {path.read_bytes() for path in self.machine.config.rglob("*") if path.is_file()}
        paths = [path for path in self.machine.settings.state_dir.rglob("*") if path.is_file()]
        read = (path.read_bytes() for path in sorted(paths) if wanted(path.name))
        return "\n".join(written(found) for found in read if found not in known)

    def _told(self) -> str:
        """What ``ivr callbacks`` tells of every callback that there is."""
        run = CliRunner().invoke
        asked = [["list"], ["list", "--all"], ["list", "--all", "--format", "json"]]
        ids = re.findall(r'"id": "([0-9a-f]{32})"', run(command, asked[-1]).output)
        asked += [["show", each, *form] for each in ids for form in ((), ("--format", "json"))]
        return "\n".join(run(command, words).output for words in asked)


@contextmanager
def chain(folder: Path) -> Iterator[Chain]:
    """A line with everything behind it, below ``folder``."""
    with ExitStack() as stack:
        gc.collect()
        gc.freeze()  # what was there before need not be looked through each time
        machine = Machine(folder)
        chain = Chain(machine, stack.enter_context(valkey(machine.settings.state_dir)))
        base = stack.enter_context(serving(chain.exchange))
        environ = {
            "STATE_DIR": str(machine.settings.state_dir),
            "CONFIG_DIR": str(machine.config),
            "PUBLIC_URL": desk.URL,
            "SEALING_KEYS": desk.KEY,
            "TWILIO_API_BASE": base,
            "CALLS_PER_SECOND": "100",
            "REDIS_URL": "",
        }
        stack.enter_context(mock.patch.dict(os.environ, environ))
        stack.enter_context(mock.patch.object(means, "now", chain.tick))
        stack.enter_context(everything_logged(chain.said))
        stack.callback(chain.store.close)
        yield chain


def ring(chain: Chain, everybody: list[Someone]) -> None:
    """Everybody rings, and round by round what they asked for is done."""
    for count, someone in enumerate(everybody, 1):
        chain.ring(someone)
        if not count % ROUND:
            chain.now += HOUR
            chain.turn()
            if not count % (4 * ROUND):
                chain.chore("reconcile")
    chain.settle()
