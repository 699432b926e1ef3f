"""Which services cover a place: the finest route valid on the day, by audience, or the fallback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call import ADULT, AUDIENCES, UNDER_18, Cover
from ivr.routing import ANY, AREA_TYPES, Answers, Route, Table, compile, read  # noqa: A004
from tests.routing_files import files, service

TODAY = date(2026, 11, 22)
SERVICES = ("north", "south", "young")
TABLE = read(files([service(code) for code in SERVICES]))


@dataclass(frozen=True)
class Place:
    nation: str = "England"
    lad: str = "E07000008"
    lsoa: str = "E01000001"
    sub_icb: str = "E38000260"
    icb: str = "E54000065"


CAMBRIDGE = Place()
WALES = Place("Wales", "W06000023", "W01000001", "", "")
NOWHERE = Place("", "", "", "", "")
PLACES = (CAMBRIDGE, WALES, NOWHERE)
POSTCODE = "CB12AB"
AREAS = {
    "postcode": POSTCODE,
    "sector": "CB1 2",
    "district": "CB1",
    **{kind: getattr(CAMBRIDGE, kind) for kind in AREA_TYPES[3:]},
}


class Places:
    """A directory of three places, which counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def place(self, number: int) -> Place:
        self.asked += 1
        return PLACES[number]


def answers(routes: Sequence[Route], day: date = TODAY) -> Answers:
    table = Table(TABLE.services, tuple(routes), {}, TABLE.line, TABLE.version)
    return compile(table, Places(), day)


def route(kind: str, code: str, audience: str = ANY, row: int = 2) -> Route:
    return Route(kind, AREAS[kind], audience, code, row=row)


@pytest.mark.parametrize("finer", AREA_TYPES[:-1])
def test_the_finer_area_wins_over_every_coarser_one(finer: str) -> None:
    coarser = AREA_TYPES[AREA_TYPES.index(finer) + 1 :]
    found = answers([route(finer, "north"), *(route(kind, "south") for kind in coarser)])
    assert found.cover(0, POSTCODE) == Cover("north", "north", "CB")


def test_a_route_for_the_young_wins_over_one_for_all_of_the_same_area() -> None:
    found = answers([route("lad", "north"), route("lad", "young", UNDER_18)])
    assert found.cover(0) == Cover("north", "young")
    assert found.cover(0).by_age


def test_a_finer_route_for_all_wins_over_a_coarser_one_for_the_young() -> None:
    found = answers([route("lad", "north"), route("icb", "young", UNDER_18)])
    assert found.cover(0) == Cover("north", "north")


def test_a_finer_route_for_others_is_passed_over() -> None:
    found = answers([route("lad", "north", ADULT), route("icb", "south")])
    assert found.cover(0) == Cover("north", "south")


@pytest.mark.parametrize("place", [1, 2])
def test_a_place_without_a_route_is_the_fallbacks(place: int) -> None:
    found = answers([route("lad", "north")])
    assert found.cover(place, "SY206AA") == Cover("national", "national", "SY")
    assert found.rule(place, ADULT) == "fallback: no route"


def test_a_place_of_no_nation_matches_no_empty_area() -> None:
    assert answers([route(kind, "north") for kind in AREA_TYPES]).cover(2).adult == "national"


def test_a_route_counts_on_its_first_and_last_day_and_no_other() -> None:
    first, last = date(2027, 4, 1), date(2027, 4, 30)
    dated = Route("lad", "E07000008", ANY, "south", first, last, 3)
    routes = [route("nation", "north"), dated]
    day = timedelta(days=1)
    served = [answers(routes, on).cover(0).adult for on in (first - day, first, last, last + day)]
    assert served == ["north", "south", "south", "north"]


def test_the_row_that_decides_is_told() -> None:
    found = answers([route("lad", "north", row=12), route("sector", "south", UNDER_18, row=13)])
    assert found.rule(0, ADULT, POSTCODE) == "lad E07000008 (routes.csv row 12)"
    assert found.rule(0, UNDER_18, POSTCODE) == "sector CB1 2 (routes.csv row 13)"
    assert found.rule(0, UNDER_18) == "lad E07000008 (routes.csv row 12)"


def test_letters_are_looked_at_only_where_a_route_needs_them() -> None:
    assert not answers([route("lsoa", "north")]).by_letters
    assert answers([route("district", "north")]).by_letters


@pytest.mark.parametrize(
    ("postcode", "service_code", "area"),
    [
        ("CB12AB", "north", "CB"),
        ("CB12AC", "south", "CB"),
        ("CB13AA", "young", "CB"),
        ("CB1", "young", "CB"),
        ("CB12", "national", "CB"),
        ("", "national", ""),
        ("N19GU", "national", "N"),
        ("GIR0AA", "national", ""),
        ("BT1", "national", "BT"),
    ],
)
def test_a_postcode_or_its_first_half_tells_its_area(
    postcode: str, service_code: str, area: str
) -> None:
    found = answers(
        [route("postcode", "north"), route("sector", "south"), route("district", "young")]
    )
    assert found.cover(2, postcode) == Cover(service_code, service_code, area)


def test_a_place_is_looked_up_once() -> None:
    places = Places()
    table = Table(TABLE.services, (route("lad", "north"),), {}, TABLE.line, TABLE.version)
    found = compile(table, places, TODAY)
    assert places.asked == 0
    first = found.cover(0, POSTCODE)
    asked = places.asked
    assert found.cover(0, "CB13AA") is first
    assert places.asked == asked


# -- against the rule as it is told ---------------------------------------------------------

KEYS = [(kind, audience) for kind in AREA_TYPES for audience in (ANY, *AUDIENCES)]


@settings(deadline=None)
@given(
    chosen=st.dictionaries(st.sampled_from(KEYS), st.sampled_from(SERVICES)),
    days=st.dictionaries(st.sampled_from(KEYS), st.tuples(st.integers(-2, 2), st.integers(-2, 2))),
    whole=st.booleans(),
)
def test_the_finest_valid_route_wins_whatever_the_others_are(
    chosen: dict[tuple[str, str], str],
    days: dict[tuple[str, str], tuple[int, int]],
    whole: bool,  # noqa: FBT001 - drawn
) -> None:
    def span(key: tuple[str, str]) -> tuple[date, date]:
        start, end = days.get(key, (-9, 9))
        return TODAY + timedelta(days=start), TODAY + timedelta(days=end)

    routes = [
        Route(kind, AREAS[kind], audience, code, *span((kind, audience)), row)
        for row, ((kind, audience), code) in enumerate(chosen.items(), 2)
    ]
    valid = {key: code for key, code in chosen.items() if span(key)[0] <= TODAY <= span(key)[1]}
    found = answers(routes)
    for audience in AUDIENCES:
        wanted = [
            valid[kind, who]
            for kind in AREA_TYPES
            for who in (audience, ANY)
            if (kind, who) in valid and (whole or kind not in AREA_TYPES[:3])
        ]
        cover = found.cover(0, POSTCODE if whole else "")
        assert cover.service(audience) == (wanted or ["national"])[0]
        rule = found.rule(0, audience, POSTCODE if whole else "")
        assert (rule == "fallback: no route") == (not wanted)
