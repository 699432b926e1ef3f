"""The difference of two tables is what callers would notice, by service, district and row."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call import AUDIENCES
from ivr.differing import Difference, difference
from ivr.differing.telling import lines, runs
from ivr.directory import Place
from ivr.routing import Table, compile, read  # noqa: A004 - a table is compiled
from tests.directories import directory_of
from tests.routing_files import files, service
from tests.shipped import NOON, directory, geography, table

SERVICES = [service("north"), service("south"), service("east")]
ROUTES = ["lad,E07000008,any,north,,,", "nation,England,any,south,,,"]
HOURS = ["north,mon-fri,08:00,20:00,,"]

CAMBRIDGE = Place("England", "E07000008", "E01017985", "E38000260", "E54000065")
NORWICH = Place("England", "E07000148", "E01026807", "E38000239", "E54000068")
SMALL = directory_of({"CB12AB": (CAMBRIDGE, True), "CB12AD": (CAMBRIDGE, True),
                      "CB13AA": (CAMBRIDGE, True), "CB12AE": (CAMBRIDGE, False),
                      "NR11AA": (NORWICH, True)})  # fmt: skip


def made(
    services: list[str] = SERVICES,
    routes: list[str] = ROUTES,
    hours: list[str] = HOURS,
    line: str = "",
) -> Table:
    rows = files(services, routes, hours)
    if line:
        old, new = line.split("|")
        rows["line.toml"] = rows["line.toml"].replace(old.encode(), new.encode())
    return read(rows, geography().holidays)


def differ(before: Table, after: Table, now: datetime = NOON) -> Difference:
    return difference(before, after, SMALL, geography(), now)


def told(before: Table, after: Table) -> list[str]:
    return list(lines(differ(before, after), before, after))


def test_a_table_differs_in_nothing_from_itself() -> None:
    assert differ(made(), made()).empty
    assert told(made(), made()) == ["No caller would notice anything."]


def test_rows_in_another_order_and_notes_are_no_difference() -> None:
    routes = [f"{route}a note" for route in reversed(ROUTES)]
    assert differ(made(), made(routes=routes)).empty


def test_rows_that_say_the_same_in_other_words_are_no_difference() -> None:
    routes = ["district,CB1,any,north,,,", "nation,England,any,south,,,",
              "lad,E07000008,adult,north,,2026-12-31,", "lad,E07000008,under_18,north,,2026-12-31,",
              "lad,E07000008,any,north,2027-01-01,,"]  # fmt: skip
    hours = ["north,mon-fri,08:00,12:00,,", "north,mon-fri,12:00,20:00,,"]
    assert differ(made(), made(routes=routes, hours=hours)).empty


def test_postcodes_that_move_are_counted_by_district_with_the_rows_that_move_them() -> None:
    found = differ(made(), made(routes=["lad,E07000008,any,east,,,", ROUTES[1]]))
    (move,) = found.moves
    assert (move.from_service, move.to_service, move.audience) == ("north", "east", "any")
    assert move.postcodes == found.postcodes == 3
    assert move.districts == {"CB1": 3}
    assert move.examples == ("CB1 2AB",)
    assert (move.rows_before, move.rows) == ((2,), (2,))
    assert found.by_lad == {"E07000008": ("north", "east")}
    assert not found.empty


def test_a_move_is_told_as_an_operator_says_it() -> None:
    assert told(made(), made(routes=["lad,E07000008,any,east,,,", ROUTES[1]])) == [
        "3 postcodes move from north to east: Cambridge",
        "  services: A service -> A service",
        "  districts: CB1 3",
        "  such as: CB1 2AB",
        "  rows before: 2; now: 2",
    ]


def test_audiences_and_days_are_told_apart() -> None:
    routes = [*ROUTES, "lad,E07000008,under_18,east,2027-01-01,2027-01-31,"]
    (move,) = differ(made(), made(routes=routes)).moves
    assert move.audience == "under_18"
    assert (move.first, move.last) == (date(2027, 1, 1), date(2027, 1, 31))
    assert told(made(), made(routes=routes))[0] == (
        "3 postcodes move for under-18s from north to east on 1 January 2027"
        " until 31 January 2027: Cambridge"
    )


def test_a_postcode_that_moves_twice_or_for_each_age_elsewhere_is_counted_once() -> None:
    routes = ["lad,E07000008,adult,east,,,", "lad,E07000008,under_18,south,,2027-01-31,",
              "lad,E07000008,under_18,east,2027-02-01,,", ROUTES[1]]  # fmt: skip
    found = differ(made(), made(routes=routes))
    assert len(found.moves) == 3
    assert found.postcodes == 3


def test_single_postcodes_sectors_and_old_ones_move_too() -> None:
    routes = ["postcode,CB1 2AB,any,east,,,", "sector,CB1 3,any,south,,,", *ROUTES]
    moves = differ(made(), made(routes=routes)).moves
    assert {(move.to_service, move.postcodes) for move in moves} == {("east", 1), ("south", 1)}
    (old,) = differ(made(), made(routes=["postcode,CB1 2AE,any,east,,,", *ROUTES])).moves
    assert (old.postcodes, old.examples) == (0, ("CB1 2AE",))


def test_northern_ireland_moves_though_it_is_not_counted() -> None:
    before = made(routes=[*ROUTES, "nation,Northern Ireland,any,north,,,"])
    after = made(routes=[*ROUTES, "nation,Northern Ireland,any,east,,,"])
    assert told(before, after)[0].startswith("Northern Ireland's postcodes move from north")


def test_a_place_that_loses_its_row_moves_to_the_fallback() -> None:
    (move,) = differ(made(), made(routes=ROUTES[:1])).moves
    assert (move.from_service, move.to_service, move.rows) == ("south", "national", ())


def test_changes_of_services_and_line_are_told_and_whether_callers_notice() -> None:
    before = [service("north", "+441632960300 25 queue"), *SERVICES[1:]]
    after = [service("north", "+441632960300 30 queue"), *SERVICES[1:]]
    found = differ(made(before), made(after))
    assert [str(change) for change in found.services] == [
        "north: numbers +441632960300 25 queue -> +441632960300 30 queue"
    ]
    assert not found.empty
    found = differ(made(), made(line="illustrative|other"))
    assert [change.what for change in found.services] == ["notice"]
    assert found.empty
    assert not differ(made(), made(line='fallback = "national"|fallback = "east"')).empty


def test_a_service_nobody_is_put_through_to_may_change_unnoticed() -> None:
    spare = [*SERVICES, service("spare", "+441632960300 25 queue")]
    found = differ(made(SERVICES[:3]), made(spare))
    assert [str(change) for change in found.services] == ["spare: new, A service"]
    assert not found.services[0].noticed
    assert found.empty
    other = [*SERVICES, service("spare", "+441632960301 25 queue")]
    assert differ(made(spare), made(other)).empty


def test_hours_differ_from_the_first_day_on_which_they_do() -> None:
    found = differ(made(), made(hours=[*HOURS, "north,,10:00,12:00,2027-02-01,"]))
    assert [str(change) for change in found.services] == [
        "north: hours from 1 February 2027 08:00 to 20:00 -> 10:00 to 12:00"
    ]
    past = [*HOURS, "north,,10:00,12:00,2026-02-02,"]
    assert differ(made(), made(hours=past)).empty


def test_too_many_turns_are_said_not_to_be_compared() -> None:
    days = [f"2028-{month:02}-{day:02}" for month in range(1, 6) for day in range(1, 28, 2)]
    routes = [*ROUTES, *(f"lad,E07000008,under_18,east,{day},{day}," for day in days)]
    assert differ(made(), made(routes=routes)).turns_left > 0


def test_the_shipped_table_differs_in_nothing_from_itself() -> None:
    assert difference(table(), table(), directory(), geography(), NOON).empty


def test_row_numbers_are_told_in_runs() -> None:
    assert runs((1, 2, 3, 7)) == "1-3, 7"
    assert runs(()) == "none"


AREAS = ("lad,E07000008", "lad,E07000148", "district,CB1", "sector,CB1 2", "postcode,CB1 2AB",
         "lsoa,E01026807", "sub_icb,E38000260", "icb,E54000065", "nation,England")  # fmt: skip
KEYS = st.tuples(st.sampled_from(AREAS), st.sampled_from(("any", "adult", "under_18")))
TABLES = st.dictionaries(
    KEYS,
    st.tuples(
        st.sampled_from(("north", "south", "east")),
        st.sampled_from((",", "2026-12-20,", ",2027-01-05", "2026-12-15,2026-12-25")),
    ),
)


def drawn(rows: dict[tuple[str, str], tuple[str, str]]) -> Table:
    return made(routes=[f"{area},{whom},{to},{days}," for (area, whom), (to, days) in rows.items()])


@settings(max_examples=60, deadline=None)
@given(TABLES, TABLES)
def test_every_change_of_answer_is_in_the_difference(
    old: dict[tuple[str, str], tuple[str, str]], new: dict[tuple[str, str], tuple[str, str]]
) -> None:
    before, after = drawn(old), drawn(new)
    moves = differ(before, after).moves
    for day in (date(2026, 12, 9), date(2026, 12, 18), date(2026, 12, 28), date(2027, 2, 1)):
        answers = compile(before, SMALL, day), compile(after, SMALL, day)
        for whom in AUDIENCES:
            expected: dict[tuple[str, str], int] = {}
            for postcode, place, live in SMALL.every():
                came, goes = (each.cover(place, postcode).service(whom) for each in answers)
                if live and came != goes:
                    expected[came, goes] = expected.get((came, goes), 0) + 1
            found: dict[tuple[str, str], int] = {}
            for move in moves:
                valid = move.first <= day and (move.last is None or day <= move.last)
                if valid and move.audience in {"any", whom} and move.postcodes:
                    pair = move.from_service, move.to_service
                    found[pair] = found.get(pair, 0) + move.postcodes
            assert found == expected


def test_the_moment_is_told_by_the_clock_in_london() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert differ(made(), made(), late).today == date(2026, 7, 2)
