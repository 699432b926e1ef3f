"""The directory that ships: all of the postcodes, small, and with whose they are told in it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, cast

import pytest

from ivr.directory import Directory, DirectoryError, Place
from ivr.directory.units import KEY_OF
from tests.directories import GEOGRAPHY, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = GEOGRAPHY.parent / "directory.p2d"
LIVE, TERMINATED = 1_769_852, 887_571
LARGEST = 4_000_000
"""Bytes; it was asked to be at most 12 million."""


@cache
def shipped() -> Directory:
    return Directory(FILE.read_bytes())


@cache
def by_nation() -> Counter[tuple[str, bool]]:
    """How many postcodes there are of each nation, live and not."""
    directory = shipped()
    places = Counter((place, live) for _, place, live in directory.every())
    nations: Counter[tuple[str, bool]] = Counter()
    for (place, live), count in places.items():
        nations[directory.place(place).nation, live] += count
    return nations


def test_every_postcode_is_in_it() -> None:
    assert sum(count for (_, live), count in by_nation().items() if live) == LIVE
    assert sum(count for (_, live), count in by_nation().items() if not live) == TERMINATED
    counts = cast("Mapping[str, object]", shipped().info["counts"])
    assert (counts["live"], counts["terminated"]) == (LIVE, TERMINATED)
    assert counts["live_by_nation"] == {
        nation or "unknown": count for (nation, live), count in sorted(by_nation().items()) if live
    }


def test_northern_ireland_is_known_by_rule_and_has_no_postcode_in_it() -> None:
    assert by_nation()["Northern Ireland", True] == 0
    assert by_nation()["Northern Ireland", False] == 0
    assert place_of(shipped(), "BT71JB") == Place("Northern Ireland")


def test_it_is_small() -> None:
    assert FILE.stat().st_size < LARGEST


def test_it_says_whose_it_is_and_where_it_is_from() -> None:
    info = shipped().info
    assert info["attribution"] == (
        "Contains OS data © Crown copyright and database right 2025. Contains Royal Mail data © "
        "Royal Mail copyright and database right 2025. Source: Office for National Statistics "
        "licensed under the Open Government Licence v.3.0. Contains NHS England (ODS) information "
        "licensed under the OGL v3.0."
    )
    assert info["vintage"] == "November 2025"
    sources = cast("list[dict[str, str]]", info["sources"])
    assert [source["name"] for source in sources] == [
        "postcodes.csv.gz",
        "postcodes_terminated.csv.gz",
        "postcode_lsoa21.csv.gz",
    ]
    assert all(len(source["sha256"]) == 64 for source in sources)
    notes = (GEOGRAPHY / "directory_notes.txt").read_text(encoding="utf-8").splitlines()
    assert info["provenance"] == notes


@pytest.mark.parametrize(
    ("postcode", "place", "live"),
    [
        (
            "CB12AB",
            Place("England", "E07000008", "E01017988", "E38000260", "E54000065", "E54000056"),
            True,
        ),
        ("CF101AA", Place("Wales", "W06000015", "W01002019"), True),
        ("G11AB", Place("Scotland", "S12000049"), True),
        ("ZE10AD", Place("Scotland", "S12000027"), True),
        ("JE24WD", Place("Jersey"), True),
        ("GY11AL", Place("Guernsey"), False),
        ("IM11AD", Place("Isle of Man"), True),
        ("GIR0AA", Place(), True),
        ("NPT0AD", Place("Wales", "W06000022"), False),
        (
            "AL100AF",
            Place("England", "E07000241", "", "E38000049", "E54000065", "E54000025"),
            False,
        ),
    ],
)
def test_a_postcode_lies_where_it_does(postcode: str, place: Place, live: bool) -> None:  # noqa: FBT001 - a table's column
    entry = shipped().find(postcode)
    assert entry is not None
    assert (shipped().place(entry.place), entry.live) == (place, live)


def test_every_thousandth_postcode_is_found_by_its_letters_and_by_its_keys() -> None:
    directory = shipped()
    for number, (postcode, place, live) in enumerate(directory.every()):
        if number % 1009 == 0:
            assert directory.find(postcode) == (place, live)
            matches = directory.keyed(postcode.translate(KEY_OF))
            itself = (postcode[:-3], postcode[-3:], place, live)
            assert itself in matches or not live
            assert itself in directory.fitting(
                [postcode[:-3]], postcode[-3], postcode[-2], postcode[-1]
            )


def test_a_sector_and_a_district_count_their_live_postcodes() -> None:
    directory = shipped()
    live = [(postcode, place) for postcode, place, in_use in directory.every() if in_use]
    district = Counter(place for postcode, place in live if postcode[:-3] == "CB1")
    sector = Counter(place for postcode, place in live if postcode[:-2] == "CB12")
    assert directory.near("CB1") == district
    assert directory.near("CB1", "2") == sector
    assert directory.near("CB99") == {}


def test_a_copy_that_is_cut_short_or_altered_is_refused() -> None:
    whole = FILE.read_bytes()
    middle = len(whole) // 2
    altered = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for bad, why in ((whole[:-1], "cut short"), (altered, "damaged or altered")):
        with pytest.raises(DirectoryError, match=why):
            Directory(bad)
