"""A thousand tables that met an accident: none is wrongly accepted, and none wrongly refused."""

from __future__ import annotations

import re
from functools import cache
from random import Random

import pytest

from ivr.checking import read_upload
from ivr.routing import FILES, TableError, read
from tests.mutations import RIGHT, WRONG, Folder, Mutation, huge
from tests.shipped import CONFIG, table

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
