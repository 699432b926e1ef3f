"""A thousand tables that met an accident: none is wrongly accepted, and none wrongly refused.

And some that lost rows where nobody can see it: they are tables, and go live if somebody says so.
"""

from __future__ import annotations

import re
from functools import cache
from random import Random

import pytest

from ivr.checking import check, read_upload
from ivr.routing import FILES, Table, TableError, read
from ivr.tables import CheckSummary, State, UnsaidError, Version, must_know
from tests.mutations import LOSING, RIGHT, WRONG, Folder, Mutation, huge
from tests.shipped import CONFIG, NOON, directory, geography, table

ALL = 1_000
PARTS = 10
"""The thousand are told apart in so many, so that a failure names its hundred."""

PLACE = re.compile(r"(services\.csv|routes\.csv|hours\.csv|line\.toml|the upload)[ :,]")


@cache
def shipped() -> Folder:
    return {name: (CONFIG / "routing" / name).read_bytes() for name in FILES}


def chances(number: int) -> Random:
    """The same accidents whenever the tests run."""
    return Random(number)  # noqa: S311 - nothing is kept secret by them


def refused(folder: Folder) -> list[str]:
    """What is said to be wrong, a line each; none if the table is accepted."""
    try:
        read(read_upload(folder))
    except TableError as wrong:
        return str(wrong).splitlines()
    return []


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_mutated_tables(part: int) -> None:
    for number in range(part, ALL, PARTS):
        chance = chances(number)
        wrong = number // PARTS % 5 < 4
        mutation = chance.choice(WRONG if wrong else RIGHT)
        told = refused(mutation(shipped(), chance))
        assert bool(told) == wrong, (number, mutation, told)
        assert all(PLACE.match(line) for line in told), (number, told)


@pytest.mark.parametrize("mutation", RIGHT)
def test_what_is_accepted_says_the_same(mutation: Mutation) -> None:
    assert read(read_upload(mutation(shipped(), chances(1)))).version == table().version


def test_ten_megabytes_are_refused_unread() -> None:
    assert "bytes" in refused(huge(shipped(), chances(1)))[0]


def test_the_row_and_column_are_told() -> None:
    for number, mutation in enumerate(WRONG[16:]):
        for told in refused(mutation(shipped(), chances(number))):
            assert re.match(r"\w+\.csv row \d+, column \w+: .+; allowed: .+", told), told


# -- what no reader can see was lost ---------------------------------------------------------


def checked(found: Table) -> Version:
    """A candidate that says what ``found`` says, and its check."""
    summary = CheckSummary.read(check(found, directory(), geography(), NOON).summary())
    return Version(found.version, NOON, "ann", "", {}, "", summary, (), (), State.CANDIDATE)


@cache
def live() -> Version:
    return checked(table())


@pytest.mark.parametrize("number", range(6))
def test_a_table_that_lost_rows_goes_live_only_if_somebody_says_so(number: int) -> None:
    chance = chances(number)
    lost = read(read_upload(LOSING[number % len(LOSING)](shipped(), chance)), geography().holidays)
    candidate = checked(lost)
    assert candidate.check
    assert candidate.check.ok
    with pytest.raises(UnsaidError, match="their service"):
        must_know(candidate, live(), None)
