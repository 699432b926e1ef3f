"""Whatever stands where a table should, it is read rightly or refused clearly, and nothing else."""

from __future__ import annotations

import csv
import io
import random
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.routing import FILES, TableError, read
from ivr.routing.geography import FILES as LISTS
from ivr.routing.geography import read as read_lists
from ivr.routing.mistakes import MOST
from tests.routing_files import HOURS, LINE, ROUTES, SERVICES, files, service

GOOD = files(
    [service("cams", take_over="kent", own_number="+44 1632 960951"), service("kent")],
    ["lad,E07000008,any,cams,2027-01-01,2027-12-31,a note", "sector,CB1 2,under_18,kent,,,"],
    ['cams,"mon-fri,sun",20:00,08:00,,', "cams,,,,2026-12-25,"],
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*FILES, "other"]), st.binary(max_size=400)))
def test_no_bytes_at_all_do_more_than_be_refused(folder: dict[str, bytes]) -> None:
    with pytest.raises(TableError):
        read(folder)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(LISTS), st.binary(max_size=400)))
def test_no_bytes_in_a_list_do_more_than_be_refused(folder: dict[str, bytes]) -> None:
    with pytest.raises(TableError):
        read_lists(folder)


CELL = st.text(max_size=20) | st.sampled_from(
    ["any", "lad", "E07000008", "mon-fri", "09:00", "2027-01-01", "cams", "+441632960001 25 queue"]
)


@settings(deadline=None)
@given(
    header=st.sampled_from([SERVICES, ROUTES, HOURS]),
    rows=st.lists(st.lists(CELL, min_size=1, max_size=10), max_size=5),
    line=st.text(max_size=200) | st.just(LINE),
)
def test_no_cells_do_more_than_be_refused(header: str, rows: list[list[str]], line: str) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([header.split(","), *rows])
    name = {SERVICES: "services.csv", ROUTES: "routes.csv", HOURS: "hours.csv"}[header]
    content = text.getvalue().encode("utf-8", "surrogatepass")
    with suppress(TableError):
        read({**GOOD, name: content, "line.toml": line.encode("utf-8", "surrogatepass")})


def hostile(content: bytes, dice: random.Random) -> bytes:
    """``content`` as a broken disk, a broken program or a slip of the hand leaves it."""
    cut, other = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    return dice.choice(
        [
            content[:cut],
            content[cut:],
            content[:cut] + content[other:],
            content + content,
            content[:cut] + bytes([dice.randrange(256)]) + content[cut:],
            content[:cut] + bytes([dice.randrange(256)]) + content[cut + 1 :],
            content.replace(b",", b";"),
            content.replace(b"\n", b"\r"),
            content.decode().encode("utf-16"),
            b"\xef\xbb\xbf" + content,
            content[:cut] + b"\0" * 9 + content[cut:],
            content.replace(b"cams", b"kent"),
            b"",
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_table_is_refused_or_says_what_it_said(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same mutants every time
    for _ in range(125):
        name = dice.choice(FILES)
        try:
            table = read({**GOOD, name: hostile(GOOD[name], dice)})
        except TableError as refused:
            told = str(refused).splitlines()
            assert told
            assert len(told) <= MOST
            assert all(line.split(" ")[0].strip(":,").endswith((".csv", ".toml")) for line in told)
        else:
            assert table.line.fallback in table.services
            assert {route.service for route in table.routes} <= table.services.keys()


# -- what is right is never refused ---------------------------------------------------------

CODES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True).filter(
    lambda code: code not in {"national", "advice"}
)
LADS = st.from_regex(r"E0[6-9]0000[0-9]{2}", fullmatch=True)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
CLOCK = st.times().map(lambda time: time.strftime("%H:%M"))
NOTES = st.text(
    st.characters(categories=["L", "N", "Zs"], include_characters=",\"';\n"), max_size=30
)


@st.composite
def right_tables(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    codes = draw(st.lists(CODES, min_size=1, max_size=5, unique=True))
    services = [row.split(",") for row in GOOD["services.csv"].decode().splitlines()[:3]]
    for place, name in enumerate(codes):
        numbers = f"+44770090010{place} {draw(st.integers(5, 18))} person"
        # A chain of two: a longer one may ring more numbers than the table's limits allow.
        after = draw(st.sampled_from(["", *codes[place + 1 :: 2]])) if place % 2 == 0 else ""
        services.append([name, "A service", "a line", "Wales", "", "", numbers, after, ""])
    code = st.sampled_from(codes)
    routes = [ROUTES.split(",")]
    for lad in draw(st.lists(LADS, max_size=6, unique=True)):
        start = draw(DAYS)
        end = start + timedelta(days=draw(st.integers(0, 400)))
        routes.append(["lad", lad, "any", draw(code), f"{start}", f"{end}", draw(NOTES)])
    hours = [HOURS.split(",")]
    for _ in range(draw(st.integers(0, 4))):
        days = draw(st.sampled_from(["mon-fri", "sat,sun", "bank-holiday", "wed"]))
        hours.append([draw(code), days, draw(CLOCK), draw(CLOCK), "", draw(NOTES)])
    return {"services.csv": services, "routes.csv": routes, "hours.csv": hours}


def written(rows: list[list[str]], *, quoting: int, end: str, mark: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    return (mark + text.getvalue()).encode()


@settings(max_examples=60, deadline=None)
@given(
    sheets=right_tables(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_a_right_table_is_read_as_it_was_written_however_it_was_saved(
    sheets: dict[str, list[list[str]]], quoting: int, end: str, mark: str
) -> None:
    def folder(quoting: int, end: str, mark: str) -> dict[str, bytes]:
        saved = {
            name: written(rows, quoting=quoting, end=end, mark=mark)
            for name, rows in sheets.items()
        }
        return {**saved, "line.toml": LINE.encode()}

    table = read(folder(quoting, end, mark))
    assert list(table.services) == [row[0] for row in sheets["services.csv"][1:]]
    assert [
        [route.area, route.service, f"{route.valid_from}", f"{route.valid_to}"]
        for route in table.routes
    ] == [[row[1], *row[3:6]] for row in sheets["routes.csv"][1:]]
    assert sum(map(len, table.hours.values())) == len(sheets["hours.csv"]) - 1
    assert table.version == read(folder(csv.QUOTE_MINIMAL, "\n", "")).version
