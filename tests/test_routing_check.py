"""What no single cell of a table can say: rings, numbers that lead back, days that overlap."""

from __future__ import annotations

import pytest

from ivr.routing import read
from tests.routing_files import LINE, files, mistakes, service


def told(*rows: str, routes: tuple[str, ...] = (), hours: tuple[str, ...] = ()) -> str:
    return "\n".join(mistakes(files(rows, routes, hours)))


def test_a_service_stands_in_one_row() -> None:
    assert "services.csv row 5, column service: cams is in row 4 already" in told(
        service("cams"), service("cams")
    )


def test_whoever_takes_over_is_a_service() -> None:
    assert "column take_over: 'kent' is not a service" in told(service("cams", take_over="kent"))


@pytest.mark.parametrize("ring", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_take_overs_that_lead_round_in_a_ring_are_refused(ring: list[str]) -> None:
    following = dict(zip(ring, ring[1:] + ring[:1], strict=True))
    found = told(*(service(code, take_over=following[code]) for code in ring))
    for row, code in enumerate(ring, start=4):
        assert f"services.csv row {row}, column take_over: {code}" in found
    assert "lead round in a ring" in found


def test_nobody_hands_over_to_the_fallback_nor_it_to_anyone() -> None:
    assert "column take_over: the fallback takes part" in told(
        service("cams", take_over="national")
    )
    folder = files([service("cams", "+441632960001 60 queue")])
    folder["services.csv"] = folder["services.csv"].replace(b"30 person,,", b"30 person,cams,")
    assert "services.csv row 2, column take_over: the fallback takes part" in mistakes(folder)[0]


@pytest.mark.parametrize(
    "number", ["+441632960900", "+441632960901", "+441632960951", "+441632960952"]
)
def test_no_number_leads_back_to_the_line(number: str) -> None:
    owner = service("owner", own_number="+441632960952")
    cams = service("cams", f"{number} 25 queue", own_number="+441632960951")
    assert f"row 5, column numbers: {number} leads back to this line" in told(owner, cams)


def test_a_service_s_own_number_is_its_own() -> None:
    own = "+441632960951"
    found = told(service("a", own_number=own), service("b", own_number=own))
    assert "row 4, column own_number: +441632960951 leads elsewhere too" in found
    assert "row 5, column own_number: +441632960951 leads elsewhere too" in found
    assert "leads elsewhere too" in told(service("a", own_number="+441632960900"))


@pytest.mark.parametrize(
    ("number", "says"),
    [("sip:a@b.uk", "is not a telephone number"), ("+44999", "emergency or short number")],
)
def test_a_service_s_own_number_is_one_that_callers_can_dial(number: str, says: str) -> None:
    assert says in told(service("cams", own_number=number))


def test_the_fallback_can_be_read_out_to_callers() -> None:
    folder = files()
    folder["services.csv"] = folder["services.csv"].replace(b"+441632960083 60", b"sip:a@b.uk 60")
    assert "the fallback's first number is a SIP address" in mistakes(folder)[0]


def test_a_drama_number_is_refused_once_the_line_is_no_test() -> None:
    found = mistakes(files(line=LINE.replace("test_line = true", "test_line = false")))
    assert found
    assert all("kept for drama and reaches nobody" in mistake for mistake in found)


def test_a_caller_is_not_rung_through_too_many_numbers() -> None:
    five = "; ".join(f"+44163296000{place} 5 queue" for place in range(5))
    assert "column numbers: for cams, 5 numbers ring; allowed: at most 4" in told(
        service("cams", five)
    )
    three, two = (
        "; ".join(f"+44163296{x}00{y} 9 queue" for y in range(n)) for x, n in ((0, 3), (0, 2))
    )
    found = told(service("a", three, take_over="b"), service("b", two))
    assert "row 4, column take_over: for a, then b, 5 numbers ring" in found


def test_a_caller_is_not_kept_ringing_for_too_long() -> None:
    found = told(
        service("a", "+441632960001 60 queue", take_over="b"),
        service("b", "+441632960002 31 queue"),
    )
    assert (
        "row 4, column take_over: for a, then b, they ring for 91 s; allowed: at most 90 s" in found
    )


def test_a_tighter_limit_in_the_line_holds() -> None:
    found = mistakes(files(line=LINE.replace("seconds = 90", "seconds = 80")))
    assert "for national, they ring for 90 s; allowed: at most 80 s" in found[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (",", ","),
        (",2027-03-31", "2027-03-31,"),
        ("2027-01-01,2027-12-31", "2027-06-01,2027-06-30"),
        ("2027-06-01,2027-06-01", "2027-06-01,2027-06-01"),
        ("2027-04-01,", ",2027-04-01"),
    ],
)
def test_an_area_is_not_promised_to_two_services_on_one_day(first: str, second: str) -> None:
    rows = (f"lad,E07000008,any,cams,{first},", f"lad,E07000008,any,kent,{second},")
    found = told(service("cams"), service("kent"), routes=rows)
    assert "column area: E07000008 is in row" in found


