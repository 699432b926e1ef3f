"""What measures the line fails where a bar is not met, and shows no less than it says."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.benchmarks.bars import Bar, tell
from tests.drills.__main__ import WORST, stood
from tests.drills.calls import Rung
from tests.drills.figures import Figures
from tests.drills.journal import Journal

MAKEFILE = (Path(__file__).parent.parent / "Makefile").read_text("utf-8")


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar("store", 5_000, "a second", least=5_000), True),
        (Bar("store", 4_999, "a second", least=5_000), False),
        (Bar("check", 10, "s", most=10), True),
        (Bar("check", 10.1, "s", most=10), False),
        (Bar("every", 1e9, "s"), True),
    ],
)
def test_a_figure_meets_its_bar_or_does_not(bar: Bar, *, met: bool) -> None:
    assert bar.met == met
    assert bar.told.endswith("NOT MET") != met


def test_one_bar_that_is_not_met_is_enough_and_the_others_are_still_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert not tell([Bar("first", 1, "s", least=2), Bar("second", 1, "s", most=2)])
    assert tell([Bar("third", 1, "s", most=2)])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "first",
        "second",
        "third",
    ]


def recipe(target: str) -> str:
    """What ``make`` does for a target."""
    found = re.search(rf"^{target}:[^\n]*\n((?:\t[^\n]*\n)+)", MAKEFILE, re.MULTILINE)
    assert found
    return found[1]


def test_the_drill_replays_a_region_in_a_folder_of_its_own() -> None:
    drill = recipe("drill")
    assert re.search(r"ivr replay \S+ --region London --state", drill)
    assert "mktemp -d" in drill


def test_what_a_clock_decides_is_no_part_of_the_tests() -> None:
    assert "tests.benchmarks" in recipe("bench")
    assert "benchmarks" not in recipe("test")


WELL = Figures(
    calls=3,
    webhooks=9,
    worst=0.2,
    sent=9,
    perhaps=0,
    kept=9,
    left=Counter(),
    lost=set(),
    twice=0,
    phantom=set(),
    unequal=[],
    waiting=0,
    aside=0,
)


def rung(*moments: float) -> Rung:
    return Rung(cast("Journal", None), moments=list(moments))


def test_a_drill_of_fewer_calls_a_second_than_it_says_is_none() -> None:
    assert rung(3.0, 1.0, 2.0).pace == 1
    assert rung(3.0).pace == 0
    assert stood(WELL, rung(0.0, 0.02, 0.04))
    assert not stood(WELL, rung(0.0, 0.02, 0.05))
    assert not stood(replace(WELL, worst=WORST + 0.1), rung(0.0, 0.02))
    assert not stood(replace(WELL, lost={"CA1"}), rung(0.0, 0.02))
