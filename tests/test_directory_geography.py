"""What completes a postcode: its LSOA first, then whatever follows from its district."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ivr.directory import Place
from ivr.directory.geography import Boards, Geography, read
from ivr.directory.said import Said
from ivr.directory.sources import SourceError
from tests.directories import directory_from, place_of, reference, table

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = Boards("E07000008", "E38000001", "E54000065", "E54000056")
NORTH = Boards("E07000009", "E38000002", "E54000065", "E54000056")
SOUTH = Boards("E07000009", "E38000003", "E54000066", "E54000056")
SMALL = Geography(
    {"E01000001": WHOLE, "E01000002": NORTH, "E01000003": SOUTH, "W01000001": Boards("W06000001")},
    {"E07000001": "E07000008"},
)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        # An LSOA decides the boards, whatever else is said; the district stays its own.
        (Said("England", lsoa="E01000001"), Place("England", "E07000008", "E01000001", *WHOLE[1:])),
        (
            Said("England", "E07000009", "E01000001", icb="E54000066"),
            Place("England", "E07000009", "E01000001", *WHOLE[1:]),
        ),
        # A code of 2011 is one of 2021 only where it is still in use.
        (
            Said(lsoa_2011="E01000001"),
            Place("England", "E07000008", "E01000001", *WHOLE[1:]),
        ),
        (Said("England", lsoa_2011="E01000009"), Place("England")),
        # A district that lies wholly in one board gives it; a divided one gives what is shared.
        (Said(lad="E07000008"), Place("England", "E07000008", "", *WHOLE[1:])),
        (Said(lad="E07000009"), Place("England", "E07000009", "", "", "", "E54000056")),
        # and what the postcode's own row says of its boards settles the rest.
        (
            Said(lad="E07000009", icb="E54000066"),
            Place("England", "E07000009", "", *SOUTH[1:]),
        ),
        (Said(sub_icb="E38000003"), Place("England", "E07000009", "", *SOUTH[1:])),
        # A former district is the one it is now part of, and a former board is none.
        (
            Said(lad="E07000001", icb_2025="E54000001"),
            Place("England", "E07000008", "", *WHOLE[1:]),
        ),
        # A district that is not known is kept, and an LSOA that is not known too.
        (Said(lad="E06000099"), Place("England", "E06000099")),
        (Said(lsoa="E01000099"), Place("England", "", "E01000099")),
        # A nation is the country's, or else the district's, or else the LSOA's.
        (Said("England", "W06000001"), Place("England", "W06000001")),
        (Said(lsoa="W01000001"), Place("Wales", "W06000001", "W01000001")),
        (Said("Jersey"), Place("Jersey")),
        (Said(), Place()),
        # Across the border of Wales an English postcode keeps its English board.
        (
            Said("England", "E07000008", "W01000001"),
            Place("England", "E07000008", "W01000001", *WHOLE[1:]),
        ),
    ],
)
def test_a_postcode_is_completed(said: Said, place: Place) -> None:
    assert SMALL.place(said) == place


def test_a_newer_lookup_replaces_what_it_says_and_no_more() -> None:
    newer = SMALL.updated({"E01000001": Boards("E07000009", "", "E54000077")})
    assert newer.boards["E01000001"] == ("E07000009", "E38000001", "E54000077", "E54000056")
    assert newer.boards["E01000002"] == NORTH


def test_an_earlier_source_is_believed_and_a_later_one_fills_its_gaps(tmp_path: Path) -> None:
    one = table(
        tmp_path / "a.csv", "pcds,doterm,lad25cd", ["CB1 2AB,202001,E07000009", "CB1 2AD,,"]
    )
    two = table(
        tmp_path / "b.csv",
        "pcds,doterm,lad25cd,lsoa21cd",
        ["CB1 2AB,,E07000008,E01000003", "CB1 2AD,202001,E07000008,"],
    )
    directory = directory_from(one, two, geography=SMALL)
    assert place_of(directory, "CB12AB") == Place("England", "E07000009", "E01000003", *SOUTH[1:])
    assert place_of(directory, "CB12AD") == Place("England", "E07000008", "", *WHOLE[1:])
    assert {live for _, _, live in directory.every()} == {False, True}


def test_a_source_that_says_nothing_of_dates_leaves_them_to_another(tmp_path: Path) -> None:
    areas = table(tmp_path / "a.csv", "postcode,lsoa21_code", ["CB12AB,E01000001", "CB12AD,"])
    dates = table(tmp_path / "b.csv", "pcds,doterm,lad25cd", ["CB1 2AB,202001,"])
    directory = directory_from(areas, dates, geography=SMALL)
    assert {postcode: live for postcode, _, live in directory.every()} == {
        "CB12AB": False,
        "CB12AD": True,
    }


def test_the_geography_that_ships_is_of_today() -> None:
    shipped = reference()
    assert len(shipped.boards) == 35_672
    assert len({boards.icb for boards in shipped.boards.values()} - {""}) == 36
    assert len({boards.icb_2025 for boards in shipped.boards.values()} - {""}) == 42
    assert len({boards.sub_icb for boards in shipped.boards.values()} - {""}) == 106
    districts = {boards.lad for boards in shipped.boards.values()}
    assert len(districts) == 296 + 22
    assert not districts & shipped.changes.keys()
    assert not shipped.changes.keys() & set(shipped.changes.values())
    assert shipped.changes["E07000190"] == "E06000066"  # Taunton Deane: twice merged
    assert "W06000002" not in shipped.changes  # Gwynedd still is


def test_a_geography_that_is_not_all_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"lsoa.csv.gz: No such file"):
        read(tmp_path)
    table(tmp_path / "lsoa.csv.gz", "lsoa21cd,lad25cd,sicbl26cd,icb26cd,icb24cd", [])
    with pytest.raises(SourceError, match=r"lad_changes.csv: cannot be read"):
        read(tmp_path)
    table(tmp_path / "lsoa.csv.gz", "pcds,lad25cd", [])
    with pytest.raises(SourceError, match="not a lookup"):
        read(tmp_path)