def test_an_area_may_change_hands_from_one_day_to_the_next() -> None:
    rows = [
        "lad,E07000008,any,cams,,2027-03-31,",
        "lad,E07000008,any,kent,2027-04-01,,",
        "lad,E07000008,under_18,kent,,,",
    ]
    assert len(read(files([service("cams"), service("kent")], rows)).routes) == 3


def test_a_long_route_overlaps_every_later_one() -> None:
    rows = (
        "lad,E07000008,any,cams,2027-01-01,2027-12-31,",
        "lad,E07000008,any,cams,2027-02-01,2027-02-02,",
        "lad,E07000008,any,cams,2027-03-01,2027-03-02,",
    )
    assert told(service("cams"), routes=rows).count("is in row 2 already") == 2


def test_one_postcode_in_two_spellings_is_one_area() -> None:
    rows = ("postcode,CB1 2AB,any,cams,,,", "postcode,CB12AB,any,cams,,,")
    assert "CB12AB is in row 2 already" in told(service("cams"), routes=rows)


def test_a_day_is_either_closed_or_open() -> None:
    rows = ("cams,,,,2026-12-25,", "cams,,09:00,12:00,2026-12-25,")
    assert "hours.csv row 3, column date: that day is both closed and open" in told(
        service("cams"), hours=rows
    )


def test_a_mistake_in_services_is_not_lost_among_rows_for_services_it_took_along() -> None:
    routes = [f"lad,E0700000{digit},any,s{digit},,," for digit in range(4, 9)]
    hours = ["s4,mon-fri,08:00,20:00,,", "s4,sat,08:00,20:00,,"]
    folder = files([service("cams"), "s4,A ser"], routes, hours)
    assert [each.partition(":")[0] for each in mistakes(folder)] == [
        "services.csv row 5, column spoken_name",
        "routes.csv row 3, column service",
    ]
    assert "'s5' is not a service, nor are 3 others, in 4 rows: mend services.csv" in told(
        service("cams"), "s4,A ser", routes=tuple(routes), hours=tuple(hours)
    )


def test_every_row_for_no_service_is_told_where_services_are_sound() -> None:
    routes = ("lad,E07000004,any,s1,,,", "lad,E07000005,any,s1,,,")
    assert told(service("cams"), routes=routes).count("'s1' is not a service;") == 2


def test_mistakes_are_told_by_file_and_row() -> None:
    routes = ["lad,E07000004,any,gone,,,", "lad,E07000004,all,cams,,,"]
    folder = files([service("cams", take_over="kent"), service("x", "999 25 queue")], routes)
    folder["line.toml"] = LINE.replace('"advice"', '"nowhere"', 1).encode()
    files_and_rows = [each.partition(",")[0] for each in mistakes(folder)]
    assert files_and_rows == [
        "services.csv row 4",
        "services.csv row 5",
        "routes.csv row 2",
        "routes.csv row 3",
        "line.toml",
    ]
