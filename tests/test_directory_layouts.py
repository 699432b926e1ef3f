"""Files of postcodes, in every layout that has been published, read from samples and made rows."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ivr.directory import Place
from ivr.directory.layouts import CODE_POINT, recognised
from tests.directories import SAMPLES, built, directory_from, place_of, table

if TYPE_CHECKING:
    from pathlib import Path

CAMBRIDGE = Place("England", "E07000008", "E01017988", "E38000260", "E54000065", "E54000056")

with (SAMPLES / "headers.csv").open(encoding="utf-8", newline="") as headers:
    RELEASES = {
        f"{row['product']} {row['release']}": row["header"] for row in csv.DictReader(headers)
    }
LOOKUPS = {name for name in RELEASES if name.startswith("LSOA")}
OF_POSTCODES = sorted(set(RELEASES) - LOOKUPS)


MADE_UP = {
    r"pcd.*|postcode": "CB1 2AB",
    r"doterm|oseast1m|.*names?": "",
    r"oslaua|laua|lad(\d\d)?cd|admin_district_code": "E07000008",
    r"ctry(\d\dcd)?|country_code": "E92000001",
    r"lsoa[12]1(cd)?": "E01017988",
    r"sicbl(\d\dcd)?": "E38000260",
    r"icb(23cd)?": "E54000056",
    r"icb26cd": "E54000065",
}


def cell(column: str) -> str:
    """What a made-up row has in a column: Cambridge in those we read, and more in the rest."""
    for pattern, value in MADE_UP.items():
        if re.fullmatch(pattern, column.lower()):
            return value
    return "E99999999"


@pytest.mark.parametrize("release", OF_POSTCODES)
def test_every_published_header_is_read(release: str, tmp_path: Path) -> None:
    header = RELEASES[release]
    row = ",".join(cell(column) for column in header.split(","))
    for case in (str, str.upper):
        directory = directory_from(table(tmp_path / "file.csv", case(header), [row]))
        lsoa = CAMBRIDGE.lsoa if "lsoa" in header.lower() else ""
        assert place_of(directory, "CB12AB") == replace(CAMBRIDGE, lsoa=lsoa)
        assert [live for _, _, live in directory.every()] == [True]


@pytest.mark.parametrize("release", sorted(LOOKUPS))
def test_a_newer_lookup_of_lsoas_says_which_boards_they_are_in(
    release: str, tmp_path: Path
) -> None:
    header = RELEASES[release]
    values = {
        "LSOA21CD": "E01017988",
        "SICBL26CD": "E38000270",
        "ICB26CD": "E54000099",
        "LAD26CD": "E07000008",
    }
    row = ",".join(values.get(column, "") for column in header.split(","))
    lookup = table(tmp_path / "lookup.csv", header, [row])
    postcodes = table(tmp_path / "file.csv", "postcode,lsoa21_code", ["CB12AB,E01017988"])
    for order in ([lookup, postcodes], [postcodes, lookup]):
        assert place_of(directory_from(*order), "CB12AB") == Place(
            "England", "E07000008", "E01017988", "E38000270", "E54000099", "E54000056"
        )


def test_a_release_to_come_is_read_by_the_years_in_its_columns(tmp_path: Path) -> None:
    header = "pcd7,pcds,doterm,ctry29cd,lad29cd,lad28cd,icb29cd,lsoa21cd"
    row = "CB1 2AB,CB1 2AB,,E92000001,E07000008,E07000001,E54000065,E99999999"
    place = place_of(directory_from(table(tmp_path / "f.csv", header, [row])), "CB12AB")
    assert (place.lad, place.icb) == ("E07000008", "E54000065")


@pytest.mark.parametrize(
    "written", ["CB1 2AB", "CB1  2AB", "CB12AB", " cb1 2ab ", '"CB1 2AB"', "CB1\u00a02AB"]
)
def test_all_spellings_of_a_postcode_are_one(written: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"pcds,lad25cd\n{written},E07000008\n", encoding="latin-1")
    assert place_of(directory_from(path), "CB12AB").lad == "E07000008"


@pytest.mark.parametrize(
    ("sample", "postcode", "place", "live"),
    [
        (
            "onspd_may2018.csv",
            "AL11AA",
            Place("England", "E07000240", "E01023743", "E38000079", "E54000065", "E54000025"),
            False,
        ),
        (
            "onspd_aug2024.csv",
            "AL11AA",
            Place("England", "E07000240", "E01023743", "E38000079", "E54000065", "E54000025"),
            False,
        ),
        ("onspd_aug2024.csv", "IM11AD", Place("Isle of Man"), True),
        ("onspd_nov2025.csv", "AB10AA", Place("Scotland", "S12000033"), False),
        ("onspd_2024_sample.csv", "JE24WD", Place("Jersey"), True),
        (
            "onspd_2025_sample.csv",
            "SE1P5ZZ",
            Place("England", "E09000028", "E01003979", "E38000244", "E54000030", "E54000030"),
            True,
        ),
        (
            "nspl_2025_sample.csv",
            "CA87JG",
            Place("England", "E06000057", "E01027484", "E38000130", "E54000050", "E54000050"),
            True,
        ),
        ("code_point_open/odd_rows.csv", "AB431AJ", Place("Scotland"), True),
        ("code_point_open/odd_rows.csv", "ZE10AD", Place("Scotland", "S12000027"), True),
        (
            "code_point_open/cb_first150.csv",
            "CB10AG",
            Place("England", "E07000008", "", "E38000260", "E54000065", "E54000056"),
            True,
        ),
    ],
)
def test_real_rows_are_read(sample: str, postcode: str, place: Place, live: bool) -> None:  # noqa: FBT001 - a table's column
    directory = directory_from(SAMPLES / sample)
    entry = directory.find(postcode)
    assert entry is not None
    assert (directory.place(entry.place), entry.live) == (place, live)


@pytest.mark.parametrize(
    ("sample", "count"),
    [("onspd_2024_sample.csv", 141), ("onspd_2025_sample.csv", 141), ("code_point_open", 225)],
)
def test_no_row_of_a_sample_is_lost(sample: str, count: int) -> None:
    building = built(SAMPLES / sample)
    assert sum(tally.kept for tally in building.tallies) == count


def test_code_point_rows_have_no_header_and_its_column_names_are_no_postcodes() -> None:
    layout = recognised(["CB1 0AG", "10", "546182", "257043", "E92000001", "", "", "", "", ""])
    assert layout is not None
    assert (layout.headed, layout.live, layout.header) == (False, True, CODE_POINT)
    assert recognised(["CB1 0AG", "10", "546182", "257043", "nowhere", "", "", "", "", ""]) is None
    assert recognised(["CB1 0AG", "10", "546182"]) is None


def test_our_own_lists_say_who_is_live(tmp_path: Path) -> None:
    live = table(
        tmp_path / "a.csv",
        "postcode,status,country,lad_code,icb_code,icb26_code",
        ["CB12AB,L,E,E07000008,E54000056,E54000065", "CB12AD,N,E,,,", "GIR0AA,L,,,,"],
    )
    ended = table(
        tmp_path / "b.csv",
        "postcode,country,lad_code,icb_code,icb26_code,doterm",
        ["CB12AE,E,E07000008,,,199901", "CB12AF,W,,,,"],
    )
    directory = directory_from(live, ended)
    assert {postcode: is_live for postcode, _, is_live in directory.every()} == {
        "CB12AB": True,
        "CB12AD": True,
        "CB12AE": False,
        "CB12AF": False,
        "GIR0AA": True,
    }
    assert place_of(directory, "CB12AF") == Place("Wales")
    assert place_of(directory, "GIR0AA") == Place()


@pytest.mark.parametrize("code", ["E99999999", "S99999999", "M99999999", "E06999999", "", " "])
def test_a_pseudo_code_says_that_there_is_none(code: str, tmp_path: Path) -> None:
    path = table(
        tmp_path / "f.csv", "pcds,oslaua,ctry,lsoa21", [f"CB1 2AB,{code},E92000001,{code}"]
    )
    assert place_of(directory_from(path), "CB12AB") == Place("England")


def test_what_another_nation_has_in_a_column_is_not_taken_for_an_english_board(
    tmp_path: Path,
) -> None:
    path = table(
        tmp_path / "f.csv",
        "pcds,oslaua,sicbl,icb,lsoa21",
        ["G1 1AA,S12000046,S03000012,S08000031,S01010251"],
    )
    assert place_of(directory_from(path), "G11AA") == Place("Scotland", "S12000049")
