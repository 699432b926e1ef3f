"""``python -m tests.drills.publishing``: tables are published and taken back while callers ring.

A bad one and a good one in turn, through the program that publishes, to two webs which share a
disk; each webhook of a call goes to the other. Every call must meet one good table from its start
to its end, and ring the numbers of that one; what is rolled back must be gone within a second.
"""

from __future__ import annotations

import argparse
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import update

from ivr.phone import Answer, Post, Verdict, in_process
from ivr.publishing import install
from ivr.routing import FILES, TableError
from ivr.settings import Settings
from ivr.snapshot import Published
from ivr.store import Store, migrate
from ivr.store.operators import version_files
from ivr.tables import CheckSummary, TablesError
from ivr.web import create_app
from ivr.web.parts import switchboard
from ivr.web.switchboard import Switchboard, utc_now
from tests import desk, shipped
from tests.drills.line import wait_until
from tests.machine import UNANSWERED, alternately, local, national, ring
from tests.test_publishing import candidate
from workers.publish import EVERY, keep_publishing

AT_ONCE, THINKS = 8, 0.05
"""Callers on the line at one time, and the seconds between two turns: most see a publication."""
PATIENCE, WORST = 10.0, 1.0
"""Seconds in which what is published must be served, or refused; and what is rolled back to."""

FOLDER = {name: (shipped.CONFIG / "routing" / name).read_bytes() for name in FILES}
SPARE = [f"+441632960{n}" for n in (*range(100, 500), *range(600, 900))]
"""Numbers that the shipped table has for nobody, and each table of the drill has two of."""


def pair(number: int) -> tuple[str, str]:
    """The two numbers that table ``number``, and no other, has for the callers' postcode."""
    return SPARE[2 * number], SPARE[2 * number + 1]


def renumbered(number: int) -> dict[str, bytes]:
    """The shipped table with a pair of its own."""
    services = FOLDER["services.csv"]
    for old, new in zip(local(), pair(number), strict=True):
        services = services.replace(old.encode(), new.encode())
    return {**FOLDER, "services.csv": services}


class Operator:
    """Publishes and takes back, and sees to it that both webs serve what is good, and only that.

    ``rings`` has the numbers of each good table; ``may_meet``, those that a call may begin with
    (two, while one takes another's place); ``rolled_back``, the seconds each roll back took.
    """

    def __init__(self, settings: Settings, store: Store, webs: list[Switchboard]) -> None:
        self._store, self._webs, self._disk = store, webs, Published(settings.state_dir)
        self.rings = {shipped.table().version: local()}
        self.may_meet = frozenset(self.rings)
        self.rolled_back: list[float] = []

    def publish(self, number: int) -> None:
        """A bad table where ``number`` is even; else a good one, each fifth by a roll back."""
        turn, good = divmod(number, 2)
        if not good:
            (self._cut, self._spoilt, self._spoilt, self._wrong, self._cut)[turn % 5](number)
            sleep(EVERY)
            assert self._served() == self.may_meet, f"bad table {number} is served"
        elif turn % 5 == 4:  # the two last that were published are good
            began, versions = monotonic(), self._store.versions
            self._serve(list(self.rings)[-2], lambda: versions.roll_back("ann", "no", utc_now()))
            self.rolled_back.append(monotonic() - began)
        else:
            id_ = candidate(self._store, renumbered(number))
            self.rings[id_] = pair(number)
            self._serve(id_, lambda: self._publish(id_))

    def _serve(self, version: str, change: Callable[[], object]) -> None:
        """Have both webs' new callers meet ``version``, as they do after that ``change``."""
        self.may_meet |= {version}
        change()
        wait_until(lambda: self._served() == {version}, f"serving {version}", PATIENCE)
        self.may_meet = frozenset({version})

    def _served(self) -> set[str]:
        return {web.snapshots.current().table.version for web in self._webs}

    def _publish(self, id_: str) -> None:
        self._store.versions.publish(id_, "ann", "a drill", utc_now(), two_people=False)

    def _cut(self, number: int) -> None:
        with pytest.raises(TableError):
            candidate(self._store, {**renumbered(number), "routes.csv": b"area_type,ar"})

    def _wrong(self, number: int) -> None:
        id_ = candidate(self._store, renumbered(number))
        self._store.versions.checked(id_, CheckSummary(utc_now(), ok=False, errors=1))
        with pytest.raises(TablesError):
            self._publish(id_)

    def _spoilt(self, number: int) -> None:
        """The store has a file of another table in the place of one; every host must refuse it."""
        id_ = candidate(self._store, renumbered(number))
        another = zlib.compress(renumbered(number + 1)["services.csv"])
        its = (version_files.c.version == id_) & (version_files.c.name == "services.csv")
        with self._store._database.writing() as connection:
            connection.execute(update(version_files).where(its).values(content=another))
        self._publish(id_)
        wait_until(lambda: self._disk.refusal().startswith(id_), f"refusing {id_}", PATIENCE)


