"""The lists beside the table: post towns, the towns callers name, bank holidays."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.routing import TableError, Town, geography, read_holidays, read_post_areas, read_towns

TOWNS = b"town,also,postcode_areas,within,dialling_codes\n"
AREAS = b"area,post_town\n"
HOLIDAYS = b"division,date,name\n"


def test_a_post_area_has_its_town() -> None:
    assert read_post_areas(AREAS + b"CB,Cambridge\nB,Birmingham\n") == {
        "CB": "Cambridge",
        "B": "Birmingham",
    }


def test_a_town_is_read_whole() -> None:
    content = TOWNS + b"Hull,Kingston upon Hull; City of Hull,HU YO,E06000010,01482 014821\n"
    (hull,) = read_towns(content)
    assert hull == Town(
        "Hull",
        ("Kingston upon Hull", "City of Hull"),
        ("HU", "YO"),
        "E06000010",
        ("014821", "01482"),
    )


def test_a_town_needs_no_more_than_a_name_and_an_area() -> None:
    assert read_towns(TOWNS + b"Douglas,,IM,,\n") == (Town("Douglas", (), ("IM",), "", ()),)


def test_each_division_has_its_own_bank_holidays() -> None:
    content = HOLIDAYS + b"Scotland,2026-11-30,St Andrew's Day\nScotland,2026-12-25,\n"
    assert read_holidays(content) == {
        "England and Wales": frozenset(),
        "Scotland": frozenset({date(2026, 11, 30), date(2026, 12, 25)}),
        "Northern Ireland": frozenset(),
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (AREAS + b"CB,Cambridge\nCB,Ely\n", "row 3, column area: CB is there already"),
        (AREAS + b"cb,Cambridge\n", "row 2, column area: 'cb' is not a postcode area"),
        (AREAS + b"CB,\n", "row 2, column post_town: is empty"),
        (b"", "post_areas.csv: the file is empty"),
    ],
)
def test_a_mistake_in_the_post_areas_is_named(content: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says):
        read_post_areas(content)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"Hull,,hull,,", "postcode_areas: 'hull' is not a postcode area"),
        (b"Hull,,,,", "postcode_areas: is empty"),
        (b"Hull,,HU,Humberside,", "within: 'Humberside' is not an area"),
        (b"Hull,,HU,W11000023,", "within: 'W11000023' is not an area"),
        (b"Hull,,HU,,1482", "dialling_codes: '1482' are not dialling codes"),
        (b"Hull,,HU,,07700", "dialling_codes: '07700' are not dialling codes"),
        (b"Hull,;,HU,,", "also: '' does not fit"),
        (b",,HU,,", "town: is empty"),
    ],
)
def test_a_mistake_in_the_towns_is_named(row: bytes, says: str) -> None:
    with pytest.raises(TableError, match=f"towns.csv row 2, column {says}"):
        read_towns(TOWNS + row)


def test_a_town_has_one_row() -> None:
    with pytest.raises(TableError, match="row 3, column town: Hull is there already"):
        read_towns(TOWNS + b"Hull,,HU,,\nHull,,YO,,\n")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"Wales,2026-12-25,", "division: 'Wales' is not known; allowed: England and Wales"),
        (b"Scotland,25/12/2026,", "date: a spreadsheet has rewritten the date"),
    ],
)
def test_a_mistake_in_the_bank_holidays_is_named(row: bytes, says: str) -> None:
    with pytest.raises(TableError, match=f"bank_holidays.csv row 2, column {says}"):
        read_holidays(HOLIDAYS + row)


def test_all_three_lists_are_read_together() -> None:
    lists = geography.read(
        {
            "post_areas.csv": AREAS + b"CB,Cambridge\n",
            "towns.csv": TOWNS + b"Ely,,CB,,\n",
            "bank_holidays.csv": HOLIDAYS + b"Scotland,2026-12-25,\n",
        }
    )
    assert lists.post_towns == {"CB": "Cambridge"}
    assert [town.name for town in lists.towns] == ["Ely"]
    assert date(2026, 12, 25) in lists.holidays["Scotland"]
