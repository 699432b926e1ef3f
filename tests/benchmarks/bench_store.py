"""Measures the store: ``python -m tests.benchmarks.bench_store``.

The bar: at least 5,000 events a second for one worker on SQLite, in batches of 500 with every call
of a batch told anew, in the best of a few rounds. Events come as a line with fifty calls a second
leaves them, those of some hundred calls mixed. Harder, and without a bar, every event of a batch is
of another call.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import perf_counter, process_time

from ivr.events import Event
from ivr.store import Store, migrate
from tests.benchmarks import bars
from tests.benchmarks.bars import Bar
from tests.databases import fresh_database, has_postgres, postgres
from tests.stories import NOON, tell

BATCH = 500
CALLS = 4_000
A_SECOND = 50
ROUNDS = 3
A_WORKER = 5_000
"""Events that one worker must keep in a second on SQLite."""


def measure() -> Iterator[Bar]:
    """The figures."""
    chance = random.Random(1)  # noqa: S311 - made-up calls
    told = [tell(chance, call, NOON + timedelta(seconds=call / A_SECOND)) for call in range(CALLS)]
    events = [event for story in told for event in story.events()]
    as_they_come = sorted(events, key=lambda event: event.at)
    in_turn = sorted(events, key=lambda event: (event.id.partition("-")[2], event.call))
    print(f"  {len(events):,} events of {CALLS:,} calls, {BATCH} at a time")
    orders = {"as they come": as_they_come, "each of another call": in_turn}
    for url in urls():
        for name, order in orders.items():
            database = url.partition(":")[0]
            barred = database == "sqlite" and order is as_they_come
            each = [rates(_fresh(url), order) for _ in range(ROUNDS if barred else 1)]
            wall, worked = max(each)
            least = A_WORKER if barred else None
            yield Bar(f"{database}, {name}", wall, "events a second", least=least)
            print(f"  {worked:,.0f} a second of the worker's own work")


def _fresh(url: str) -> str:
    """The address of an empty database there."""
    if url.startswith("postgresql"):
        return fresh_database(url)
    return f"sqlite:///{tempfile.mkdtemp(dir=url.removeprefix('sqlite:///'))}/log.sqlite3"


def urls() -> Iterator[str]:
    """Where SQLite files may be made, and a Postgres if one is to be had."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}"
    if has_postgres():
        with postgres(durable=True) as url:
            yield url


def rates(url: str, events: Sequence[Event]) -> tuple[float, float]:
    """Events kept in a second by the clock, and in a second of this process's work."""
    migrate(url)
    store = Store(url)
    started, worked = perf_counter(), process_time()
    new = sum(store.keep(events[at : at + BATCH]) for at in range(0, len(events), BATCH))
    rates = new / (perf_counter() - started), new / (process_time() - worked)
    store.close()
    assert new == len(events), "some were kept twice, or not at all"
    return rates


if __name__ == "__main__":
    sys.exit(not bars.tell(measure()))