def call(number: int, posts: list[Post], operator: Operator) -> tuple[str, bool]:
    """What was wrong with a call, "" if nothing, and whether the table changed meanwhile."""
    taken = alternately(*(posts if number % 2 else reversed(posts)))
    met: list[set[str]] = []
    may_begin = operator.may_meet

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        nonlocal may_begin
        answer = taken(url, form, headers)
        if not met:
            may_begin |= operator.may_meet
        if "/status" not in url and "/whisper" not in url:
            met.append(set(re.findall(r"\btable=(\w+)", url if met else f"{answer.body!r}")))
        sleep(THINKS)
        return answer

    told = ring(post, UNANSWERED)
    own = min(met[0], default="")
    wrong = {
        "began with a table that was not live": own not in may_begin,
        "met another table than its own, or none": any(each != {own} for each in met),
        "rang another table's numbers": told.rung != [*operator.rings.get(own, ()), national()[0]],
        "reached nobody": told.verdict is not Verdict.REACHED,
        "a fault": bool(told.faults),
    }
    return ", ".join(what for what, so in wrong.items() if so), operator.may_meet != may_begin


def drill(folder: Path, calls: int, publishes: int) -> tuple[list[tuple[str, bool]], list[float]]:
    """What came of each call, and the seconds until each roll back was served."""
    settings = desk.settings({"LOG_LEVEL": "error"}, folder)
    migrate(settings.store_url)
    store, stopping = Store(settings.store_url), Event()
    install(settings, store, utc_now())
    webs = [switchboard(settings, lambda: shipped.NOON) for _ in range(2)]
    posts = [in_process(create_app(settings, web)) for web in webs]
    operator = Operator(settings, store, webs)
    rung: list[Future[tuple[str, bool]]] = []
    with closing(store), ThreadPoolExecutor(AT_ONCE + 1) as pool:
        pool.submit(keep_publishing, settings, stopping, utc_now)
        try:
            for number in range(publishes):
                some = range(len(rung), calls * (number + 1) // publishes)
                rung += [pool.submit(call, each, posts, operator) for each in some]
                operator.publish(number)
                wait(rung[:-AT_ONCE])
        finally:
            stopping.set()
    return [each.result() for each in rung], operator.rolled_back


def main() -> None:
    """Do the drill; the exit status is 1 if the line did not stand it."""
    asked = argparse.ArgumentParser(prog="publishing", description=__doc__)
    asked.add_argument("--calls", type=int, default=2000)
    asked.add_argument("--publishes", type=int, default=200, help="10 to 340")
    options = asked.parse_args()
    with TemporaryDirectory(prefix="publishing-") as folder, redirect_stdout(StringIO()):
        told, rolled_back = drill(Path(folder), options.calls, options.publishes)
    wrong = Counter(why for why, _ in told if why)
    changed, worst = sum(changed for _, changed in told), max(rolled_back, default=0.0)
    print(f"{options.publishes} publishes, good and bad in turn; no bad one was served")
    print(f"{len(told)} calls, {changed} of them while another table was published")
    print(f"wrong: {dict(wrong) or 'nothing'}")
    print(f"{len(rolled_back)} roll backs, served within {worst:.2f} s at worst")
    sys.exit(bool(wrong) or not changed or not 0 < worst <= WORST)


if __name__ == "__main__":
    main()
