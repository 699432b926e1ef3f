"""The table and the lists that ship, read together with the directory that ships."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from ivr import numbers, postcode, routing
from ivr.call import ADULT, AUDIENCES
from ivr.routing import Number
from tests import shipped

ACRONYM = re.compile(r"\b[A-Z]{2,}\b")

WITHOUT_A_DISTRICT = {"England": 926, "Wales": 2, "": 1}
"""Live postcodes that lie in no district and so are the fallback's, by nation: those that ONS
itself places nowhere (large users and the like), and GIR 0AA."""


@cache
def live() -> Counter[int]:
    """How many live postcodes there are in each place."""
    return Counter(place for _, place, is_live in shipped.directory().every() if is_live)


def test_the_table_is_read_and_has_every_service() -> None:
    table = shipped.table()
    assert len(table.services) == 84
    assert sum(service.contract != "" for service in table.services.values()) == 69
    assert table.line.test_line
    assert "illustrative" in table.line.notice


def test_every_number_in_it_is_kept_for_drama() -> None:
    table = shipped.table()
    rung = [number for service in table.services.values() for number in service.numbers]
    assert all(numbers.drama(number.value) for number in rung)
    assert all(map(numbers.drama, table.own_numbers))
    assert numbers.drama(table.line.number)
    assert numbers.drama(table.line.caller_id)


def test_no_number_is_anothers_too() -> None:
    table = shipped.table()
    rung = [number.value for service in table.services.values() for number in service.numbers]
    assert (
        len({*rung, *table.own_numbers, table.line.number, table.line.caller_id}) == len(rung) + 5
    )


def test_what_callers_hear_is_plain_and_tells_services_apart() -> None:
    spoken = [service.spoken for service in shipped.table().services.values()]
    assert len(set(spoken)) == len(spoken)
    assert not [name for name in spoken if ACRONYM.search(name)]
    assert all(re.match(r"(the|a|Lifeline) ", name) for name in spoken)


def test_the_young_peoples_services_hand_over_to_one_for_all_ages() -> None:
    table = shipped.table()
    young = {route.service for route in table.routes if route.audience == "under_18"}
    assert len(young) == 10
    for code in young:
        (_, taker) = table.chain(code)
        assert taker in {route.service for route in table.routes if route.audience == "any"}


def test_only_postcodes_without_a_district_are_the_fallbacks() -> None:
    directory = shipped.directory()
    answers = routing.compile(shipped.table(), directory, shipped.TODAY)
    left_over: Counter[str] = Counter()
    for place, count in live().items():
        cover = answers.cover(place)
        if shipped.table().line.fallback in {cover.adult, cover.under_18}:
            assert directory.place(place).lad == ""
            assert answers.rule(place, ADULT) == "fallback: no route"
            left_over[directory.place(place).nation] += count
    assert left_over == WITHOUT_A_DISTRICT


def test_every_service_but_the_fallback_and_the_adviser_covers_some_place() -> None:
    table = shipped.table()
    answers = routing.compile(table, shipped.directory(), shipped.TODAY)
    places = [answers.cover(place) for place in range(len(shipped.directory()))]
    served = {cover.service(audience) for cover in places for audience in AUDIENCES}
    assert table.services.keys() - served == {table.line.adviser}


def test_every_chain_has_somebody_to_ring() -> None:
    table = shipped.table()
    for code in table.services:
        rung = table.ringing(code)
        assert all(isinstance(number, Number) for _, number in rung)
        assert 45 <= sum(number.seconds for _, number in rung) <= 90


def test_every_part_of_the_country_has_a_post_town() -> None:
    post_towns = shipped.geography().post_towns
    areas = {postcode.area(outward) for outward in shipped.directory().outwards()}
    assert areas - {"GI"} <= post_towns.keys()  # GIR 0AA, the one postcode of no area
    assert len(post_towns) == 124


def test_every_town_has_a_post_area_and_live_postcodes_in_it() -> None:
    directory, lists = shipped.directory(), shipped.geography()
    places: dict[str, set[str]] = {area: {""} for area in lists.post_towns}
    for outward in directory.outwards():
        area = postcode.area(outward)
        for number in directory.near(outward):
            place = directory.place(number)
            places.get(area, set()).update((place.lad, place.sub_icb, place.icb))
    for town in lists.towns:
        assert all(town.within in places[area] for area in town.areas), town


def test_no_two_towns_share_a_dialling_code() -> None:
    codes = Counter(code for town in shipped.geography().towns for code in town.codes)
    assert {code for code, count in codes.items() if count > 1} == set()
    assert {"0113", "01223", "015394", "024", "028"} <= codes.keys()
    assert not {"020", "0121", "01753"} & codes.keys()


@pytest.mark.parametrize("division", ["England and Wales", "Scotland", "Northern Ireland"])
@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_bank_holidays_are_known_for_years_to_come(division: str, year: int) -> None:
    days = [day for day in shipped.geography().holidays[division] if day.year == year]
    assert len(days) in {8, 9, 10}
