"""Many rows of many sources, merged: whatever the postcodes, none is lost and none made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ivr.directory import Directory, Place
from ivr.directory.build import Building
from ivr.directory.geography import Geography
from ivr.directory.layouts import recognised
from ivr.directory.sheets import Sheet
from ivr.directory.units import UNITS
from tests.directories import STORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ivr.directory.gather import Tally

ROWS = st.dictionaries(
    st.builds(
        lambda outward, digit, unit: f"{outward} {digit}{unit}",
        st.sampled_from(["CB1", "CB10", "EC1A", "M1", "GIR"]),
        st.sampled_from("019"),
        st.sampled_from(UNITS),
    ),
    st.tuples(
        st.sampled_from(["", "199912"]),
        st.sampled_from(["E07000008", "W06000015", "S12000049", "E99999999", ""]),
    ),
    max_size=80,
)
NATIONS = {"E": "England", "W": "Wales", "S": "Scotland"}


def take(building: Building, header: str, rows: Sequence[list[str]]) -> Tally:
    layout = recognised(header.split(","))
    assert layout is not None
    numbered = ((number, list(row)) for number, row in enumerate(rows, 2))
    return building._gathering.add(Sheet("file.csv", layout, numbered))


def listed(building: Building) -> Mapping[str, tuple[Place, bool]]:
    directory = Directory(building.file(STORY))
    return {postcode: (directory.place(place), live) for postcode, place, live in directory.every()}


@given(ROWS)
def test_what_the_rows_say_is_what_the_directory_has(rows: Mapping[str, tuple[str, str]]) -> None:
    building = Building(Geography({}))
    tally = take(building, "pcds,doterm,lad25cd", [[each, *rows[each]] for each in rows])
    assert (tally.read, tally.new, tally.skipped.total()) == (len(rows), len(rows), 0)
    assert listed(building) == {
        postcode.replace(" ", ""): (
            Place() if "99999999" in lad else Place(NATIONS.get(lad[:1], ""), lad),
            not ended,
        )
        for postcode, (ended, lad) in rows.items()
    }


@given(ROWS)
def test_what_is_told_in_two_sources_is_merged_in_either_order(
    rows: Mapping[str, tuple[str, str]],
) -> None:
    dates = ("pcds,doterm,ctry", [[each, rows[each][0], ""] for each in rows])
    areas = ("pcd7,lad25cd", [[each.lower(), rows[each][1]] for each in rows])
    one, other, whole = (Building(Geography({})) for _ in range(3))
    for source in (dates, areas):
        take(one, *source)
    for source in (areas, dates):
        take(other, *source)
    take(whole, "pcds,doterm,lad25cd", [[each, *rows[each]] for each in rows])
    assert listed(one) == listed(other) == listed(whole)


@given(st.lists(st.text("CB12 AOKVI-é", max_size=9), max_size=20))
def test_every_row_is_kept_or_skipped_for_a_reason(written: list[str]) -> None:
    building = Building(Geography({}))
    tally = take(building, "pcds,lad25cd", [[text, "E07000008"] for text in written])
    assert tally.read == len(written)
    assert len(listed(building)) == tally.new
    assert tally.examples.keys() == tally.skipped.keys()
    assert "" not in tally.skipped
