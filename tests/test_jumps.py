"""A service that callers say is the wrong one, or that answers fewer, is told; chance is not."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.alarms import Rate, answer_rates, wrong_areas
from ivr.events import STATUS, Event, Fact
from ivr.store import Probed, Store, migrate
from ivr.watching import stored
from tests import databases, shipped

BEFORE = {"leeds": Rate(800, 640, 8)}


@pytest.mark.parametrize(
    ("last", "wrong", "fewer"),
    [
        (Rate(30, 24, 0), (), ()),
        (Rate(30, 24, 6), ("leeds (1% to 20%)",), ()),
        (Rate(30, 3, 0), (), ("leeds (80% to 10%)",)),
        (Rate(19, 0, 19), (), ()),
        (Rate(30, 30, 0), (), ()),
    ],
)
def test_a_jump_is_told_and_little_is_not(
    last: Rate, wrong: tuple[str, ...], fewer: tuple[str, ...]
) -> None:
    assert wrong_areas({"leeds": last}, BEFORE) == wrong
    assert answer_rates({"leeds": last}, BEFORE) == fewer


def test_a_service_that_is_new_raises_nothing() -> None:
    assert wrong_areas({"york": Rate(99, 0, 99)}, BEFORE) == ()
    assert answer_rates({"york": Rate(99, 0, 99)}, {"york": Rate(99, 99, 0)}) == ()


def test_in_ten_years_of_callers_at_chance_no_alarm_is_false() -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(3_650):
        calls = chance.randrange(20, 60)
        answered = sum(chance.random() < 0.8 for _ in range(calls))
        wrong = sum(chance.random() < 0.01 for _ in range(calls))
        last = {"leeds": Rate(calls, answered, wrong)}
        assert answer_rates(last, BEFORE) == ()
        assert wrong_areas(last, BEFORE) == ()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_calls_that_rest_on_the_list_are_counted(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    if kind == "postgres":
        url = databases.fresh_database(request.getfixturevalue("postgres_server"))
    migrate(url)
    with closing(Store(url)) as store:
        for number, recovered in enumerate((True, True, False)):
            call = f"CA{number:032x}"
            facts: dict[str, Fact] = {"status": "completed", "recovered": recovered or None}
            store.keep([Event(f"{call}-end", call, STATUS, shipped.NOON, facts)])
        assert stored.recovered(store.rates, shipped.NOON + timedelta(days=6)) == 2
        assert stored.recovered(store.rates, shipped.NOON + timedelta(days=8)) == 0


def test_the_store_tells_the_figures_and_the_probes_that_failed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    store = Store(url)
    assert stored.jumps(store.rates, shipped.NOON) == ((), ())
    assert stored.failing(store.probes, shipped.NOON) is None
    store.probes.keep([Probed(shipped.NOON, "lad E1", "leeds", ok=False, why="it rang york")])
    later = shipped.NOON + timedelta(minutes=5)
    assert stored.failing(store.probes, later) == ("lad E1: it rang york",)
    assert stored.failing(store.probes, later + timedelta(hours=1)) is None
