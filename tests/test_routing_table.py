"""Who is rung, in which order, and who is answering: the table as a value."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.routing import read
from tests.routing_files import files, service

LONDON = ZoneInfo("Europe/London")
YOUNG = service("young", "+441632960001 25 queue; +441632960501 20 person", take_over="cams")
CAMS = service("cams", "+441632960002 25 queue; +441632960502 20 person")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def test_a_chain_is_the_service_and_whoever_takes_over_in_turn() -> None:
    rows = [service("a", take_over="b"), service("b", take_over="c"), service("c")]
    table = read(files(rows))
    assert table.chain("a") == ("a", "b", "c")
    assert table.chain("c") == ("c",)


def test_the_fallback_stands_in_no_chain_but_its_own() -> None:
    table = read(files([YOUNG, CAMS]))
    assert all("national" not in table.chain(code) for code in ("young", "cams", "advice"))
    assert table.chain("national") == ("national",)
    assert [number.value for _, number in table.ringing("national")] == [
        "+441632960083",
        "+441632960583",
    ]


def test_an_unknown_service_has_no_chain() -> None:
    assert read(files()).chain("kent") == ()


def test_numbers_ring_in_their_order_then_those_of_whoever_takes_over() -> None:
    table = read(files([YOUNG, CAMS]))
    rung = [(code, number.value[-3:], number.person) for code, number in table.ringing("young")]
    assert rung == [
        ("young", "001", False),
        ("young", "501", True),
        ("cams", "002", False),
        ("cams", "502", True),
    ]


def test_the_order_of_ringing_is_the_same_at_any_hour() -> None:
    table = read(files([YOUNG, CAMS], hours=["young,mon-sun,20:00,08:00,,"]))
    assert table.ringing("young") == read(files([YOUNG, CAMS])).ringing("young")
    assert not table.is_open("young", at("2026-11-23T12:00"))
    assert table.is_open("young", at("2026-11-23T21:00"))
    assert table.is_open("cams", at("2026-11-23T12:00"))


@pytest.mark.parametrize(
    ("nation", "answering"),
    [
        ("England", False),
        ("Wales", False),
        ("Jersey", False),
        ("Guernsey", False),
        ("Isle of Man", False),
        ("Scotland", True),
        ("Northern Ireland", True),
    ],
)
def test_a_service_keeps_the_bank_holidays_of_its_nation(nation: str, answering: bool) -> None:  # noqa: FBT001 - the expected answer
    easter_monday = date(2027, 3, 29)
    holidays = {"England and Wales": frozenset({easter_monday}), "Scotland": frozenset[date]()}
    hours = ["cams,mon-fri,09:00,17:00,,", "cams,bank-holiday,,,,"]
    table = read(files([service("cams", nation=nation)], hours=hours), holidays)
    assert table.is_open("cams", at("2027-03-29T12:00")) == answering


def test_a_table_tells_itself_apart_in_a_line() -> None:
    table = read(files([CAMS]))
    assert repr(table) == f"<Table {table.version}, 3 services, 0 routes>"
