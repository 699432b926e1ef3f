"""The calls thought up for a published month have its figures, or it contradicts itself."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.replay import waits
from ivr.replay.plan import ABANDONED, ANSWERED, BANDS, Plan, Unmet, plan
from ivr.replay.waits import LONGEST, Run
from ivr.report.published import read
from ivr.report.waits import centile_95
from tests.shipped import CONFIG

DECEMBER = CONFIG / "published" / "access-to-crisis-care-december-2025.csv"

A_WAIT = st.one_of(
    st.integers(0, LONGEST),
    st.integers(0, 130),
    st.sampled_from([0, 30, 31, 60, 61, LONGEST]),
)
SOME_WAITS = st.lists(A_WAIT, max_size=30)


def told(answered: Sequence[int], abandoned: Sequence[int], calls: int) -> dict[str, int]:
    """What is published of calls that waited so long, but for the way they came (A02)."""
    centile = centile_95(answered)
    return {
        "A01": calls,
        "A03": len(answered),
        "B01": sum(wait <= 60 for wait in answered),
        "B02": len(abandoned),
        "B03": sum(wait <= 30 for wait in abandoned),
        "B04": sum(30 < wait <= 60 for wait in abandoned),
        "B05": sum(wait > 60 for wait in abandoned),
        "B06": sum(answered),
        "B09": sum(abandoned),
        **({} if centile is None else {"B07": centile}),
    }


def met(found: Plan) -> dict[str, int]:
    """The figures that the calls of a plan have."""
    return {**told(found.answered, found.abandoned, found.calls), "A02": found.by_menu}


def whys(found: Plan) -> Mapping[str, Unmet]:
    return {each.item: each for each in found.unmet}


# -- what always holds ---------------------------------------------------------------------


@given(SOME_WAITS, SOME_WAITS, st.integers(0, 9), st.data())
def test_whatever_callers_really_did_calls_are_found_with_just_those_figures(
    answered: list[int], abandoned: list[int], others: int, data: st.DataObject
) -> None:
    figures = told(answered, abandoned, len(answered) + len(abandoned) + others)
    figures["A02"] = data.draw(st.integers(0, figures["A01"]))
    kept = data.draw(st.sets(st.sampled_from(sorted(figures)), min_size=1))
    for some in (figures, {item: figures[item] for item in kept}):
        found = plan(some)
        assert all("not published" in each.why for each in found.unmet)
        meant = some.keys() - whys(found).keys()
        assert {item: met(found).get(item) for item in meant} == {i: some[i] for i in meant}
        assert len(some) < len(figures) or not found.unmet


@given(
    st.dictionaries(
        st.sampled_from(["A01", "A02", "A03", "B01", "B02", "B03", "B04", "B05"]),
        st.integers(0, 40),
    ),
    st.dictionaries(st.sampled_from(["B06", "B07", "B09"]), st.integers(0, 9_000)),
)
def test_whatever_is_published_each_figure_is_met_or_told_to_contradict_others(
    counts: dict[str, int], seconds: dict[str, int]
) -> None:
    figures = {**counts, **seconds}
    found = plan(figures)
    given_up = whys(found)
    for item, figure in figures.items():
        if item in given_up:
            assert given_up[item].published == figure
            assert figure not in given_up[item].allowed
            assert set(given_up[item].beside) <= figures.keys() | {"A03"}
        else:
            assert met(found).get(item) == figure
    assert all(0 <= wait <= LONGEST for wait in (*found.answered, *found.abandoned))


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 50), st.integers(0, 50))), st.data())
def test_waits_add_up_and_keep_within_their_limits(
    steps: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    runs: list[Run] = []
    for calls, more, wider in steps:
        least = (runs[-1].least if runs else 0) + more
        most = max(least + wider, runs[-1].most if runs else 0)
        runs.append(Run(calls, least, most))
    possible = waits.sums(runs)
    total = data.draw(st.integers(possible[0], possible[-1]))
    found = waits.waits(runs, total)
    limits = [run for run in runs for _ in range(run.calls)]
    assert sum(found) == total
    assert found == sorted(found)
    assert all(run.least <= wait <= run.most for run, wait in zip(limits, found, strict=True))


def test_a_sum_that_no_waits_have_is_refused() -> None:
    with pytest.raises(ValueError, match="no such waits add up to 11 s"):
        waits.waits([Run(1, 0, 10)], 11)


@given(st.lists(A_WAIT, min_size=1, max_size=300))
def test_the_centile_is_the_reports(some: list[int]) -> None:
    assert sorted(some)[waits.rank(len(some)) - 1] == centile_95(some)


# -- what is found in the real month -------------------------------------------------------


def december(contract: str) -> dict[str, int]:
    figures = read(DECEMBER).figures(contract)
    return {item: figure for item, figure in figures.items() if figure is not None}


def test_of_december_2025_all_but_fourteen_figures_can_be_met() -> None:
    published = read(DECEMBER)
    unmet: Counter[str] = Counter()
    calls = 0
    for contract in published.contracts:
        figures = december(contract)
        found = plan(figures)
        calls += found.calls
        unmet.update({contract: len(found.unmet)})
        given_up = whys(found)
        for item in figures.keys() - given_up.keys():
            assert met(found)[item] == figures[item], (contract, item)
    assert calls == 179_571
    assert +unmet == {
        "MH003": 2, "MH007": 1, "MH018": 1, "MH049": 1, "MH053": 1, "MH062": 1,
        "MH068": 4, "MH069": 1, "MH070": 1, "MH075": 1,
    }  # fmt: skip


def test_a_centile_of_nought_cannot_be_where_half_waited_over_a_minute() -> None:
    found = plan(december("MH018"))
    assert whys(found)["B07"] == Unmet("B07", 0, range(61, LONGEST + 1), ("A03", "B01"))


def test_callers_who_waited_over_half_a_minute_waited_longer_than_no_time_at_all() -> None:
    unmet = whys(plan(december("MH007")))["B09"]
    assert unmet.allowed[0] == 48 * 31
    assert unmet.beside == ("B03", "B04", "B05")


def test_calls_through_the_menu_are_calls_received() -> None:
    unmet = whys(plan(december("MH068")))["A02"]
    assert (unmet.published, unmet.allowed, unmet.beside) == (610, range(605), ("A01",))


def test_where_nobody_waited_all_were_answered_within_a_minute() -> None:
    unmet = whys(plan(december("MH069")))["B01"]
    assert (unmet.published, unmet.allowed, unmet.beside) == (0, range(13, 14), ("A03", "B06"))


def test_of_calls_that_nobody_made_there_is_no_centile() -> None:
    unmet = whys(plan({"A01": 0, "A03": 0, "B06": 0, "B07": 0}))
    assert unmet == {"B07": Unmet("B07", 0, range(0), ("A03",))}


def test_more_answered_and_abandoned_than_received_cannot_be() -> None:
    unmet = whys(plan({"A01": 5, "A03": 4, "B02": 3}))["A01"]
    assert unmet.allowed[0] == 7
    assert unmet.beside == ("A03", "B02")


def test_of_two_ways_to_give_up_one_figure_that_is_taken_which_leaves_the_others() -> None:
    figures = {"A01": 10, "A03": 5, "B02": 5, "B03": 1, "B04": 2, "B05": 3}
    found = plan(figures)
    assert [each.item for each in found.unmet] == ["B05"]
    assert found.calls == 10


def test_calls_received_that_were_neither_answered_nor_abandoned_are_rung_as_well() -> None:
    found = plan(december("MH011"))
    assert (found.unanswered, found.unmet) == (1214 - 769 - 135, ())


def test_without_a_postcode_nobody_comes_through_the_menu_and_that_is_told() -> None:
    found = plan({"A01": 3, "A02": 2, "A03": 3}, by_menu=False)
    assert found.by_menu == 0
    assert "no postcode" in whys(found)["A02"].why


def test_every_item_is_told_in_one_place() -> None:
    assert {*ANSWERED, *ABANDONED, *BANDS} == {
        "B01",
        "B02",
        "B03",
        "B04",
        "B05",
        "B06",
        "B07",
        "B09",
    }
