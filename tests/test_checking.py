"""A table is checked against every postcode, for each audience, at every hour to come."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from ivr.call import AUDIENCES
from ivr.checking import ERROR, GAP, WARNING, Check, Finding, check
from ivr.checking.closed import shut_of
from ivr.directory.census import census
from ivr.routing import Table, read
from ivr.routing.answers import compile as compiled
from ivr.routing.patches import Rows, patches
from ivr.routing.read import FILES
from ivr.tables import CheckSummary
from tests.routing_files import files, service
from tests.shipped import CONFIG, NOON, directory, geography, table

NATIONS = ("England", "Wales", "Scotland", "Northern Ireland", "Jersey", "Guernsey", "Isle of Man")
EVERYWHERE = [f"nation,{nation},any,open,,," for nation in NATIONS]
OPEN = service("open")
CAMBRIDGE = "E07000008"
HARTLEPOOL = "E06000001"


def small(
    services: list[str] | None = None,
    routes: list[str] | None = None,
    hours: list[str] | None = None,
) -> Table:
    """A table in which every place has a service, and these rows beside."""
    rows = [OPEN, *(services or [])], [*EVERYWHERE, *(routes or [])], hours or []
    return read(files(*rows), geography().holidays)


def checked(found: Table, now: datetime = NOON, days: int = 14) -> Check:
    return check(found, directory(), geography(), now, days)


def of(kind: str, found: Check) -> list[Finding]:
    return [finding for finding in found.findings if finding.kind == kind]


@cache
def shipped() -> Check:
    return checked(table())


def test_the_shipped_table_may_be_published() -> None:
    assert shipped().ok
    assert shipped().counts() == {ERROR: 0, GAP: 1, WARNING: 0}


def test_every_postcode_in_use_is_counted_once() -> None:
    live = sum(1 for _, _, live in directory().every() if live)
    assert shipped().postcodes == live == sum(cell.postcodes for cell in census(directory()))


def test_the_only_gap_is_of_postcodes_that_lie_in_no_district() -> None:
    gap = shipped().findings[0]
    assert (gap.kind, gap.postcodes) == ("no_area", 929)
    assert "N1P 3AA" in gap.examples


def test_a_patch_is_decided_as_the_call_decides() -> None:
    answers = compiled(table(), directory(), NOON.date())
    rows = Rows(table())
    for patch in patches([table()], census(directory()), directory()):
        cell = patch.cells[0]
        cover = answers.cover(cell.place, cell.example)
        services = [rows.service(patch.areas, whom, NOON.date()) for whom in AUDIENCES]
        assert [cover.service(whom) for whom in AUDIENCES] == services


def test_rows_for_sectors_districts_and_single_postcodes_decide_too() -> None:
    found = small(
        [service("one"), service("two"), service("three")],
        ["postcode,CB1 2AB,any,one,,,", "sector,CB1 3,any,two,,,", "district,CB4,any,three,,,"],
    )
    answers, rows = compiled(found, directory(), NOON.date()), Rows(found)
    cut = patches([found], census(directory()), directory())
    assert sum(cell.postcodes for patch in cut for cell in patch.cells) == shipped().postcodes
    for patch in cut:
        for cell in patch.cells[:20]:
            postcode = cell.example.replace(" ", "") if " " not in cell.example else ""
            if postcode:
                adult = answers.cover(cell.place, postcode).adult
                assert adult == rows.service(patch.areas, "adult", NOON.date())


def test_postcodes_without_a_service_are_counted_once_and_by_audience_and_district() -> None:
    assert shipped().without == 929
    lacking = shipped().lacking
    assert lacking["adult"] == lacking["under_18"]
    assert sum(lacking["adult"].values()) == 929
    rows = [row for row in EVERYWHERE if "Wales" not in row and "Northern" not in row]
    rows += ["nation,Wales,adult,open,,2026-12-11,"]
    found = checked(read(files([OPEN], rows), geography().holidays))
    assert found.without == 92_713  # Wales', and GIR 0AA
    assert found.lacking["adult"]["CF10"] == found.lacking["under_18"]["CF10"] > 100
    assert found.lacking["adult"]["BT1"] == 0
    summary = CheckSummary.read(json.loads(json.dumps(found.summary())))
    assert (summary.without, summary.lacking) == (found.without, found.lacking)
    assert str(summary).startswith("92,713 postcodes without a service, ")


def test_a_lost_district_is_a_gap_with_the_row_that_mends_it() -> None:
    folder = {name: (CONFIG / "routing" / name).read_bytes() for name in FILES}
    lines = folder["routes.csv"].split(b"\n")
    folder["routes.csv"] = b"\n".join(line for line in lines if HARTLEPOOL.encode() not in line)
    found = of("no_route", checked(read(folder, geography().holidays)))
    gap = next(finding for finding in found if HARTLEPOOL in finding.title)
    assert gap.weight == GAP
    assert gap.postcodes > 2_000
    assert "TS24" in gap.districts
    assert f"lad,{HARTLEPOOL},any" in gap.mend


def test_a_district_is_told_by_its_name_where_that_is_known() -> None:
    rows = [row for row in EVERYWHERE if "Scotland" not in row]
    named = replace(geography(), areas={"S12000033": "Aberdeen City"})
    rows += ["district,G1,any,open,,,"]
    found = check(read(files([OPEN], rows), named.holidays), directory(), named, NOON)
    titles = [finding.title for finding in of("no_route", found)]
    assert any(title.startswith("no service in lad S12000033, Aberdeen City: ") for title in titles)


def test_a_nation_without_a_row_is_one_finding() -> None:
    rows = [row for row in EVERYWHERE if "Wales" not in row and "Northern" not in row]
    found = of("no_route", checked(read(files([OPEN], rows), geography().holidays)))
    titles = [finding.title for finding in found]
    assert any(title.startswith("no service in nation Wales: 92,712 postcodes") for title in titles)
    assert any("nation Northern Ireland: Northern Ireland's postcodes" in each for each in titles)


def test_a_gap_for_one_audience_or_some_days_says_so() -> None:
    rows = [row for row in EVERYWHERE if "Jersey" not in row]
    rows += ["nation,Jersey,adult,open,,,", "nation,Jersey,under_18,open,,2026-12-11,"]
    found = of("no_route", checked(read(files([OPEN], rows), geography().holidays)))
    title = next(finding.title for finding in found if "Jersey" in finding.title)
    assert "no service for under-18s on 12 December to 22 December in nation Jersey" in title


def test_a_service_that_closes_is_a_gap_at_those_hours() -> None:
    day = service("day")
    found = of(
        "closed",
        checked(small([day], [f"lad,{CAMBRIDGE},any,day,,,"], ["day,mon-sun,08:00,20:00,,"])),
    )
    assert [finding.service for finding in found] == ["day"]
    assert found[0].postcodes > 2_900
    assert "day closed for 168 hours: Wed 9 Dec 00:00 to 08:00" in found[0].title


def test_whoever_takes_over_closes_the_gap() -> None:
    services = [service("day", take_over="night"), service("night")]
    hours = ["day,mon-sun,08:00,20:00,,", "night,mon-sun,20:00,08:00,,"]
    found = checked(small(services, [f"lad,{CAMBRIDGE},any,day,,,"], hours))
    assert not of("closed", found)
    hours[1] = "night,mon-sun,20:00,07:59,,"
    found = checked(small(services, [f"lad,{CAMBRIDGE},any,day,,,"], hours))
    assert "day and who takes over closed for 0.2333 hours" in of("closed", found)[0].title


@pytest.mark.parametrize("first", [date(2026, 10, 20), date(2027, 3, 20), date(2026, 12, 20)])
def test_closed_hours_are_those_at_which_the_line_says_it_is_closed(first: date) -> None:
    hours = ["day,mon-fri,01:30,20:00,,", "day,sat-sun,22:00,01:15,,",
             "day,bank-holiday,10:00,12:00,,", "day,,,,2026-12-27,"]  # fmt: skip
    found = small([service("day")], [f"lad,{CAMBRIDGE},any,day,,,"], hours)
    shut = shut_of(found, "day", (first, first + timedelta(days=13)))
    at = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    for minute in range(0, 12 * 24 * 60, 15):
        moment = at + timedelta(minutes=minute)
        closed = any(begins <= moment < ends for begins, ends in shut)
        assert closed != found.is_open("day", moment), moment


def test_the_adviser_and_services_with_numbers_of_their_own_may_not_be_closed_either() -> None:
    found = checked(small([], [], ["advice,mon-fri,08:00,18:00,,"]))
    assert [finding.service for finding in of("closed", found)] == ["advice"]


def test_an_area_that_is_gone_is_an_error_and_one_to_come_is_not() -> None:
    found = checked(small([], ["icb,E54000056,any,open,,,", "icb,E54000099,any,open,2027-04-01,,",
                               "icb,E54000022,any,open,,2026-03-31,"]))  # fmt: skip
    gone = of("unknown_area", found)
    assert [(each.weight, each.rows) for each in gone] == [(ERROR, (9,)), (WARNING, (10,))]
    assert not found.ok


def test_days_that_neither_row_covers_are_told() -> None:
    found = checked(small([], [f"lad,{CAMBRIDGE},any,open,,2027-03-30,",
                               f"lad,{CAMBRIDGE},any,open,2027-04-01,,"]))  # fmt: skip
    gap = of("uncovered_days", found)[0]
    assert "covers 31 March 2027" in gap.title
    assert gap.rows == (9, 10)


def test_a_last_row_that_ends_later_is_told() -> None:
    rows = [row for row in EVERYWHERE if "Wales" not in row]
    rows += ["nation,Wales,any,open,,2027-03-31,"]
    found = of("ends", checked(read(files([OPEN], rows), geography().holidays)))
    assert "from 1 April 2027 no service in 92,712 postcodes" in found[0].title
    assert found[0].rows == (8,)


def test_rows_and_services_that_do_nothing_are_told() -> None:
    found = checked(small([service("spare")], [f"lad,{CAMBRIDGE},adult,open,,,",
        f"lad,{CAMBRIDGE},under_18,open,,,", f"lad,{CAMBRIDGE},any,open,,,"]))  # fmt: skip
    assert [each.rows for each in of("idle_rows", found)] == [(11,)]
    assert [each.service for each in of("nobodys_service", found)] == ["spare"]


def test_holidays_that_are_not_known_so_far_ahead_are_told() -> None:
    found = checked(
        small([service("day")], [], ["day,bank-holiday,10:00,12:00,,"]),
        datetime(2035, 1, 1, tzinfo=UTC),
    )
    assert len(of("holidays_end", found)) == 3


def test_what_is_found_is_kept_as_json() -> None:
    summary = json.loads(json.dumps(shipped().summary()))
    assert (summary["ok"], summary["gaps"]) == (True, 1)
    assert summary["findings"][0]["postcodes"] == 929
    assert "such as N1P 3AA" in str(shipped().findings[0])


def test_progress_goes_from_nothing_to_all() -> None:
    told: list[float] = []
    check(small(), directory(), geography(), NOON, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
