"""A service that nobody reaches any more is told within a day, and a quiet night is not."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest

from ivr.alarms.silence import HOURS, LINE, lacking, silent
from ivr.events import TURN, Event, Fact
from ivr.records import MENU, OWN_NUMBER
from ivr.store import Store, migrate
from tests import shipped

NOW = shipped.NOON
NOBODY = "CA" + "f" * 32
"""Somebody who was not yet led to any service."""
HOUR = timedelta(hours=1)
BY_DAY = [0.5] * 8 + [1.3] * 14 + [0.9] * 2
"""How much busier or quieter each hour is than the average one."""


def offered(call: str, via: str) -> list[Event]:
    """Somebody rings in and is put through to Leeds."""
    first: dict[str, Fact] = {"step": "", "reached": "welcome", "turn": 0, "via": via}
    then: dict[str, Fact] = {
        "step": "welcome", "reached": "connect", "turn": 1, "service": "leeds", "ring": 1,
        "via": via,
    }  # fmt: skip
    return [
        Event(f"{call}-t00", call, TURN, NOW, first),
        Event(f"{call}-t01", call, TURN, NOW + timedelta(seconds=9), then),
    ]


class Rung:
    """Calls of made-up services, each with so many a day, that end for some at a moment."""

    def __init__(self, daily: Mapping[str, float], until: Mapping[str, datetime]) -> None:
        chance = random.Random(11)  # noqa: S311 - no secret
        self._begins = NOW - timedelta(days=29)
        hours = 24 * 40
        self._sums: dict[str, list[int]] = {}
        for name, a_day in daily.items():
            ends = int((until[name] - self._begins) / HOUR) if name in until else hours
            share = [a_day / 24 * BY_DAY[(hour + 12) % 24] / 60 for hour in range(24)]
            rung = [
                sum(chance.random() < share[hour % 24] for _ in range(60)) for hour in range(ends)
            ]
            self._sums[name] = [0, *accumulate(rung), *[sum(rung)] * (hours - ends)]

    def counts(self, since: datetime, until: datetime) -> dict[str, int]:
        first, last = (max(0, int((each - self._begins) / HOUR)) for each in (since, until))
        found = {name: sums[last] - sums[first] for name, sums in self._sums.items()}
        return {name: count for name, count in found.items() if count} | {LINE: sum(found.values())}


def routed() -> dict[str, float]:
    """The calls a day that the menu led to each service in the published month of December 2025."""
    file = next((shipped.CONFIG / "published").glob("*december-2025.csv"))
    with file.open(encoding="utf-8-sig", newline="") as content:
        rows = [row for row in csv.DictReader(content) if row["METRIC_ID"] == "A02"]
    known = {row["CONTRACT_CODE"]: row["METRIC_VALUE"] for row in rows}
    return {code: int(value) / 31 for code, value in known.items() if value.isdecimal()}


def test_calls_are_counted_by_the_route_that_led_them_and_own_numbers_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    migrate(url)
    with closing(Store(url)) as store:
        for number, via in enumerate((MENU, MENU, OWN_NUMBER)):
            store.keep(offered(f"CA{number:032x}", via))
        store.keep([Event(f"{NOBODY}-t00", NOBODY, TURN, NOW, {"reached": "welcome", "turn": 0})])
        assert store.rates.reached(NOW, NOW + HOUR) == {
            "leeds": 2,
            "leeds by its own number": 1,
            LINE: 4,
        }
        assert store.rates.reached(NOW - HOUR, NOW) == {}


def test_whoever_had_calls_and_has_none_is_told_and_with_how_many_there_were() -> None:
    weeks = [{"leeds": 16, "york": 40, LINE: 56}, *[{"leeds": 18, "york": 41, LINE: 59}] * 3]
    assert lacking({"york": 1, LINE: 1}, weeks) == {"leeds": 17.5}
    assert set(lacking({}, weeks)) == {"leeds", "york", LINE}


@pytest.mark.parametrize("counts", [(14, 15, 15, 15), (60, 60, 60, 4), (60, 60, 60, 0)])
def test_what_was_not_so_in_each_of_four_weeks_is_no_rule(counts: tuple[int, ...]) -> None:
    assert lacking({}, [{"leeds": count} for count in counts]) == {}


def test_where_nobody_at_all_rings_that_alone_is_told() -> None:
    rung = Rung({"leeds": 400, "york": 400}, dict.fromkeys(("leeds", "york"), NOW - HOUR))
    (told,) = silent(rung.counts, NOW)
    assert told.startswith("the whole line (nobody in 1 h, ")


def test_of_december_s_services_most_are_missed_within_a_day() -> None:
    daily = routed()
    rung = Rung(daily | {"others": 400}, dict.fromkeys(daily, NOW))
    within = {hours: len(silent(rung.counts, NOW + HOUR * hours)) for hours in HOURS}
    print(f"of {len(daily)} services are missed after so many hours: {within}")
    assert within[24] >= sum(a_day > 25 for a_day in daily.values())
    assert within[168] >= sum(a_day > 4 for a_day in daily.values())


def test_in_a_week_in_which_all_are_rung_as_ever_nobody_is_told() -> None:
    rung = Rung(routed(), {})
    for hour in range(24 * 7):
        assert silent(rung.counts, NOW + HOUR * hour) == ()
