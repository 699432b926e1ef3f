"""A caller who is on the line while tables are published and taken back meets one table alone."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import update

from ivr.phone import Answer
from ivr.publishing import Deliverer, install
from ivr.routing import FILES
from ivr.store import Store, migrate
from ivr.store.operators import version_files
from ivr.tables import CheckSummary, TablesError
from tests import shipped
from tests.machine import UNANSWERED, Machine, alternately, local, national, ring

NOON = shipped.NOON
GOOD, BAD = CheckSummary(NOON, ok=True), CheckSummary(NOON, ok=False, errors=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    migrate(url)
    store = Store(url)
    yield store
    store.close()


def pair(number: int) -> tuple[str, str]:
    """The numbers that table ``number`` has for the tests' postcode, as no other has."""
    return f"+44163296070{number}", f"+44163296080{number}"


def renumbered(number: int) -> dict[str, bytes]:
    """The shipped table with another pair of numbers for the tests' postcode."""
    files = {name: (shipped.CONFIG / "routing" / name).read_bytes() for name in FILES}
    for old, new in zip(local(), pair(number), strict=True):
        services = files["services.csv"]
        assert old.encode() in services
        assert new.encode() not in services
        files["services.csv"] = services.replace(old.encode(), new.encode())
    return files


class Line:
    """Two processes of one machine, and an operator who publishes good tables and bad in turn."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.machines = [Machine(folder), Machine(folder)]
        self.deliverer = Deliverer(self.machines[0].settings, store, lambda *_: None)
        self.versions = store.versions
        install(self.machines[0].settings, store, NOON)
        self.good = [self._imported(store, number, GOOD) for number in range(4)]
        self.wrong = self._imported(store, 4, BAD)
        self.spoilt = self._imported(store, 5, GOOD)
        with store._database.writing() as connection:
            of_it = version_files.c.version == self.spoilt
            spoil = update(version_files).where(of_it).values(content=zlib.compress(b"spoilt"))
            connection.execute(spoil)
        self.published = 0

    def publish(self) -> None:
        """One that is bad, one that is good; every fifth time the good one is taken back."""
        self.published += 1
        if self.published % 2:
            with pytest.raises(TablesError):
                self.versions.publish(self.wrong, "ann", "bad", NOON, two_people=False)
        else:
            self.versions.publish(self.spoilt, "ann", "bad", NOON, two_people=False)
        self._delivered()
        again = self.good[self.published % len(self.good)]
        self.versions.publish(again, "ann", "good", NOON, two_people=False)
        self._delivered()
        if self.published % 5 == 0:
            self.versions.roll_back("ann", "not that", NOON)
            self._delivered()

    def _delivered(self) -> None:
        self.deliverer.deliver()
        for machine in self.machines:
            machine.look()

    def _imported(self, store: Store, number: int, check: CheckSummary) -> str:
        id_ = store.versions.add(renumbered(number), "ann", "", "", NOON).id
        store.versions.checked(id_, check)
        return id_


def met(line: Line, calls: int, every: int) -> list[tuple[str, ...]]:
    """What each of so many calls rang, with a table published before ``every`` so many turns."""
    taken = alternately(*(machine.post for machine in line.machines))
    turns = count(1)

    def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if next(turns) % every == 0:
            line.publish()
        return taken(url, form, headers)

    return [tuple(ring(post, UNANSWERED).rung) for _ in range(calls)]


def test_every_call_rings_the_numbers_of_one_table_that_was_good(
    tmp_path: Path, store: Store
) -> None:
    line = Line(tmp_path, store)
    rung = met(line, 12, every=9)
    tables = [local(), *(pair(number) for number in range(4))]
    assert set(rung) <= {(*numbers, national()[0]) for numbers in tables}
    assert len(set(rung)) == len(tables)
    assert line.published > 10
