"""Measures the check of tables: ``python -m tests.benchmarks.bench_check``.

The aims, on two cores: every postcode, both audiences and every hour of 14 days in 10 s and 1 GB,
for the shipped table and for one with a row for every LSOA; a mutated table refused in 2 s. All of
it runs on one core, and what is printed is that core's time, so that a busy machine says the same.
"""

from __future__ import annotations

import csv
import gzip
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from time import process_time

from ivr.checking import check, read_upload
from ivr.differing import difference
from ivr.routing import Table, TableError, read
from tests.benchmarks.bars import Bar, tell
from tests.mutations import RIGHT, WRONG, huge
from tests.routing_files import files, service
from tests.shipped import CONFIG, NOON, directory, geography, table
from tests.test_checking_hostile import chances, shipped


def measure() -> Iterator[Bar]:
    """The figures."""
    for name, found in (("the shipped table", table()), ("a row for every LSOA", by_lsoa())):
        started = process_time()
        result = check(found, directory(), geography(), NOON)
        yield Bar(name, process_time() - started, "s", most=10)
        print(f"  {result.postcodes:,} postcodes at {result.moments:,} moments")
    other = by_lsoa()
    started = process_time()
    moves = difference(table(), other, directory(), geography(), NOON).postcodes
    yield Bar(f"difference of the two, {moves:,} move", process_time() - started, "s")
    yield Bar("the slowest of a thousand mutated tables", slowest(), "s", most=2)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Bar("memory at most", memory, "MB", most=1024)


def by_lsoa() -> Table:
    """A table with a row for every LSOA of two nations, hours, and rows that end each day."""
    with gzip.open(CONFIG / "geography" / "lsoa.csv.gz", "rt", encoding="utf-8") as file:
        lsoas = [row["lsoa21cd"] for row in csv.DictReader(file)]
    services = [service(f"s{number}") for number in range(60)]
    hours = [f"s{number},mon-fri,0{number % 9}:30,20:00,," for number in range(60)]
    rows = [f"lsoa,{lsoa},any,s{number % 60},,," for number, lsoa in enumerate(lsoas)]
    days = [NOON.date() + timedelta(days=number) for number in range(14)]
    rows += [f"lad,E0700000{at % 5 + 4},adult,s1,{day},{day}," for at, day in enumerate(days)]
    rows += [f"nation,{nation},any,s0,,," for nation in ("Scotland", "Northern Ireland")]
    return read(files(services, rows, hours), geography().holidays)


def slowest() -> float:
    """How long the slowest of the mutated tables takes to be read or refused."""
    most = 0.0
    for number in range(1_000):
        chance = chances(number)
        mutation = chance.choice((*WRONG, *RIGHT, huge))
        folder = mutation(shipped(), chance)
        started = process_time()
        with suppress(TableError):
            read(read_upload(folder))
        most = max(most, process_time() - started)
    return most


if __name__ == "__main__":
    sys.exit(not tell(measure()))
